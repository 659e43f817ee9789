/*
 * import_event.h - counters of events out of Countly's collections
 * `events<hash>` and `events_data` (spec B.8).
 *
 * Who sent an event is not stored there.
 */
#ifndef METRICS_IMPORT_EVENT_H
#define METRICS_IMPORT_EVENT_H

#include "metrics/import.h"

/* Counters of one event, of one month. */
void import_event_take(struct import *import, const cJSON *document);

#endif
