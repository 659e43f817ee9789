/*
 * traffic.h - the requests that are sent, one after the other.
 *
 * All texts are made beforehand, for a number of different phones; a request
 * is a copy of one of them, or of several in a bulk body, with the numbers
 * filled in. No two requests are the same, so a server never takes one for a
 * repeat of another.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/message.h"
#include "bench/population.h"

enum mix {
    MIX_BEGIN,   /* every device begins a session */
    MIX_SESSION, /* and extends it twice and ends it */
    MIX_REFRESH, /* every device extends the session that it has */
};

struct traffic_plan {
    struct population population;
    enum mix mix;
    enum form form;
    unsigned apps;
    unsigned bulk;         /* items of a bulk body */
    unsigned models;       /* distinct values of _device */
    unsigned read_percent; /* of the requests */
};

struct traffic_texts {
    const char *host;      /* the Host header */
    const char *app_key;   /* with several apps the last 6 characters tell */
    const char *read_path; /* not NULL when there are reads */
};

/* What a connection is about; zeroed at first. Its devices are its own until
 * they are through with the mix. */
struct walk {
    struct visit visit;
    unsigned step;
};

/* What was written. */
struct request {
    size_t size;
    uint64_t due_ns;   /* for the caller */
    unsigned sessions; /* that it begins */
    bool is_read;
};

struct traffic;

/* NULL when a text is too long, or the app key too short for several apps.
 * The texts are copied. */
struct traffic *traffic_create(const struct traffic_plan *plan,
                               const struct traffic_texts *texts);

/* NULL is a no-op. */
void traffic_destroy(struct traffic *traffic);

/* The most that a request needs. */
size_t traffic_size_max(const struct traffic *traffic);

/* Writes the next request of a connection at a time in milliseconds. */
struct request traffic_write(struct traffic *traffic, struct walk *walk,
                             uint64_t ms, char *out);

#endif
