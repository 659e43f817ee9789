/*
 * intake_hook.h - the hooks that a request of an SDK fires while it is decided
 * (spec F.2, I.2), in this order:
 *
 *   /sdk, /i/device_id, /session/duration, /session/post (of a session that
 *   nobody ended), /session/user, /session/metrics, /session/begin or
 *   /session/extend or /session/end, /session/retention, /i/events and
 *   /view/duration by event, /consent/change, /i; stored; /sdk/end
 *
 * What handlers leave goes to tally->batch, which is the request's.
 */
#ifndef METRICS_INTAKE_HOOK_H
#define METRICS_INTAKE_HOOK_H

#include <stdbool.h>

#include "metrics/call.h"
#include "metrics/intake.h"
#include "metrics/plugins.h"
#include "metrics/scan.h"
#include "metrics/view.h"

static inline bool intake_listens(const struct intake *intake, enum hook hook)
{
    return plugins_listen(intake->plugins, hook);
}

/* A call for the request. */
struct tally_call intake_call(struct intake *intake);

/* /sdk: says in the intake whether it is cancelled or waits. */
void intake_ask(struct intake *intake);

/* A hook whose payload is `params` and `app`. */
void intake_tell(struct intake *intake, enum hook hook);

/* /sdk/end; what it leaves is a batch of its own and applied. */
void intake_tell_end(struct intake *intake);

/* /i/device_id, when somebody was absorbed; `before` is the ordinal that the
 * person had until then. */
void intake_tell_absorbed(struct intake *intake, uint32_t before);

/* What comes between the rules of sessions and the metrics, and what comes
 * behind these. */
void intake_tell_usage(struct intake *intake,
                       const struct session_request *request);
void intake_tell_session(struct intake *intake,
                         const struct session_request *request);

/* /session/post of a session that lasted so long. */
void intake_tell_post(struct intake *intake, uint64_t seconds, bool is_ended);

/* /i/events: true when a handler changed the item. */
bool intake_show_event(struct intake *intake, struct scan_value *item);

void intake_tell_view(struct intake *intake, const struct view *view);

/* `changes`: JSON of what is another now. */
void intake_tell_consent(struct intake *intake, struct text changes);

/* Sets a property of the user for plugins (extra.h). TALLY_E_*. */
int intake_set_extra(struct intake *intake, struct text name, struct text json);

/* The user as reads show it, with what the batch changes. */
enum tally_err intake_write_person(struct intake *intake, struct json *json);

/* Properties of params that requests of SDKs have. False: none such. */
bool intake_write_param(const struct tally_call *call, struct text name,
                        struct json *json);

#endif
