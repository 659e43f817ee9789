#include "engine/series.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/captured.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/merge.h"
#include "engine/pack.h"
#include "engine/parts.h"
#include "engine/sweep.h"

/* Capturing. */

static void capture_delta(struct reader *reader, const struct delta *delta,
                          bool frozen)
{
    reader->deltas =
        memory_one_more(reader->deltas, reader->delta_count,
                        &reader->delta_room, sizeof(*reader->deltas));
    reader->deltas[reader->delta_count++] =
        (struct captured_delta){*delta, frozen};
}

static void capture_deltas(struct reader *reader, const struct overlay *overlay,
                           bool frozen, uint32_t app, uint32_t set)
{
    assert(!reader->by_day && !reader->by_year);
    if (!overlay)
        return;

    const struct deltas *deltas = overlay_deltas(overlay);
    const struct deltas_day *day = deltas_first_day(deltas, app, set);
    for (; day; day = deltas_next_day(deltas, day)) {
        const struct delta *delta = deltas_first(deltas, day);
        for (; delta; delta = deltas_next(deltas, delta))
            capture_delta(reader, delta, frozen);
    }
}

/* False when it has been noted before: its deltas would count twice. */
static bool note_series(struct reader *reader, uint32_t app, uint32_t set)
{
    for (size_t i = 0; i < reader->series_count; i++) {
        if (reader->series[i].app == app && reader->series[i].set == set)
            return false;
    }
    reader->series =
        memory_one_more(reader->series, reader->series_count,
                        &reader->series_room, sizeof(*reader->series));
    reader->series[reader->series_count++] = (struct captured_series){app, set};
    return true;
}

static void capture_counts(struct reader *reader, uint32_t app, uint32_t set)
{
    struct parts parts = engine_parts(reader->engine);

    horizon_capture(reader, app);
    capture_deltas(reader, parts.active, false, app, set);
    capture_deltas(reader, parts.frozen, true, app, set);
}

void series_capture_counts(struct reader *reader, uint32_t app, uint32_t set)
{
    if (note_series(reader, app, set))
        capture_counts(reader, app, set);
}

void series_capture(struct reader *reader, uint32_t app, uint32_t set)
{
    struct key key = key_string(app, set, 0);

    if (!note_series(reader, app, set))
        return;
    key.len -= 4;
    capture_counts(reader, app, set);
    reader_capture_table(reader, TABLE_STRINGS, key_text(&key));
}

/* Reading. */

/* A walk over one counter table and its captured deltas. */
struct walk {
    struct reader *reader;
    enum table table;
    struct text prefix; /* app and set */
    uint32_t first;     /* day or year */
    uint32_t last;
    const struct delta **deltas;
    size_t count;
    size_t next;
    struct store_cursor *cursor;
    struct text key; /* of the base's present record; empty at the end */
    struct text record;
    union matrix matrix;
};

/* Day or year of a key; the block behind it, 0 for HOURS. */
static uint32_t key_time(struct text key, uint32_t *block)
{
    struct unpack unpack = unpack_from(key);

    unpack_u64(&unpack);
    uint32_t time = unpack_u16(&unpack);
    *block = unpack_left(&unpack) >= 4 ? unpack_u32(&unpack) : 0;
    return time;
}

/* `delta` is the first member of a captured one. */
static bool is_in_base(const struct reader *reader, enum table table,
                       const struct delta *delta, const struct key *key)
{
    const struct captured_delta *captured = (const void *)delta;

    return captured->frozen &&
           sweep_has_passed(&reader->meta, reader->frozen_to, table,
                            key_text(key));
}

static const struct delta **in_order(struct reader *reader, enum table table)
{
    const struct delta ***order =
        table == TABLE_YEARS ? &reader->by_year : &reader->by_day;

    if (*order)
        return *order;
    *order = memory_alloc((reader->delta_count + 1) * sizeof(**order));
    for (size_t i = 0; i < reader->delta_count; i++)
        (*order)[i] = &reader->deltas[i].delta;
    merge_sort(table, *order, reader->delta_count);
    return *order;
}

/* Where the first delta stands whose key is not before `start`. */
static size_t first_from(const struct walk *walk, const struct delta **order,
                         struct text start)
{
    size_t low = 0;
    size_t high = walk->reader->delta_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct key key = merge_key(walk->table, order[middle]);
        if (text_compare(key_text(&key), start) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The deltas of the walk that the base does not have. */
static void pick_deltas(struct walk *walk, struct text start)
{
    struct reader *reader = walk->reader;
    const struct delta **order = in_order(reader, walk->table);
    size_t room = 0;

    for (size_t i = first_from(walk, order, start); i < reader->delta_count;
         i++) {
        struct key key = merge_key(walk->table, order[i]);
        uint32_t block;
        if (!text_starts_with(key_text(&key), walk->prefix) ||
            key_time(key_text(&key), &block) > walk->last)
            break;
        if (!merge_counts(walk->table, order[i]) ||
            is_in_base(reader, walk->table, order[i], &key))
            continue;
        walk->deltas = memory_one_more(walk->deltas, walk->count, &room,
                                       sizeof(*walk->deltas));
        walk->deltas[walk->count++] = order[i];
    }
}

static enum tally_err step_base(struct walk *walk)
{
    uint32_t block;
    enum tally_err err = store_step(walk->cursor, &walk->key, &walk->record);

    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    if (err || !text_starts_with(walk->key, walk->prefix) ||
        key_time(walk->key, &block) > walk->last)
        walk->key.len = 0;
    return TALLY_OK;
}

/* Puts the next record, base and deltas together, into the matrix; its key
 * goes to *key, empty at the end. */
static enum tally_err next_record(struct walk *walk, struct key *key)
{
    enum tally_err err = TALLY_OK;
    bool from_base = walk->key.len > 0;
    bool from_deltas = walk->next < walk->count;

    key->len = 0;
    if (from_deltas)
        *key = merge_key(walk->table, walk->deltas[walk->next]);
    if (from_base && from_deltas) {
        int order = text_compare(walk->key, key_text(key));
        from_base = order <= 0;
        from_deltas = order >= 0;
    }
    merge_clear(walk->table, &walk->matrix);
    if (from_base) {
        key->len = walk->key.len;
        memcpy(key->bytes, walk->key.at, walk->key.len);
        err = merge_add_record(walk->table, &walk->matrix, walk->record);
        if (!err)
            err = step_base(walk);
    }
    if (from_deltas) {
        const struct delta *first = walk->deltas[walk->next];
        while (walk->next < walk->count &&
               merge_same_record(walk->table, first, walk->deltas[walk->next]))
            merge_add_delta(walk->table, &walk->matrix,
                            walk->deltas[walk->next++]);
    }
    return err;
}

typedef void (*record_fn)(void *user, uint32_t time, uint32_t block,
                          const union matrix *matrix);

static enum tally_err walk_counters(struct walk *walk, record_fn fn, void *user)
{
    struct key start = {.len = walk->prefix.len};

    memcpy(start.bytes, walk->prefix.at, walk->prefix.len);
    start.bytes[start.len++] = (uint8_t)(walk->first >> 8);
    start.bytes[start.len++] = (uint8_t)walk->first;
    pick_deltas(walk, key_text(&start));
    enum tally_err err = store_walk(walk->reader->txn, walk->table,
                                    key_text(&start), &walk->cursor);
    if (!err)
        err = step_base(walk);
    while (!err) {
        struct key key;
        uint32_t block;
        err = next_record(walk, &key);
        if (err || key.len == 0)
            break;
        uint32_t time = key_time(key_text(&key), &block);
        fn(user, time, block, &walk->matrix);
    }
    store_end_walk(walk->cursor);
    free(walk->deltas);
    return err;
}

struct cell_target {
    series_cell_fn fn;
    void *user;
    bool hours;
};

static void give_cells(void *user, uint32_t time, uint32_t block,
                       const union matrix *matrix)
{
    const struct cell_target *target = user;

    for (unsigned row = 0; row < DAY_BLOCK; row++) {
        if (cells_row_is_zero(&matrix->cells, row))
            continue;
        struct series_cell cell = {.day = (int32_t)time,
                                   .at = matrix->cells.at[row]};
        if (target->hours)
            cell.hour = row;
        else
            cell.value = block * DAY_BLOCK + row;
        target->fn(target->user, &cell);
    }
}

static enum tally_err read_cells(struct reader *reader, enum table table,
                                 uint32_t app, uint32_t set, int32_t first,
                                 int32_t last, struct cell_target *target)
{
    struct key key = key_string(app, set, 0);

    key.len -= 4;
    if (first < 0)
        first = 0;
    if (last > UINT16_MAX)
        last = UINT16_MAX;
    if (first > last)
        return TALLY_OK;
    struct walk *walk = memory_alloc(sizeof(*walk));
    walk->reader = reader;
    walk->table = table;
    walk->prefix = key_text(&key);
    walk->first = (uint32_t)first;
    walk->last = (uint32_t)last;
    enum tally_err err = walk_counters(walk, give_cells, target);
    free(walk);
    return err;
}

enum tally_err series_days(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, series_cell_fn fn,
                           void *user)
{
    struct cell_target target = {fn, user, false};

    return read_cells(reader, TABLE_DAYS, app, set, first, last, &target);
}

enum tally_err series_hours(struct reader *reader, uint32_t app, uint32_t set,
                            int32_t first, int32_t last, series_cell_fn fn,
                            void *user)
{
    struct cell_target target = {fn, user, true};
    struct horizon horizon = horizon_captured(reader, app);

    if (first < horizon.hours)
        first = horizon.hours;
    return read_cells(reader, TABLE_HOURS, app, set, first, last, &target);
}

struct year_target {
    series_year_fn fn;
    void *user;
};

static void give_years(void *user, uint32_t time, uint32_t block,
                       const union matrix *matrix)
{
    const struct year_target *target = user;

    for (unsigned row = 0; row < YEAR_BLOCK; row++) {
        if (years_row_is_zero(&matrix->years, row))
            continue;
        struct series_year year = {.year = (int)time,
                                   .value = block * YEAR_BLOCK + row,
                                   .at = matrix->years.at[row]};
        target->fn(target->user, &year);
    }
}

enum tally_err series_years(struct reader *reader, uint32_t app, uint32_t set,
                            int first, int last, series_year_fn fn, void *user)
{
    struct key key = key_string(app, set, 0);
    struct year_target target = {fn, user};
    struct walk *walk = memory_alloc(sizeof(*walk));

    key.len -= 4;
    walk->reader = reader;
    walk->table = TABLE_YEARS;
    walk->prefix = key_text(&key);
    walk->first = (uint32_t)first;
    walk->last = (uint32_t)last;
    enum tally_err err = walk_counters(walk, give_years, &target);
    free(walk);
    return err;
}

struct name_target {
    series_name_fn fn;
    void *user;
};

static bool give_name(void *user, struct text key, struct text value)
{
    const struct name_target *target = user;
    struct unpack unpack = unpack_from(key);

    unpack_u64(&unpack);
    target->fn(target->user, unpack_u32(&unpack), value);
    return true;
}

enum tally_err series_names(struct reader *reader, uint32_t app, uint32_t set,
                            series_name_fn fn, void *user)
{
    struct key key = key_string(app, set, 0);
    struct name_target target = {fn, user};

    key.len -= 4;
    return reader_records(reader, TABLE_STRINGS, key_text(&key), give_name,
                          &target);
}
