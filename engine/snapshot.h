/*
 * snapshot.h - a copy of the base as it is at one instant: a backup.
 *
 * A snapshot is opened between two checkpoints, when the base is a whole
 * state and not one in the middle of a sweep, so the copy needs no log: it is
 * a data directory of its own, with an identity of its own. Requests go on
 * meanwhile; pages that the copy still reads are not reused, so a long copy
 * makes the base grow.
 */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/store.h"

struct snapshot;

/* On the loop thread. TALLY_ERR_FULL while a checkpoint is under way or the
 * base does not have batch `lsn` yet: ask for a checkpoint and try again after
 * a turn. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err snapshot_open(struct engine *engine, uint64_t lsn,
                             struct snapshot **snapshot);

/* The same of a store, by the thread that writes it. */
TALLY_MUST_CHECK
enum tally_err snapshot_of(struct store *store, uint64_t lsn,
                           struct snapshot **snapshot);

/* Writes a copy with the base's own identity, for its log, as
 * snapshot_copy(). Asks `may_write` before each transaction. */
TALLY_MUST_CHECK
enum tally_err snapshot_clone(struct snapshot *snapshot, const char *dir,
                              enum tally_err (*may_write)(void *user),
                              void *user);

/* Writes the copy into a directory that does not exist yet; durable on
 * return. Any one thread. TALLY_ERR_EXISTS; TALLY_ERR_IO, also when the disk
 * gets full: what was written is removed. */
TALLY_MUST_CHECK
enum tally_err snapshot_copy(struct snapshot *snapshot, const char *dir);

/* On any thread; NULL is a no-op. */
void snapshot_close(struct snapshot *snapshot);

#endif
