#include "metrics/user_hook.h"

#include <stdio.h>

#include "metrics/id.h"
#include "metrics/identity.h"

enum { VALUES_MAX = 4, DATA_MAX = 256 * 1024, SENT_MAX = 2 };

static const struct row {
    enum hook hook;
    const char *action; /* of /systemlogs */
    struct {
        const char *name;
        const char *parameter; /* of the request, JSON; NULL: there is none */
    } sent[SENT_MAX];
} rows[] = {
    {HOOK_USER_CREATE, "app_user_created", {{"user", "data"}}},
    {HOOK_USER_UPDATE,
     "app_user_updated",
     {{"query", "query"}, {"update", "update"}}},
    {HOOK_USER_DELETE, "app_user_deleted", {{"query", "query"}}},
    {HOOK_USER_EXPORT, "export_app_user", {{"query", "query"}}},
};

static const struct row *row_of(enum hook hook)
{
    const struct row *row = rows;

    while (row->hook != hook)
        row++;
    return row;
}

static void add(struct tally_call *call, const char *name, struct text json)
{
    struct call_value value = {.name = name};

    value.json.at = arena_strndup(call->arena, json.at, json.len);
    value.json.len = value.json.at ? json.len : 0;
    if (value.json.len > 0)
        call->values[call->value_count++] = value;
}

static void add_facts(struct tally_call *call, const struct row *row,
                      uint32_t ordinal)
{
    char uid[IDENTITY_UID_SIZE];
    char json[ID_SIZE + IDENTITY_UID_SIZE + 8];

    identity_uid(ordinal, uid);
    snprintf(json, sizeof(json), "[\"%s\"]", uid);
    add(call, "uids", text_of(json));
    snprintf(json, sizeof(json), "\"%s\"", call->app->id);
    add(call, "app_id", text_of(json));
    for (int i = 0; i < SENT_MAX && row->sent[i].name; i++)
        add(call, row->sent[i].name,
            params_text(call->params, row->sent[i].parameter));
}

/* The values of the hook become the data of the log. */
static void fire_log(struct tally_call *call, const struct row *row)
{
    struct buffer data;
    struct json json;
    char action[64];

    buffer_init(&data, DATA_MAX);
    json_init(&json, &data, JSON_PLAIN);
    json_open_object(&json);
    for (unsigned i = 0; i < call->value_count; i++) {
        json_key_string(&json, call->values[i].name);
        json_raw(&json, call->values[i].json);
    }
    json_close_object(&json);
    snprintf(action, sizeof(action), "\"%s\"", row->action);
    call->value_count = 0;
    add(call, "action", text_of(action));
    if (buffer_is_whole(&data))
        add(call, "data", buffer_text(&data));
    buffer_finish(&data);
    call->asked = 0;
    (void)plugins_fire(call->tally->plugins, HOOK_SYSTEM_LOGS, call);
}

void user_hook_fire(const struct user_admin *admin, enum hook hook,
                    uint32_t ordinal)
{
    struct plugins *plugins = admin->tally->plugins;
    bool is_logged = plugins_listen(plugins, HOOK_SYSTEM_LOGS);
    struct call_value values[VALUES_MAX];

    if (!admin->hooks || (!is_logged && !plugins_listen(plugins, hook)))
        return;
    struct tally_call call = *admin->hooks;
    call.app = admin->app;
    call.batch = &admin->tally->batch;
    call.values = values;
    add_facts(&call, row_of(hook), ordinal);
    (void)plugins_fire(plugins, hook, &call);
    if (is_logged)
        fire_log(&call, row_of(hook));
}
