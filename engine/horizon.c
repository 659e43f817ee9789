/*
 * A record is hours u16, days u16, and a byte 1 once its garbage is deleted:
 * that one is written to the base alone, and gone with the next put.
 */
#include "engine/horizon.h"

#include "engine/captured.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"

enum { PUT_SIZE = 4, DONE_SIZE = 5 };

static uint16_t day_number(int32_t day)
{
    if (day < 0)
        return 0;
    return day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

static enum tally_err read_record(struct text record, struct horizon *horizon)
{
    struct unpack unpack = unpack_from(record);
    struct horizon read = {.hours = unpack_u16(&unpack)};

    read.days = unpack_u16(&unpack);
    if (unpack.bad)
        return TALLY_ERR_CORRUPT;
    *horizon = read;
    return TALLY_OK;
}

static struct text write_record(const struct horizon *horizon, bool is_done,
                                uint8_t bytes[static DONE_SIZE])
{
    struct pack pack = pack_into(bytes, DONE_SIZE);

    pack_u16(&pack, day_number(horizon->hours));
    pack_u16(&pack, day_number(horizon->days));
    pack_u8(&pack, 1);
    return (struct text){(char *)bytes, is_done ? DONE_SIZE : PUT_SIZE};
}

void horizon_put(struct batch *batch, uint32_t app,
                 const struct horizon *horizon)
{
    struct key key = key_app(app);
    uint8_t bytes[DONE_SIZE];

    effect_put(batch, TABLE_HORIZONS, key_text(&key),
               write_record(horizon, false, bytes));
}

enum tally_err horizon_get(struct engine *engine, uint32_t app,
                           struct horizon *horizon)
{
    struct key key = key_app(app);
    struct text record;
    enum tally_err err =
        engine_get(engine, TABLE_HORIZONS, key_text(&key), &record);

    if (err == TALLY_ERR_NOT_FOUND) {
        *horizon = (struct horizon){0};
        return TALLY_OK;
    }
    return err ? err : read_record(record, horizon);
}

void horizon_capture(struct reader *reader, uint32_t app)
{
    for (size_t i = 0; i < reader->horizon_count; i++) {
        if (reader->horizons[i].app == app)
            return;
    }
    reader->horizons =
        memory_one_more(reader->horizons, reader->horizon_count,
                        &reader->horizon_room, sizeof(*reader->horizons));
    struct captured_horizon *captured =
        &reader->horizons[reader->horizon_count++];
    *captured = (struct captured_horizon){.app = app};
    /* A base that cannot be read says so to the reads themselves. */
    (void)!horizon_get(reader->engine, app, &captured->horizon);
}

struct horizon horizon_captured(const struct reader *reader, uint32_t app)
{
    for (size_t i = 0; i < reader->horizon_count; i++) {
        if (reader->horizons[i].app == app)
            return reader->horizons[i].horizon;
    }
    return (struct horizon){0};
}

/* Deleting. */

/* The first key at or behind `from` that begins with the app. */
static enum tally_err find_key(struct store_txn *txn, enum table table,
                               const struct key *from, uint32_t app,
                               struct key *found)
{
    struct store_cursor *cursor;
    struct key prefix = key_app(app);
    struct text key;
    struct text value;
    enum tally_err err = store_walk(txn, table, key_text(from), &cursor);
    if (err)
        return err;

    err = store_step(cursor, &key, &value);
    if (!err && !text_starts_with(key, key_text(&prefix)))
        err = TALLY_ERR_NOT_FOUND;
    if (!err) {
        found->len = key.len;
        memcpy(found->bytes, key.at, key.len);
    }
    store_end_walk(cursor);
    return err;
}

/* Where the records of a table stand: by (app, set, day) or by (app, day). */
struct layer {
    enum table table;
    bool has_set;
    int32_t before; /* days before this are garbage */
};

/* Moves `from` behind a key that is no garbage: to the next set, or to the end.
 * False at the end. */
static bool skip(const struct layer *layer, uint32_t app, uint32_t set,
                 struct key *from)
{
    if (!layer->has_set || set == UINT32_MAX)
        return false;
    *from = key_hours(app, set + 1, 0);
    return true;
}

static enum tally_err erase_layer(struct store_txn *txn, uint32_t app,
                                  const struct layer *layer, unsigned *records)
{
    struct key from = key_app(app);

    while (*records > 0) {
        struct key key;
        enum tally_err err = find_key(txn, layer->table, &from, app, &key);
        if (err)
            return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
        struct unpack unpack = unpack_from(key_text(&key));
        unpack_u32(&unpack);
        uint32_t set = layer->has_set ? unpack_u32(&unpack) : 0;
        if (unpack_u16(&unpack) >= layer->before) {
            if (!skip(layer, app, set, &from))
                return TALLY_OK;
            continue;
        }
        err = store_erase(txn, layer->table, key_text(&key));
        if (err)
            return err;
        from = key;
        --*records;
    }
    return TALLY_OK;
}

static enum tally_err erase_app(struct store_txn *txn, const struct key *key,
                                const struct horizon *horizon,
                                unsigned *records)
{
    struct unpack unpack = unpack_from(key_text(key));
    uint32_t app = unpack_u32(&unpack);
    const struct layer layers[] = {
        {TABLE_HOURS, true, horizon->hours},
        {TABLE_ACTIVE, false, horizon->days},
        {TABLE_COLUMNS, true, horizon->days},
    };
    uint8_t bytes[DONE_SIZE];
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < sizeof(layers) / sizeof(layers[0]); i++)
        err = erase_layer(txn, app, &layers[i], records);
    if (err || *records == 0)
        return err;
    return store_put(txn, TABLE_HORIZONS, key_text(key),
                     write_record(horizon, true, bytes));
}

/* The first app whose garbage was not looked for yet. */
static enum tally_err find_app(struct store_txn *txn, struct key *app,
                               struct horizon *horizon)
{
    struct store_cursor *cursor;
    struct text key;
    struct text record = {NULL, DONE_SIZE};
    enum tally_err err =
        store_walk(txn, TABLE_HORIZONS, (struct text){NULL, 0}, &cursor);
    if (err)
        return err;

    while (!err && record.len == DONE_SIZE)
        err = store_step(cursor, &key, &record);
    if (!err)
        err = read_record(record, horizon);
    if (!err) {
        app->len = key.len;
        memcpy(app->bytes, key.at, key.len);
    }
    store_end_walk(cursor);
    return err;
}

enum tally_err horizon_erase(struct store_txn *txn, unsigned *records,
                             bool *left)
{
    struct key app;
    struct horizon horizon;
    enum tally_err err = find_app(txn, &app, &horizon);

    *left = !err;
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    return erase_app(txn, &app, &horizon, records);
}
