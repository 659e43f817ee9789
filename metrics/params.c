#include "metrics/params.h"

#include "engine/utf8.h"
#include "metrics/scan.h"

enum { FIRST_ROOM = 32 }; /* an SDK sends about twenty */

static enum tally_err make_room(struct params *params, struct arena *arena)
{
    if (params->count == PARAMS_MAX)
        return TALLY_ERR_TOO_BIG;
    unsigned room = params->room ? 2 * params->room : FIRST_ROOM;
    struct param *list = arena_alloc(arena, room * sizeof(*list));

    if (!list)
        return TALLY_ERR_TOO_BIG;
    if (params->count > 0)
        memcpy(list, params->list, params->count * sizeof(*list));
    params->list = list;
    params->room = room;
    return TALLY_OK;
}

static struct param *find(const struct params *params, struct text name,
                          uint32_t tag)
{
    for (unsigned i = 0; i < params->count; i++) {
        if (params->list[i].tag == tag &&
            text_equal(params->list[i].name, name))
            return &params->list[i];
    }
    return NULL;
}

enum tally_err params_set(struct params *params, struct arena *arena,
                          struct param param)
{
    param.tag = params_tag(param.name);
    struct param *earlier = find(params, param.name, param.tag);

    if (earlier) {
        *earlier = param;
        return TALLY_OK;
    }
    if (params->count == params->room) {
        enum tally_err err = make_room(params, arena);
        if (err)
            return err;
    }
    params->list[params->count++] = param;
    params->names |= params_bit(param.tag);
    return TALLY_OK;
}

static enum tally_err repair(struct arena *arena, struct text *json)
{
    size_t length = utf8_repaired_length(*json);
    char *copy = arena_alloc(arena, length);

    if (!copy)
        return TALLY_ERR_TOO_BIG;
    utf8_repair(copy, *json);
    *json = (struct text){copy, length};
    return TALLY_OK;
}

static enum tally_err decode(struct arena *arena,
                             const struct scan_value *string, struct text *text)
{
    if (!string->has_escapes) {
        *text = string->text;
        return TALLY_OK;
    }
    char *copy = arena_alloc(arena, string->text.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    *text = (struct text){copy, scan_decode(copy, string->text)};
    return TALLY_OK;
}

static enum tally_err add_member(struct params *params, struct arena *arena,
                                 const struct scan_value *key,
                                 const struct scan_value *value)
{
    static const enum param_kind kinds[] = {
        [SCAN_STRING] = PARAM_TEXT, [SCAN_NUMBER] = PARAM_NUMBER,
        [SCAN_BOOL] = PARAM_BOOL,   [SCAN_NULL] = PARAM_NULL,
        [SCAN_OBJECT] = PARAM_JSON, [SCAN_ARRAY] = PARAM_JSON,
    };
    struct param param = {.value = value->text, .kind = kinds[value->kind]};

    enum tally_err err = decode(arena, key, &param.name);
    if (!err && value->kind == SCAN_STRING)
        err = decode(arena, value, &param.value);
    if (err)
        return err;
    return params_set(params, arena, param);
}

static bool is_one_object(struct text json)
{
    struct scan_value value;

    return scan_one(json, &value) && value.kind == SCAN_OBJECT;
}

static enum tally_err add_members(struct params *params, struct arena *arena,
                                  struct text json)
{
    struct scan scan;
    struct scan_value key, value;
    enum scan_step step = SCAN_BAD;
    enum tally_err err = TALLY_OK;

    scan_init(&scan, json);
    if (scan_enter(&scan, '{'))
        step = scan_member(&scan, &key, &value);
    while (!err && step == SCAN_MORE) {
        err = add_member(params, arena, &key, &value);
        step = scan_member(&scan, &key, &value);
    }
    if (!err && (step != SCAN_END || !scan_is_over(&scan)))
        err = TALLY_ERR_INVALID;
    return err;
}

enum tally_err params_add_json(struct params *params, struct arena *arena,
                               struct text json)
{
    enum tally_err err = TALLY_OK;

    if (utf8_valid_length(json) < json.len)
        err = repair(arena, &json);
    if (err)
        return err;
    /* Nothing is added from text that turns out to be malformed further on:
     * where there is nothing yet, that is simply undone. */
    if (params->count > 0 && !is_one_object(json))
        return TALLY_ERR_INVALID;
    bool was_empty = params->count == 0;
    err = add_members(params, arena, json);
    if (err && was_empty)
        params->count = 0;
    return err;
}

const struct param *params_seek(const struct params *params, struct text name,
                                uint32_t tag)
{
    return find(params, name, tag);
}

struct text param_text(const struct param *param)
{
    if (!param || param->kind == PARAM_NULL)
        return (struct text){0};
    return param->value;
}

/* Any spelling of the number 0: no digit but 0 before the exponent. */
static bool is_zero(struct text number)
{
    for (size_t i = 0; i < number.len; i++) {
        if (number.at[i] == 'e' || number.at[i] == 'E')
            break;
        if (number.at[i] >= '1' && number.at[i] <= '9')
            return false;
    }
    return true;
}

bool param_is_there(const struct param *param)
{
    if (!param)
        return false;
    switch (param->kind) {
    case PARAM_TEXT:
        return param->value.len > 0;
    case PARAM_NUMBER:
        return !is_zero(param->value);
    case PARAM_BOOL:
        return text_is(param->value, "true");
    case PARAM_NULL:
        return false;
    default:
        return true;
    }
}

bool param_is_true(const struct param *param)
{
    if (param && param->kind == PARAM_TEXT &&
        (text_is(param->value, "0") || text_is(param->value, "false")))
        return false;
    return param_is_there(param);
}
