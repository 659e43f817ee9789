/*
 * import_event.h - events out of Countly's collections (spec B.8): `events`
 * lists them by app, `events<hash>` or `events_data` have their counters. The
 * hash is SHA-1 of the event's key and the app's id.
 *
 * Who sent an event is not stored there.
 */
#ifndef METRICS_IMPORT_EVENT_H
#define METRICS_IMPORT_EVENT_H

#include "metrics/import.h"

/* The keys of an app's events, and what was decided about them unless that is
 * decided here already. */
void import_event_list(struct import *import, const cJSON *document);

/* Counters of one event, of one month. */
void import_event_take(struct import *import, const cJSON *document);

#endif
