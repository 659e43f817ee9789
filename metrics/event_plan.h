/*
 * event_plan.h - what an app's members have decided about its events (spec
 * E.7): a document of the kind KIND_EVENTS, named by the app's _id.
 *
 *   {"map": {key: {"name", "description", "is_visible", ...}},
 *    "order": [key], "overview": [...],
 *    "whitelisted_segments": {key: [segment]},
 *    "omitted_segments": {key: [segment]}}
 *
 * Of an event with a whitelist only these segments count; omitted ones never
 * do. Members without content are left out. Plans that were used lately are
 * kept parsed.
 */
#ifndef METRICS_EVENT_PLAN_H
#define METRICS_EVENT_PLAN_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/app.h"

struct tally;
struct event_plan;
struct event_plans;

/* Never NULL. */
struct event_plans *event_plans_create(void);

/* NULL is a no-op. */
void event_plans_destroy(struct event_plans *plans);

/* Forgets what a batch that was applied has changed. */
void event_plans_accept(struct event_plans *plans, const struct batch *batch);

/* The plan of an app until the next call or batch; NULL when it has none.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_plan_find(struct tally *tally, const struct app *app,
                               const struct event_plan **plan);

/* The document of an app, NULL when it has none: free it with cJSON_Delete().
 * Errors as above. */
TALLY_MUST_CHECK
enum tally_err event_plan_load(struct engine *engine, const struct app *app,
                               cJSON **document);

/* Does the segment of an event count? `plan` may be NULL. */
bool event_plan_admits(const struct event_plan *plan, struct text key,
                       struct text segment);

/* Is the event shown among others? */
bool event_plan_shows(const struct event_plan *plan, struct text key);

/* The document; NULL when `plan` is. */
const cJSON *event_plan_document(const struct event_plan *plan);

#endif
