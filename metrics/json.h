/*
 * json.h - a streaming JSON writer.
 *
 * Values go straight into a buffer; no tree is built. The writer puts the
 * commas, the caller keeps objects and arrays balanced. Strings are written
 * as UTF-8; bytes that are not UTF-8 become U+FFFD.
 */
#ifndef METRICS_JSON_H
#define METRICS_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"

/* How strings and keys are escaped beyond JSON's own rules (spec B.15). */
enum json_escape {
    JSON_PLAIN,   /* not at all: raw=1 */
    JSON_MESSAGE, /* {"result": ...}: < and >; with either, & " ' as well */
    /* data outputs: & " ' < > as HTML entities; in a value that is itself a
     * JSON object or array those of the strings inside it */
    JSON_DATA,
};

struct json {
    struct buffer *out;
    enum json_escape escape;
    /* private state */
    bool wants_comma;
};

/* Writes to `out` from its present end on; `out` outlives the writer. */
void json_init(struct json *json, struct buffer *out, enum json_escape escape);

void json_open_object(struct json *json);
void json_close_object(struct json *json);
void json_open_array(struct json *json);
void json_close_array(struct json *json);

/* The key of the next value. */
void json_key(struct json *json, struct text key);
void json_key_string(struct json *json, const char *key);
void json_key_int(struct json *json, int64_t key);

void json_text(struct json *json, struct text value);
void json_string(struct json *json, const char *value);
void json_int(struct json *json, int64_t value);

/* As JavaScript prints it: the shortest text that reads back the same; null
 * when not finite. */
void json_double(struct json *json, double value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* A value that is JSON text already; nothing in it is escaped. */
void json_raw(struct json *json, struct text value);

/* The same put together in place: where at most `room` bytes may be written,
 * NULL when that passes the buffer's maximum. They end where json_end_raw()
 * says, and nothing else is written until then. */
char *json_begin_raw(struct json *json, size_t room);
void json_end_raw(struct json *json, const char *end);

/* Key and value in one call. */
void json_member_text(struct json *json, const char *key, struct text value);
void json_member_string(struct json *json, const char *key, const char *value);
void json_member_int(struct json *json, const char *key, int64_t value);
void json_member_bool(struct json *json, const char *key, bool value);

#endif
