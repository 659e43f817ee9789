#include "metrics/spread.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/series.h"
#include "metrics/figure.h"

enum { BUCKETS = 16 };

/* One way to cover the period, and what was found of it. */
struct side {
    struct cover cover;
    int64_t sums[BUCKETS];
};

struct sides {
    struct side inside;
    struct side bound;
};

void spread_capture(const struct spread *spread, struct reader *reader)
{
    series_capture(reader, spread->app, spread->set);
}

static void place(const struct period *period, struct sides *sides)
{
    if (period->is_special) {
        cover_span(&period->current, period->today, &sides->inside.cover);
        cover_check(&period->current, period->today, &sides->bound.cover);
        return;
    }
    sides->inside.cover.count = 1;
    sides->inside.cover.list[0] = period->active;
    sides->bound.cover = sides->inside.cover;
}

/* The slot of a bucket that is stored by year; -1: a day. */
static int slot_of(struct cover_bucket bucket)
{
    struct date date = date_of_day(bucket.day);

    switch (bucket.unit) {
    case COVER_YEAR:
        return YEAR_U;
    case COVER_MONTH:
        return YEAR_MONTH + date.month - 1;
    case COVER_WEEK:
        return YEAR_WEEK + date.week - 1;
    case COVER_DAY:
        break;
    }
    return -1;
}

static void add_year(struct side *side, const struct series_year *row)
{
    for (unsigned i = 0; i < side->cover.count; i++) {
        int slot = slot_of(side->cover.list[i]);

        if (slot >= 0 && date_of_day(side->cover.list[i].day).year == row->year)
            counter_add(&side->sums[row->value - 1], row->at[slot]);
    }
}

static void take_year(void *user, const struct series_year *row)
{
    struct sides *sides = user;

    if (row->value == 0 || row->value > BUCKETS)
        return;
    add_year(&sides->inside, row);
    add_year(&sides->bound, row);
}

static void add_day(struct side *side, const struct series_cell *cell)
{
    for (unsigned i = 0; i < side->cover.count; i++) {
        struct cover_bucket bucket = side->cover.list[i];

        if (bucket.unit == COVER_DAY && bucket.day == cell->day)
            counter_add(&side->sums[cell->value - 1], cell->at[CELL_U]);
    }
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct sides *sides = user;

    if (cell->value == 0 || cell->value > BUCKETS)
        return;
    add_day(&sides->inside, cell);
    add_day(&sides->bound, cell);
}

static enum tally_err read_sides(const struct spread *spread,
                                 struct reader *reader, struct sides *sides)
{
    struct span days = period_unit_days(spread->period, false);
    enum tally_err err = series_days(reader, spread->app, spread->set,
                                     days.first, days.last, take_day, sides);

    return err ? err
               : series_years(reader, spread->app, spread->set,
                              date_of_day(days.first).year,
                              date_of_day(days.last).year, take_year, sides);
}

struct row {
    int64_t count;
    int bucket;
};

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static size_t make_rows(const struct sides *sides, struct row rows[BUCKETS],
                        int64_t *sum)
{
    size_t count = 0;

    *sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
        int64_t inside = sides->inside.sums[i];
        int64_t bound = sides->bound.sums[i];
        int64_t least = inside < bound ? inside : bound;

        if (least <= 0)
            continue;
        rows[count++] = (struct row){least, i};
        counter_add(sum, least);
    }
    qsort(rows, count, sizeof(*rows), compare_rows);
    return count;
}

static void write_rows(const struct spread *spread, const struct sides *sides,
                       struct json *json)
{
    struct row rows[BUCKETS];
    int64_t sum;
    size_t count = make_rows(sides, rows, &sum);

    json_open_array(json);
    for (size_t i = 0; i < count; i++) {
        char text[FIGURE_SIZE];

        json_open_object(json);
        snprintf(text, sizeof(text), "%d", rows[i].bucket);
        json_member_string(json, spread->key, text);
        json_member_int(json, "t", rows[i].count);
        figure_print_share(text, figure_share(rows[i].count, sum));
        json_member_string(json, "percent", text);
        json_close_object(json);
    }
    json_close_array(json);
}

enum tally_err spread_write(const struct spread *spread, struct reader *reader,
                            struct json *json)
{
    struct sides sides = {0};

    place(spread->period, &sides);
    enum tally_err err = read_sides(spread, reader, &sides);
    if (!err)
        write_rows(spread, &sides, json);
    return err;
}
