/*
 * import_event_list.h - which events there are, out of Countly's collection
 * `events` (spec B.8): keys by app, and what was decided about them.
 *
 * The counters of an event lie under a hash: SHA-1 of its key and its app's
 * id.
 */
#ifndef METRICS_IMPORT_EVENT_LIST_H
#define METRICS_IMPORT_EVENT_LIST_H

#include "metrics/import.h"

/* What was decided is taken unless something is decided here already. */
void import_event_list_take(struct import *import, const cJSON *document);

/* Sets import->event and event_app to the event of that hash, of an app or of
 * any one (NULL); to 0 when it is in no list. */
void import_event_list_find(struct import *import, const struct app *app,
                            const char *hash);

#endif
