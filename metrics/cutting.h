/*
 * cutting.h - an app loses what is older than a day, the first of a month
 * (spec E.3, resetting by period).
 *
 * What goes: the counters of all earlier days; uniques of earlier years, and
 * of the months and weeks of that year which begin earlier; users who were
 * seen last before that day, and what others were merged into them. Hours and
 * activity are behind the app's horizon already. Done in bounded steps: each
 * takes away what it finds, so that one more does no harm. The app says in its
 * document that it is to be done (`cut_pending`), and later that it was.
 */
#ifndef METRICS_CUTTING_H
#define METRICS_CUTTING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/key.h"
#include "metrics/app.h"
#include "metrics/tally.h"

struct cutting {
    struct tally *tally;
    uint32_t app;
    int32_t before;    /* the local day */
    uint32_t before_s; /* its start, UTC */
    /* private state */
    uint64_t lsn;
    unsigned phase;
    uint32_t set;
    int32_t time; /* a day, or a year */
    struct key at;
};

/* For an app whose cut is pending. */
void cutting_start(struct cutting *cutting, struct tally *tally,
                   const struct app *app);

/* Goes on; *over at the end, when the app's document says so. As
 * keeping_step(); TALLY_ERR_FULL also while a checkpoint is waited for. */
TALLY_MUST_CHECK
enum tally_err cutting_step(struct cutting *cutting, bool *over);

/* The first day that a reset by `period` (1month, 3month, 6month, 1year,
 * 2year) at `now`, UTC seconds, leaves; 0 for another text. */
int32_t cutting_day(const struct app *app, struct text period, int64_t now);

#endif
