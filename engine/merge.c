#include "engine/merge.h"

#include <stdlib.h>
#include <string.h>

#include "engine/date.h"

static int year_of(const struct delta *delta)
{
    return date_of_day(delta->day).year;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_series(const struct delta *a, const struct delta *b)
{
    int order = compare_numbers(a->app, b->app);

    return order != 0 ? order : compare_numbers(a->set, b->set);
}

static int compare_days(const void *a, const void *b)
{
    const struct delta *x = *(const struct delta *const *)a;
    const struct delta *y = *(const struct delta *const *)b;
    int order = compare_series(x, y);

    if (order == 0)
        order = compare_numbers(x->day, y->day);
    return order != 0 ? order : compare_numbers(x->value, y->value);
}

static int compare_years(const void *a, const void *b)
{
    const struct delta *x = *(const struct delta *const *)a;
    const struct delta *y = *(const struct delta *const *)b;
    int order = compare_series(x, y);

    if (order == 0)
        order = year_of(x) - year_of(y);
    return order != 0 ? order : compare_numbers(x->value, y->value);
}

static struct key hour_key(const struct delta *delta)
{
    return key_hours(delta->app, delta->set, delta->day);
}

static struct key day_key(const struct delta *delta)
{
    return key_days(delta->app, delta->set, delta->day,
                    delta->value / DAY_BLOCK);
}

static struct key year_key(const struct delta *delta)
{
    return key_years(delta->app, delta->set, year_of(delta),
                     delta->value / YEAR_BLOCK);
}

static void add_cell(int64_t *cell, const struct delta *delta, int32_t uniques)
{
    counter_add(&cell[CELL_T], delta->t);
    counter_add(&cell[CELL_N], delta->n);
    counter_add(&cell[CELL_E], delta->e);
    counter_add(&cell[CELL_D], delta->d);
    counter_add(&cell[CELL_U], uniques);
}

static void add_hour(union matrix *matrix, const struct delta *delta)
{
    add_cell(matrix->cells.at[delta->hour], delta, delta->u[0]);
}

static void add_day(union matrix *matrix, const struct delta *delta)
{
    add_cell(matrix->cells.at[delta->value % DAY_BLOCK], delta, delta->u[1]);
}

static void add_year(union matrix *matrix, const struct delta *delta)
{
    struct date date = date_of_day(delta->day);
    int64_t *row = matrix->years.at[delta->value % YEAR_BLOCK];

    row[YEAR_T] += delta->t;
    row[YEAR_U] += delta->u[4];
    row[YEAR_MONTH + date.month - 1] += delta->u[3];
    row[YEAR_WEEK + date.week - 1] += delta->u[2];
}

static const struct {
    int (*compare)(const void *, const void *);
    struct key (*key)(const struct delta *);
    void (*add)(union matrix *, const struct delta *);
} tables[] = {
    [TABLE_HOURS] = {compare_days, hour_key, add_hour},
    [TABLE_DAYS] = {compare_days, day_key, add_day},
    [TABLE_YEARS] = {compare_years, year_key, add_year},
};

bool merge_counts(enum table table, const struct delta *delta)
{
    return table != TABLE_HOURS || delta->hour != COUNT_NO_HOUR;
}

struct key merge_key(enum table table, const struct delta *delta)
{
    return tables[table].key(delta);
}

bool merge_same_record(enum table table, const struct delta *a,
                       const struct delta *b)
{
    uint32_t block = table == TABLE_YEARS ? YEAR_BLOCK : DAY_BLOCK;

    if (compare_series(a, b) != 0 || a->value / block != b->value / block)
        return false;
    return table == TABLE_YEARS ? year_of(a) == year_of(b) : a->day == b->day;
}

void merge_sort(enum table table, const struct delta **deltas, size_t count)
{
    qsort(deltas, count, sizeof(*deltas), tables[table].compare);
}

void merge_clear(enum table table, union matrix *matrix)
{
    if (table == TABLE_YEARS)
        memset(&matrix->years, 0, sizeof(matrix->years));
    else
        memset(&matrix->cells, 0, sizeof(matrix->cells));
}

void merge_add_delta(enum table table, union matrix *matrix,
                     const struct delta *delta)
{
    tables[table].add(matrix, delta);
}

enum tally_err merge_add_record(enum table table, union matrix *matrix,
                                struct text record)
{
    return table == TABLE_YEARS ? years_add(&matrix->years, record)
                                : cells_add(&matrix->cells, record);
}

size_t merge_write(enum table table, const union matrix *matrix,
                   uint8_t bytes[static MERGE_BYTES])
{
    return table == TABLE_YEARS ? years_write(&matrix->years, bytes)
                                : cells_write(&matrix->cells, bytes);
}
