/*
 * feature.h - the features that rights can be given for (spec E.1), and which
 * of them Countly has as plugins.
 */
#ifndef METRICS_FEATURE_H
#define METRICS_FEATURE_H

#include "engine/text.h"
#include "metrics/json.h"

struct plugins;

/* The feature of the counters that /o?method= names: a plugin's, or core. */
const char *feature_of_method(struct text method);

/* The answer of /o/users/permissions. `plugins` are those of the process, here
 * and below; they may be NULL. */
void feature_write_all(struct json *json, const struct plugins *plugins);

/* The plugins: their names in an array (/o/system/plugins), or an object that
 * says that they are there (/o/apps/plugins). */
void feature_write_plugins(struct json *json, const struct plugins *plugins);
void feature_write_plugin_map(struct json *json, const struct plugins *plugins);

#endif
