/*
 * roster.h - the counters of the values of a collection's sets, as members of
 * a time object (spec C.5, C.7, D.3): t, n, u under the value's name.
 *
 * Values of several sets that have the same name are one member: their
 * counters add up. Years, months and days are read and written in the order
 * of whole.h; only positive counters are written.
 */
#ifndef METRICS_ROSTER_H
#define METRICS_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/catalog.h"
#include "metrics/nest.h"

struct roster;

/* What levels above the day show. */
enum roster_mode {
    ROSTER_ALL,     /* sums of the days and uniques */
    ROSTER_UNIQUES, /* no sums */
    ROSTER_DAYS,    /* nothing: days alone (spec 0.4.9) */
};

/* On the loop thread: what roster_*() read. */
void roster_capture(struct reader *reader, uint32_t app,
                    const struct metric_list *metrics);

/* A collection's metrics and the years first..last of them. */
struct roster_span {
    uint32_t app;
    const struct metric_list *metrics;
    int first;
    int last;
};

/* Reads which values counted in these years and their names, which are
 * escaped as `escape` says. TALLY_ERR_TOO_BIG past the memory of one read. */
TALLY_MUST_CHECK
enum tally_err roster_create(struct reader *reader,
                             const struct roster_span *span,
                             enum roster_mode mode, enum json_escape escape,
                             struct roster **roster);
void roster_destroy(struct roster *roster);

/* Whether a value has a counter in a year. */
bool roster_has_year(const struct roster *roster, int year);

/* Reads the days first..last of one month. TALLY_ERR_TOO_BIG as
 * roster_create(). */
TALLY_MUST_CHECK
enum tally_err roster_read_days(struct roster *roster, int32_t first,
                                int32_t last);

/* Write members into the day, month, week or year that `nest` has entered; a
 * month after its days, the year after its months. Each day at most once. */
void roster_write_day(struct roster *roster, struct nest *nest, int32_t day);
void roster_write_month(struct roster *roster, struct nest *nest, int year,
                        int month);
void roster_write_week(struct roster *roster, struct nest *nest, int year,
                       int week);
void roster_write_year(struct roster *roster, struct nest *nest, int year);

/* Writes, as members, each set with the names of its values. */
void roster_write_meta(const struct roster *roster, struct json *json);

#endif
