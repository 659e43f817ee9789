/*
 * result.h - what came of the requests, and how it is told.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/histogram.h"
#include "bench/reply.h"
#include "bench/traffic.h"

enum { RESULT_STATUSES = 1000 };

struct result { /* zeroed: nothing yet */
    uint64_t answers;
    uint64_t good;        /* answers: a success, or 200 to a read */
    uint64_t errors;      /* answers not good nor tolerated, and `closed` */
    uint64_t closed;      /* connections with requests under way */
    uint64_t retry_after; /* 503 that say when to come again */
    uint64_t sessions;    /* that good answers began */
    uint64_t statuses[RESULT_STATUSES]; /* answers of each */
    struct histogram writes;            /* their delays */
    struct histogram reads;
    double seconds;
    double cpu_seconds; /* of the server */
    double offered;     /* requests per second that were due; 0: no rate */
};

/* Counts an answer; `tolerated` is a status that is no error. False when it
 * is one. */
bool result_add(struct result *result, const struct request *request,
                const struct reply *reply, uint64_t delay_ns,
                unsigned tolerated);

/* Counts a connection that the server closed instead of answering. */
void result_add_closed(struct result *result);

/* Forgets all but the errors. */
void result_reset(struct result *result);

/* One line for people. */
void result_print(const struct result *result, FILE *out);

/* One JSON object. */
void result_write_json(const struct result *result, FILE *out);

#endif
