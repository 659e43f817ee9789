/*
 * inventory.h - what there is in the whole store, for those who check it.
 *
 * On the loop thread, of the state as it is now; nothing may be applied
 * meanwhile. Nothing is interpreted: marks are those of the ordinals that
 * were active, merged or not.
 */
#ifndef ENGINE_INVENTORY_H
#define ENGINE_INVENTORY_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"

/* Calls fn for every app number that some record or count stands under, and
 * every set of it that has counts or marks; set 0: the app has records of
 * another kind. In no order, repeats possible. TALLY_ERR_IO. */
typedef void (*inventory_series_fn)(void *user, uint32_t app, uint32_t set);
TALLY_MUST_CHECK
enum tally_err inventory_series(struct engine *engine, inventory_series_fn fn,
                                void *user);

/* Calls fn for every local day, from the app's horizon on, on which a set (0:
 * the app at all) has marks, in no order, repeats possible. TALLY_ERR_IO. */
typedef void (*inventory_day_fn)(void *user, int32_t day);
TALLY_MUST_CHECK
enum tally_err inventory_days(struct engine *engine, uint32_t app, uint32_t set,
                              inventory_day_fn fn, void *user);

/* Calls fn for every mark of a set (0: the app at all, value 0) on a day, in
 * no order, repeats possible. TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
typedef void (*inventory_mark_fn)(void *user, uint32_t value, uint32_t ordinal);
TALLY_MUST_CHECK
enum tally_err inventory_marks(struct engine *engine, uint32_t app,
                               uint32_t set, int32_t day, inventory_mark_fn fn,
                               void *user);

/* What the last checkpoint has left of a table. */
struct inventory_extent {
    uint64_t records;
    uint64_t key_bytes;
    uint64_t value_bytes;
    uint64_t page_bytes; /* of the pages that hold them, and lead to them */
};

/* Walks over the whole table. TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err inventory_extent(struct engine *engine, enum table table,
                                struct inventory_extent *extent);

#endif
