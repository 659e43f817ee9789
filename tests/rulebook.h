/*
 * rulebook.h - the rules of sessions and values, worked out a second time.
 *
 * A plain reading of the specification (B.6, B.7, B.12, C) that shares no
 * code with the one under test: local times come from the C library, counters
 * lie in one table of texts.
 */
#ifndef TESTS_RULEBOOK_H
#define TESTS_RULEBOOK_H

#include <stdbool.h>
#include <stdint.h>

/* One request as it is sent. */
struct rulebook_request {
    int device;
    int old_device; /* -1: none */
    int64_t seconds;
    bool begins;
    bool ends;
    bool ignores_cooldown;
    bool has_duration;
    int64_t duration;
    const char *country; /* NULL: none; so are those below */
    const char *city;
    const char *os;      /* a system of which nothing else follows */
    const char *version; /* with a dot */
};

enum { RULEBOOK_DEVICES = 8 };

struct rulebook;

/* For an app in `zone`; the home of cities is TR. */
struct rulebook *rulebook_create(const char *zone);
void rulebook_destroy(struct rulebook *model);

void rulebook_take(struct rulebook *model,
                   const struct rulebook_request *request);

/* The counters as intake_dump() writes them; free() it. */
char *rulebook_dump(const struct rulebook *model);

/* What is kept of a device's user as one line; "" for none. free() it. */
char *rulebook_user(const struct rulebook *model, int device);

#endif
