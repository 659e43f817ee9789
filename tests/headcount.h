/*
 * headcount.h - who was where when, kept by brute force.
 *
 * A model of filters, retention and active users that works on the requests
 * as they were sent and shares no code with the rules: local days come from
 * the C library, users are bits, answers are texts.
 */
#ifndef TESTS_HEADCOUNT_H
#define TESTS_HEADCOUNT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    HEADCOUNT_DEVICES = 12,
    HEADCOUNT_NAMES = 3,  /* of systems, of versions */
    HEADCOUNT_DAYS = 800, /* from `origin` on */
};

struct headcount_request {
    int device;
    int old_device; /* -1: none */
    int64_t seconds;
    bool begins; /* a session, always a new one */
    int os;      /* -1: not told; so is the version */
    int version;
};

/* Bits of the names that are asked for; NULL: no such member. */
struct headcount_filter {
    const unsigned *os;
    const unsigned *version;
};

struct headcount;

/* Days of `zone` from local day `origin` (since 1970) on. */
struct headcount *headcount_create(const char *zone, int origin);
void headcount_destroy(struct headcount *count);
void headcount_take(struct headcount *count,
                    const struct headcount_request *request);

int headcount_day(const struct headcount *count, int64_t seconds);

/* Users of the days first..last who pass, with a system unless it is -1. */
int headcount_users(const struct headcount *count, int first, int last,
                    const struct headcount_filter *filter, int os);

/* The answer of retention; units 0 (days), 1 (weeks), 2 (months), types 0
 * (full), 1 (classic), 2 (unbounded); the `span` units up to that of the day
 * `today`. free() it. */
char *headcount_retention(const struct headcount *count, int unit, int type,
                          int today, int span,
                          const struct headcount_filter *filter);

/* The answer of active users; with months their averages. free() it. */
char *headcount_active(const struct headcount *count, int first, int last,
                       bool months, const struct headcount_filter *filter);

#endif
