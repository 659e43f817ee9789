/*
 * spread.h - how sessions and users of a period spread over the buckets of
 * frequency, durations or loyalty (spec D.5, D.7.6).
 *
 * Buckets are stored by day, week, month and year. One unit has its own
 * number; of a special period it is the smaller of the sums over its cover
 * and over the upper bound of that (cover.h).
 */
#ifndef METRICS_SPREAD_H
#define METRICS_SPREAD_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/set.h"

struct spread {
    uint32_t app;
    enum set set;    /* SET_FREQUENCY, SET_DURATIONS, SET_LOYALTY */
    const char *key; /* what a row calls its bucket: f, ds, l */
    const struct period *period;
};

/* On the loop thread: what spread_write() reads. */
void spread_capture(const struct spread *spread, struct reader *reader);

/* Writes the array of {key: bucket, "t", "percent"}, the largest first.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err spread_write(const struct spread *spread, struct reader *reader,
                            struct json *json);

#endif
