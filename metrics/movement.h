/*
 * movement.h - taking what was counted on a day to another day, or away.
 *
 * Exact at any moment: what is taken is what the day has now, and it is taken
 * and put by the counts of one batch. Counters of the levels above the day are
 * not touched.
 */
#ifndef METRICS_MOVEMENT_H
#define METRICS_MOVEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/table.h"
#include "metrics/tally.h"

enum { MOVEMENT_AWAY = -1 };

struct movement {
    struct tally *tally;
    uint32_t app;
    uint32_t set;
    int32_t day;
    int32_t to;         /* a day of the same year, or MOVEMENT_AWAY */
    unsigned cells_max; /* values moved at the most */
};

/* Moves some values of a set; how many. TALLY_ERR_FULL when there is no room
 * at present; TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err movement_make(const struct movement *movement, unsigned *moved);

/* Goes to the next (set, day) of an app that the last checkpoint has left a
 * record of in DAYS, or (set, year) in YEARS, at or behind the one given.
 * TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err movement_find(struct tally *tally, enum table table,
                             uint32_t app, uint32_t *set, int32_t *time,
                             bool *found);

/* Adds the counts of a change that may be more than one effect adds. */
void movement_count(struct batch *batch, const struct count *count);

#endif
