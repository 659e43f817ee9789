/*
 * builtin.h - the metrics that Countly has as plugins (spec B.7.2).
 */
#ifndef METRICS_BUILTIN_H
#define METRICS_BUILTIN_H

#include <stddef.h>

#include "metrics/definition.h"

extern const struct metric_definition builtin_metrics[];
extern const size_t builtin_metric_count;

#endif
