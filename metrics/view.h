/*
 * view.h - views: pages and screens, told by events of the key [CLY]_view
 * (spec B.11, A.2.6).
 *
 * The names of an app's views are the values of SET_VIEWS. Its cells hold
 *
 *   SET_VIEWS      t: visits, d: duration in units (event_set.h)
 *   SET_VIEW_ENDS  t: sessions that started with the view, n: that ended with
 *                  it, e: bounces; values are those of SET_VIEWS
 *
 * and marks of activity say who visited a view on a day: SET_VIEWS all of
 * them, SET_VIEW_NEW those whose first session began on that day.
 */
#ifndef METRICS_VIEW_H
#define METRICS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/event.h"
#include "metrics/moment.h"
#include "metrics/person.h"
#include "metrics/tally.h"
#include "metrics/value.h"

enum { VIEW_LIMIT = 50000 }; /* views of an app that are visited in a year */

struct view {
    struct value name;
    bool visit;
    bool start;
    bool exit;
    bool bounce;
    int64_t duration; /* in units, never negative */
};

/* What the event says; false when it names no view. */
bool view_read(const struct event *event, struct arena *arena,
               struct view *view);

/* Counts the view at the moment: effects go to tally->batch. One past
 * VIEW_LIMIT, or that was never visited, counts nothing. TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err view_record(struct tally *tally, struct person *person,
                           const struct moment *moment,
                           const struct view *view);

#endif
