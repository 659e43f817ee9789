/*
 * plugin_metric.h - the metrics that plugins have registered, in the
 * catalogue.
 */
#ifndef METRICS_PLUGIN_METRIC_H
#define METRICS_PLUGIN_METRIC_H

#include "metrics/plugins.h"
#include "metrics/tally.h"

/* Adds all of them, before anything is served; the plugins outlive the tally.
 * Errors as tally_add_metric(), always with a reason, and in *plugin whose
 * metric it is. */
TALLY_MUST_CHECK
enum tally_err plugin_metrics_apply(const struct plugins *plugins,
                                    struct tally *tally,
                                    const struct tally_plugin **plugin,
                                    char reason[static DEFINITION_REASON_SIZE]);

#endif
