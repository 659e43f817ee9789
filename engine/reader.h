/*
 * reader.h - reading the records, counters and activity of one instant.
 *
 * A reader is opened on the loop thread, told there which parts will be read
 * (their overlay share is copied) before the next engine_turn(), and may then
 * be used on any one thread. It holds a read of the base: close it soon.
 *
 * Only what was captured may be read; reading something else gives what the
 * base holds alone. Counters and names are in series.h, activity in crowd.h.
 */
#ifndef ENGINE_READER_H
#define ENGINE_READER_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/table.h"
#include "engine/text.h"

struct reader;

/* On the loop thread; the engine must outlive the reader. TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err reader_open(struct engine *engine, struct reader **reader);

/* Any thread; NULL is a no-op. */
void reader_close(struct reader *reader);

/* On the loop thread, before the first read: records of a keyed table whose
 * key starts with `prefix`. */
void reader_capture_table(struct reader *reader, enum table table,
                          struct text prefix);

/* One record of a captured table part. The value lives until the next call.
 * TALLY_ERR_NOT_FOUND; TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err reader_get(struct reader *reader, enum table table,
                          struct text key, struct text *value);

/* All records of a captured table part, in no order; stops when fn returns
 * false. The texts live until fn returns. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
typedef bool (*reader_record_fn)(void *user, struct text key,
                                 struct text value);
TALLY_MUST_CHECK
enum tally_err reader_records(struct reader *reader, enum table table,
                              struct text prefix, reader_record_fn fn,
                              void *user);

/* What the base holds of any table, in the order of the keys from `first` on;
 * stops when fn returns false. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err reader_stored(struct reader *reader, enum table table,
                             struct text first, reader_record_fn fn,
                             void *user);

#endif
