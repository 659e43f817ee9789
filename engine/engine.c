#include "engine/engine.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/compaction.h"
#include "engine/core.h"
#include "engine/frame.h"
#include "engine/generation.h"
#include "engine/memory.h"
#include "engine/parcel.h"
#include "engine/parts.h"
#include "engine/recovery.h"

enum {
    CLOSE_MS = 2000,
    READER_CHECK_S = 60,
};

/* Address space of one generation; options.overlay_bytes bounds its use. */
static const size_t overlay_space = (size_t)1 << 31;

static int64_t monotonic_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

struct parts engine_parts(const struct engine *engine)
{
    return (struct parts){.store = engine->store,
                          .txn = engine->txn,
                          .active = engine->active,
                          .frozen = engine->has_frozen ? engine->frozen : NULL,
                          .frozen_to = engine->frozen_to,
                          .names = engine->names,
                          .devices = engine->devices};
}

/* Batches. */

static bool has_room(const struct engine *engine, const struct overlay *overlay,
                     size_t len)
{
    return overlay_used(overlay) + overlay_need(len) <=
           generation_limit(engine);
}

enum tally_err engine_apply(struct engine *engine, const struct batch *batch,
                            uint64_t *lsn)
{
    struct text effects = buffer_text(&batch->bytes);

    if (engine_failed(engine))
        return TALLY_ERR_IO;
    if (!buffer_is_whole(&batch->bytes))
        return TALLY_ERR_TOO_BIG;
    if (batch->is_broken)
        return TALLY_ERR_INVALID;
    if (!has_room(engine, engine->active, effects.len) ||
        !log_has_room(engine->log) ||
        effects.len > engine->open.max - engine->open.len)
        return TALLY_ERR_FULL;

    if (overlay_is_empty(engine->active))
        engine->active_since = monotonic_s();
    enum tally_err err = generation_apply(engine, engine->active, effects);
    buffer_add_text(&engine->open, effects);
    if (lsn)
        *lsn = engine_lsn(engine);
    return err;
}

uint64_t engine_lsn(const struct engine *engine)
{
    return engine->open.len > 0 ? engine->open_lsn : engine->open_lsn - 1;
}

uint64_t engine_durable(const struct engine *engine)
{
    uint32_t chain;

    return syncer_durable(engine->syncer, &chain);
}

bool engine_failed(const struct engine *engine)
{
    return syncer_failed(engine->syncer) ||
           checkpoint_state(engine->checkpoint) == CHECKPOINT_FAILED;
}

/* Reads. */

enum tally_err engine_get(struct engine *engine, enum table table,
                          struct text key, struct text *value)
{
    struct parts parts = engine_parts(engine);
    const struct overlay *overlay = parts.active;
    const struct overlay_put *put = overlay_find(overlay, table, key);

    if (!put && parts.frozen) {
        overlay = parts.frozen;
        put = overlay_find(overlay, table, key);
    }
    if (!put)
        return store_get(parts.txn, table, key, value);
    if (put->erased)
        return TALLY_ERR_NOT_FOUND;
    *value = overlay_value(overlay, put);
    return TALLY_OK;
}

enum tally_err engine_stored(struct engine *engine, enum table table,
                             struct text first, stored_record_fn fn, void *user)
{
    return store_each(engine->txn, table, first, fn, user);
}

unsigned engine_recent(const struct engine *engine, uint32_t app,
                       struct recent_user list[static RECENT_MAX])
{
    return recent_list(engine->recent, app, list);
}

/* Turns. */

/* What a generation may hold before it is frozen. What is left above lets any
 * batch in until then: one that is refused must not wait for ever. */
static size_t freezing_size(const struct engine *engine)
{
    size_t limit = generation_limit(engine);
    size_t spare = overlay_need(BATCH_SIZE_MAX);

    return spare < limit / 2 ? limit - spare : limit / 2;
}

static bool is_due(const struct engine *engine)
{
    const struct engine_options *options = &engine->options;

    if (engine->has_frozen || overlay_is_empty(engine->active) ||
        compaction_holds(engine))
        return false;
    return engine->wants_checkpoint ||
           overlay_used(engine->active) > freezing_size(engine) ||
           engine->active_log > options->checkpoint_log ||
           !log_has_room(engine->log) ||
           monotonic_s() - engine->active_since >= options->checkpoint_s;
}

static enum tally_err renew(struct engine *engine)
{
    engine->commits = checkpoint_commits(engine->checkpoint);
    enum tally_err err = store_renew(engine->txn);

    return err ? err : store_get_meta(engine->txn, &engine->meta);
}

/* The frozen generation is freed only when the loop's own read of the base
 * has it as a whole. */
static void end_sweep(struct engine *engine)
{
    if (!engine->sweeping ||
        checkpoint_state(engine->checkpoint) != CHECKPOINT_DONE)
        return;
    if (renew(engine) != TALLY_OK || engine->meta.from < engine->frozen_to)
        return;

    overlay_clear(engine->frozen);
    engine->has_frozen = false;
    engine->sweeping = false;
    checkpoint_accept(engine->checkpoint);
}

/* No batch is handed over between the one that ended the generation and this
 * (see hand_over()): so the chain is that batch's. */
static void begin_sweep(struct engine *engine)
{
    uint32_t chain;
    uint64_t durable = syncer_durable(engine->syncer, &chain);

    if (!engine->has_frozen || engine->sweeping || durable != engine->frozen_to)
        return;
    engine->frozen_chain = chain;
    engine->sweeping = true;
    checkpoint_start(engine->checkpoint, engine->frozen, engine->frozen_to,
                     chain);
}

static void hand_over(struct engine *engine)
{
    if (!syncer_is_idle(engine->syncer))
        return;
    begin_sweep(engine);
    if (engine->open.len > 0) {
        engine->active_log += frame_size(engine->open.len);
        syncer_submit(engine->syncer, &engine->open);
        engine->open_lsn++;
    }
    if (is_due(engine))
        generation_freeze(engine, engine->open_lsn - 1);
}

/* How near the overlay and the log are to refusing. */
static unsigned pressure(struct engine *engine)
{
    size_t overlay =
        overlay_used(engine->active) * 100 / generation_limit(engine);
    unsigned slots =
        log_slots_used(engine->log) * 100 / (engine->options.slot_count + 1);

    return overlay > slots ? (unsigned)overlay : slots;
}

void engine_turn(struct engine *engine)
{
    int64_t now = monotonic_s();

    end_sweep(engine);
    compaction_turn(engine, pressure(engine));
    hand_over(engine);
    begin_sweep(engine);
    if (engine->sweeping)
        checkpoint_press(engine->checkpoint, pressure(engine));
    if (checkpoint_commits(engine->checkpoint) != engine->commits)
        (void)!renew(engine);
    if (now - engine->readers_checked >= READER_CHECK_S) {
        engine->readers_checked = now;
        store_check_readers(engine->store);
    }
}

enum tally_err engine_flush(struct engine *engine)
{
    while (engine_durable(engine) < engine_lsn(engine)) {
        if (engine_failed(engine))
            return TALLY_ERR_IO;
        engine_turn(engine);
        syncer_wait(engine->syncer);
    }
    return engine_failed(engine) ? TALLY_ERR_IO : TALLY_OK;
}

void engine_checkpoint(struct engine *engine)
{
    engine->wants_checkpoint = true;
}

enum tally_err engine_checkpoint_wait(struct engine *engine, unsigned ms)
{
    struct timespec start;
    struct timespec now;
    enum tally_err err = TALLY_OK;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int64_t left = ms; !err;) {
        err = engine_flush(engine);
        engine_checkpoint(engine);
        engine_turn(engine);
        if (!engine->has_frozen && overlay_is_empty(engine->active))
            return err;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = (int64_t)ms - (now.tv_sec - start.tv_sec) * 1000 -
               (now.tv_nsec - start.tv_nsec) / 1000000;
        if (left <= 0)
            return TALLY_ERR_FULL;
        checkpoint_wait(engine->checkpoint, (unsigned)left);
    }
    return err;
}

struct engine_state engine_state(struct engine *engine)
{
    return (struct engine_state){
        .lsn = engine_lsn(engine),
        .durable = engine_durable(engine),
        .checkpointed = engine->meta.from,
        .overlay_bytes =
            overlay_used(engine->active) +
            (engine->has_frozen ? overlay_used(engine->frozen) : 0),
        .log_slots = log_slots_used(engine->log),
        .base_bytes = store_size(engine->store),
        .lacks_space = checkpoint_lacks_space(engine->checkpoint),
    };
}

/* Opening. */

static void notify(void *user)
{
    struct engine *engine = user;

    if (engine->options.on_durable)
        engine->options.on_durable(engine->options.user);
}

static void start_threads(struct engine *engine)
{
    struct checkpoint_options options = {
        .store = engine->store,
        .log = engine->log,
        .dir = engine->dir,
        .free_bytes = engine->options.free_bytes,
        .notify = notify,
        .user = engine,
    };

    engine->syncer = syncer_create(engine->log, notify, engine);
    engine->checkpoint = checkpoint_create(&options);
    engine->open_lsn = log_lsn(engine->log) + 1;
    buffer_clear(&engine->open);
    engine->open.max = log_payload_max(engine->log) - PARCEL_HEAD;
    engine->wants_checkpoint =
        log_slots_used(engine->log) > engine->options.slot_count / 2;
    engine->active_since = monotonic_s();
    engine->readers_checked = monotonic_s();
    if (engine->has_frozen) {
        engine->sweeping = true;
        checkpoint_start(engine->checkpoint, engine->frozen, engine->frozen_to,
                         engine->frozen_chain);
    }
}

static void set_defaults(struct engine_options *options)
{
    const size_t mega = 1 << 20;

    if (options->overlay_bytes == 0)
        options->overlay_bytes = 256 * mega;
    if (options->slot_bytes == 0)
        options->slot_bytes = 64 * mega;
    if (options->slot_count == 0)
        options->slot_count = 6;
    if (options->checkpoint_log == 0)
        options->checkpoint_log = 128 * mega;
    if (options->checkpoint_log > options->slot_bytes * options->slot_count / 3)
        options->checkpoint_log = options->slot_bytes * options->slot_count / 3;
    if (options->checkpoint_s == 0)
        options->checkpoint_s = 900;
    if (options->names_bytes == 0)
        options->names_bytes = 64 * mega;
    if (options->free_bytes == 0)
        options->free_bytes = 64 * mega;
}

static void release(struct engine *engine)
{
    checkpoint_destroy(engine->checkpoint);
    syncer_destroy(engine->syncer);
    log_close(engine->log);
    store_abort(engine->txn);
    store_close(engine->store);
    overlay_destroy(engine->active);
    overlay_destroy(engine->frozen);
    names_destroy(engine->names);
    devices_destroy(engine->devices);
    recent_destroy(engine->recent);
    buffer_finish(&engine->open);
    if (engine->lock >= 0)
        close(engine->lock);
    free(engine->dir);
    free(engine);
}

static struct engine *make(const struct engine_options *options)
{
    struct engine *engine = memory_alloc(sizeof(*engine));
    size_t len = strlen(options->dir);

    engine->options = *options;
    set_defaults(&engine->options);
    engine->dir = memory_alloc(len + 1);
    memcpy(engine->dir, options->dir, len);
    engine->lock = -1;
    buffer_init(&engine->open, LOG_BATCH_MAX);
    engine->active = overlay_create(overlay_space);
    engine->frozen = overlay_create(overlay_space);
    engine->names = names_create(engine->options.names_bytes);
    engine->devices = devices_create();
    engine->recent = recent_create();
    return engine;
}

enum tally_err engine_open(const struct engine_options *options,
                           struct engine **engine, char reason[static 256])
{
    if (sodium_init() < 0)
        return TALLY_ERR_IO;

    struct engine *opened = make(options);
    reason[0] = '\0';
    enum tally_err err = recovery_run(opened, reason);
    if (err) {
        if (reason[0] == '\0')
            snprintf(reason, 256, "%s: %s", options->dir, tally_err_text(err));
        release(opened);
        return err;
    }
    start_threads(opened);
    *engine = opened;
    return TALLY_OK;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;

    compaction_give_up(engine);
    /* What cannot be checkpointed now is replayed at the next start. */
    (void)!engine_checkpoint_wait(engine, CLOSE_MS);
    release(engine);
}
