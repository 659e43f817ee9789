/*
 * The properties of `params` (the guide's table), as JSON.
 */
#include "metrics/call.h"

#include "metrics/document.h"
#include "metrics/intake_hook.h"

typedef bool (*write_fn)(const struct tally_call *call, struct json *json);

static void write_one(struct json *json, const struct param *param)
{
    switch (param->kind) {
    case PARAM_TEXT:
        json_text(json, param->value);
        break;
    case PARAM_NUMBER:
    case PARAM_BOOL:
    case PARAM_NULL:
    case PARAM_JSON:
        json_raw(json, param->value);
        break;
    }
}

static bool write_parameters(const struct tally_call *call, struct json *json)
{
    if (!call->params)
        return false;
    json_open_object(json);
    for (unsigned i = 0; i < call->params->count; i++) {
        json_key(json, call->params->list[i].name);
        write_one(json, &call->params->list[i]);
    }
    json_close_object(json);
    return true;
}

static bool write_href(const struct tally_call *call, struct json *json)
{
    struct buffer out;

    if (call->path.len == 0)
        return false;
    buffer_init(&out, call->path.len + call->query.len + 1);
    buffer_add_text(&out, call->path);
    if (call->query.len > 0) {
        buffer_add_string(&out, "?");
        buffer_add_text(&out, call->query);
    }
    json_text(json, buffer_text(&out));
    buffer_finish(&out);
    return true;
}

static bool write_full_path(const struct tally_call *call, struct json *json)
{
    json_text(json, call->path);
    return call->path.len > 0;
}

/* The first two segments: /i/apps of /i/apps/create. */
static bool write_api_path(const struct tally_call *call, struct json *json)
{
    struct text path = call->path;
    unsigned slashes = 0;

    for (size_t i = 0; i < path.len; i++) {
        slashes += path.at[i] == '/';
        if (slashes == 3)
            path.len = i;
    }
    json_text(json, path);
    return path.len > 0;
}

/* As the guide's: paths[0] is what stands before the first slash. */
static bool write_paths(const struct tally_call *call, struct json *json)
{
    struct text rest = call->path;
    bool is_last = false;

    if (call->path.len == 0)
        return false;
    json_open_array(json);
    while (!is_last) {
        const char *slash =
            rest.len > 0 ? memchr(rest.at, '/', rest.len) : NULL;
        size_t len = slash ? (size_t)(slash - rest.at) : rest.len;
        json_text(json, (struct text){rest.at, len});
        is_last = !slash;
        if (slash)
            rest = (struct text){slash + 1, rest.len - len - 1};
    }
    json_close_array(json);
    return true;
}

static bool write_address(const struct tally_call *call, struct json *json)
{
    json_text(json, call->address);
    return call->address.len > 0;
}

static bool write_cancelled(const struct tally_call *call, struct json *json)
{
    json_bool(json, call->is_cancelled);
    return true;
}

static bool write_bulk(const struct tally_call *call, struct json *json)
{
    json_bool(json, call->is_bulk);
    return true;
}

static bool write_member(const struct tally_call *call, struct json *json)
{
    if (!call->member)
        return false;
    json_open_object(json);
    member_write_fields(json, call->member);
    json_close_object(json);
    return true;
}

static bool write_app(const struct tally_call *call, struct json *json)
{
    if (!call->app)
        return false;
    app_write_created(json, call->app);
    return true;
}

static bool write_app_text(const struct tally_call *call, struct json *json,
                           const char *text)
{
    if (!call->app || !text)
        return false;
    json_string(json, text);
    return true;
}

static bool write_app_id(const struct tally_call *call, struct json *json)
{
    return write_app_text(call, json, call->app ? call->app->id : NULL);
}

static bool write_app_country(const struct tally_call *call, struct json *json)
{
    return write_app_text(call, json, call->app ? call->app->country : NULL);
}

static bool write_app_name(const struct tally_call *call, struct json *json)
{
    return write_app_text(call, json, call->app ? call->app->name : NULL);
}

static bool write_app_zone(const struct tally_call *call, struct json *json)
{
    return write_app_text(call, json, call->app ? call->app->timezone : NULL);
}

static const struct {
    const char *name;
    write_fn write;
} properties[] = {
    {"qstring", write_parameters},
    {"href", write_href},
    {"fullPath", write_full_path},
    {"apiPath", write_api_path},
    {"paths", write_paths},
    {"ip_address", write_address},
    {"cancelRequest", write_cancelled},
    {"bulk", write_bulk},
    {"member", write_member},
    {"app", write_app},
    {"app_id", write_app_id},
    {"app_cc", write_app_country},
    {"app_name", write_app_name},
    {"appTimezone", write_app_zone},
    {"time", call_write_time},
};

bool call_write_param(const struct tally_call *call, struct text name,
                      struct json *json)
{
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (text_is(name, properties[i].name))
            return properties[i].write(call, json);
    }
    if (intake_write_param(call, name, json))
        return true;
    return call->door && call->door->write_param &&
           call->door->write_param(call, name, json);
}
