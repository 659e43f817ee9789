/*
 * One event as rows: its hours and days, then those of its segments' values.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/date.h"
#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "metrics/event_series.h"
#include "metrics/event_set.h"
#include "metrics/export.h"
#include "metrics/set.h"

enum column {
    EVENT,
    SEGMENT,
    LEVEL,
    YEAR,
    MONTH,
    DAY,
    HOUR,
    VALUE,
    COUNT,
    SUM,
    DURATION,
    COLUMNS,
};

static const char *const columns[COLUMNS] = {
    "event", "segment", "level", "year", "month", "day",
    "hour",  "value",   "c",     "s",    "dur"};

/* Names of the segments, and of the values of the present one. */
enum { SEGMENTS, PRESENT };

/* The cells of one day: counts and durations of a value come apart. */
struct gather {
    struct event_cell *cells;
    size_t count;
    size_t room;
};

static void take_cell(void *user, const struct event_cell *cell)
{
    struct gather *gather = user;

    gather->cells = memory_one_more(gather->cells, gather->count, &gather->room,
                                    sizeof(*gather->cells));
    gather->cells[gather->count++] = *cell;
}

static int compare_cells(const void *a, const void *b)
{
    const struct event_cell *x = a;
    const struct event_cell *y = b;

    if (x->hour != y->hour)
        return x->hour < y->hour ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Each hour and value once. */
static void add_up(struct gather *gather)
{
    size_t kept = 0;

    if (gather->count > 1)
        qsort(gather->cells, gather->count, sizeof(*gather->cells),
              compare_cells);
    for (size_t i = 0; i < gather->count; i++) {
        if (kept > 0 &&
            compare_cells(&gather->cells[kept - 1], &gather->cells[i]) == 0)
            event_sum_add(&gather->cells[kept - 1].sum, &gather->cells[i].sum);
        else
            gather->cells[kept++] = gather->cells[i];
    }
    gather->count = kept;
}

static void put_units(struct rows *rows, enum column column, int64_t units)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, 64);
    json_init(&json, &out, JSON_PLAIN);
    event_sum_write_units(units, &json);
    rows_number(rows, column, buffer_text(&out));
    buffer_finish(&out);
}

static void write_cell(struct export *export, const char *level,
                       const struct event_cell *cell)
{
    struct rows *rows = &export->rows;
    struct date date = date_of_day(cell->day);

    rows_open(rows, export->out);
    rows_text(rows, EVENT, text_of(export->event_key));
    rows_text(rows, SEGMENT,
              name_list_find(&export->names[SEGMENTS], export->segment));
    rows_text(rows, LEVEL, text_of(level));
    rows_int(rows, YEAR, date.year);
    rows_int(rows, MONTH, date.month);
    rows_int(rows, DAY, date.day);
    if (level[0] == 'h')
        rows_int(rows, HOUR, cell->hour);
    rows_text(rows, VALUE,
              name_list_find(&export->names[PRESENT], cell->value));
    rows_int(rows, COUNT, cell->sum.c);
    put_units(rows, SUM, cell->sum.s);
    put_units(rows, DURATION, cell->sum.dur);
    rows_close(rows);
}

static void write_cells(struct export *export, const char *level,
                        struct gather *gather)
{
    add_up(gather);
    for (size_t i = 0; i < gather->count; i++) {
        /* Of the event itself: value 0; the others are its segments. */
        bool is_part = export->segment == 0 && gather->cells[i].value != 0;
        if (!is_part && !event_sum_is_zero(&gather->cells[i].sum))
            write_cell(export, level, &gather->cells[i]);
    }
    gather->count = 0;
}

static enum tally_err write_day(struct export *export)
{
    struct gather gather = {0};
    int32_t day = export->day++;
    enum tally_err err = TALLY_OK;

    if (!span_has(&export->span, day))
        return TALLY_OK;
    if (export->segment == 0)
        err = event_series_hours(export->reader, export->app, export->event,
                                 day, day, take_cell, &gather);
    if (!err)
        write_cells(export, "hour", &gather);
    if (!err)
        err = event_series_days(export->reader, export->app, export->event,
                                export->segment, day, day, take_cell, &gather);
    if (!err)
        write_cells(export, "day", &gather);
    free(gather.cells);
    return err;
}

static enum tally_err read_names(struct export *export, unsigned list,
                                 uint32_t segment)
{
    name_list_finish(&export->names[list]);
    return name_list_read(&export->names[list], export->reader, export->app,
                          event_set(export->event, segment, EVENT_COUNTS));
}

static enum tally_err begin_segment(struct export *export)
{
    export->has_names = true;
    export->day = export->span.first;
    if (export->segment == 0)
        return read_names(export, SEGMENTS, 0);
    return read_names(export, PRESENT, export->segment);
}

static enum tally_err write_some(struct export *export)
{
    if (!export->has_names)
        return begin_segment(export);
    if (export->day <= export->span.last)
        return write_day(export);
    export->has_names = false;
    export->is_done = export->segment++ == export->last;
    return TALLY_OK;
}

static enum tally_err last_segment(struct export *export, struct engine *engine)
{
    struct key key =
        key_sequence(export->app, event_set(export->event, 0, EVENT_COUNTS), 0);
    struct text record;
    enum tally_err err =
        engine_get(engine, TABLE_SEQUENCES, key_text(&key), &record);

    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    struct unpack unpack = unpack_from(record);
    export->last = unpack_u32(&unpack);
    return export->last > EVENT_SEGMENT_ID_MAX ? TALLY_ERR_CORRUPT : TALLY_OK;
}

enum tally_err export_event_open(struct export *export, struct engine *engine,
                                 struct text event)
{
    enum tally_err err =
        dictionary_find(engine, export->app, SET_EVENTS, event, &export->event);

    if (!err)
        err = last_segment(export, engine);
    if (err)
        return err;
    export->step = write_some;
    export->rows.columns = columns;
    export->rows.count = COLUMNS;
    export->event_key = strndup(event.at, event.len);
    event_series_capture_names(export->reader, export->app, export->event);
    for (uint32_t segment = 0; segment <= export->last; segment++)
        event_series_capture(export->reader, export->app, export->event,
                             segment);
    return TALLY_OK;
}
