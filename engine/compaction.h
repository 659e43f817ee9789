/*
 * compaction.h - writing the base anew, so that nothing erased is left in the
 * directory: neither in free pages nor in the log.
 *
 * A copy of the base is made in `compacting/`, which becomes `compacted/` when
 * it is whole. Whoever opens the directory next puts it in the place of base
 * and log before anything is read. A crash leaves one or the other: the first
 * is thrown away, the second is taken up.
 */
#ifndef ENGINE_COMPACTION_H
#define ENGINE_COMPACTION_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/error.h"

/* Makes the copy of everything applied; waits up to `ms` for its checkpoint.
 * Nothing may be applied afterwards: close the engine, the next start of one
 * is compacted. TALLY_ERR_FULL when the checkpoint takes longer; TALLY_ERR_IO,
 * also when the disk gets full. */
TALLY_MUST_CHECK
enum tally_err compaction_prepare(struct engine *engine, const char *dir,
                                  unsigned ms);

/* The same while requests go on: engine_turn() does the work, as far as the
 * engine's other thread does not. What was erased before the call is gone from
 * the directory at the end. The free slots of the log are wiped and one is
 * begun, all is checkpointed, what came free is wiped, the base is copied into
 * `compacting/` with the same identity and, when no read is open, put in the
 * place of the base. A crash leaves the old base or the new, which are the same
 * to the log. Given up when log or overlay get full meanwhile, or reads leave
 * no gap.
 *
 * False when one is under way. When the base cannot be opened after the change
 * the process ends with one line: the next start can. */
bool compaction_start(struct engine *engine);

/* True once it has ended, with how: TALLY_OK; TALLY_ERR_FULL when it was given
 * up or the disk has no room; TALLY_ERR_IO. */
bool compaction_ended(const struct engine *engine, enum tally_err *err);

/* Ends one that is under way soon, without a change. */
void compaction_give_up(struct engine *engine);

/* Removes a copy that is not whole. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err compaction_clear(const char *dir);

/* On each turn of the engine. `pressure` in percent: how full log and overlay
 * are. */
void compaction_turn(struct engine *engine, unsigned pressure);

/* True while no checkpoint may start. */
bool compaction_holds(const struct engine *engine);

/* With the directory locked, before base and log are opened. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err compaction_finish(const char *dir);

#endif
