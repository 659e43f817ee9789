#include "metrics/roster.h"

#include <stdlib.h>

#include "engine/horizon.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/ledger.h"

enum {
    ITEMS_MAX = 1 << 23, /* cells of a month; uniques of all years */
    FIRST_ROOM = 64,
};

/* A value gets a slot when a counter of it is met; its name comes later. */
struct cell {
    uint32_t slot;
    int32_t day;
    struct ledger_counts counts;
};

struct unique {
    uint32_t slot;
    int64_t u;
};

struct column {
    struct unique *list;
    size_t count;
    size_t room;
};

struct year {
    bool has_values;
    struct column columns[YEAR_T];
};

struct series {
    const struct metric *metric;
    uint32_t *slots; /* by value: its slot + 1, 0 for none */
    size_t room;
    size_t first_slot;
    size_t slot_end;
    size_t next_cell;
    size_t cell_end;
};

struct roster {
    struct reader *reader;
    struct roster_span span;
    enum roster_mode mode;
    int32_t first_day;  /* those before are shown as part of their month */
    enum tally_err err; /* of a callback */
    struct series series[CATALOG_METRICS_MAX];
    unsigned series_count;
    struct series *reading;
    struct year *years;
    size_t unique_count;
    struct ledger_member **slots; /* NULL: no name */
    size_t slot_count;
    size_t slot_room;
    struct cell *cells;
    size_t cell_count;
    size_t cell_room;
    struct ledger *ledger;
};

/* Reading. */

static void grow_slots(struct series *series, uint32_t value)
{
    size_t room = series->room ? series->room : FIRST_ROOM;

    while (room <= value)
        room *= 2;
    series->slots = memory_resize(series->slots, room * sizeof(uint32_t));
    memset(series->slots + series->room, 0,
           (room - series->room) * sizeof(uint32_t));
    series->room = room;
}

static uint32_t take_slot(struct roster *roster, uint32_t value)
{
    struct series *series = roster->reading;

    if (value >= series->room)
        grow_slots(series, value);
    if (series->slots[value] == 0) {
        roster->slots =
            memory_one_more(roster->slots, roster->slot_count,
                            &roster->slot_room, sizeof(*roster->slots));
        roster->slots[roster->slot_count++] = NULL;
        series->slots[value] = (uint32_t)roster->slot_count;
    }
    return series->slots[value] - 1;
}

static void add_unique(struct roster *roster, struct column *column,
                       struct unique unique)
{
    if (roster->unique_count++ >= ITEMS_MAX) {
        roster->err = TALLY_ERR_TOO_BIG;
        return;
    }
    column->list = memory_one_more(column->list, column->count, &column->room,
                                   sizeof(unique));
    column->list[column->count++] = unique;
}

static void take_year(void *user, const struct series_year *row)
{
    struct roster *roster = user;
    struct year *year = &roster->years[row->year - roster->span.first];
    bool has_uniques = false;

    if (row->value == 0 || roster->err)
        return;
    for (int i = 0; i < YEAR_T; i++)
        has_uniques = has_uniques || row->at[i] > 0;
    if (!has_uniques && row->at[YEAR_T] <= 0)
        return;
    year->has_values = true;
    uint32_t slot = take_slot(roster, row->value);
    has_uniques = has_uniques && roster->mode != ROSTER_DAYS;
    for (int i = 0; has_uniques && i < YEAR_T; i++) {
        if (row->at[i] != 0)
            add_unique(roster, &year->columns[i],
                       (struct unique){slot, row->at[i]});
    }
}

static void take_name(void *user, uint32_t value, struct text name)
{
    struct roster *roster = user;
    struct series *series = roster->reading;

    if (roster->err || value >= series->room || series->slots[value] == 0)
        return;
    roster->err = ledger_name(roster->ledger, name,
                              &roster->slots[series->slots[value] - 1]);
}

static enum tally_err read_series(struct roster *roster, struct series *series)
{
    const struct roster_span *span = &roster->span;
    uint32_t set = series->metric->set;

    roster->reading = series;
    series->first_slot = roster->slot_count;
    enum tally_err err =
        series_years(roster->reader, span->app, set, span->first, span->last,
                     take_year, roster);
    series->slot_end = roster->slot_count;
    if (!err && !roster->err && series->slot_end > series->first_slot)
        err = series_names(roster->reader, span->app, set, take_name, roster);
    return err ? err : roster->err;
}

static void pick_series(struct roster *roster)
{
    const struct metric_list *metrics = roster->span.metrics;

    roster->series_count = metrics->count;
    for (unsigned i = 0; i < metrics->count; i++)
        roster->series[i].metric = metrics->at[i];
}

void roster_capture(struct reader *reader, uint32_t app,
                    const struct metric_list *metrics)
{
    for (unsigned i = 0; i < metrics->count; i++)
        series_capture(reader, app, metrics->at[i]->set);
}

enum tally_err roster_create(struct reader *reader,
                             const struct roster_span *span,
                             enum roster_mode mode, enum json_escape escape,
                             struct roster **roster)
{
    struct roster *created = memory_alloc(sizeof(*created));
    enum tally_err err = TALLY_OK;

    created->reader = reader;
    created->span = *span;
    created->mode = mode;
    created->first_day = horizon_captured(reader, span->app).days;
    created->years = memory_alloc((size_t)(span->last - span->first + 1) *
                                  sizeof(*created->years));
    created->ledger = ledger_create(mode == ROSTER_ALL, escape);
    pick_series(created);
    for (unsigned i = 0; !err && i < created->series_count; i++)
        err = read_series(created, &created->series[i]);
    if (err) {
        roster_destroy(created);
        return err;
    }

    *roster = created;
    return TALLY_OK;
}

void roster_destroy(struct roster *roster)
{
    int years = roster->span.last - roster->span.first + 1;

    for (int i = 0; i < years; i++) {
        for (int slot = 0; slot < YEAR_T; slot++)
            free(roster->years[i].columns[slot].list);
    }
    for (unsigned i = 0; i < roster->series_count; i++)
        free(roster->series[i].slots);
    ledger_destroy(roster->ledger);
    free(roster->years);
    free(roster->slots);
    free(roster->cells);
    free(roster);
}

bool roster_has_year(const struct roster *roster, int year)
{
    return roster->years[year - roster->span.first].has_values;
}

static void take_cell(void *user, const struct series_cell *cell)
{
    struct roster *roster = user;
    const struct series *series = roster->reading;

    if (roster->err || cell->value >= series->room ||
        series->slots[cell->value] == 0)
        return;
    if (roster->cell_count == ITEMS_MAX) {
        roster->err = TALLY_ERR_TOO_BIG;
        return;
    }
    roster->cells = memory_one_more(roster->cells, roster->cell_count,
                                    &roster->cell_room, sizeof(*roster->cells));
    roster->cells[roster->cell_count++] = (struct cell){
        .slot = series->slots[cell->value] - 1,
        .day = cell->day,
        .counts = {cell->at[CELL_T], cell->at[CELL_N], cell->at[CELL_U]},
    };
}

enum tally_err roster_read_days(struct roster *roster, int32_t first,
                                int32_t last)
{
    enum tally_err err = TALLY_OK;

    roster->cell_count = 0;
    for (unsigned i = 0; !err && i < roster->series_count; i++) {
        struct series *series = &roster->series[i];
        roster->reading = series;
        series->next_cell = roster->cell_count;
        err = series_days(roster->reader, roster->span.app, series->metric->set,
                          first, last, take_cell, roster);
        series->cell_end = roster->cell_count;
    }
    return err ? err : roster->err;
}

/* Writing. */

static void add(struct roster *roster, enum ledger_level level, uint32_t slot,
                const struct ledger_counts *counts)
{
    if (roster->slots[slot])
        ledger_add(roster->ledger, level, roster->slots[slot], counts);
}

/* A day that is not shown is part of its month all the same. */
static void add_day(struct roster *roster, const struct cell *cell)
{
    struct ledger_counts counts = cell->counts;

    if (cell->day >= roster->first_day) {
        add(roster, LEDGER_DAY, cell->slot, &counts);
    } else if (roster->mode != ROSTER_DAYS) {
        counts.u = 0;
        add(roster, LEDGER_MONTH, cell->slot, &counts);
    }
}

void roster_write_day(struct roster *roster, struct nest *nest, int32_t day)
{
    for (unsigned i = 0; i < roster->series_count; i++) {
        struct series *series = &roster->series[i];
        for (; series->next_cell < series->cell_end; series->next_cell++) {
            const struct cell *cell = &roster->cells[series->next_cell];
            if (cell->day > day)
                break;
            if (cell->day == day)
                add_day(roster, cell);
        }
    }
    ledger_write(roster->ledger, LEDGER_DAY, nest);
}

static void write_level(struct roster *roster, struct nest *nest,
                        enum ledger_level level, const struct column *column)
{
    for (size_t i = 0; i < column->count; i++) {
        struct ledger_counts counts = {.u = column->list[i].u};
        add(roster, level, column->list[i].slot, &counts);
    }
    ledger_write(roster->ledger, level, nest);
}

static const struct column *columns_of(const struct roster *roster, int year)
{
    return roster->years[year - roster->span.first].columns;
}

void roster_write_month(struct roster *roster, struct nest *nest, int year,
                        int month)
{
    write_level(roster, nest, LEDGER_MONTH,
                &columns_of(roster, year)[YEAR_MONTH + month - 1]);
}

void roster_write_week(struct roster *roster, struct nest *nest, int year,
                       int week)
{
    write_level(roster, nest, LEDGER_WEEK,
                &columns_of(roster, year)[YEAR_WEEK + week - 1]);
}

void roster_write_year(struct roster *roster, struct nest *nest, int year)
{
    write_level(roster, nest, LEDGER_YEAR, &columns_of(roster, year)[YEAR_U]);
}

static bool has_names(const struct roster *roster, const struct series *series)
{
    for (size_t i = series->first_slot; i < series->slot_end; i++) {
        if (roster->slots[i])
            return true;
    }
    return false;
}

void roster_write_meta(const struct roster *roster, struct json *json)
{
    for (unsigned i = 0; i < roster->series_count; i++) {
        const struct series *series = &roster->series[i];
        if (!has_names(roster, series))
            continue;
        json_key_string(json, series->metric->name);
        json_open_array(json);
        for (size_t slot = series->first_slot; slot < series->slot_end;
             slot++) {
            if (roster->slots[slot])
                ledger_write_name(roster->slots[slot], json);
        }
        json_close_array(json);
    }
}
