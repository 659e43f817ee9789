/*
 * series.h - the counters and names of one set, as a reader sees them.
 *
 * A series is what the values of (app, set) counted. What fn is given lives
 * until it returns.
 */
#ifndef ENGINE_SERIES_H
#define ENGINE_SERIES_H

#include <stdint.h>

#include "engine/counter.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"

/* On the loop thread, before the first read of any series; repeats are
 * harmless. */
void series_capture(struct reader *reader, uint32_t app, uint32_t set);

/* The same without the names: for those who capture the STRINGS of many sets
 * by a common prefix. */
void series_capture_counts(struct reader *reader, uint32_t app, uint32_t set);

/* One row of a counter table, at least one column not zero. */
struct series_cell {
    int32_t day;
    unsigned hour;     /* series_hours() */
    uint32_t value;    /* series_days() */
    const int64_t *at; /* CELL_FIELDS columns */
};
typedef void (*series_cell_fn)(void *user, const struct series_cell *cell);

/* Days first..last in order, values in order within a day.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err series_days(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, series_cell_fn fn,
                           void *user);

/* The same for the hours of the set as a whole; none before the horizon. */
TALLY_MUST_CHECK
enum tally_err series_hours(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, series_cell_fn fn,
                            void *user);

struct series_year {
    int year;
    uint32_t value;
    const int64_t *at; /* YEAR_SLOTS columns */
};
typedef void (*series_year_fn)(void *user, const struct series_year *row);

/* Years first..last in order, values in order within a year.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err series_years(struct reader *reader, uint32_t app, uint32_t set,
                            int first, int last, series_year_fn fn, void *user);

/* The names of a set's values, in no order. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
typedef void (*series_name_fn)(void *user, uint32_t value, struct text name);
TALLY_MUST_CHECK
enum tally_err series_names(struct reader *reader, uint32_t app, uint32_t set,
                            series_name_fn fn, void *user);

#endif
