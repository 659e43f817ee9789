/* The file is LMDB's data.mdb, one named database a table. */
#include "engine/store.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/buffer.h"
#include "engine/memory.h"
#include "engine/meta.h"
#include "engine/pieces.h"
#include "engine/record.h"

static const char *const table_names[TABLE_COUNT] = {
    [TABLE_HOURS] = "hours",         [TABLE_DAYS] = "days",
    [TABLE_YEARS] = "years",         [TABLE_USERS] = "users",
    [TABLE_COLD] = "cold",           [TABLE_IDS] = "ids",
    [TABLE_NAMES] = "names",         [TABLE_STRINGS] = "strings",
    [TABLE_SEQUENCES] = "sequences", [TABLE_ACTIVE] = "active",
    [TABLE_COLUMNS] = "columns",     [TABLE_ALIASES] = "aliases",
    [TABLE_BULKS] = "bulks",         [TABLE_RECENT] = "recent",
    [TABLE_DOCUMENTS] = "documents", [TABLE_DROPS] = "drops",
    [TABLE_HORIZONS] = "horizons",   [TABLE_RECORDS] = "records",
};

enum { STORE_PATH_SIZE = 4096 };

struct store {
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    MDB_dbi meta;
    atomic_uint reads; /* open now */
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    bool is_read;
    struct buffer whole; /* a value put together from its pieces */
};

struct store_cursor {
    struct store_txn *txn;
    enum table table;
    MDB_cursor *cursor;
    struct key next; /* where the first step starts */
    bool started;
};

static enum tally_err from_mdb(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return TALLY_OK;
    case MDB_NOTFOUND:
        return TALLY_ERR_NOT_FOUND;
    case MDB_VERSION_MISMATCH:
        return TALLY_ERR_VERSION;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_PANIC:
        return TALLY_ERR_CORRUPT;
    case MDB_MAP_FULL:
        return TALLY_ERR_FULL;
    default:
        return TALLY_ERR_IO;
    }
}

static MDB_val val_of(struct text text)
{
    return (MDB_val){text.len, (void *)(uintptr_t)text.at};
}

static struct text text_from(MDB_val val)
{
    return (struct text){val.mv_data, val.mv_size};
}

enum tally_err store_get_meta(struct store_txn *txn, struct store_meta *meta)
{
    MDB_val key = {4, (void *)(uintptr_t) "meta"};
    MDB_val value;
    int rc = mdb_get(txn->txn, txn->store->meta, &key, &value);

    return rc ? from_mdb(rc) : meta_unpack(text_from(value), meta);
}

enum tally_err store_put_meta(struct store_txn *txn,
                              const struct store_meta *meta)
{
    uint8_t bytes[META_SIZE];
    MDB_val key = {4, (void *)(uintptr_t) "meta"};
    MDB_val value = val_of(meta_pack(meta, bytes));

    return from_mdb(mdb_put(txn->txn, txn->store->meta, &key, &value, 0));
}

/* LMDB grows the file as needed; the map is only address space. */
static int open_env(const char *dir, MDB_env **env)
{
    size_t map = (size_t)1 << 40;

    for (;;) {
        int rc = mdb_env_create(env);
        if (rc)
            return rc;
        mdb_env_set_mapsize(*env, map);
        mdb_env_set_maxdbs(*env, TABLE_COUNT + 1);
        mdb_env_set_maxreaders(*env, 256);
        rc = mdb_env_open(*env, dir, MDB_NOTLS, 0600);
        if (rc == MDB_SUCCESS)
            return rc;
        mdb_env_close(*env);
        if ((rc != ENOMEM && rc != EINVAL) || map <= (size_t)1 << 30)
            return rc;
        map /= 2;
    }
}

static int open_tables(struct store *store, MDB_txn *txn)
{
    int rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &store->meta);

    for (int i = 0; rc == MDB_SUCCESS && i < TABLE_COUNT; i++)
        rc = mdb_dbi_open(txn, table_names[i], MDB_CREATE, &store->tables[i]);
    return rc;
}

static enum tally_err prepare(struct store *store,
                              const struct store_meta *fresh)
{
    struct store_txn *txn;
    struct store_meta meta;
    enum tally_err err = store_begin_write(store, &txn);
    if (err)
        return err;

    err = from_mdb(open_tables(store, txn->txn));
    if (!err) {
        err = store_get_meta(txn, &meta);
        if (err == TALLY_ERR_NOT_FOUND)
            err = store_put_meta(txn, fresh);
    }
    if (err) {
        store_abort(txn);
        return err;
    }
    return store_commit(txn);
}

enum tally_err store_open(const char *dir, const struct store_meta *fresh,
                          struct store **store)
{
    struct store *opened = memory_alloc(sizeof(*opened));
    enum tally_err err = from_mdb(open_env(dir, &opened->env));
    if (err)
        goto free_store;

    store_check_readers(opened);
    err = prepare(opened, fresh);
    if (err)
        goto close_env;

    *store = opened;
    return TALLY_OK;

close_env:
    mdb_env_close(opened->env);
free_store:
    free(opened);
    return err;
}

void store_close(struct store *store)
{
    if (!store)
        return;

    mdb_env_close(store->env);
    free(store);
}

unsigned store_reads(const struct store *store)
{
    return atomic_load(&store->reads);
}

static bool sync_directory(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced;
}

enum tally_err store_replace(struct store *store, const char *dir,
                             const char *from)
{
    const struct store_meta none = {0};
    char to[STORE_PATH_SIZE];

    snprintf(to, sizeof(to), "%.4000s/data.mdb", dir);
    mdb_env_close(store->env);
    store->env = NULL;
    if (rename(from, to) != 0 || !sync_directory(dir))
        return TALLY_ERR_IO;
    int rc = open_env(dir, &store->env);
    if (rc) {
        store->env = NULL;
        return from_mdb(rc);
    }
    return prepare(store, &none);
}

uint64_t store_size(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;

    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    return (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
}

const char *store_table_name(enum table table)
{
    return table_names[table];
}

uint64_t store_table_size(struct store_txn *txn, enum table table)
{
    MDB_stat stat;

    mdb_stat(txn->txn, txn->store->tables[table], &stat);
    return (stat.ms_branch_pages + stat.ms_leaf_pages +
            stat.ms_overflow_pages) *
           (uint64_t)stat.ms_psize;
}

void store_check_readers(struct store *store)
{
    int dead;

    mdb_reader_check(store->env, &dead);
}

static enum tally_err begin(struct store *store, unsigned flags,
                            struct store_txn **txn)
{
    struct store_txn *begun = memory_alloc(sizeof(*begun));
    int rc = mdb_txn_begin(store->env, NULL, flags, &begun->txn);

    if (rc) {
        free(begun);
        return from_mdb(rc);
    }
    begun->store = store;
    begun->is_read = flags & MDB_RDONLY;
    if (begun->is_read)
        atomic_fetch_add(&store->reads, 1);
    buffer_init(&begun->whole, PIECES_BYTES_MAX);
    *txn = begun;
    return TALLY_OK;
}

enum tally_err store_begin_read(struct store *store, struct store_txn **txn)
{
    return begin(store, MDB_RDONLY, txn);
}

enum tally_err store_begin_write(struct store *store, struct store_txn **txn)
{
    return begin(store, 0, txn);
}

enum tally_err store_renew(struct store_txn *txn)
{
    mdb_txn_reset(txn->txn);
    return from_mdb(mdb_txn_renew(txn->txn));
}

void store_abort(struct store_txn *txn)
{
    if (!txn)
        return;

    mdb_txn_abort(txn->txn);
    if (txn->is_read)
        atomic_fetch_sub(&txn->store->reads, 1);
    buffer_finish(&txn->whole);
    free(txn);
}

/* Did a failed commit end in the middle of its last page? */
static bool is_broken(struct store *store)
{
    MDB_txn *probe;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &probe);

    if (rc == MDB_SUCCESS)
        mdb_txn_abort(probe);
    return rc == MDB_PANIC;
}

enum tally_err store_commit(struct store_txn *txn)
{
    int rc = mdb_txn_commit(txn->txn);

    if (rc && is_broken(txn->store))
        rc = MDB_PANIC;
    buffer_finish(&txn->whole);
    free(txn);
    return from_mdb(rc);
}

enum tally_err store_get_record(struct store_txn *txn, enum table table,
                                struct text key, struct text *value)
{
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn->txn, txn->store->tables[table], &k, &v);

    if (rc == MDB_SUCCESS)
        *value = text_from(v);
    return from_mdb(rc);
}

enum tally_err store_put_record(struct store_txn *txn, enum table table,
                                struct text key, struct text value)
{
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);

    return from_mdb(mdb_put(txn->txn, txn->store->tables[table], &k, &v, 0));
}

enum tally_err store_get(struct store_txn *txn, enum table table,
                         struct text key, struct text *value)
{
    if (!pieces_are_in(table))
        return store_get_record(txn, table, key, value);

    struct key name = pieces_key(key, 0);
    struct text first;
    enum tally_err err = store_get_record(txn, table, key_text(&name), &first);
    if (err)
        return err;
    return pieces_gather(txn, table, key, first, &txn->whole, value);
}

enum tally_err store_erase_record(struct store_txn *txn, enum table table,
                                  struct text key)
{
    MDB_val k = val_of(key);

    return from_mdb(mdb_del(txn->txn, txn->store->tables[table], &k, NULL));
}

enum tally_err store_erase(struct store_txn *txn, enum table table,
                           struct text key)
{
    if (pieces_are_in(table))
        return pieces_erase(txn, table, key);

    enum tally_err err = store_erase_record(txn, table, key);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

enum tally_err store_put(struct store_txn *txn, enum table table,
                         struct text key, struct text value)
{
    if (!pieces_are_in(table))
        return store_put_record(txn, table, key, value);

    if (value.len > PIECES_BYTES_MAX)
        return TALLY_ERR_TOO_BIG;
    enum tally_err err = store_erase(txn, table, key);
    if (err)
        return err;
    return pieces_put(txn, table, key, value);
}

enum tally_err store_walk(struct store_txn *txn, enum table table,
                          struct text first, struct store_cursor **cursor)
{
    struct store_cursor *walk = memory_alloc(sizeof(*walk));
    int rc =
        mdb_cursor_open(txn->txn, txn->store->tables[table], &walk->cursor);

    if (rc) {
        free(walk);
        return from_mdb(rc);
    }
    walk->txn = txn;
    walk->table = table;
    walk->next.len = first.len;
    if (first.len > 0)
        memcpy(walk->next.bytes, first.at, first.len);
    *cursor = walk;
    return TALLY_OK;
}

static enum tally_err step(struct store_cursor *cursor, MDB_val *key,
                           MDB_val *value)
{
    MDB_cursor_op op = MDB_NEXT;

    if (!cursor->started) {
        *key = val_of(key_text(&cursor->next));
        op = cursor->next.len > 0 ? MDB_SET_RANGE : MDB_FIRST;
        cursor->started = true;
    }
    return from_mdb(mdb_cursor_get(cursor->cursor, key, value, op));
}

/* Later pieces come with their piece 0. That of a key right before the first
 * may stand behind it: "a" and its number 0 are no less than "a\0". */
static bool is_given(const struct store_cursor *cursor, struct text piece)
{
    struct text key = {piece.at, piece.len - 1};

    return piece.at[key.len] == 0 &&
           text_compare(key, key_text(&cursor->next)) >= 0;
}

enum tally_err store_step(struct store_cursor *cursor, struct text *key,
                          struct text *value)
{
    MDB_val k;
    MDB_val v;
    enum tally_err err = step(cursor, &k, &v);
    if (err)
        return err;

    *key = text_from(k);
    *value = text_from(v);
    if (!pieces_are_in(cursor->table))
        return TALLY_OK;

    while (!is_given(cursor, *key)) {
        err = step(cursor, &k, &v);
        if (err)
            return err;
        *key = text_from(k);
        *value = text_from(v);
    }
    key->len--;
    return pieces_gather(cursor->txn, cursor->table, *key, *value,
                         &cursor->txn->whole, value);
}

void store_end_walk(struct store_cursor *cursor)
{
    if (!cursor)
        return;

    mdb_cursor_close(cursor->cursor);
    free(cursor);
}

enum tally_err store_each(struct store_txn *txn, enum table table,
                          struct text first, store_record_fn fn, void *user)
{
    struct store_cursor *cursor;
    struct text key;
    struct text value;
    enum tally_err err = store_walk(txn, table, first, &cursor);
    if (err)
        return err;

    do {
        err = store_step(cursor, &key, &value);
    } while (!err && fn(user, key, value));
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}
