#include "metrics/call.h"

#include "engine/utf8.h"

enum { PROPERTY_MAX = 1024 * 1024 };

static const char params_name[] = "params";

/* The part of a name up to its first dot; `rest` is what follows that. */
static struct text take_part(struct text name, struct text *rest)
{
    const char *dot = name.len > 0 ? memchr(name.at, '.', name.len) : NULL;
    struct text part = {name.at, dot ? (size_t)(dot - name.at) : name.len};

    *rest = dot ? (struct text){dot + 1, name.len - part.len - 1}
                : (struct text){NULL, 0};
    return part;
}

static struct text find_member(struct text json, struct text name)
{
    struct text found = {NULL, 0};
    struct scan_value key;
    struct scan_value value;
    struct scan scan;

    scan_init(&scan, json);
    if (!scan_enter(&scan, '{'))
        return found;
    while (scan_member(&scan, &key, &value) == SCAN_MORE) {
        if (text_equal(key.text, name))
            found = scan_source(&value);
    }
    return found;
}

/* What lies below a value under the parts of a name. */
static struct text descend(struct text json, struct text name)
{
    while (json.len > 0 && name.len > 0) {
        struct text part = take_part(name, &name);
        json = find_member(json, part);
    }
    return json;
}

static struct call_value *find_value(const struct tally_call *call,
                                     struct text name)
{
    for (unsigned i = 0; i < call->value_count; i++) {
        if (text_is(name, call->values[i].name))
            return &call->values[i];
    }
    return NULL;
}

/* Copies what was written to the arena and frees it. */
static struct text keep(struct tally_call *call, struct buffer *out,
                        bool is_good)
{
    struct text text = {NULL, 0};

    if (is_good && buffer_is_whole(out) && out->len > 0) {
        text.at = arena_strndup(call->arena, out->at, out->len);
        text.len = text.at ? out->len : 0;
    }
    buffer_finish(out);
    return text;
}

static struct text write_value(struct tally_call *call,
                               const struct call_value *value)
{
    struct buffer out;
    struct json json;

    if (value->json.len > 0 || !value->write)
        return value->json;
    buffer_init(&out, PROPERTY_MAX);
    json_init(&json, &out, JSON_PLAIN);
    enum tally_err err = value->write(call, value->source, &json);
    return keep(call, &out, !err);
}

static struct text write_param(struct tally_call *call, struct text name)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, PROPERTY_MAX);
    json_init(&json, &out, JSON_PLAIN);
    return keep(call, &out, call_write_param(call, name, &json));
}

struct text call_get(struct tally_call *call, struct text name)
{
    struct text rest;
    struct text part = take_part(name, &rest);

    if (text_is(part, params_name)) {
        part = take_part(rest, &rest);
        return descend(write_param(call, part), rest);
    }
    const struct call_value *value = find_value(call, part);
    return value ? descend(write_value(call, value), rest)
                 : (struct text){NULL, 0};
}

bool call_is_json(struct text json, struct scan_value *value)
{
    return json.len > 0 && utf8_valid_length(json) == json.len &&
           scan_one(json, value);
}

int call_set(struct tally_call *call, struct text name, struct text json)
{
    struct call_value *value = find_value(call, name);
    struct scan_value scanned;

    if (!value || !value->is_mutable)
        return TALLY_E_NOT_HERE;
    if (!call_is_json(json, &scanned))
        return TALLY_E_INVALID;
    const char *at = arena_strndup(call->arena, json.at, json.len);
    if (!at)
        return TALLY_E_TOO_BIG;
    value->json = (struct text){at, json.len};
    value->is_changed = true;
    return 0;
}
