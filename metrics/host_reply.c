/*
 * Answers of plugins: they go to whoever opened the door.
 */
#include "metrics/answer.h"
#include "metrics/call.h"
#include "metrics/host.h"

enum { MESSAGE_MAX = 64 * 1024, STATUS_MIN = 200, STATUS_MAX = 599 };

static const char json_type[] = "application/json";

static int reply(struct tally_call *call, int status, const char *type,
                 struct text body)
{
    if (!call->door || !call->door->reply)
        return TALLY_E_NOT_HERE;
    if (status < STATUS_MIN || status > STATUS_MAX)
        return TALLY_E_INVALID;
    return call->door->reply(call, status, type, body);
}

static int host_reply(struct tally_call *call, int status, const char *message)
{
    struct buffer out;
    int result = TALLY_E_TOO_BIG;

    buffer_init(&out, MESSAGE_MAX);
    answer_write_joined(&out, status, "", text_of(message));
    if (buffer_is_whole(&out))
        result = reply(call, status, json_type, buffer_text(&out));
    buffer_finish(&out);
    return result;
}

static int host_reply_json(struct tally_call *call, int status,
                           struct tally_text json)
{
    struct scan_value value;

    if (!call_is_json(host_text(json), &value))
        return TALLY_E_INVALID;
    return reply(call, status, json_type, host_text(json));
}

static int host_reply_raw(struct tally_call *call, int status,
                          const char *content_type, struct tally_text body)
{
    if (!content_type)
        return TALLY_E_INVALID;
    return reply(call, status, content_type, host_text(body));
}

static int host_reply_header(struct tally_call *call, const char *name,
                             const char *value)
{
    if (!call->door || !call->door->add_header)
        return TALLY_E_NOT_HERE;
    return call->door->add_header(call, name, value);
}

static int host_validate(struct tally_call *call, enum tally_right right,
                         const char *feature, tally_handler next, void *user)
{
    if (!call->door || !call->door->validate)
        return TALLY_E_NOT_HERE;
    if (!next)
        return TALLY_E_INVALID;
    return call->door->validate(
        call, right, feature ? feature : call->plugin->description->name, next,
        user);
}

static int host_fetch_time_obj(struct tally_call *call, const char *db)
{
    if (!call->door || !call->door->fetch)
        return TALLY_E_NOT_HERE;
    return call->door->fetch(call, db);
}

void host_add_reply(struct tally_host *host)
{
    host->reply = host_reply;
    host->reply_json = host_reply_json;
    host->reply_raw = host_reply_raw;
    host->reply_header = host_reply_header;
    host->validate = host_validate;
    host->fetch_time_obj = host_fetch_time_obj;
}
