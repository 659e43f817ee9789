/* Compaction while requests go on; compaction.h. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/compaction.h"
#include "engine/core.h"
#include "engine/effect.h"
#include "engine/key.h"
#include "engine/snapshot.h"

enum {
    PATH_SIZE = 4096,
    PRESSURE_MAX = 75,
    PATIENCE_S = 60, /* for a gap between reads */
    BEGIN_S = 300,   /* for the slot and the checkpoint */
    PAUSE_US = 2000, /* of the copy, so that the log's syncs get on */
};

#define NEW_DIR "compacting"

static int64_t monotonic_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void enter(struct engine *engine, enum compaction_step step)
{
    engine->compaction.step = step;
    engine->compaction.since = monotonic_s();
}

static void end(struct engine *engine, enum tally_err err)
{
    engine->compaction.err = err;
    enter(engine, COMPACTION_ENDED);
}

static bool has_waited(const struct engine *engine, int64_t seconds)
{
    return monotonic_s() - engine->compaction.since >= seconds;
}

/* On the thread: */

static enum tally_err may_write(void *user)
{
    struct engine *engine = user;

    if (atomic_load(&engine->compaction.given_up))
        return TALLY_ERR_FULL;
    usleep(PAUSE_US);
    return checkpoint_may_write(engine->checkpoint);
}

static bool goes_on(void *user)
{
    return may_write(user) == TALLY_OK;
}

static enum tally_err copy(struct engine *engine)
{
    char dir[PATH_SIZE];
    struct snapshot *snapshot;
    enum tally_err err = snapshot_of(engine->store, 0, &snapshot);
    if (err)
        return err;

    snprintf(dir, sizeof(dir), "%.4000s/" NEW_DIR, engine->dir);
    err = snapshot_clone(snapshot, dir, may_write, engine);
    snapshot_close(snapshot);
    return err;
}

static enum tally_err reason(struct engine *engine, enum tally_err err)
{
    return err && !goes_on(engine) ? TALLY_ERR_FULL : err;
}

/* A slot that is begun next has no old bytes then. */
static void wipe(void *user)
{
    struct engine *engine = user;
    enum tally_err err = log_wipe(engine->log, goes_on, engine);

    engine->compaction.err = reason(engine, err);
}

/* The slots that have come free since, and the base. */
static void rewrite(void *user)
{
    struct engine *engine = user;
    enum tally_err err = compaction_clear(engine->dir);

    if (!err)
        err = log_wipe(engine->log, goes_on, engine);
    if (!err && log_is_stale(engine->log))
        err = TALLY_ERR_FULL;
    if (!err)
        err = copy(engine);
    engine->compaction.err = reason(engine, err);
}

/* On the loop: */

/* A batch that changes nothing: there is no document of this key. */
static enum tally_err apply_mark(struct engine *engine)
{
    static const char key[] = {(char)0xff, 0, 0, 0, 0};
    struct batch batch;

    batch_init(&batch);
    effect_erase(&batch, TABLE_DOCUMENTS, (struct text){key, sizeof(key)});
    enum tally_err err = engine_apply(engine, &batch, NULL);
    batch_finish(&batch);
    return err;
}

/* Batches are handed over together: the mark must not be among those whose
 * bytes are to go. Other traffic may do as well. */
static void mark(struct engine *engine)
{
    if (engine->open_lsn > engine->compaction.before &&
        engine_durable(engine) == engine_lsn(engine) &&
        log_can_renew(engine->log))
        (void)!apply_mark(engine);
}

static bool is_resting(struct engine *engine)
{
    return !engine->has_frozen &&
           checkpoint_state(engine->checkpoint) == CHECKPOINT_IDLE;
}

static bool is_in_base(struct engine *engine)
{
    uint64_t renewed = log_renewed(engine->log);

    return renewed > 0 && engine->meta.from == engine->meta.to &&
           engine->meta.from >= renewed;
}

static void begin(struct engine *engine, enum compaction_step step,
                  void (*job)(void *user))
{
    enter(engine, step);
    checkpoint_run(engine->checkpoint, job, engine);
}

static bool is_over(struct engine *engine, int64_t seconds)
{
    return atomic_load(&engine->compaction.given_up) ||
           has_waited(engine, seconds);
}

static void await_rest(struct engine *engine)
{
    if (is_over(engine, BEGIN_S))
        end(engine, TALLY_ERR_FULL);
    else if (is_resting(engine))
        begin(engine, COMPACTION_WIPING, wipe);
}

/* True when the job has ended well. */
static bool accept(struct engine *engine)
{
    if (checkpoint_state(engine->checkpoint) != CHECKPOINT_DONE)
        return false;
    checkpoint_accept(engine->checkpoint);
    if (engine->compaction.err)
        end(engine, engine->compaction.err);
    return !engine->compaction.err;
}

static void await_wipe(struct engine *engine)
{
    if (!accept(engine))
        return;
    engine->compaction.before = engine_lsn(engine);
    log_renew(engine->log, engine->compaction.before);
    enter(engine, COMPACTION_WIPED);
}

/* Between two generations: with much traffic the next one is frozen in the
 * same turn. */
static void await_base(struct engine *engine)
{
    if (is_over(engine, BEGIN_S)) {
        end(engine, TALLY_ERR_FULL);
        return;
    }
    mark(engine);
    if (!is_in_base(engine))
        engine_checkpoint(engine);
    else if (is_resting(engine))
        begin(engine, COMPACTION_COPYING, rewrite);
}

static void await_copy(struct engine *engine)
{
    if (accept(engine))
        enter(engine, COMPACTION_COPIED);
}

/* The next start opens whichever base stands there: both fit the log. */
static void stop(const struct engine *engine, enum tally_err err)
{
    fprintf(stderr, "%s: the base cannot be opened again: %s\n", engine->dir,
            tally_err_text(err));
    _exit(EXIT_FAILURE);
}

static void replace(struct engine *engine)
{
    char path[PATH_SIZE];
    struct store_meta meta = engine->meta;

    snprintf(path, sizeof(path), "%.4000s/" NEW_DIR "/data.mdb", engine->dir);
    store_abort(engine->txn);
    enum tally_err err = store_replace(engine->store, engine->dir, path);
    if (!err)
        err = store_begin_read(engine->store, &engine->txn);
    if (!err)
        err = store_get_meta(engine->txn, &engine->meta);
    if (!err && (engine->meta.from != meta.from || engine->meta.to != meta.to ||
                 engine->meta.chain != meta.chain))
        err = TALLY_ERR_CORRUPT;
    if (err)
        stop(engine, err);
}

/* The loop's own read is one. */
static void await_gap(struct engine *engine)
{
    if (is_over(engine, PATIENCE_S)) {
        end(engine,
            compaction_clear(engine->dir) ? TALLY_ERR_IO : TALLY_ERR_FULL);
        return;
    }
    if (store_reads(engine->store) > 1)
        return;
    replace(engine);
    end(engine, compaction_clear(engine->dir));
}

void compaction_turn(struct engine *engine, unsigned pressure)
{
    static void (*const steps[])(struct engine *) = {
        [COMPACTION_ASKED] = await_rest, [COMPACTION_WIPING] = await_wipe,
        [COMPACTION_WIPED] = await_base, [COMPACTION_COPYING] = await_copy,
        [COMPACTION_COPIED] = await_gap, [COMPACTION_ENDED] = NULL,
    };

    if (compaction_holds(engine) && pressure >= PRESSURE_MAX)
        compaction_give_up(engine);
    if (steps[engine->compaction.step] && !engine_failed(engine))
        steps[engine->compaction.step](engine);
}

bool compaction_holds(const struct engine *engine)
{
    return engine->compaction.step == COMPACTION_WIPING ||
           engine->compaction.step == COMPACTION_COPYING ||
           engine->compaction.step == COMPACTION_COPIED;
}

bool compaction_start(struct engine *engine)
{
    struct compaction *compaction = &engine->compaction;

    if (compaction->step != COMPACTION_NONE &&
        compaction->step != COMPACTION_ENDED)
        return false;
    atomic_store(&compaction->given_up, false);
    enter(engine, COMPACTION_ASKED);
    return true;
}

bool compaction_ended(const struct engine *engine, enum tally_err *err)
{
    if (engine->compaction.step != COMPACTION_ENDED)
        return false;
    *err = engine->compaction.err;
    return true;
}

void compaction_give_up(struct engine *engine)
{
    atomic_store(&engine->compaction.given_up, true);
}
