/*
 * host_metric.h - the metrics of a request, as a plugin's value function sees
 * them.
 */
#ifndef METRICS_HOST_METRIC_H
#define METRICS_HOST_METRIC_H

#include <stdbool.h>

#include "metrics/params.h"
#include "metrics/tally_plugin.h"

struct tally_metrics {
    const struct params *metrics;
    bool is_web;       /* the app's type */
    bool *is_fallback; /* set by metric_is_fallback() */
};

void host_add_metric(struct tally_host *host);

#endif
