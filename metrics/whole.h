/*
 * whole.h - the counters of a set as a whole, as members of a time object
 * (spec C.1, D.3): t, n, e, d, u with hours; of SET_USERS also the buckets of
 * frequency (f), loyalty (l) and session durations (ds).
 *
 * Years are read and written one after the other, and in a year its months;
 * what a month's days add up to is kept until the month and the year are
 * written. Only positive counters are written.
 */
#ifndef METRICS_WHOLE_H
#define METRICS_WHOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/nest.h"

/* What a level above the day shows. */
enum whole_mode {
    WHOLE_ALL,     /* sums of the days, uniques, all buckets */
    WHOLE_UNIQUES, /* no sums */
    WHOLE_REFRESH, /* no sums and no durations (spec 0.4.9) */
};

struct whole;

/* On the loop thread: what whole_*() read. */
void whole_capture(struct reader *reader, uint32_t app, uint32_t set);

struct whole *whole_create(struct reader *reader, uint32_t app, uint32_t set,
                           enum whole_mode mode);

/* NULL is a no-op. */
void whole_destroy(struct whole *whole);

/* Sets has[year - first] for the years first..last with a counter. */
TALLY_MUST_CHECK
enum tally_err whole_find_years(struct whole *whole, int first, int last,
                                bool *has);

/* Begins with a year; then, for each of its months that has days to show,
 * reads those days: first..last of one month. */
TALLY_MUST_CHECK
enum tally_err whole_read_year(struct whole *whole, int year);
TALLY_MUST_CHECK
enum tally_err whole_read_days(struct whole *whole, int32_t first,
                               int32_t last);

/* Write members into the day, month, week or year that `nest` has entered;
 * a month after its days, the year after its months. */
void whole_write_day(struct whole *whole, struct nest *nest, int32_t day);
void whole_write_month(struct whole *whole, struct nest *nest, int month);
void whole_write_week(struct whole *whole, struct nest *nest, int week);
void whole_write_year(struct whole *whole, struct nest *nest);

/* Writes, as members, the buckets that had a counter in a year that was read.
 */
void whole_write_meta(const struct whole *whole, struct json *json);

#endif
