/*
 * reader.h - reading counters and activity as they are at one instant.
 *
 * A reader is opened on the loop thread, told there which parts will be read
 * (their overlay share is copied) before the next engine_turn(), and may then
 * be used on any one thread. It holds a read of the base: close it soon.
 *
 * Only what was captured may be read; reading something else gives what the
 * base holds alone.
 */
#ifndef ENGINE_READER_H
#define ENGINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/counter.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/ordinals.h"
#include "engine/text.h"

struct reader;

/* On the loop thread. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err reader_open(struct engine *engine, struct reader **reader);

/* Any thread; NULL is a no-op. */
void reader_close(struct reader *reader);

/* On the loop thread, before the first read: the counters and names of a
 * set; who was active on local days first..last (set 0: at all); records of a
 * keyed table whose key starts with `prefix`. */
void reader_capture_series(struct reader *reader, uint32_t app, uint32_t set);
void reader_capture_marks(struct reader *reader, uint32_t app, uint32_t set,
                          int32_t first, int32_t last);
void reader_capture_table(struct reader *reader, enum table table,
                          struct text prefix);

/* One row of a counter table, at least one column not zero. */
struct reader_cell {
    int32_t day;
    unsigned hour;     /* reader_hours() */
    uint32_t value;    /* reader_days() */
    const int64_t *at; /* CELL_FIELDS columns */
};
typedef void (*reader_cell_fn)(void *user, const struct reader_cell *cell);

/* Days first..last in order, values in order within a day.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err reader_days(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, reader_cell_fn fn,
                           void *user);

/* The same for the hours of the set as a whole. */
TALLY_MUST_CHECK
enum tally_err reader_hours(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, reader_cell_fn fn,
                            void *user);

struct reader_year {
    int year;
    uint32_t value;
    const int64_t *at; /* YEAR_SLOTS columns */
};
typedef void (*reader_year_fn)(void *user, const struct reader_year *row);

/* Years first..last in order, values in order within a year. */
TALLY_MUST_CHECK
enum tally_err reader_years(struct reader *reader, uint32_t app, uint32_t set,
                            int first, int last, reader_year_fn fn, void *user);

/* All records of a captured table part, in no order; stops when fn returns
 * false. */
typedef bool (*reader_record_fn)(void *user, struct text key,
                                 struct text value);
TALLY_MUST_CHECK
enum tally_err reader_records(struct reader *reader, enum table table,
                              struct text prefix, reader_record_fn fn,
                              void *user);

/* The names of a set's values, in no order. */
typedef void (*reader_name_fn)(void *user, uint32_t value, struct text name);
TALLY_MUST_CHECK
enum tally_err reader_names(struct reader *reader, uint32_t app, uint32_t set,
                            reader_name_fn fn, void *user);

/* Adds who was active at all on the captured days first..last to a set, merged
 * users as who they are now. */
TALLY_MUST_CHECK
enum tally_err reader_active(struct reader *reader, uint32_t app, int32_t first,
                             int32_t last, struct ordinals *ordinals);

/* Who was active on the captured days first..last: every pair of ordinal and
 * value (0 when set is 0) at least once, repeats possible. Ordinals of
 * merged users are replaced by who they are now. */
typedef void (*reader_mark_fn)(void *user, uint32_t value, uint32_t ordinal);
TALLY_MUST_CHECK
enum tally_err reader_marks(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, reader_mark_fn fn,
                            void *user);

#endif
