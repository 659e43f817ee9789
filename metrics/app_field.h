/*
 * app_field.h - the fields of an app that a management call may set.
 */
#ifndef METRICS_APP_FIELD_H
#define METRICS_APP_FIELD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "metrics/app.h"
#include "metrics/registry.h"

typedef bool (*app_field_valid_fn)(const struct registry *registry,
                                   const char *value);

struct app_field {
    const char *name;
    size_t offset; /* in struct app */
    app_field_valid_fn is_valid;
    const char *fallback; /* for what a create call leaves out or gets wrong */
    const char *refusal;  /* of an update; NULL: it is one of the props */
};

enum { APP_FIELD_STRINGS = 9, APP_FIELD_FLAGS = 2 };

/* The first is the name, which no app is without. */
extern const struct app_field app_field_strings[APP_FIELD_STRINGS];
extern const struct app_field app_field_flags[APP_FIELD_FLAGS];

const char **app_field_string(struct app *app, const struct app_field *field);
bool *app_field_flag(struct app *app, const struct app_field *field);

/* What args has of a field; NULL when nothing or null was sent. */
const cJSON *app_field_sent(const cJSON *args, const struct app_field *field);

/* Whether a sent value is one the field (not a flag) may have. */
bool app_field_is_valid(const struct app_field *field,
                        const struct registry *registry, const cJSON *sent);

#endif
