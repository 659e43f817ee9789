#include "metrics/document.h"

#include <math.h>
#include <stddef.h>

#include "engine/utf8.h"

static const double exact_max = 9007199254740992.0; /* 2^53 */

/* Bytes of the string at `at`, quotes included; 0 when cJSON must not see
 * it. */
static size_t string_len(const char *at, size_t left)
{
    size_t i = 1;

    while (i < left && at[i] != '"') {
        if ((unsigned char)at[i] < 0x20)
            return 0;
        if (left - i >= 6 && memcmp(at + i, "\\u0000", 6) == 0)
            return 0;
        i += at[i] == '\\' ? 2 : 1;
    }
    return i < left ? i + 1 : 0;
}

static bool is_safe(struct text json)
{
    unsigned depth = 0;

    if (utf8_valid_length(json) != json.len)
        return false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.at[i];

        if (c == '"') {
            size_t len = string_len(json.at + i, json.len - i);

            if (len == 0)
                return false;
            i += len - 1;
        } else if (c == '{' || c == '[') {
            if (++depth > DOCUMENT_DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            if (depth-- == 0)
                return false;
        } else if (c == '\0') {
            return false;
        }
    }
    return true;
}

static bool is_blank(const char *from, const char *end)
{
    for (; from < end; from++) {
        if (*from != ' ' && *from != '\t' && *from != '\r' && *from != '\n')
            return false;
    }
    return true;
}

cJSON *document_parse_long(struct text json, size_t max)
{
    const char *end = NULL;

    if (json.len == 0 || json.len > max || !is_safe(json))
        return NULL;

    cJSON *value = cJSON_ParseWithLengthOpts(json.at, json.len, &end, 0);

    if (value && cJSON_IsObject(value) && is_blank(end, json.at + json.len))
        return value;
    cJSON_Delete(value);
    return NULL;
}

cJSON *document_parse(struct text json)
{
    return document_parse_long(json, DOCUMENT_SIZE_MAX);
}

cJSON *document_parse_value(struct text json)
{
    struct buffer object;

    buffer_init(&object, DOCUMENT_SIZE_MAX);
    buffer_add_string(&object, "{\"value\":");
    buffer_add_text(&object, json);
    buffer_add_byte(&object, '}');
    cJSON *parsed = document_parse(buffer_text(&object));
    bool is_one = buffer_is_whole(&object) && cJSON_GetArraySize(parsed) == 1;
    cJSON *value =
        is_one ? cJSON_DetachItemFromObjectCaseSensitive(parsed, "value")
               : NULL;

    cJSON_Delete(parsed);
    buffer_finish(&object);
    return value;
}

const cJSON *document_find(const cJSON *object, const char *name)
{
    if (!cJSON_IsObject(object))
        return NULL;
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *document_string(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(document_find(object, name));
}

int64_t document_int(const cJSON *object, const char *name)
{
    const cJSON *value = document_find(object, name);

    if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= exact_max))
        return 0;
    return (int64_t)value->valuedouble;
}

bool document_bool(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(document_find(object, name));
}

static void write_number(struct json *json, double number)
{
    if (fabs(number) <= exact_max && floor(number) == number)
        json_int(json, (int64_t)number);
    else
        json_double(json, number);
}

static void write_children(struct json *json, const cJSON *value)
{
    const cJSON *child;

    cJSON_ArrayForEach(child, value)
    {
        if (cJSON_IsObject(value))
            json_key_string(json, child->string);
        document_write(json, child);
    }
}

void document_write(struct json *json, const cJSON *value)
{
    if (cJSON_IsObject(value)) {
        json_open_object(json);
        write_children(json, value);
        json_close_object(json);
    } else if (cJSON_IsArray(value)) {
        json_open_array(json);
        write_children(json, value);
        json_close_array(json);
    } else if (cJSON_IsString(value)) {
        json_string(json, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        write_number(json, value->valuedouble);
    } else if (cJSON_IsBool(value)) {
        json_bool(json, cJSON_IsTrue(value));
    } else {
        json_null(json);
    }
}
