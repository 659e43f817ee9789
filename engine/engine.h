/*
 * engine.h - the store: a log that makes things durable, an overlay that
 * combines them in memory, and a base that checkpoints bring up to date.
 *
 * One thread (the loop thread) owns an engine: it applies batches and opens
 * reads. Two threads of the engine's own write: one the log, one the base.
 *
 * A batch is applied at once and durable later: engine_apply() names a log
 * sequence number (LSN), and whatever is decided from then on, reads and
 * refusals included, may leave the process only when engine_durable() has
 * reached it. engine_turn() hands what was applied to the log; call it at the
 * end of every loop turn.
 *
 * A failed sync cannot be undone: engine_failed() turns true, nothing more
 * becomes durable, and the process must end (README, "When a disk fails").
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/recent.h"
#include "engine/table.h"
#include "engine/text.h"

struct engine;
struct reader;

struct engine_options {
    const char *dir;       /* made when it does not exist */
    size_t overlay_bytes;  /* bound of both generations; 0: 256 MB */
    size_t slot_bytes;     /* size of a log slot; 0: 64 MB */
    unsigned slot_count;   /* slots at most; 0: 6 */
    size_t checkpoint_log; /* log bytes that start a checkpoint; 0: 128 MB */
    unsigned checkpoint_s; /* age in seconds that starts one; 0: 900 */
    size_t names_bytes;    /* bound of the name cache; 0: 64 MB */
    uint64_t free_bytes;   /* free disk space to keep; 0: 64 MB */
    /* Called from another thread whenever engine_durable() or
     * engine_failed() changed or a checkpoint has got on: a turn is due, else
     * the base grows. May be NULL. */
    void (*on_durable)(void *user);
    void *user;
};

/* Opens a directory, replays the log and is ready. The options' texts are
 * copied. `reason` receives one line for the operator on failure.
 * TALLY_ERR_IN_USE, TALLY_ERR_VERSION, TALLY_ERR_MISMATCH, TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err engine_open(const struct engine_options *options,
                           struct engine **engine, char reason[static 256]);

/* Makes everything durable, checkpoints it, and closes. NULL is a no-op. */
void engine_close(struct engine *engine);

/* Applies all effects of the batch as one, or none: TALLY_ERR_FULL when it
 * does not fit into the log or the overlay at present (answer 503),
 * TALLY_ERR_TOO_BIG for a batch past its maximum, TALLY_ERR_INVALID for one
 * with an effect that is none, TALLY_ERR_IO after a failure. `lsn` may be
 * NULL. */
TALLY_MUST_CHECK
enum tally_err engine_apply(struct engine *engine, const struct batch *batch,
                            uint64_t *lsn);

/* The LSN that anything decided now depends on. */
uint64_t engine_lsn(const struct engine *engine);

/* The last durable LSN. */
uint64_t engine_durable(const struct engine *engine);

bool engine_failed(const struct engine *engine);

/* Hands over what was applied, starts and finishes checkpoints. */
void engine_turn(struct engine *engine);

/* Blocks until everything applied is durable. TALLY_ERR_IO when it failed. */
TALLY_MUST_CHECK
enum tally_err engine_flush(struct engine *engine);

/* Starts a checkpoint of what has been applied; engine_turn() ends it. */
void engine_checkpoint(struct engine *engine);

/* Blocks until a checkpoint of everything applied is complete, for `ms` at
 * the most: then TALLY_ERR_FULL. TALLY_ERR_IO when writing failed. */
TALLY_MUST_CHECK
enum tally_err engine_checkpoint_wait(struct engine *engine, unsigned ms);

/* What an operator looks at. */
struct engine_state {
    uint64_t lsn; /* of the last batch applied */
    uint64_t durable;
    uint64_t checkpointed; /* all batches up to this are in the base */
    size_t overlay_bytes;  /* used by both generations */
    unsigned log_slots;    /* in use */
    uint64_t base_bytes;   /* the base on disk */
    bool lacks_space;      /* a checkpoint waits for room on the disk */
};
struct engine_state engine_state(struct engine *engine);

/* Reads one record of a keyed table as it is now. The value is borrowed until
 * the next call of engine_apply(), engine_get() or engine_turn().
 * TALLY_ERR_NOT_FOUND; TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err engine_get(struct engine *engine, enum table table,
                          struct text key, struct text *value);

/* Calls fn for the records of a table as the last checkpoint left them,
 * in the order of their keys from `first` on; stops when fn returns false. What
 * became of a record since, engine_get() says, also within fn. TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT. */
typedef bool (*stored_record_fn)(void *user, struct text key,
                                 struct text value);
TALLY_MUST_CHECK
enum tally_err engine_stored(struct engine *engine, enum table table,
                             struct text first, stored_record_fn fn,
                             void *user);

/* The users of an app with the latest sessions, the latest first; how many. */
unsigned engine_recent(const struct engine *engine, uint32_t app,
                       struct recent_user list[static RECENT_MAX]);

#endif
