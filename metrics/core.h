/*
 * core.h - the metrics that are always there (spec B.7.1).
 */
#ifndef METRICS_CORE_H
#define METRICS_CORE_H

#include "metrics/definition.h"

enum { CORE_METRICS = 11 };

/* Countries are the first. */
extern const struct metric_definition core_metrics[CORE_METRICS];

#endif
