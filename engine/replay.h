/*
 * replay.h - reading what the slots of a log hold, at its start.
 *
 * For log.c alone: see log.h for how reading ends.
 */
#ifndef ENGINE_REPLAY_H
#define ENGINE_REPLAY_H

#include "engine/error.h"
#include "engine/frame.h"
#include "engine/log.h"

/* Opens the slots of the log's directory and gives the batches behind
 * options.lsn to fn, in order. Sets the log's slots (open on failure too, the
 * caller closes them), count, slot_bytes, and the newest sequence; no slot is
 * the current one. `last` is the last batch of the log, options.lsn's when
 * there is none behind it; free() its payload.
 * Errors are those of log_open(); `reason` is set where it says more. */
TALLY_MUST_CHECK
enum tally_err replay_slots(struct log *log, log_replay_fn fn, void *user,
                            char reason[static 256], struct frame *last);

#endif
