/*
 * metric.h - a predefined metric (spec B.7).
 *
 * A metric is a set of counters whose values come from a request's `metrics`
 * or from a property of the user. Metrics of one collection are read together
 * as one time object. All that there are stand in the catalogue (catalog.h).
 */
#ifndef METRICS_METRIC_H
#define METRICS_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/set.h"

struct metric;
struct params;
struct tally_plugin;
struct value;

/* Names a metric's value in a request's metrics; false when there is none. A
 * fallback is only for a user who has no value of the set yet. Pure: the same
 * metrics give the same value. */
typedef bool (*metric_value_fn)(const struct metric *metric,
                                const struct params *metrics, bool is_web,
                                struct value *value, bool *is_fallback);

/* Who added it. */
enum metric_source {
    METRIC_CORE,
    METRIC_PLUGIN,
    METRIC_CONFIG, /* the configuration */
    METRIC_CUSTOM, /* an administrator, while the server ran */
};

/* Nothing of it but is_active ever changes. */
struct metric {
    uint32_t set;
    const char *key;        /* in `metrics`; NULL: not from there */
    const char *name;       /* of the set, in meta and total_users */
    const char *alias;      /* a second name in total_users; may be NULL */
    const char *collection; /* the method that reads it */
    const char *short_code; /* of the user's property */
    enum metric_source source;
    const struct tally_plugin *plugin; /* that added it; NULL: none did */
    bool tracks_changes;               /* a changed value counts by itself */
    metric_value_fn value;             /* NULL: value_of() the key */
    const void *context;   /* what the function of the value works with */
    atomic_bool is_active; /* else nothing is recorded or listed */
};

/* Any thread. */
static inline bool metric_is_active(const struct metric *metric)
{
    return atomic_load_explicit(&metric->is_active, memory_order_acquire);
}

#endif
