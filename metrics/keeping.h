/*
 * keeping.h - how long an app keeps hours and days: hours for some days,
 * days for some months, months for ever.
 *
 * Where an app's hours and days begin is its horizon (engine/horizon.h). What
 * was counted on the days before it is part of its month: all of it is moved to
 * the month's first day, by counts that take as much away as they add, so that
 * sums of months and years stay as they are at every moment, through crashes,
 * and when late data comes. Who was active on those days is forgotten.
 *
 * A run is a sequence of bounded steps. It looks at what the last checkpoint
 * has left: what is not in the base yet, the next run moves.
 */
#ifndef METRICS_KEEPING_H
#define METRICS_KEEPING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/horizon.h"
#include "engine/reader.h"
#include "metrics/app.h"
#include "metrics/cutting.h"
#include "metrics/json.h"
#include "metrics/settings.h"
#include "metrics/tally.h"

enum {
    KEEPING_CELLS = 1000,   /* counters moved in one step */
    KEEPING_LISTED = 10000, /* apps of one report */
};

/* Where an app's details are to begin at `now`, UTC seconds; zeroed where they
 * are kept for ever. */
struct horizon keeping_horizon(const struct app *app,
                               const struct settings *settings, int64_t now);

/* A run over all apps. */
struct keeping {
    struct tally *tally;
    int64_t now;    /* UTC seconds, of its start */
    uint64_t moved; /* counters, so far */
    /* private state */
    unsigned position; /* in the registry */
    uint32_t app;      /* whose horizon has been moved; 0: not yet */
    struct horizon horizon;
    struct cutting cutting;
    uint32_t set; /* where it goes on */
    int32_t day;
};

void keeping_start(struct keeping *run, struct tally *tally, int64_t now);

/* Goes on; *over at the end. TALLY_ERR_FULL: there is no room at present, or a
 * checkpoint is waited for; the step is to be made again. TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err keeping_step(struct keeping *run, bool *over);

/* What a run at `now` would take from the base, per app. */
struct keeping_report;

/* On the loop thread, with the reader that is to be used. Never NULL. */
struct keeping_report *keeping_plan(struct tally *tally, struct reader *reader,
                                    int64_t now);

/* Counts, on any thread. TALLY_ERR_IO, TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err keeping_measure(struct keeping_report *report);
void keeping_write(const struct keeping_report *report, bool is_dry,
                   struct json *json);

/* NULL is a no-op; the reader is the caller's. */
void keeping_report_destroy(struct keeping_report *report);

#endif
