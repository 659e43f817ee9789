/*
 * horizon.h - how far back the details of an app reach.
 *
 * Hours of days before `hours`, and marks of days before `days`, are garbage:
 * no reader gives them, whenever they came, and the checkpoint's thread
 * deletes them when it has nothing better to do. A horizon is a record of its
 * own and is only ever moved forward: what it has hidden may be gone.
 *
 * Counters of days are not hidden. Whoever moves `days` moves what was counted
 * before it to other days first or afterwards, by counts as any others.
 */
#ifndef ENGINE_HORIZON_H
#define ENGINE_HORIZON_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/store.h"
#include "engine/text.h"

/* Local days since 1970-01-01; 0: there is none. */
struct horizon {
    int32_t hours;
    int32_t days;
};

/* Adds the effect that puts an app's horizon; its garbage is looked for once
 * more. */
void horizon_put(struct batch *batch, uint32_t app,
                 const struct horizon *horizon);

/* The horizon as it is now; zeroed when there is none. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err horizon_get(struct engine *engine, uint32_t app,
                           struct horizon *horizon);

/* On the loop thread: notes it for the reads of an app; repeats are harmless.
 * What captures series or crowds does so itself. */
void horizon_capture(struct reader *reader, uint32_t app);

/* The horizon that was captured. */
struct horizon horizon_captured(const struct reader *reader, uint32_t app);

/* Deletes garbage of one app whose horizon was put since, at most *records
 * records, which it counts down. *left is false when there was none such. For
 * garbage.c. TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err horizon_erase(struct store_txn *txn, unsigned *records,
                             bool *left);

#endif
