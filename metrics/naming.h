/*
 * naming.h - the values that a text of metrics names.
 *
 * Devices of one kind send the same `metrics` again and again, and their names
 * are made of nothing else (see value.h): so they are kept by the text, in as
 * many places as there is room for, a newer text in place of an older.
 *
 * In an app for the web what is missing when a session begins is read off the
 * user agent (spec B.7.3 no. 12), that of the metrics (`_ua`) or else of the
 * request; then names are kept by that text, too.
 */
#ifndef METRICS_NAMING_H
#define METRICS_NAMING_H

#include <stdbool.h>

#include "engine/arena.h"
#include "metrics/agent.h"
#include "metrics/catalog.h"

enum { NAMING_VALUES_MAX = CATALOG_METRICS_MAX };

struct named {
    const struct metric *metric;
    struct text text;
    bool is_fallback; /* only for a user who has no value of the set yet */
};

struct naming {
    unsigned count;
    unsigned unknown;                       /* keys that name nothing */
    bool is_bad;                            /* the text is no JSON object */
    struct named values[NAMING_VALUES_MAX]; /* in the order of the metrics */
};

struct namings;

/* Never NULL. What the catalogue's metrics read is named; it outlives the
 * namings, and what they keep is forgotten when it changes. */
struct namings *namings_create(const struct catalog *catalog);

/* NULL is a no-op. */
void namings_destroy(struct namings *namings);

/* From now on user agents are read by these rules, which outlive the namings;
 * before the first namings_find(). */
void namings_read_agents(struct namings *namings, const struct agents *agents);

/* What names are made of. */
struct named_by {
    struct text metrics;    /* JSON */
    struct text user_agent; /* of the request; may be empty */
    bool is_web;            /* the app's type */
    bool begins;            /* the request begins a session */
};

/* What the metrics name: nothing when they are no JSON object. Valid until
 * the next call and as long as the arena. */
const struct naming *namings_find(struct namings *namings, struct arena *arena,
                                  const struct named_by *by);

#endif
