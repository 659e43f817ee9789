/*
 * counter.h - records of counters: a sparse matrix as bytes.
 *
 * A record of HOURS holds 24 rows (hours), one of DAYS holds DAY_BLOCK rows
 * (value ids), one of YEARS holds YEAR_BLOCK rows. A row's columns are the
 * fields of a cell, or in YEARS the slots of a year:
 *
 *   record = row*           rows ascending, none all zero
 *   row    = index u8, mask u8, zigzag of each column in the mask
 *                           (HOURS, DAYS)
 *          | index u8, count u8, (column u8, zigzag)*
 *                           (YEARS)
 *
 * Numbers are signed and never clamped: a -1 may come before its +1.
 */
#ifndef ENGINE_COUNTER_H
#define ENGINE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

enum { DAY_BLOCK = 128, YEAR_BLOCK = 16, HOUR_ROWS = 24 };

/* Columns of HOURS and DAYS. */
enum cell_field {
    CELL_T,
    CELL_N,
    CELL_E,
    CELL_D,
    CELL_U,
    CELL_FIELDS,
};

/* Columns of YEARS: uniques of the year, its months, its weeks; and how often
 * the value counted in the year at all. */
enum year_slot {
    YEAR_U = 0,
    YEAR_MONTH = 1, /* January; 12 of them */
    YEAR_WEEK = 13, /* week 1; 53 of them */
    YEAR_T = 66,
    YEAR_SLOTS,
};

struct cells {
    int64_t at[DAY_BLOCK][CELL_FIELDS];
};

struct years {
    int64_t at[YEAR_BLOCK][YEAR_SLOTS];
};

enum {
    CELLS_SIZE_MAX = DAY_BLOCK * (2 + CELL_FIELDS * 10),
    YEARS_SIZE_MAX = YEAR_BLOCK * (2 + YEAR_SLOTS * 11),
};

/* Wraps around like the unsigned it is computed as: no sum a client makes up
 * is undefined. */
static inline void counter_add(int64_t *sum, int64_t value)
{
    *sum = (int64_t)((uint64_t)*sum + (uint64_t)value);
}

/* Adds a record to the matrix. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err cells_add(struct cells *cells, struct text record);
TALLY_MUST_CHECK
enum tally_err years_add(struct years *years, struct text record);

/* Writes the matrix as a record; its length, 0 when all is zero. */
size_t cells_write(const struct cells *cells,
                   uint8_t bytes[static CELLS_SIZE_MAX]);
size_t years_write(const struct years *years,
                   uint8_t bytes[static YEARS_SIZE_MAX]);

bool cells_row_is_zero(const struct cells *cells, unsigned row);
bool years_row_is_zero(const struct years *years, unsigned row);

#endif
