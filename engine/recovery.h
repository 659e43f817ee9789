/*
 * recovery.h - bringing an engine to where its directory has got to.
 *
 * For engine.c alone.
 */
#ifndef ENGINE_RECOVERY_H
#define ENGINE_RECOVERY_H

#include "engine/engine.h"
#include "engine/error.h"

/* Locks the directory, opens the base, and replays the log behind it. What was
 * opened by then is the engine's on failure too. No thread runs yet.
 * Errors are those of engine_open(); `reason` is set where it says more. */
TALLY_MUST_CHECK
enum tally_err recovery_run(struct engine *engine, char reason[static 256]);

#endif
