#include "metrics/json.h"

#include <math.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/decimal.h"
#include "metrics/escape.h"
#include "metrics/scan.h"

enum {
    EMBEDDED_MAX =
        1 << 20,        /* bytes of JSON inside a string that is looked at */
    EMBEDDED_DEPTH = 4, /* JSON in a string in JSON in a string ... */
};

void json_init(struct json *json, struct buffer *out, enum json_escape escape)
{
    *json = (struct json){.out = out, .escape = escape};
}

static void begin_value(struct json *json)
{
    if (json->wants_comma)
        buffer_add_byte(json->out, ',');
    json->wants_comma = true;
}

static void open_container(struct json *json, char bracket)
{
    begin_value(json);
    buffer_add_byte(json->out, bracket);
    json->wants_comma = false;
}

static void close_container(struct json *json, char bracket)
{
    buffer_add_byte(json->out, bracket);
    json->wants_comma = true;
}

void json_open_object(struct json *json)
{
    open_container(json, '{');
}

void json_close_object(struct json *json)
{
    close_container(json, '}');
}

void json_open_array(struct json *json)
{
    open_container(json, '[');
}

void json_close_array(struct json *json)
{
    close_container(json, ']');
}

static void add_string(struct json *json, struct text string)
{
    static const enum escape_html html[] = {
        [JSON_PLAIN] = ESCAPE_HTML_NONE,
        [JSON_MESSAGE] = ESCAPE_HTML_TAGS,
        [JSON_DATA] = ESCAPE_HTML_ALL,
    };

    buffer_add_byte(json->out, '"');
    escape_add(json->out, string, html[json->escape]);
    buffer_add_byte(json->out, '"');
}

void json_key(struct json *json, struct text key)
{
    begin_value(json);
    add_string(json, key);
    buffer_add_byte(json->out, ':');
    json->wants_comma = false;
}

void json_key_string(struct json *json, const char *key)
{
    json_key(json, text_of(key));
}

void json_key_int(struct json *json, int64_t key)
{
    begin_value(json);
    buffer_add_byte(json->out, '"');
    buffer_add_int(json->out, key);
    buffer_add(json->out, "\":", 2);
    json->wants_comma = false;
}

/* JSON inside strings: parsed, escaped inside, written as a string again. */

static void write_embedded(struct json *json, const struct scan_value *value,
                           unsigned depth);

static bool embed_text(struct json *json, struct text value, unsigned depth)
{
    struct scan scan;
    struct scan_value content;

    scan_init(&scan, value);
    if (depth == EMBEDDED_DEPTH || value.len > EMBEDDED_MAX ||
        !scan_read(&scan, &content) || content.kind < SCAN_OBJECT ||
        !scan_is_over(&scan))
        return false;

    struct buffer inside;
    struct json inner;
    buffer_init(&inside, (size_t)8 * EMBEDDED_MAX);
    json_init(&inner, &inside, JSON_DATA);
    write_embedded(&inner, &content, depth + 1);
    bool is_whole = buffer_is_whole(&inside);
    if (is_whole) {
        buffer_add_byte(json->out, '"');
        escape_add(json->out, buffer_text(&inside), ESCAPE_HTML_NONE);
        buffer_add_byte(json->out, '"');
    }
    buffer_finish(&inside);
    return is_whole;
}

static bool may_be_json(struct text value)
{
    size_t i = 0;

    while (i < value.len && (value.at[i] == ' ' || value.at[i] == '\n' ||
                             value.at[i] == '\r' || value.at[i] == '\t'))
        i++;
    return i < value.len && (value.at[i] == '{' || value.at[i] == '[');
}

static void write_text(struct json *json, struct text value, unsigned depth)
{
    begin_value(json);
    if (json->escape == JSON_DATA && may_be_json(value) &&
        embed_text(json, value, depth))
        return;
    add_string(json, value);
}

static void write_decoded(struct json *json, const struct scan_value *string,
                          bool is_key, unsigned depth)
{
    char *decoded = NULL;
    struct text text = string->text;

    if (string->has_escapes) {
        decoded = memory_alloc(text.len);
        text = (struct text){decoded, scan_decode(decoded, text)};
    }
    if (is_key)
        json_key(json, text);
    else
        write_text(json, text, depth);
    free(decoded);
}

static void write_object(struct json *json, struct text object, unsigned depth)
{
    struct scan scan;
    struct scan_value key, value;

    scan_init(&scan, object);
    scan_enter(&scan, '{');
    json_open_object(json);
    while (scan_member(&scan, &key, &value) == SCAN_MORE) {
        write_decoded(json, &key, true, depth);
        write_embedded(json, &value, depth);
    }
    json_close_object(json);
}

static void write_array(struct json *json, struct text array, unsigned depth)
{
    struct scan scan;
    struct scan_value item;

    scan_init(&scan, array);
    scan_enter(&scan, '[');
    json_open_array(json);
    while (scan_item(&scan, &item) == SCAN_MORE)
        write_embedded(json, &item, depth);
    json_close_array(json);
}

static void write_embedded(struct json *json, const struct scan_value *value,
                           unsigned depth)
{
    char number[SCAN_NUMBER_MAX + 1];

    switch (value->kind) {
    case SCAN_STRING:
        write_decoded(json, value, false, depth);
        return;
    case SCAN_NUMBER:
        memcpy(number, value->text.at, value->text.len);
        number[value->text.len] = '\0';
        json_double(json, strtod(number, NULL));
        return;
    case SCAN_OBJECT:
        write_object(json, value->text, depth);
        return;
    case SCAN_ARRAY:
        write_array(json, value->text, depth);
        return;
    default:
        json_raw(json, value->text);
    }
}

void json_text(struct json *json, struct text value)
{
    write_text(json, value, 0);
}

void json_string(struct json *json, const char *value)
{
    json_text(json, text_of(value));
}

void json_int(struct json *json, int64_t value)
{
    begin_value(json);
    buffer_add_int(json->out, value);
}

void json_double(struct json *json, double value)
{
    char text[DECIMAL_SIZE];

    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    decimal_print(text, value);
    begin_value(json);
    buffer_add_string(json->out, text);
}

void json_bool(struct json *json, bool value)
{
    begin_value(json);
    buffer_add_string(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
    begin_value(json);
    buffer_add_string(json->out, "null");
}

void json_raw(struct json *json, struct text value)
{
    begin_value(json);
    buffer_add_text(json->out, value);
}

char *json_begin_raw(struct json *json, size_t room)
{
    if (!buffer_reserve(json->out, room + 1))
        return NULL;
    char *at = json->out->at + json->out->len;
    if (json->wants_comma)
        *at++ = ',';
    json->wants_comma = true;
    return at;
}

void json_end_raw(struct json *json, const char *end)
{
    json->out->len = (size_t)(end - json->out->at);
}

void json_member_text(struct json *json, const char *key, struct text value)
{
    json_key_string(json, key);
    json_text(json, value);
}

void json_member_string(struct json *json, const char *key, const char *value)
{
    json_key_string(json, key);
    json_string(json, value);
}

void json_member_int(struct json *json, const char *key, int64_t value)
{
    json_key_string(json, key);
    json_int(json, value);
}

void json_member_bool(struct json *json, const char *key, bool value)
{
    json_key_string(json, key);
    json_bool(json, value);
}
