/*
 * naming.h - the values that a text of metrics names.
 *
 * Devices of one kind send the same `metrics` again and again, and their names
 * are made of nothing else (see value.h): so they are kept by the text, in as
 * many places as there is room for, a newer text in place of an older.
 */
#ifndef METRICS_NAMING_H
#define METRICS_NAMING_H

#include <stdbool.h>

#include "engine/arena.h"
#include "metrics/metric.h"

enum { NAMING_VALUES_MAX = 32 };

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

/* Never NULL. */
struct namings *namings_create(void);

/* NULL is a no-op. */
void namings_destroy(struct namings *namings);

/* What `metrics` (JSON) names in an app that is one for the web or not:
 * nothing when it is no JSON object. Valid until the next call and as long as
 * the arena. */
const struct naming *namings_find(struct namings *namings, struct arena *arena,
                                  struct text metrics, bool is_web);

#endif
