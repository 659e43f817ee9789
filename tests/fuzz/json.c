/*
 * JSON read by the scanner and by cJSON: what the scanner takes cJSON takes
 * too, and strings and numbers of an object are the same to both. What is
 * written of any text can be read back.
 */
#include "metrics/json.h"

#include <cjson/cJSON.h>

#include "metrics/params.h"
#include "metrics/scan.h"
#include "target.h"

enum { ARENA = 4 << 20, OUT = 8 << 20 };

/* cJSON refuses halves of surrogates and ends strings at U+0000. */
static bool is_cjson_able(struct text json)
{
    return json.len == 0 || (!memmem(json.at, json.len, "\\u", 2) &&
                             !memchr(json.at, '\0', json.len));
}

static const cJSON *last_of(const cJSON *object, struct text name)
{
    const cJSON *child;
    const cJSON *found = NULL;

    cJSON_ArrayForEach(child, object)
    {
        if (text_equal(text_of(child->string), name))
            found = child;
    }
    return found;
}

static void compare(const struct param *param, const cJSON *object)
{
    const cJSON *other = last_of(object, param->name);
    char digits[SCAN_NUMBER_MAX + 1] = "";

    TARGET_REQUIRE(other);
    switch (param->kind) {
    case PARAM_TEXT:
        TARGET_REQUIRE(cJSON_IsString(other));
        TARGET_REQUIRE(text_equal(text_of(other->valuestring), param->value));
        break;
    case PARAM_NUMBER:
        TARGET_REQUIRE(cJSON_IsNumber(other));
        TARGET_REQUIRE(param->value.len <= SCAN_NUMBER_MAX);
        memcpy(digits, param->value.at, param->value.len);
        TARGET_REQUIRE(strtod(digits, NULL) == other->valuedouble);
        break;
    case PARAM_BOOL:
        TARGET_REQUIRE(cJSON_IsBool(other));
        TARGET_REQUIRE(cJSON_IsTrue(other) == text_is(param->value, "true"));
        break;
    case PARAM_NULL:
        TARGET_REQUIRE(cJSON_IsNull(other));
        break;
    case PARAM_JSON:
        TARGET_REQUIRE(cJSON_IsObject(other) || cJSON_IsArray(other));
        break;
    }
}

static void check_object(struct arena *arena, struct text input)
{
    struct params params = {0};

    enum tally_err err = params_add_json(&params, arena, input);
    TARGET_REQUIRE(err != TALLY_OK || params.count <= PARAMS_MAX);
    TARGET_REQUIRE(err == TALLY_OK || params.count == 0);
    for (unsigned i = 0; i < params.count; i++) {
        TARGET_REQUIRE(target_is_utf8(params.list[i].name));
        TARGET_REQUIRE(target_is_utf8(params.list[i].value));
    }
    if (err || !is_cjson_able(input) || !target_is_utf8(input))
        return;
    cJSON *object = cJSON_ParseWithLength(input.at, input.len);
    TARGET_REQUIRE(cJSON_IsObject(object));
    for (unsigned i = 0; i < params.count; i++)
        compare(&params.list[i], object);
    cJSON_Delete(object);
}

static struct text repaired(struct arena *arena, struct text input)
{
    char *copy = arena_alloc(arena, utf8_repaired_length(input) + 1);

    return (struct text){copy, utf8_repair(copy, input)};
}

static void check_writer(struct arena *arena, struct text input,
                         enum json_escape escape)
{
    struct buffer out;
    struct json json;
    struct scan scan;
    struct scan_value value;

    buffer_init(&out, OUT);
    json_init(&json, &out, escape);
    json_text(&json, input);
    if (buffer_is_whole(&out)) {
        scan_init(&scan, buffer_text(&out));
        TARGET_REQUIRE(scan_read(&scan, &value) && scan_is_over(&scan));
        TARGET_REQUIRE(value.kind == SCAN_STRING);
        char *decoded = arena_alloc(arena, value.text.len + 1);
        TARGET_REQUIRE(decoded);
        struct text text = {decoded, scan_decode(decoded, value.text)};
        TARGET_REQUIRE(target_is_utf8(text));
        TARGET_REQUIRE(escape != JSON_PLAIN ||
                       text_equal(text, repaired(arena, input)));
        TARGET_REQUIRE(escape == JSON_PLAIN || text.len == 0 ||
                       !memchr(text.at, '<', text.len));
    }
    buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct arena *arena = arena_create(ARENA);

    check_object(arena, input);
    check_writer(arena, input, JSON_PLAIN);
    check_writer(arena, input, JSON_MESSAGE);
    check_writer(arena, input, JSON_DATA);
    arena_destroy(arena);
    return 0;
}
