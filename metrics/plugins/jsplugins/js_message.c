#include "metrics/plugins/jsplugins/js_message.h"

#include <stdio.h>
#include <string.h>

#include "js_files.h"

/* Members of the payload that hooks have, besides params. */
static const char *const values[] = {
    "appId",     "app_id",           "data",        "isNewUser", "user",
    "dbAppUser", "session_duration", "end_session", "action",    "events",
    "duration",  "viewName",         "query",       "changes",   "oldUser",
    "newUser",   "member",           "ids",         "moment",    "updates",
};

/* Of params; what follows from them Node adds itself. */
static const char *const parameters[] = {
    "qstring", "href", "fullPath", "ip_address",
    "bulk",    "app",  "member",   "app_user",
};

static const char *const known[] = {"app", "member", "app_user"};

static const char *const headers[] = {
    "user-agent", "countly-token",   "content-type", "referer",
    "origin",     "accept-language", "host",
};

enum { NAME_SIZE = 64 };

static const struct tally_host *host_of(const struct js_hook *hook)
{
    return hook->js->host;
}

static void add_value(struct js_text *text, const char *name,
                      struct tally_text json)
{
    if (json.len == 0)
        return;
    js_text_add_key(text, name);
    js_text_add(text, json.at, json.len);
}

static void add_params(struct js_text *text, const struct tally_host *host,
                       struct tally_call *call, const char *const names[],
                       size_t count)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "params.%s", names[i]);
        add_value(text, names[i], host->get(call, name));
    }
}

static void add_time(struct js_text *text, const struct tally_host *host,
                     const struct tally_call *call)
{
    struct tally_time time;

    if (host->time(call, &time) != 0)
        return;
    const struct {
        const char *name;
        int64_t value;
    } parts[] = {
        {"seconds", time.seconds}, {"year", time.year}, {"month", time.month},
        {"day", time.day},         {"hour", time.hour}, {"week", time.week},
    };
    js_text_add_key(text, "time");
    js_text_add_string(text, "{");
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        js_text_add_key(text, parts[i].name);
        js_text_add_number(text, parts[i].value);
    }
    js_text_add_string(text, "}");
}

static void add_headers(struct js_text *text, const struct tally_host *host,
                        const struct tally_call *call)
{
    js_text_add_key(text, "headers");
    js_text_add_string(text, "{");
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct tally_text value = host->header(call, headers[i]);

        if (!value.at)
            continue;
        js_text_add_key(text, headers[i]);
        js_text_add_quoted(text, value);
    }
    js_text_add_string(text, "}");
}

static void add_text(struct js_text *text, const char *name, const char *value)
{
    js_text_add_key(text, name);
    js_text_add_quoted(text, (struct tally_text){value, strlen(value)});
}

void js_message_call(struct js_text *text, const struct js_hook *hook,
                     struct tally_call *call, uint64_t id)
{
    const struct tally_host *host = host_of(hook);

    js_text_open(text);
    js_text_add_string(text, "{");
    add_text(text, "kind", js_kind_name(hook->kind));
    add_text(text, "hook", hook->path);
    js_text_add_key(text, "id");
    js_text_add_number(text, (int64_t)id);
    js_text_add_key(text, "params");
    js_text_add_string(text, "{");
    add_params(text, host, call, parameters,
               sizeof(parameters) / sizeof(parameters[0]));
    add_time(text, host, call);
    js_text_add_string(text, "}");
    add_headers(text, host, call);
    js_text_add_key(text, "values");
    js_text_add_string(text, "{");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        add_value(text, values[i], host->get(call, values[i]));
    js_text_add_string(text, "}}");
    js_text_close(text);
}

/* --- those that say something --- */

static void begin(struct js_text *text, const char *say)
{
    js_text_open(text);
    js_text_add_string(text, "{");
    add_text(text, "say", say);
}

static void end(struct jsplugins *js, struct js_text *text)
{
    js_text_add_string(text, "}");
    js_text_close(text);
    js_queue_add(&js->queue, text);
    js_text_finish(text);
}

void js_message_validated(struct jsplugins *js, struct tally_call *call,
                          uint64_t id)
{
    struct js_text text = {0};

    begin(&text, "validated");
    js_text_add_key(&text, "id");
    js_text_add_number(&text, (int64_t)id);
    js_text_add_key(&text, "known");
    js_text_add_string(&text, "{");
    add_params(&text, js->host, call, known, sizeof(known) / sizeof(known[0]));
    add_time(&text, js->host, call);
    js_text_add_string(&text, "}");
    end(js, &text);
}

void js_message_gone(struct jsplugins *js, uint64_t id)
{
    struct js_text text = {0};

    begin(&text, "gone");
    js_text_add_key(&text, "id");
    js_text_add_number(&text, (int64_t)id);
    end(js, &text);
}

void js_message_go(struct jsplugins *js)
{
    struct js_text text = {0};

    begin(&text, "go");
    end(js, &text);
}

void js_message_suspend(struct jsplugins *js, const char *plugin,
                        bool is_suspended)
{
    struct js_text text = {0};

    begin(&text, "suspend");
    add_text(&text, "plugin", plugin);
    js_text_add_key(&text, "on");
    js_text_add_string(&text, is_suspended ? "true" : "false");
    end(js, &text);
}

void js_message_ping(struct jsplugins *js)
{
    struct js_text text = {0};

    begin(&text, "ping");
    end(js, &text);
}

void js_message_boot(struct jsplugins *js, struct js_text *text)
{
    js_text_open(text);
    js_text_add_string(text, "{\"files\":");
    js_text_add_string(text, js_files);
    js_text_add_string(text, ",\"settings\":{");
    add_text(text, "dir", js->settings.dir);
    js_text_add_key(text, "timeout");
    js_text_add_number(text, js->settings.timeout_ms);
    js_text_add_string(text, "}}");
    js_text_close(text);
}
