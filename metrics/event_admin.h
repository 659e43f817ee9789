/*
 * event_admin.h - what members decide about the events of an app (spec E.7):
 * management calls, see manage.h.
 *
 * They change the plan of the app (event_plan.h), so what counts from now on
 * and how it is shown; what has counted stays, except that of deleted events.
 */
#ifndef METRICS_EVENT_ADMIN_H
#define METRICS_EVENT_ADMIN_H

#include "metrics/manage.h"

/* /i/events/whitelist_segments: `whitelisted_segments`, an object of events
 * with lists of segments. */
int event_admin_whitelist(struct manage *call, const cJSON *args,
                          const struct pass *pass);

/* /i/events/edit_map: `event_map`, `event_order`, `event_overview`,
 * `omitted_segments`. */
int event_admin_edit(struct manage *call, const cJSON *args,
                     const struct pass *pass);

/* /i/events/change_visibility: `events` and `set_visibility`, show or hide. */
int event_admin_show(struct manage *call, const cJSON *args,
                     const struct pass *pass);

/* /i/events/delete_events: `events`. */
int event_admin_delete(struct manage *call, const cJSON *args,
                       const struct pass *pass);

#endif
