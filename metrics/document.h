/*
 * document.h - JSON objects as trees: what is stored of apps and members,
 * and the `args` of management calls.
 *
 * A tree is a cJSON object. What cJSON would get wrong is refused before it
 * sees it: strings with a NUL character, text behind the value, nesting
 * deeper than DOCUMENT_DEPTH_MAX, broken UTF-8, bare control characters.
 */
#ifndef METRICS_DOCUMENT_H
#define METRICS_DOCUMENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"
#include "metrics/json.h"

enum {
    DOCUMENT_SIZE_MAX = 64 * 1024, /* bytes of one document */
    DOCUMENT_DEPTH_MAX = 32,
};

/* The object that `json` holds, or NULL when it is not one well-formed object
 * of at most DOCUMENT_SIZE_MAX bytes. Free it with cJSON_Delete(). */
cJSON *document_parse(struct text json);

/* The same up to `max` bytes. */
cJSON *document_parse_long(struct text json, size_t max);

/* JSON of any kind, else as document_parse(). */
cJSON *document_parse_value(struct text json);

/* The member of that exact name, the first of several; NULL when there is
 * none, `object` is NULL or not an object. */
const cJSON *document_find(const cJSON *object, const char *name);

/* The string of a member; NULL when it is absent or something else. Borrowed
 * from the tree. */
const char *document_string(const cJSON *object, const char *name);

/* The number of a member, cut to an integer; 0 when it is absent, something
 * else or not exact in a double. */
int64_t document_int(const cJSON *object, const char *name);

/* True only for `true`. */
bool document_bool(const cJSON *object, const char *name);

/* Writes a value and everything in it. */
void document_write(struct json *json, const cJSON *value);

#endif
