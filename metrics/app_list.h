/*
 * app_list.h - the answers of /o/apps (spec E.3, 0.4.24).
 *
 * Apps that were deleted are left out of what members were given.
 */
#ifndef METRICS_APP_LIST_H
#define METRICS_APP_LIST_H

#include "metrics/json.h"
#include "metrics/right.h"

/* /all: every app, as administered and as used. */
void app_list_write_all(struct json *json, const struct registry *registry);

/* /mine: those of one member; of a global admin, all. */
void app_list_write_mine(struct json *json, const struct registry *registry,
                         const struct member *member);

/* /details: the app's history and who may do what with it. */
void app_list_write_details(struct json *json, const struct registry *registry,
                            const struct app *app);

#endif
