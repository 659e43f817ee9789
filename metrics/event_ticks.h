/*
 * event_ticks.h - a period in even steps, and what an event has in each (spec
 * D.7.7): the days of a special period, the hours of a day, the days of a
 * month, the months of a year.
 */
#ifndef METRICS_EVENT_TICKS_H
#define METRICS_EVENT_TICKS_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/event_series.h"
#include "metrics/period.h"

enum { EVENT_TICKS_MAX = COVER_DAYS_MAX, EVENT_TICK_LABEL_SIZE = 24 };

struct event_ticks {
    enum cover_unit of; /* COVER_DAY: hours; COVER_YEAR: months; else days */
    int32_t first;      /* day */
    unsigned count;
};

struct event_ticks event_ticks_of(const struct period *period);

/* Writes "2026-3-17 9:00", "2026-3-17" or "2026-3". */
void event_ticks_label(const struct event_ticks *ticks, unsigned tick,
                       char label[EVENT_TICK_LABEL_SIZE]);

/* Adds what a captured event has in each tick to sums[ticks->count].
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_ticks_read(const struct event_ticks *ticks,
                                struct reader *reader, uint32_t app,
                                uint32_t event, struct event_sum *sums);

/* The same as rows {"_id": label, "c", "s", "dur"}; event 0: zeros. */
TALLY_MUST_CHECK
enum tally_err event_ticks_write(const struct event_ticks *ticks,
                                 struct reader *reader, uint32_t app,
                                 uint32_t event, struct json *json);

#endif
