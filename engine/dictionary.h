/*
 * dictionary.h - numbers for things: value ids, ordinals, app numbers.
 *
 * Numbers are given out by effects in the caller's batch, so they exist only
 * when the batch has been applied; a batch sees the numbers that it gives out
 * itself. Numbers start at 1, have no gaps and are never given out twice.
 */
#ifndef ENGINE_DICTIONARY_H
#define ENGINE_DICTIONARY_H

#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/key.h"

/* The id of a value string (1..255 bytes) in (app, set).
 * TALLY_ERR_NOT_FOUND when it has none. Cached. */
TALLY_MUST_CHECK
enum tally_err dictionary_find(struct engine *engine, uint32_t app,
                               uint32_t set, struct text string,
                               uint32_t *value);

/* The same, but one that has no id gets one, without a place in any year. It
 * takes one when a later batch calls dictionary_count(). */
TALLY_MUST_CHECK
enum tally_err dictionary_name(struct engine *engine, struct batch *batch,
                               uint32_t app, uint32_t set, struct text string,
                               uint32_t *value);

/* The id under which a value is to be counted in a year. At most `limit`
 * values of a set count in one year (0: no limit); a value that has counted
 * in that year is in. The batch must count the value (its t) in that year.
 * TALLY_ERR_TOO_BIG when the set is full: the value gets no new id. */
TALLY_MUST_CHECK
enum tally_err dictionary_count(struct engine *engine, struct batch *batch,
                                uint32_t app, uint32_t set, struct text string,
                                int year, uint32_t limit, uint32_t *value);

/* Lets a value go: its string gets another id when it comes again. Its place
 * among those that count in a year is free. TALLY_ERR_NOT_FOUND when it has
 * no id. */
TALLY_MUST_CHECK
enum tally_err dictionary_forget(struct engine *engine, struct batch *batch,
                                 uint32_t app, uint32_t set, struct text string,
                                 int year);

/* The last value id given out in (app, set), 0 for none. */
TALLY_MUST_CHECK
enum tally_err dictionary_last_value(struct engine *engine, uint32_t app,
                                     uint32_t set, uint32_t *value);

/* The string of a value id; borrowed as by engine_get().
 * TALLY_ERR_NOT_FOUND. */
TALLY_MUST_CHECK
enum tally_err dictionary_string(struct engine *engine, uint32_t app,
                                 uint32_t set, uint32_t value,
                                 struct text *string);

/* The ordinal of the user that a device belongs to, by the hash that stands
 * for it (TABLE_IDS). TALLY_ERR_NOT_FOUND when it belongs to none. Cached. */
TALLY_MUST_CHECK
enum tally_err dictionary_device(struct engine *engine, uint32_t app,
                                 const uint8_t hash[static KEY_HASH_SIZE],
                                 uint32_t *ordinal);

/* The next ordinal of an app. */
TALLY_MUST_CHECK
enum tally_err dictionary_next_ordinal(struct engine *engine,
                                       struct batch *batch, uint32_t app,
                                       uint32_t *ordinal);

/* The last ordinal given out in an app, 0 for none. */
TALLY_MUST_CHECK
enum tally_err dictionary_last_ordinal(struct engine *engine, uint32_t app,
                                       uint32_t *ordinal);

/* A number that no app has had. */
TALLY_MUST_CHECK
enum tally_err dictionary_next_app(struct engine *engine, struct batch *batch,
                                   uint32_t *app);

#endif
