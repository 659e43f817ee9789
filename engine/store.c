/*
 * The file is LMDB's data.mdb, one named database a table.
 *
 * Tables whose values may have any length (COLD, DOCUMENTS) are split into
 * parts of at most PART_SIZE bytes, so that a value never needs a run of
 * pages. A part's key is the key and one byte, its number; part 0 starts with
 * the length of the whole (u32).
 */
#include "engine/store.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/format.h"
#include "engine/memory.h"
#include "engine/pack.h"

enum {
    PART_SIZE = 4076,
    PARTS_MAX = 256,
    META_SIZE = 64 + EFFECT_KEY_MAX,
};

static const char *const table_names[TABLE_COUNT] = {
    [TABLE_HOURS] = "hours",         [TABLE_DAYS] = "days",
    [TABLE_YEARS] = "years",         [TABLE_USERS] = "users",
    [TABLE_COLD] = "cold",           [TABLE_IDS] = "ids",
    [TABLE_NAMES] = "names",         [TABLE_STRINGS] = "strings",
    [TABLE_SEQUENCES] = "sequences", [TABLE_ACTIVE] = "active",
    [TABLE_COLUMNS] = "columns",     [TABLE_ALIASES] = "aliases",
    [TABLE_BULKS] = "bulks",         [TABLE_RECENT] = "recent",
    [TABLE_DOCUMENTS] = "documents", [TABLE_DROPS] = "drops",
};

struct store {
    MDB_env *env;
    MDB_dbi tables[TABLE_COUNT];
    MDB_dbi meta;
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    struct buffer whole; /* a value put together from its parts */
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

static bool is_split(enum table table)
{
    return table == TABLE_COLD || table == TABLE_DOCUMENTS;
}

static struct text meta_pack(const struct store_meta *meta,
                             uint8_t bytes[static META_SIZE])
{
    struct pack pack = pack_into(bytes, META_SIZE);

    pack_u32(&pack, FORMAT_BASE);
    pack_bytes(&pack, meta->uuid, sizeof(meta->uuid));
    pack_u64(&pack, meta->from);
    pack_u64(&pack, meta->to);
    pack_u32(&pack, meta->chain);
    pack_u8(&pack, (uint8_t)meta->table);
    pack_bytes(&pack, meta->key.bytes, meta->key.len);
    return (struct text){(char *)bytes, (size_t)(pack.at - bytes)};
}

static enum tally_err meta_unpack(struct text text, struct store_meta *meta)
{
    struct unpack unpack = unpack_from(text);

    if (unpack_u32(&unpack) != FORMAT_BASE)
        return TALLY_ERR_VERSION;
    struct text uuid = unpack_text(&unpack, sizeof(meta->uuid));
    meta->from = unpack_u64(&unpack);
    meta->to = unpack_u64(&unpack);
    meta->chain = unpack_u32(&unpack);
    meta->table = (enum table)unpack_u8(&unpack);
    meta->key.len = unpack_left(&unpack);
    if (unpack.bad || meta->key.len > EFFECT_KEY_MAX ||
        meta->table > TABLE_COUNT || meta->to < meta->from)
        return TALLY_ERR_CORRUPT;

    memcpy(meta->uuid, uuid.at, uuid.len);
    memcpy(meta->key.bytes, unpack.at, meta->key.len);
    return TALLY_OK;
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

uint64_t store_size(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;

    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    return (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
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
    buffer_init(&begun->whole, (size_t)PART_SIZE * PARTS_MAX);
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

static enum tally_err get(struct store_txn *txn, enum table table,
                          struct text key, struct text *value)
{
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn->txn, txn->store->tables[table], &k, &v);

    if (rc == MDB_SUCCESS)
        *value = text_from(v);
    return from_mdb(rc);
}

static enum tally_err put(struct store_txn *txn, enum table table,
                          struct text key, struct text value)
{
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);

    return from_mdb(mdb_put(txn->txn, txn->store->tables[table], &k, &v, 0));
}

static struct key part_key(struct text key, unsigned part)
{
    struct key name;

    memcpy(name.bytes, key.at, key.len);
    name.bytes[key.len] = (uint8_t)part;
    name.len = key.len + 1;
    return name;
}

/* The value whose part 0 is `first`. */
static enum tally_err gather(struct store_txn *txn, enum table table,
                             struct text key, struct text first,
                             struct text *value)
{
    struct unpack unpack = unpack_from(first);
    uint32_t len = unpack_u32(&unpack);
    struct text rest = unpack_text(&unpack, unpack_left(&unpack));

    if (unpack.bad || rest.len > len)
        return TALLY_ERR_CORRUPT;
    if (rest.len == len) {
        *value = rest;
        return TALLY_OK;
    }
    buffer_clear(&txn->whole);
    buffer_add_text(&txn->whole, rest);
    for (unsigned part = 1; txn->whole.len < len; part++) {
        struct key name = part_key(key, part);
        enum tally_err err = get(txn, table, key_text(&name), &rest);
        if (err)
            return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_CORRUPT : err;
        buffer_add_text(&txn->whole, rest);
        if (part == PARTS_MAX || rest.len == 0)
            return TALLY_ERR_CORRUPT;
    }
    *value = buffer_text(&txn->whole);
    return TALLY_OK;
}

enum tally_err store_get(struct store_txn *txn, enum table table,
                         struct text key, struct text *value)
{
    if (!is_split(table))
        return get(txn, table, key, value);

    struct key name = part_key(key, 0);
    struct text first;
    enum tally_err err = get(txn, table, key_text(&name), &first);
    if (err)
        return err;
    return gather(txn, table, key, first, value);
}

static enum tally_err erase(struct store_txn *txn, enum table table,
                            struct text key)
{
    MDB_val k = val_of(key);

    return from_mdb(mdb_del(txn->txn, txn->store->tables[table], &k, NULL));
}

enum tally_err store_erase(struct store_txn *txn, enum table table,
                           struct text key)
{
    enum tally_err err = TALLY_OK;

    if (!is_split(table))
        err = erase(txn, table, key);
    for (unsigned part = 0; is_split(table) && !err; part++) {
        struct key name = part_key(key, part);
        err = part == PARTS_MAX ? TALLY_ERR_NOT_FOUND
                                : erase(txn, table, key_text(&name));
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err put_parts(struct store_txn *txn, enum table table,
                                struct text key, struct text value)
{
    uint8_t head[4 + PART_SIZE];
    struct pack pack = pack_into(head, sizeof(head));
    size_t len = value.len < PART_SIZE ? value.len : PART_SIZE;
    struct key name = part_key(key, 0);

    pack_u32(&pack, (uint32_t)value.len);
    pack_bytes(&pack, value.at, len);
    enum tally_err err =
        put(txn, table, key_text(&name),
            (struct text){(char *)head, (size_t)(pack.at - head)});
    for (unsigned part = 1; !err && len < value.len; part++) {
        size_t left = value.len - len;
        struct text rest = {value.at + len,
                            left < PART_SIZE ? left : PART_SIZE};
        name = part_key(key, part);
        err = put(txn, table, key_text(&name), rest);
        len += rest.len;
    }
    return err;
}

enum tally_err store_put(struct store_txn *txn, enum table table,
                         struct text key, struct text value)
{
    if (!is_split(table))
        return put(txn, table, key, value);

    if (value.len > (size_t)PART_SIZE * PARTS_MAX)
        return TALLY_ERR_TOO_BIG;
    enum tally_err err = store_erase(txn, table, key);
    if (err)
        return err;
    return put_parts(txn, table, key, value);
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
    if (!is_split(cursor->table))
        return TALLY_OK;

    /* Later parts come with their part 0. */
    while (key->at[key->len - 1] != 0) {
        err = step(cursor, &k, &v);
        if (err)
            return err;
        *key = text_from(k);
        *value = text_from(v);
    }
    key->len--;
    return gather(cursor->txn, cursor->table, *key, *value, value);
}

void store_end_walk(struct store_cursor *cursor)
{
    if (!cursor)
        return;

    mdb_cursor_close(cursor->cursor);
    free(cursor);
}
