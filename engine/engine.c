#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/checkpoint.h"
#include "engine/frame.h"
#include "engine/key.h"
#include "engine/log.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/parts.h"
#include "engine/recent.h"
#include "engine/sweep.h"
#include "engine/syncer.h"

enum {
    PATH_SIZE = 512,
    CLOSE_MS = 2000,
    READER_CHECK_S = 60,
};

/* Address space of one generation; options.overlay_bytes bounds its use. */
static const size_t overlay_space = (size_t)1 << 31;

struct engine {
    struct engine_options options;
    char *dir;
    int lock; /* a file whose lock says that the directory is in use */
    struct store *store;
    struct store_txn *txn;
    struct store_meta meta; /* as txn sees it */
    uint64_t commits;       /* of the base, when txn was renewed */
    struct log *log;
    struct syncer *syncer;
    struct checkpoint *checkpoint;
    struct overlay *active;
    struct overlay *frozen;
    bool has_frozen;
    bool sweeping; /* the frozen generation has been handed over */
    uint64_t frozen_to;
    uint32_t frozen_chain;
    struct buffer open; /* effects applied and not yet handed to the log */
    uint64_t open_lsn;
    size_t active_log; /* log bytes of the active generation */
    int64_t active_since;
    bool wants_checkpoint;
    int64_t readers_checked;
    struct names *names;
    struct recent *recent;
    uint32_t last_chain; /* while replaying */
};

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
                          .names = engine->names};
}

/* Effects. */

/* Keys start with the app's number; what follows depends on the table. */
static void note_put(struct engine *engine, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    uint32_t app = unpack_u32(&key);
    uint32_t second = unpack_u32(&key);

    if (effect->table == TABLE_ALIASES) {
        struct unpack value = unpack_from(effect->value);
        recent_redirect(engine->recent, app, second, unpack_u32(&value));
    } else if (effect->table == TABLE_NAMES) {
        struct unpack value = unpack_from(effect->value);
        struct text string = unpack_text(&key, unpack_left(&key));
        if (!names_find(engine->names, app, second, string))
            names_add(engine->names, app, second, string, unpack_u32(&value));
    }
}

static void note_erase(struct engine *engine, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    uint32_t app = unpack_u32(&key);

    if (effect->table == TABLE_USERS)
        recent_forget(engine->recent, app, unpack_u32(&key));
}

/* What is kept in memory beside the overlay. */
static void note(struct engine *engine, const struct effect *effect)
{
    if (effect->kind == EFFECT_PUT)
        note_put(engine, effect);
    else if (effect->kind == EFFECT_ERASE)
        note_erase(engine, effect);
    else if (effect->kind == EFFECT_HIT)
        recent_touch(engine->recent, effect->hit.app, effect->hit.ordinal,
                     effect->hit.seconds);
    else if (effect->kind == EFFECT_DROP)
        recent_drop(engine->recent, effect->app);
}

/* The one way in which state changes, live and at replay. */
static enum tally_err apply(struct engine *engine, struct overlay *overlay,
                            struct text effects)
{
    size_t at = 0;

    while (at < effects.len) {
        struct effect effect;
        enum tally_err err = effect_read(effects, &at, &effect);
        if (err)
            return err;
        overlay_apply(overlay, &effect);
        note(engine, &effect);
    }
    return TALLY_OK;
}

static size_t generation_limit(const struct engine *engine)
{
    return engine->options.overlay_bytes / 2;
}

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
    enum tally_err err = apply(engine, engine->active, effects);
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

/* A document in the newest generation that has it hides it in older ones. */
static bool is_hidden(const struct parts *parts,
                      const struct overlay *generation, struct text key)
{
    return generation != parts->active &&
           (overlay_find(parts->active, TABLE_DOCUMENTS, key) ||
            (!generation && parts->frozen &&
             overlay_find(parts->frozen, TABLE_DOCUMENTS, key)));
}

static bool give_document(uint8_t kind, struct text key, struct text value,
                          document_fn fn, void *user)
{
    if ((uint8_t)key.at[0] != kind)
        return true;
    return fn(user, (struct text){key.at + 1, key.len - 1}, value);
}

static bool give_overlaid(const struct parts *parts,
                          const struct overlay *generation, uint8_t kind,
                          document_fn fn, void *user)
{
    const struct overlay_put *put =
        overlay_first_put(generation, TABLE_DOCUMENTS);

    for (; put; put = overlay_next_put(generation, put)) {
        struct text key = overlay_key(put);
        if (!put->erased && !is_hidden(parts, generation, key) &&
            !give_document(kind, key, overlay_value(generation, put), fn, user))
            return false;
    }
    return true;
}

static enum tally_err give_stored(const struct parts *parts, uint8_t kind,
                                  document_fn fn, void *user)
{
    struct text first = {(const char *)&kind, 1};
    struct store_cursor *cursor;
    enum tally_err err =
        store_walk(parts->txn, TABLE_DOCUMENTS, first, &cursor);
    if (err)
        return err;

    for (;;) {
        struct text key;
        struct text value;
        err = store_step(cursor, &key, &value);
        if (err || (uint8_t)key.at[0] != kind ||
            (!is_hidden(parts, NULL, key) &&
             !give_document(kind, key, value, fn, user)))
            break;
    }
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

enum tally_err engine_documents(struct engine *engine, uint8_t kind,
                                document_fn fn, void *user)
{
    struct parts parts = engine_parts(engine);

    if (!give_overlaid(&parts, parts.active, kind, fn, user))
        return TALLY_OK;
    if (parts.frozen && !give_overlaid(&parts, parts.frozen, kind, fn, user))
        return TALLY_OK;
    return give_stored(&parts, kind, fn, user);
}

enum tally_err engine_stored(struct engine *engine, enum table table,
                             struct text first, stored_record_fn fn, void *user)
{
    struct store_cursor *cursor;
    struct text key;
    struct text value;
    enum tally_err err = store_walk(engine->txn, table, first, &cursor);
    if (err)
        return err;

    do {
        err = store_step(cursor, &key, &value);
    } while (!err && fn(user, key, value));
    store_end_walk(cursor);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

unsigned engine_recent(const struct engine *engine, uint32_t app,
                       struct recent_user list[static RECENT_MAX])
{
    return recent_list(engine->recent, app, list);
}

/* Turns. */

static void put_recent(void *user, uint32_t app, struct text record)
{
    struct overlay *overlay = user;
    struct key key = key_app(app);
    struct effect effect = {.kind = EFFECT_PUT,
                            .table = TABLE_RECENT,
                            .key = key_text(&key),
                            .value = record};

    overlay_apply(overlay, &effect);
}

/* The active generation ends with batch `to`; a fresh one begins. */
static void freeze(struct engine *engine, uint64_t to)
{
    recent_each_changed(engine->recent, put_recent, engine->active);
    struct overlay *frozen = engine->active;
    engine->active = engine->frozen;
    engine->frozen = frozen;
    engine->has_frozen = true;
    engine->sweeping = false;
    engine->frozen_to = to;
    engine->active_log = 0;
    engine->wants_checkpoint = false;
}

static bool is_due(const struct engine *engine)
{
    const struct engine_options *options = &engine->options;

    if (engine->has_frozen || overlay_is_empty(engine->active))
        return false;
    return engine->wants_checkpoint ||
           overlay_used(engine->active) > generation_limit(engine) / 2 ||
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
    if (checkpoint_state(engine->checkpoint) != CHECKPOINT_DONE)
        return;
    if (renew(engine) != TALLY_OK || engine->meta.from < engine->frozen_to)
        return;

    overlay_clear(engine->frozen);
    engine->has_frozen = false;
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
        freeze(engine, engine->open_lsn - 1);
}

void engine_turn(struct engine *engine)
{
    int64_t now = monotonic_s();

    end_sweep(engine);
    hand_over(engine);
    begin_sweep(engine);
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
    freeze(engine, lsn - 1);
    engine->frozen_chain = engine->last_chain;
    return TALLY_OK;
}

static enum tally_err replay(void *user, uint64_t lsn, uint32_t chain,
                             struct text payload)
{
    struct engine *engine = user;
    bool frozen = engine->has_frozen && lsn <= engine->frozen_to;

    if (!frozen && overlay_used(engine->active) > generation_limit(engine)) {
        enum tally_err err = make_room(engine, lsn);
        if (err)
            return err;
    }
    if (!frozen)
        engine->active_log += frame_size(payload.len);
    engine->last_chain = chain;
    enum tally_err err =
        apply(engine, frozen ? engine->frozen : engine->active, payload);
    if (!err && frozen && lsn == engine->frozen_to) {
        engine->frozen_chain = chain;
        recent_each_changed(engine->recent, put_recent, engine->frozen);
    }
    return err;
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
    buffer_init(&engine->open, log_payload_max(engine->log));
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
    engine->active = overlay_create(overlay_space);
    engine->frozen = overlay_create(overlay_space);
    engine->names = names_create(engine->options.names_bytes);
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
    enum tally_err err = lock_directory(opened);
    if (!err)
        err = open_store(opened, reason);
    if (!err)
        err = open_log(opened, reason);
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

    /* What cannot be checkpointed now is replayed at the next start. */
    (void)!engine_checkpoint_wait(engine, CLOSE_MS);
    release(engine);
}
