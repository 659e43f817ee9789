/*
 * meter.c - a plugin for tests: the metric of the plugin guide, one that is
 * named by others, and one of an app's devices that never change.
 *
 * Setting: `short_code`, of the first.
 */
#include <string.h>

#include "metrics/tally_plugin.h"

static const struct tally_host *host;

/* The system and its version; without a version, for now, the system. */
static size_t name_system(const struct tally_metrics *metrics, char *value)
{
    struct tally_text os = host->metric_of(metrics, "_os");
    struct tally_text version = host->metric_of(metrics, "_os_version");

    if (os.len == 0 || os.len + 1 + version.len > TALLY_VALUE_MAX)
        return 0;
    memcpy(value, os.at, os.len);
    if (version.len == 0) {
        host->metric_is_fallback(metrics);
        return os.len;
    }
    value[os.len] = '.';
    memcpy(value + os.len + 1, version.at, version.len);
    return os.len + 1 + version.len;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    const struct tally_metric metrics[] = {
        {.size = sizeof(metrics[0]),
         .db = "mymetric",
         .name = "_mymetric",
         .short_code = given->setting(self, "short_code", NULL)},
        {.size = sizeof(metrics[0]),
         .db = "systems",
         .set = "system",
         .short_code = "sys",
         .total_name = "whole_systems",
         .flags = TALLY_METRIC_FALLBACK,
         .value = name_system},
        {.size = sizeof(metrics[0]),
         .db = "systems",
         .name = "_colour",
         .set = "colours",
         .flags = TALLY_METRIC_NO_TRACKING},
    };
    int failure = 0;

    host = given;
    for (int i = 0; i < 3 && !failure; i++)
        failure = host->metric(self, &metrics[i]);
    return failure;
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "meter",
    .version = "1.0",
    .about = "registers metrics",
    .init = init,
};
