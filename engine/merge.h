/*
 * merge.h - how the counts of an overlay become records of HOURS, DAYS and
 * YEARS.
 *
 * A delta contributes to one record of each table (HOURS only when it has an
 * hour). The sweep and the reader merge in the same way: all deltas of a
 * record, sorted by merge_sort(), are added to what the base holds of it.
 */
#ifndef ENGINE_MERGE_H
#define ENGINE_MERGE_H

#include <stdbool.h>

#include "engine/counter.h"
#include "engine/deltas.h"
#include "engine/error.h"
#include "engine/key.h"
#include "engine/table.h"
#include "engine/text.h"

enum {
    MERGE_BYTES = (int)CELLS_SIZE_MAX > (int)YEARS_SIZE_MAX
                      ? (int)CELLS_SIZE_MAX
                      : (int)YEARS_SIZE_MAX,
};

/* The rows of one record: cells for HOURS and DAYS, years for YEARS. */
union matrix {
    struct cells cells;
    struct years years;
};

bool merge_counts(enum table table, const struct delta *delta);
struct key merge_key(enum table table, const struct delta *delta);

/* Do both belong to the same record? */
bool merge_same_record(enum table table, const struct delta *a,
                       const struct delta *b);

/* Sorts pointers to deltas as the keys of their records sort. */
void merge_sort(enum table table, const struct delta **deltas, size_t count);

void merge_clear(enum table table, union matrix *matrix);
void merge_add_delta(enum table table, union matrix *matrix,
                     const struct delta *delta);
TALLY_MUST_CHECK
enum tally_err merge_add_record(enum table table, union matrix *matrix,
                                struct text record);

/* The record's length, 0 when every counter is zero. */
size_t merge_write(enum table table, const union matrix *matrix,
                   uint8_t bytes[static MERGE_BYTES]);

#endif
