#include "engine/snapshot.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memory.h"
#include "engine/parts.h"

enum { RECORDS_AT_ONCE = 2000, PATH_SIZE = 4096 };

struct snapshot {
    struct store_txn *txn;
};

/* A copy under way. */
struct copy {
    struct store_txn *from;
    struct store *store;
    struct store_txn *to; /* NULL between transactions */
    unsigned records;
    enum tally_err (*may_write)(void *user); /* NULL: always */
    void *user;
};

enum tally_err snapshot_open(struct engine *engine, uint64_t lsn,
                             struct snapshot **snapshot)
{
    return snapshot_of(engine_parts(engine).store, lsn, snapshot);
}

enum tally_err snapshot_of(struct store *store, uint64_t lsn,
                           struct snapshot **snapshot)
{
    struct store_meta meta;
    struct store_txn *txn;
    enum tally_err err = store_begin_read(store, &txn);

    if (err)
        return err;
    err = store_get_meta(txn, &meta);
    if (!err && (meta.from != meta.to || meta.from < lsn))
        err = TALLY_ERR_FULL;
    if (err) {
        store_abort(txn);
        return err;
    }
    *snapshot = memory_alloc(sizeof(**snapshot));
    (*snapshot)->txn = txn;
    return TALLY_OK;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (!snapshot)
        return;

    store_abort(snapshot->txn);
    free(snapshot);
}

static enum tally_err copy_record(struct copy *copy, enum table table,
                                  struct text key, struct text value)
{
    enum tally_err err = TALLY_OK;

    if (!copy->to && copy->may_write)
        err = copy->may_write(copy->user);
    if (!err && !copy->to)
        err = store_begin_write(copy->store, &copy->to);
    if (!err)
        err = store_put(copy->to, table, key, value);
    if (err || ++copy->records < RECORDS_AT_ONCE)
        return err;
    err = store_commit(copy->to);
    copy->to = NULL;
    copy->records = 0;
    return err;
}

static enum tally_err copy_table(struct copy *copy, enum table table)
{
    struct store_cursor *cursor;
    struct text first = {NULL, 0};
    enum tally_err err = store_walk(copy->from, table, first, &cursor);
    if (err)
        return err;

    while (!err) {
        struct text key;
        struct text value;
        err = store_step(cursor, &key, &value);
        if (!err)
            err = copy_record(copy, table, key, value);
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err copy_tables(struct copy *copy)
{
    enum tally_err err = TALLY_OK;

    for (enum table table = 0; !err && table < TABLE_COUNT; table++)
        err = copy_table(copy, table);
    if (copy->to && !err)
        return store_commit(copy->to);
    store_abort(copy->to);
    return err;
}

static void remove_copy(const char *dir)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
}

static enum tally_err copy_to(struct copy *copy, const char *dir,
                              const struct store_meta *meta)
{
    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST ? TALLY_ERR_EXISTS : TALLY_ERR_IO;
    enum tally_err err = store_open(dir, meta, &copy->store);
    if (!err)
        err = copy_tables(copy);
    store_close(copy->store);
    if (err)
        remove_copy(dir);
    return err;
}

enum tally_err snapshot_copy(struct snapshot *snapshot, const char *dir)
{
    struct copy copy = {.from = snapshot->txn};
    struct store_meta fresh = {0}; /* of a log that has not begun */

    randombytes_buf(fresh.uuid, sizeof(fresh.uuid));
    return copy_to(&copy, dir, &fresh);
}

enum tally_err snapshot_clone(struct snapshot *snapshot, const char *dir,
                              enum tally_err (*may_write)(void *user),
                              void *user)
{
    struct copy copy = {
        .from = snapshot->txn, .may_write = may_write, .user = user};
    struct store_meta meta;
    enum tally_err err = store_get_meta(snapshot->txn, &meta);

    return err ? err : copy_to(&copy, dir, &meta);
}
