#include "metrics/breakdown.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/total.h"

enum { FIRST_ROOM = 256, NAMES_MAX = 64 << 20 };

/* Counters by value id while they are read. */
struct sums {
    struct breakdown_row *rows; /* without names */
    size_t room;
    struct breakdown *breakdown;
    enum tally_err err;
};

void breakdown_capture(const struct breakdown_question *question,
                       struct reader *reader)
{
    struct span counted = period_unit_days(question->period, false);

    series_capture(reader, question->app, question->set);
    if (question->with_users)
        total_capture_span(reader, question->app, question->set, &counted);
}

/* Value ids are given out one after the other: there are as many as values. */
static struct breakdown_row *touch(struct sums *sums, uint32_t value)
{
    if (value >= sums->room) {
        size_t room = sums->room ? sums->room : FIRST_ROOM;
        while (room <= value)
            room *= 2;
        sums->rows = memory_resize(sums->rows, room * sizeof(*sums->rows));
        memset(sums->rows + sums->room, 0,
               (room - sums->room) * sizeof(*sums->rows));
        sums->room = room;
    }
    return &sums->rows[value];
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct sums *sums = user;

    if (cell->value == 0)
        return;
    struct breakdown_row *row = touch(sums, cell->value);
    counter_add(&row->t, cell->at[CELL_T]);
    counter_add(&row->n, cell->at[CELL_N]);
}

static enum tally_err read_users(const struct breakdown_question *question,
                                 struct reader *reader, struct sums *sums)
{
    struct span days = period_unit_days(question->period, false);
    struct total_values users;
    enum tally_err err =
        total_values(reader, question->app, question->set, &days, &users);
    if (err)
        return err;

    for (uint32_t value = 1; value < sums->room; value++) {
        struct breakdown_row *row = &sums->rows[value];
        row->u = total_of_value(&users, value);
        if (row->u > row->t)
            row->u = row->t;
    }
    total_values_finish(&users);
    return TALLY_OK;
}

static bool counted(const struct breakdown_row *row)
{
    return row->t > 0 || row->n > 0 || row->u > 0;
}

static void take_name(void *user, uint32_t value, struct text name)
{
    struct sums *sums = user;
    struct breakdown *breakdown = sums->breakdown;

    if (sums->err || value >= sums->room || !counted(&sums->rows[value]))
        return;
    struct breakdown_row *row = &breakdown->rows[breakdown->count++];
    *row = sums->rows[value];
    row->value = value;
    row->name.at = arena_strndup(breakdown->names, name.at, name.len);
    row->name.len = name.len;
    if (!row->name.at)
        sums->err = TALLY_ERR_TOO_BIG;
    sums->rows[value] = (struct breakdown_row){0};
}

static int compare_values(const void *a, const void *b)
{
    const struct breakdown_row *x = a;
    const struct breakdown_row *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

static enum tally_err read_names(const struct breakdown_question *question,
                                 struct reader *reader, struct sums *sums)
{
    struct breakdown *breakdown = sums->breakdown;

    breakdown->names = arena_create(NAMES_MAX);
    breakdown->rows = memory_alloc((sums->room + 1) * sizeof(*sums->rows));
    enum tally_err err =
        series_names(reader, question->app, question->set, take_name, sums);
    qsort(breakdown->rows, breakdown->count, sizeof(*breakdown->rows),
          compare_values);
    return err ? err : sums->err;
}

enum tally_err breakdown_read(const struct breakdown_question *question,
                              struct reader *reader,
                              struct breakdown *breakdown)
{
    struct span days = period_summed_days(question->period, false);
    struct sums sums = {.breakdown = breakdown};

    *breakdown = (struct breakdown){0};
    enum tally_err err = series_days(reader, question->app, question->set,
                                     days.first, days.last, take_day, &sums);
    if (!err && question->with_users)
        err = read_users(question, reader, &sums);
    if (!err)
        err = read_names(question, reader, &sums);
    free(sums.rows);
    if (err)
        breakdown_finish(breakdown);
    return err;
}

void breakdown_finish(struct breakdown *breakdown)
{
    free(breakdown->rows);
    arena_destroy(breakdown->names);
    *breakdown = (struct breakdown){0};
}

static int64_t column_of(const struct breakdown_row *row,
                         enum breakdown_column column)
{
    switch (column) {
    case BREAKDOWN_T:
        return row->t;
    case BREAKDOWN_N:
        return row->n;
    case BREAKDOWN_U:
        break;
    }
    return row->u;
}

struct ranked {
    int64_t key;
    size_t order;
    struct breakdown_row row;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->key != y->key)
        return x->key < y->key ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

void breakdown_sort(struct breakdown *breakdown, enum breakdown_column column)
{
    size_t count = breakdown->count;
    struct ranked *ranked = memory_alloc((count + 1) * sizeof(*ranked));

    for (size_t i = 0; i < count; i++) {
        const struct breakdown_row *row = &breakdown->rows[i];
        ranked[i] = (struct ranked){column_of(row, column), i, *row};
    }
    qsort(ranked, count, sizeof(*ranked), compare_ranked);
    for (size_t i = 0; i < count; i++)
        breakdown->rows[i] = ranked[i].row;
    free(ranked);
}

void breakdown_write(const struct breakdown *breakdown, struct json *json)
{
    json_open_array(json);
    for (size_t i = 0; i < breakdown->count; i++) {
        const struct breakdown_row *row = &breakdown->rows[i];
        json_open_object(json);
        json_member_text(json, "_id", row->name);
        json_member_int(json, "t", row->t);
        json_member_int(json, "n", row->n);
        json_member_int(json, "u", row->u);
        json_close_object(json);
    }
    json_close_array(json);
}

/* At the arena's limit the name stays as it is. */
static struct text show_dots(struct arena *arena, struct text name)
{
    char *copy = memchr(name.at, ':', name.len)
                     ? arena_strndup(arena, name.at, name.len)
                     : NULL;
    if (!copy)
        return name;

    for (size_t i = 0; i < name.len; i++) {
        if (copy[i] == ':')
            copy[i] = '.';
    }
    return (struct text){copy, name.len};
}

void breakdown_write_bars(const struct breakdown *breakdown,
                          enum breakdown_column column, struct json *json)
{
    struct bar *bars = memory_alloc((breakdown->count + 1) * sizeof(*bars));

    for (size_t i = 0; i < breakdown->count; i++) {
        const struct breakdown_row *row = &breakdown->rows[i];
        bars[i].name = show_dots(breakdown->names, row->name);
        bars[i].value = column_of(row, column);
    }
    bars_write(bars, breakdown->count, json);
    free(bars);
}
