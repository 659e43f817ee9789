/*
 * total.h - exact distinct users of any period (spec 0.4.8, D.6).
 *
 * A user counts on the local days of the period on which they had a counted
 * session, or one with a value of a metric; merged users count once. With a
 * filter these users must pass it, on any days of the same period.
 */
#ifndef METRICS_TOTAL_H
#define METRICS_TOTAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/cover.h"
#include "metrics/filter.h"
#include "metrics/json.h"
#include "metrics/metric.h"
#include "metrics/period.h"

/* On the loop thread: what total_*() of a set read; set 0 is all users. */
void total_capture_span(struct reader *reader, uint32_t app, uint32_t set,
                        const struct span *span);

/* Users with a session. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err total_users(struct reader *reader, uint32_t app,
                           const struct span *span, uint64_t *users);

/* Users by value id; values beyond `room` have none. */
struct total_values {
    uint32_t *users;
    size_t room;
};

/* TALLY_ERR_TOO_BIG when users have more different values than one read may
 * hold. */
TALLY_MUST_CHECK
enum tally_err total_values(struct reader *reader, uint32_t app, uint32_t set,
                            const struct span *span,
                            struct total_values *values);

/* The same of some users only. */
TALLY_MUST_CHECK
enum tally_err total_values_among(struct reader *reader, uint32_t app,
                                  uint32_t set, const struct span *span,
                                  const struct ordinals *only,
                                  struct total_values *values);
void total_values_finish(struct total_values *values);
uint32_t total_of_value(const struct total_values *values, uint32_t value);

/* method=total_users. */
struct total {
    uint32_t app;
    const struct metric *metric; /* NULL: users */
    const struct period *period;
    bool with_previous;          /* `pu` as well */
    const struct filter *filter; /* who counts; NULL: everybody */
};

/* On the loop thread: what total_write() reads. */
void total_capture(const struct total *total, struct reader *reader);

/* Writes the array of {"_id", "u"}; what had no users is left out. Errors
 * as above; what has been written then is unusable. */
TALLY_MUST_CHECK
enum tally_err total_write(const struct total *total, struct reader *reader,
                           struct json *json);

#endif
