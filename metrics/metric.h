/*
 * metric.h - the predefined metrics, as one table (spec B.7.1, B.7.2).
 *
 * A metric is a set of counters whose values come from a request's `metrics`
 * or from a property of the user. Metrics of one collection are read together
 * as one time object.
 */
#ifndef METRICS_METRIC_H
#define METRICS_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/text.h"
#include "metrics/set.h"

struct metric {
    enum set set;
    const char *key;        /* in `metrics`; NULL: not from there */
    const char *name;       /* of the set, in meta and total_users */
    const char *alias;      /* a second name in total_users; may be NULL */
    const char *collection; /* the method that reads it */
    const char *short_code; /* of the user's property */
    bool is_user_prop;      /* a change counts nothing of itself */
};

/* All metrics, `metric_count` of them; countries are the first. */
extern const struct metric metric_table[];
extern const size_t metric_count;

/* By name or alias, as total_users names it; NULL when there is none. */
const struct metric *metric_by_name(struct text name);

/* The same as /o/analytics names it: `locations` are countries as well. */
const struct metric *metric_by_analytics_name(struct text name);

/* Whether anything is made of a key in `metrics`. */
bool metric_reads(struct text key);

/* By set; NULL when the set is none of a metric. */
const struct metric *metric_by_set(enum set set);

/* The collection that a method of /o reads: its own name, or another for
 * `sessions`, `locations`, `countries` and `app_versions` (spec D.2). NULL
 * when the method reads no collection. */
const char *metric_collection(struct text method);

/* Tells each method that reads a collection. */
void metric_each_collection(text_fn each, void *user);

#endif
