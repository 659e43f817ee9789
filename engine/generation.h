/*
 * generation.h - the active generation of changes and the frozen one.
 *
 * For engine.c and recovery.c alone: one applies what is new, the other what
 * the log has, both in this way.
 */
#ifndef ENGINE_GENERATION_H
#define ENGINE_GENERATION_H

#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/overlay.h"
#include "engine/text.h"

/* Applies encoded effects to an overlay of the engine and to what is kept in
 * memory beside it. TALLY_ERR_CORRUPT when one is none: those before it have
 * been applied. */
TALLY_MUST_CHECK
enum tally_err generation_apply(struct engine *engine, struct overlay *overlay,
                                struct text effects);

/* Bytes that one generation may use. */
size_t generation_limit(const struct engine *engine);

/* Puts the lists of recent users that changed into an overlay. */
void generation_put_recent(struct engine *engine, struct overlay *overlay);

/* The active generation ends with batch `to`; a fresh one begins. There must
 * be no frozen one. */
void generation_freeze(struct engine *engine, uint64_t to);

#endif
