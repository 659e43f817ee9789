/*
 * model.h - the rules of sessions and values, worked out a second time.
 *
 * A plain reading of the specification (B.6, B.7, B.12, C) that shares no
 * code with the one under test: local times come from the C library, counters
 * lie in one table of texts.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* One request as it is sent. */
struct model_request {
    int device;
    int old_device; /* -1: none */
    int64_t seconds;
    bool begins;
    bool ends;
    bool ignores_cooldown;
    bool has_duration;
    int64_t duration;
    const char *country; /* NULL: none; so are those below */
    const char *city;
    const char *os;      /* a system of which nothing else follows */
    const char *version; /* with a dot */
};

enum { MODEL_DEVICES = 8 };

struct model;

/* For an app in `zone`; the home of cities is TR. */
struct model *model_create(const char *zone);
void model_destroy(struct model *model);

void model_take(struct model *model, const struct model_request *request);

/* The counters as intake_dump() writes them; free() it. */
char *model_dump(const struct model *model);

/* What is kept of a device's user as one line; "" for none. free() it. */
char *model_user(const struct model *model, int device);

#endif
