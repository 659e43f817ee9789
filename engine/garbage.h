/*
 * garbage.h - what the base still holds of dropped apps and behind horizons.
 */
#ifndef ENGINE_GARBAGE_H
#define ENGINE_GARBAGE_H

#include <stdbool.h>

#include "engine/error.h"
#include "engine/store.h"

/* Deletes up to `records` records that are garbage, in one transaction; none
 * after an error. *left is false when there is nothing more to delete.
 * TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err garbage_erase(struct store *store, unsigned records, bool *left);

#endif
