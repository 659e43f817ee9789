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

#include "engine/engine.h"
#include "engine/error.h"

/* Makes the copy of everything applied; waits up to `ms` for its checkpoint.
 * Nothing may be applied afterwards: close the engine, the next start of one
 * is compacted. TALLY_ERR_FULL when the checkpoint takes longer; TALLY_ERR_IO,
 * also when the disk gets full. */
TALLY_MUST_CHECK
enum tally_err compaction_prepare(struct engine *engine, const char *dir,
                                  unsigned ms);

/* With the directory locked, before base and log are opened. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err compaction_finish(const char *dir);

#endif
