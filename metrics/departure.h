/*
 * departure.h - what the users of an app that were deleted leave behind: sums
 * that the counters still have, and how many are not compacted away yet.
 *
 * Nobody can be told from them; they let an audit go on adding up. A document
 * of KIND_DELETION, named by the app's number.
 */
#ifndef METRICS_DEPARTURE_H
#define METRICS_DEPARTURE_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "metrics/tally.h"
#include "metrics/user.h"

struct departure {
    int64_t pending; /* users whose bytes may still be in the directory */
    int64_t users;
    int64_t with_sessions;
    int64_t sessions;
    int64_t seconds;
    int64_t merges;
    int64_t open;
    int64_t new_most; /* how often they may have counted as new */
};

/* All zeros when nobody was deleted. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err departure_read(struct engine *engine, uint32_t app,
                              struct departure *departure);

/* Adds a user. */
void departure_add(struct departure *departure, const struct user *user);

/* Adds the effect that stores it to the batch. */
void departure_put(struct batch *batch, uint32_t app,
                   const struct departure *departure);

/* Users of all apps that are pending. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err departure_pending(struct engine *engine, int64_t *pending);

/* Nobody is pending any more: applied at once. */
TALLY_MUST_CHECK
enum tally_err departure_settle(struct tally *tally);

#endif
