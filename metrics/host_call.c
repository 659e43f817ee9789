/*
 * What a handler sees of its call, and may change of it.
 */
#include "engine/utf8.h"
#include "metrics/call.h"
#include "metrics/host.h"

static struct tally_plugin *host_self(const struct tally_call *call)
{
    return call->plugin;
}

static struct tally_text host_get(struct tally_call *call, const char *name)
{
    return host_tally_text(call_get(call, text_of(name)));
}

static struct tally_text host_string(struct tally_call *call, const char *name)
{
    static const struct tally_text none = {NULL, 0};
    struct text json = call_get(call, text_of(name));
    struct scan_value value;
    struct scan scan;

    scan_init(&scan, json);
    if (json.len == 0 || !scan_read(&scan, &value) || value.kind != SCAN_STRING)
        return none;
    if (!value.has_escapes)
        return host_tally_text(value.text);
    char *out = arena_alloc(call->arena, value.text.len);
    if (!out)
        return none;
    return (struct tally_text){out, scan_decode(out, value.text)};
}

static int host_set(struct tally_call *call, const char *name,
                    struct tally_text json)
{
    return call_set(call, text_of(name), host_text(json));
}

static struct tally_text host_param(const struct tally_call *call,
                                    const char *name)
{
    const struct param *param =
        call->params ? params_find(call->params, name) : NULL;

    return param ? host_tally_text(param->value) : (struct tally_text){NULL, 0};
}

static int put_param(struct tally_call *call, const char *name,
                     struct text value, enum param_kind kind)
{
    if (!call->params)
        return TALLY_E_NOT_HERE;
    if (utf8_valid_length(value) != value.len)
        return TALLY_E_INVALID;
    struct text key = text_of(name);
    struct param param = {
        .name = {arena_strndup(call->arena, key.at, key.len), key.len},
        .value = {arena_strndup(call->arena, value.at, value.len), value.len},
        .kind = kind};

    if (!param.name.at || !param.value.at ||
        params_set(call->params, call->arena, param) != TALLY_OK)
        return TALLY_E_TOO_BIG;
    return 0;
}

static int host_set_param(struct tally_call *call, const char *name,
                          struct tally_text text)
{
    return put_param(call, name, host_text(text), PARAM_TEXT);
}

static const enum param_kind kinds[] = {
    [SCAN_STRING] = PARAM_TEXT, [SCAN_NUMBER] = PARAM_NUMBER,
    [SCAN_BOOL] = PARAM_BOOL,   [SCAN_NULL] = PARAM_NULL,
    [SCAN_OBJECT] = PARAM_JSON, [SCAN_ARRAY] = PARAM_JSON,
};

static int host_set_param_json(struct tally_call *call, const char *name,
                               struct tally_text json)
{
    struct scan_value value;

    if (!call_is_json(host_text(json), &value))
        return TALLY_E_INVALID;
    if (value.kind == SCAN_STRING && value.has_escapes) {
        char *out = arena_alloc(call->arena, value.text.len);
        if (!out)
            return TALLY_E_TOO_BIG;
        value.text = (struct text){out, scan_decode(out, value.text)};
    }
    return put_param(call, name, value.text, kinds[value.kind]);
}

static struct tally_text host_header(const struct tally_call *call,
                                     const char *name)
{
    if (!call->door || !call->door->header)
        return (struct tally_text){NULL, 0};
    return host_tally_text(call->door->header(call, name));
}

static int host_time(const struct tally_call *call, struct tally_time *time)
{
    struct moment moment;

    if (!call_moment(call, &moment))
        return TALLY_E_NOT_HERE;
    *time = (struct tally_time){.seconds = moment.seconds,
                                .year = moment.date.year,
                                .month = moment.date.month,
                                .day = moment.date.day,
                                .hour = moment.hour - moment.day * 24,
                                .week = moment.date.week,
                                .local_day = moment.day};
    return 0;
}

static int host_cancel(struct tally_call *call, const char *reason)
{
    struct text text = text_of(reason);

    if (call->hook != HOOK_ANY && call->hook != HOOK_SDK)
        return TALLY_E_NOT_HERE;
    call->is_cancelled = true;
    call->reason.at = arena_strndup(call->arena, text.at, text.len);
    call->reason.len = call->reason.at ? text.len : 0;
    return 0;
}

void host_add_call(struct tally_host *host)
{
    host->self = host_self;
    host->get = host_get;
    host->string = host_string;
    host->set = host_set;
    host->param = host_param;
    host->set_param = host_set_param;
    host->set_param_json = host_set_param_json;
    host->header = host_header;
    host->time = host_time;
    host->cancel = host_cancel;
}
