/*
 * nest.h - JSON objects inside each other that exist only when something is
 * in them.
 *
 * Entering names an object; it is opened by the first member that is written
 * into it or into one inside it, and closed when it is left.
 */
#ifndef METRICS_NEST_H
#define METRICS_NEST_H

#include "metrics/json.h"

enum { NEST_DEPTH_MAX = 5 };

struct nest_level {
    const char *name;
    int number; /* negative: the name alone */
};

struct nest {
    /* private state */
    struct json *json;
    unsigned depth;
    unsigned opened;
    struct nest_level levels[NEST_DEPTH_MAX];
};

/* Members go to `json`, which stands inside an object. */
void nest_init(struct nest *nest, struct json *json);

/* Enters the object whose key is `name`, a short static string, with `number`
 * behind it unless that is negative. */
void nest_enter(struct nest *nest, const char *name, int number);
void nest_leave(struct nest *nest);

/* Opens what was entered; the next member of the innermost object may be
 * written to what is returned. */
struct json *nest_open(struct nest *nest);

/* Writes a counter unless it is zero or less. */
void nest_count(struct nest *nest, const char *key, int64_t count);

#endif
