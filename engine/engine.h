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
    bool read_only;        /* for looking: no log is written */
    /* Called from another thread whenever engine_durable() or
     * engine_failed() changed. May be NULL. */
    void (*on_durable)(void *user);
    void *user;
};

/* Opens a directory, replays the log and is ready. `reason` (may be NULL)
 * receives one line for the operator on failure.
 * TALLY_ERR_IN_USE, TALLY_ERR_VERSION, TALLY_ERR_MISMATCH, TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err engine_open(const struct engine_options *options,
                           struct engine **engine, char reason[static 256]);

/* Makes everything durable, checkpoints it, and closes. NULL is a no-op. */
void engine_close(struct engine *engine);

/* TALLY_OK when a batch of up to BATCH_SIZE_MAX fits into the log and the
 * overlay; TALLY_ERR_FULL (answer 503) otherwise. Ask before deciding: after
 * engine_apply() there is no way back. */
TALLY_MUST_CHECK
enum tally_err engine_ready(struct engine *engine);

/* Applies all effects of the batch as one. TALLY_ERR_FULL as engine_ready(),
 * TALLY_ERR_TOO_BIG for a batch past its maximum; nothing is applied then. */
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

/* Blocks until a checkpoint of everything applied is complete. */
TALLY_MUST_CHECK
enum tally_err engine_checkpoint_wait(struct engine *engine);

/* Reads one record of a keyed table as it is now. The value is borrowed until
 * the next call of engine_apply(), engine_get() or engine_turn().
 * TALLY_ERR_NOT_FOUND; TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err engine_get(struct engine *engine, enum table table,
                          struct text key, struct text *value);

/* The id of a value string in (app, set). TALLY_ERR_NOT_FOUND when it never
 * got one. Cached. */
TALLY_MUST_CHECK
enum tally_err engine_name_find(struct engine *engine, uint32_t app,
                                uint32_t set, struct text string,
                                uint32_t *value);

/* The same, giving out the next id (from 1) by effects added to `batch` when
 * the string is new. A batch may intern several strings. `string` has 1..255
 * bytes. */
TALLY_MUST_CHECK
enum tally_err engine_name_intern(struct engine *engine, struct batch *batch,
                                  uint32_t app, uint32_t set,
                                  struct text string, uint32_t *value);

/* Admits a value to a set for a year: TALLY_OK when it has counted in that
 * year already or fewer than `limit` values have (then the effects that count
 * it are added to `batch`); TALLY_ERR_TOO_BIG when the set is full for the
 * year. limit 0: no limit. */
TALLY_MUST_CHECK
enum tally_err engine_name_admit(struct engine *engine, struct batch *batch,
                                 uint32_t app, uint32_t set, uint32_t value,
                                 int year, uint32_t limit);

/* The next ordinal of an app, from 1, by an effect added to `batch`. */
TALLY_MUST_CHECK
enum tally_err engine_next_ordinal(struct engine *engine, struct batch *batch,
                                   uint32_t app, uint32_t *ordinal);

/* A number no app has had. */
TALLY_MUST_CHECK
enum tally_err engine_next_app(struct engine *engine, struct batch *batch,
                               uint32_t *app);

/* Calls fn for every document of a kind, in the order of names; stops when fn
 * returns false. */
typedef bool (*document_fn)(void *user, struct text name, struct text value);
TALLY_MUST_CHECK
enum tally_err engine_documents(struct engine *engine, uint8_t kind,
                                document_fn fn, void *user);

#endif
