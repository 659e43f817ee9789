#include "engine/garbage.h"

#include <string.h>

#include "engine/horizon.h"
#include "engine/key.h"

static enum tally_err erase_some(struct store_txn *txn, enum table table,
                                 const struct key *app, unsigned *records)
{
    while (*records > 0) {
        struct store_cursor *cursor;
        struct text key;
        struct text value;
        enum tally_err err = store_walk(txn, table, key_text(app), &cursor);
        if (err)
            return err;
        err = store_step(cursor, &key, &value);
        struct key found = {.len = 0};
        if (!err && key.len >= app->len &&
            memcmp(key.at, app->bytes, app->len) == 0) {
            found.len = key.len;
            memcpy(found.bytes, key.at, key.len);
        }
        store_end_walk(cursor);
        if (err && err != TALLY_ERR_NOT_FOUND)
            return err;
        if (found.len == 0)
            return TALLY_OK;
        err = store_erase(txn, table, key_text(&found));
        if (err)
            return err;
        --*records;
    }
    return TALLY_OK;
}

static enum tally_err erase_app(struct store_txn *txn, struct text app,
                                unsigned records)
{
    struct key key = {.len = app.len};
    enum tally_err err = TALLY_OK;

    memcpy(key.bytes, app.at, app.len);
    for (enum table table = 0; !err && table < TABLE_COUNT; table++) {
        if (table_is_by_app(table))
            err = erase_some(txn, table, &key, &records);
    }
    if (!err && records > 0)
        err = store_erase(txn, TABLE_DROPS, key_text(&key));
    return err;
}

/* TALLY_ERR_NOT_FOUND when no app was dropped. */
static enum tally_err erase_dropped(struct store_txn *txn, unsigned records)
{
    struct store_cursor *cursor;
    struct text app;
    struct text value;
    enum tally_err err =
        store_walk(txn, TABLE_DROPS, (struct text){NULL, 0}, &cursor);
    if (err)
        return err;

    err = store_step(cursor, &app, &value);
    if (!err)
        err = erase_app(txn, app, records);
    store_end_walk(cursor);
    return err;
}

enum tally_err garbage_erase(struct store *store, unsigned records, bool *left)
{
    struct store_txn *txn;
    enum tally_err err = store_begin_write(store, &txn);
    if (err)
        return err;

    *left = true;
    err = erase_dropped(txn, records);
    if (err == TALLY_ERR_NOT_FOUND)
        err = horizon_erase(txn, &records, left);
    if (err || !*left) {
        store_abort(txn);
        *left = false;
        return err;
    }
    return store_commit(txn);
}
