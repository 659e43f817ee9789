#include "engine/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "engine/compaction.h"
#include "engine/core.h"
#include "engine/frame.h"
#include "engine/generation.h"
#include "engine/pack.h"
#include "engine/parcel.h"
#include "engine/sweep.h"

enum { PATH_SIZE = 512 };

static enum tally_err sweep_frozen(struct engine *engine)
{
    struct sweep_options options = {.store = engine->store,
                                    .overlay = engine->frozen,
                                    .to = engine->frozen_to,
                                    .chain = engine->frozen_chain};
    enum tally_err err = sweep(&options);

    if (!err)
        err = store_renew(engine->txn);
    if (!err)
        err = store_get_meta(engine->txn, &engine->meta);
    if (err)
        return err;
    overlay_clear(engine->frozen);
    engine->has_frozen = false;
    return TALLY_OK;
}

/* More was logged than one generation holds: what came before `lsn` is frozen.
 * When there is a frozen one already it goes to the base, it is durable. */
static enum tally_err make_room(struct engine *engine, uint64_t lsn)
{
    enum tally_err err = TALLY_OK;

    if (engine->has_frozen)
        err = sweep_frozen(engine);
    if (err)
        return err;
    generation_freeze(engine, lsn - 1);
    engine->frozen_chain = engine->last_chain;
    return TALLY_OK;
}

static enum tally_err replay_batch(struct engine *engine, uint64_t lsn,
                                   uint32_t chain, struct text payload)
{
    bool frozen = engine->has_frozen && lsn <= engine->frozen_to;

    if (!frozen && overlay_used(engine->active) > generation_limit(engine)) {
        enum tally_err err = make_room(engine, lsn);
        if (err)
            return err;
    }
    if (!frozen)
        engine->active_log += frame_size(payload.len);
    engine->last_chain = chain;
    enum tally_err err = generation_apply(
        engine, frozen ? engine->frozen : engine->active, payload);
    if (!err && frozen && lsn == engine->frozen_to) {
        engine->frozen_chain = chain;
        generation_put_recent(engine, engine->frozen);
    }
    return err;
}

static enum tally_err replay(void *user, uint64_t lsn, uint32_t chain,
                             struct text parcel)
{
    struct engine *engine = user;
    struct text batch;
    enum tally_err err = parcel_unpack(parcel, &engine->open, &batch);

    return err ? err : replay_batch(engine, lsn, chain, batch);
}

static enum tally_err load_recent(struct engine *engine)
{
    struct store_cursor *cursor;
    struct text first = {NULL, 0};
    enum tally_err err = store_walk(engine->txn, TABLE_RECENT, first, &cursor);

    if (err)
        return err;
    while (!err) {
        struct text key;
        struct text record;
        err = store_step(cursor, &key, &record);
        if (err)
            break;
        struct unpack unpack = unpack_from(key);
        err = recent_load(engine->recent, unpack_u32(&unpack), record);
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err open_store(struct engine *engine, char reason[static 256])
{
    struct store_meta fresh = {0};

    randombytes_buf(fresh.uuid, sizeof(fresh.uuid));
    enum tally_err err = store_open(engine->dir, &fresh, &engine->store);
    if (!err)
        err = store_begin_read(engine->store, &engine->txn);
    if (!err)
        err = store_get_meta(engine->txn, &engine->meta);
    if (!err)
        err = load_recent(engine);
    if (err)
        snprintf(reason, 256, "%s/data.mdb: %s", engine->dir,
                 tally_err_text(err));
    return err;
}

static enum tally_err open_log(struct engine *engine, char reason[static 256])
{
    struct log_options options = {
        .dir = engine->dir,
        .slot_bytes = engine->options.slot_bytes,
        .slot_count = engine->options.slot_count,
        .lsn = engine->meta.from,
        .chain = engine->meta.chain,
    };

    memcpy(options.uuid, engine->meta.uuid, sizeof(options.uuid));
    engine->has_frozen = engine->meta.from != engine->meta.to;
    engine->frozen_to = engine->meta.to;
    engine->last_chain = engine->meta.chain;
    enum tally_err err =
        log_open(&options, replay, engine, &engine->log, reason);
    if (!err && log_lsn(engine->log) < engine->meta.to)
        err = TALLY_ERR_MISMATCH;
    return err;
}

static enum tally_err lock_directory(struct engine *engine)
{
    char path[PATH_SIZE];

    if (mkdir(engine->dir, 0700) != 0 && errno != EEXIST)
        return TALLY_ERR_IO;
    snprintf(path, sizeof(path), "%s/lock", engine->dir);
    engine->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (engine->lock < 0)
        return TALLY_ERR_IO;
    if (flock(engine->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? TALLY_ERR_IN_USE : TALLY_ERR_IO;
    return TALLY_OK;
}

enum tally_err recovery_run(struct engine *engine, char reason[static 256])
{
    enum tally_err err = lock_directory(engine);

    if (!err)
        err = compaction_finish(engine->dir);
    if (!err)
        err = open_store(engine, reason);
    if (!err)
        err = open_log(engine, reason);
    return err;
}
