/*
 * density.c - screen densities, by the operating system: `a480` of Android.
 */
#include <string.h>

#include "metrics/tally_plugin.h"

static const struct tally_host *host;

static size_t name_density(const struct tally_metrics *metrics, char *value)
{
    struct tally_text density = host->metric_of(metrics, "_density");
    struct tally_text os = host->metric_os(metrics);

    if (density.len == 0 || os.len >= TALLY_VALUE_MAX)
        return 0;
    if (density.len > TALLY_VALUE_MAX - os.len)
        density.len = TALLY_VALUE_MAX - os.len;
    if (os.len > 0)
        memcpy(value, os.at, os.len);
    memcpy(value + os.len, density.at, density.len);
    return os.len + density.len;
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    static const struct tally_metric density = {
        .size = sizeof(density),
        .db = "density",
        .name = "_density",
        .short_code = "dnst",
        .total_name = "densities",
        .value = name_density,
    };

    host = given;
    return host->metric(self, &density);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "density",
    .version = "1.0",
    .about = "counts screen densities",
    .needs = TALLY_CAN_COUNT,
    .init = init,
};
