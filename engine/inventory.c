#include "engine/inventory.h"

#include <stdlib.h>

#include "engine/activity.h"
#include "engine/horizon.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/parts.h"

enum { APP_LEN = 4, SERIES_LEN = 8 };

/* The beginning of a key that is the same for all of an app or of a set. */
static size_t prefix_length(enum table table)
{
    switch (table) {
    case TABLE_HOURS:
    case TABLE_DAYS:
    case TABLE_YEARS:
    case TABLE_COLUMNS:
        return SERIES_LEN;
    default:
        return table_is_by_app(table) ? APP_LEN : 0;
    }
}

/* The first key of a table at or behind `start`. */
static enum tally_err first_key(struct engine *engine, enum table table,
                                const struct key *start, struct key *key)
{
    struct parts parts = engine_parts(engine);
    struct store_cursor *cursor;
    struct text found;
    struct text value;
    enum tally_err err = store_walk(parts.txn, table, key_text(start), &cursor);
    if (err)
        return err;

    err = store_step(cursor, &found, &value);
    if (!err) {
        key->len = found.len;
        memcpy(key->bytes, found.at, found.len);
    }
    store_end_walk(cursor);
    return err;
}

/* The first key behind all that begin with `prefix`; false when there can be
 * none. */
static bool next_prefix(struct key *prefix)
{
    for (size_t i = prefix->len; i > 0; i--) {
        if (++prefix->bytes[i - 1] != 0)
            return true;
    }
    return false;
}

static enum tally_err stored_series(struct engine *engine, enum table table,
                                    inventory_series_fn fn, void *user)
{
    struct key start = {.len = 0};

    for (;;) {
        struct key key;
        enum tally_err err = first_key(engine, table, &start, &key);
        if (err)
            return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
        struct unpack unpack = unpack_from(key_text(&key));
        uint32_t app = unpack_u32(&unpack);
        fn(user, app,
           prefix_length(table) == SERIES_LEN ? unpack_u32(&unpack) : 0);
        start = key;
        start.len = prefix_length(table);
        if (!next_prefix(&start))
            return TALLY_OK;
    }
}

static void overlaid_series(const struct overlay *overlay,
                            inventory_series_fn fn, void *user)
{
    size_t count;
    const struct delta **deltas = deltas_all(overlay_deltas(overlay), &count);
    for (size_t i = 0; i < count; i++)
        fn(user, deltas[i]->app, deltas[i]->set);
    free(deltas);

    const struct marks_day **marks = marks_all(overlay_marks(overlay), &count);
    for (size_t i = 0; i < count; i++)
        fn(user, marks[i]->app, marks[i]->set);
    free(marks);

    for (enum table table = 0; table < TABLE_COUNT; table++) {
        const struct overlay_put *put = overlay_first_put(overlay, table);
        for (; put && prefix_length(table) > 0;
             put = overlay_next_put(overlay, put)) {
            struct unpack unpack = unpack_from(overlay_key(put));
            if (!put->erased)
                fn(user, unpack_u32(&unpack), 0);
        }
    }
}

enum tally_err inventory_series(struct engine *engine, inventory_series_fn fn,
                                void *user)
{
    struct parts parts = engine_parts(engine);
    enum tally_err err = TALLY_OK;

    for (enum table table = 0; !err && table < TABLE_COUNT; table++) {
        if (prefix_length(table) > 0)
            err = stored_series(engine, table, fn, user);
    }
    overlaid_series(parts.active, fn, user);
    if (parts.frozen)
        overlaid_series(parts.frozen, fn, user);
    return err;
}

/* Marks. */

static enum table table_of(uint32_t set)
{
    return set == 0 ? TABLE_ACTIVE : TABLE_COLUMNS;
}

static struct key marks_key(uint32_t app, uint32_t set, int32_t day)
{
    struct key key =
        set == 0 ? key_active(app, day, 0) : key_column(app, set, day, 0, 0);

    key.len = set == 0 ? APP_LEN + 2 : SERIES_LEN + 2;
    return key;
}

static int32_t day_of(const struct key *key, uint32_t set)
{
    struct unpack unpack = unpack_from(key_text(key));

    unpack_u32(&unpack);
    if (set != 0)
        unpack_u32(&unpack);
    return unpack_u16(&unpack);
}

static bool is_same(const struct key *a, const struct key *b, size_t len)
{
    return a->len >= len && b->len >= len &&
           memcmp(a->bytes, b->bytes, len) == 0;
}

static enum tally_err stored_days(struct engine *engine, uint32_t app,
                                  uint32_t set, inventory_day_fn fn, void *user)
{
    struct key start = marks_key(app, set, 0);
    struct key first = start;

    for (;;) {
        struct key key;
        enum tally_err err = first_key(engine, table_of(set), &start, &key);
        if (err)
            return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
        if (!is_same(&key, &first, first.len - 2))
            return TALLY_OK;
        fn(user, day_of(&key, set));
        start = key;
        start.len = first.len;
        if (!next_prefix(&start))
            return TALLY_OK;
    }
}

static void overlaid_days(const struct overlay *overlay, uint32_t app,
                          uint32_t set, inventory_day_fn fn, void *user)
{
    size_t count;
    const struct marks_day **marks = marks_all(overlay_marks(overlay), &count);

    for (size_t i = 0; i < count; i++) {
        if (marks[i]->app == app && marks[i]->set == set)
            fn(user, marks[i]->day);
    }
    free(marks);
}

/* Days before the horizon are left out. */
struct days {
    int32_t first;
    inventory_day_fn fn;
    void *user;
};

static void give_day(void *user, int32_t day)
{
    const struct days *days = user;

    if (day >= days->first)
        days->fn(days->user, day);
}

enum tally_err inventory_days(struct engine *engine, uint32_t app, uint32_t set,
                              inventory_day_fn fn, void *user)
{
    struct parts parts = engine_parts(engine);
    struct horizon horizon;
    enum tally_err err = horizon_get(engine, app, &horizon);
    if (err)
        return err;

    struct days days = {horizon.days, fn, user};
    overlaid_days(parts.active, app, set, give_day, &days);
    if (parts.frozen)
        overlaid_days(parts.frozen, app, set, give_day, &days);
    return stored_days(engine, app, set, give_day, &days);
}

static enum tally_err give_chunk(struct text key, struct text record,
                                 inventory_mark_fn fn, void *user)
{
    struct chunk chunk = {{0}};
    struct unpack unpack = unpack_from(key);
    enum tally_err err = chunk_add(&chunk, record);
    if (err)
        return err;

    unpack_u32(&unpack);
    unpack_u16(&unpack);
    uint32_t base = unpack_u16(&unpack) * (uint32_t)CHUNK_ORDINALS;
    for (uint32_t bit = 0; bit < CHUNK_ORDINALS; bit++) {
        if (chunk_has(&chunk, bit))
            fn(user, 0, base + bit);
    }
    return TALLY_OK;
}

static enum tally_err stored_marks(struct engine *engine, uint32_t app,
                                   uint32_t set, int32_t day,
                                   inventory_mark_fn fn, void *user)
{
    struct parts parts = engine_parts(engine);
    struct key prefix = marks_key(app, set, day);
    struct store_cursor *cursor;
    enum tally_err err =
        store_walk(parts.txn, table_of(set), key_text(&prefix), &cursor);
    if (err)
        return err;

    while (!err) {
        struct text key;
        struct text record;
        err = store_step(cursor, &key, &record);
        if (err || key.len < prefix.len ||
            memcmp(key.at, prefix.bytes, prefix.len) != 0)
            break;
        err = set == 0 ? give_chunk(key, record, fn, user)
                       : column_read(record, fn, user);
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static void overlaid_marks(const struct overlay *overlay, uint32_t app,
                           uint32_t set, int32_t day, inventory_mark_fn fn,
                           void *user)
{
    const struct marks *marks = overlay ? overlay_marks(overlay) : NULL;
    const struct marks_day *found =
        marks ? marks_find(marks, app, set, day) : NULL;
    if (!found)
        return;

    struct marks_pair *list = memory_alloc(found->count * sizeof(*list));
    marks_copy(marks, found, list);
    for (uint32_t i = 0; i < found->count; i++)
        fn(user, list[i].value, list[i].ordinal);
    free(list);
}

/* A sweep may have brought marks of the frozen generation into the base
 * already: then they come twice. */
enum tally_err inventory_marks(struct engine *engine, uint32_t app,
                               uint32_t set, int32_t day, inventory_mark_fn fn,
                               void *user)
{
    struct parts parts = engine_parts(engine);

    overlaid_marks(parts.active, app, set, day, fn, user);
    overlaid_marks(parts.frozen, app, set, day, fn, user);
    return stored_marks(engine, app, set, day, fn, user);
}

static bool add_record(void *user, struct text key, struct text value)
{
    struct inventory_extent *extent = user;

    extent->records++;
    extent->key_bytes += key.len;
    extent->value_bytes += value.len;
    return true;
}

enum tally_err inventory_extent(struct engine *engine, enum table table,
                                struct inventory_extent *extent)
{
    struct inventory_extent sum = {0};
    enum tally_err err =
        engine_stored(engine, table, (struct text){0}, add_record, &sum);
    if (err)
        return err;

    sum.page_bytes = store_table_size(engine_parts(engine).txn, table);
    *extent = sum;
    return TALLY_OK;
}
