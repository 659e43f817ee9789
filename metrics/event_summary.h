/*
 * event_summary.h - events of a period at a glance, against the period before
 * (spec D.8): the overview, and those that came most often.
 */
#ifndef METRICS_EVENT_SUMMARY_H
#define METRICS_EVENT_SUMMARY_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/event_choice.h"
#include "metrics/json.h"
#include "metrics/period.h"

struct event_summary {
    uint32_t app;
    struct event_choice choice;
    const struct period *period;
    unsigned limit; /* of the events that are shown as the top */
};

/* On the loop thread: what the others read. */
void event_summary_capture(const struct event_summary *summary,
                           struct reader *reader);

/* Writes {key: {"data": {"count", "sum", "dur"}}}, of each {"total",
 * "prev-total", "change", "trend", "sparkline"}. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_summary_write(const struct event_summary *summary,
                                   struct reader *reader, struct json *json);

/* Writes, as members, the totals of all events and under `data` the same
 * objects of those with the highest counts, in that order. */
TALLY_MUST_CHECK
enum tally_err event_summary_write_top(const struct event_summary *summary,
                                       struct reader *reader,
                                       struct json *json);

#endif
