/*
 * app_switch.h - plugins are switched off and on for an app, by `plugins` of
 * the args of its update: {"name": false}, true or, to say nothing of it,
 * null.
 */
#ifndef METRICS_APP_SWITCH_H
#define METRICS_APP_SWITCH_H

#include <cjson/cJSON.h>

#include "engine/buffer.h"
#include "metrics/app.h"
#include "metrics/plugins.h"

/* Adds what is none of that, or no plugin's, to a list with commas. */
void app_switch_check(const cJSON *args, const struct plugins *plugins,
                      struct buffer *invalid);

/* What is stored of an app's plugins then. Free it with cJSON_Delete(). */
cJSON *app_switch_merge(const cJSON *args, const struct app *app);

/* The app borrows what was merged, and it is written, if it is something else.
 * Returns how many fields of the app have changed. */
unsigned app_switch_change(const cJSON *merged, struct app *app,
                           struct json *json);

#endif
