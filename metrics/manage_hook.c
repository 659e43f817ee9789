#include "metrics/manage_hook.h"

#include <stdio.h>
#include <stdlib.h>

#include "metrics/call.h"
#include "metrics/cutting.h"
#include "metrics/document.h"
#include "metrics/kind.h"
#include "metrics/moment.h"
#include "metrics/token.h"

enum { VALUES_MAX = 4, ID_ROOM = 64 };

static const struct row {
    uint8_t kind; /* of the documents that it changes */
    enum hook hook;
    const char *action; /* of /systemlogs */
} rows[] = {
    [DEED_APP_CREATE] = {KIND_APP, HOOK_APP_CREATE, "app_created"},
    [DEED_APP_UPDATE] = {KIND_APP, HOOK_APP_UPDATE, "app_updated"},
    [DEED_APP_RESET] = {KIND_APP, HOOK_APP_RESET, "app_reset"},
    [DEED_APP_DELETE] = {KIND_APP, HOOK_APP_DELETE, "app_deleted"},
    [DEED_MEMBER_CREATE] = {KIND_MEMBER, HOOK_MEMBER_CREATE, "user_created"},
    [DEED_MEMBER_UPDATE] = {KIND_MEMBER, HOOK_MEMBER_UPDATE, "user_updated"},
    [DEED_MEMBER_DELETE] = {KIND_MEMBER, HOOK_MEMBER_DELETE, "user_deleted"},
    [DEED_TOKEN_CREATE] = {KIND_TOKEN, HOOK_COUNT, "token_created"},
    [DEED_TOKEN_DELETE] = {KIND_TOKEN, HOOK_COUNT, "token_deleted"},
    [DEED_EVENTS_UPDATE] = {KIND_EVENTS, HOOK_COUNT, "events_updated"},
    [DEED_EVENTS_DELETE] = {KIND_EVENTS, HOOK_COUNT, "event_deleted"},
};

/* Resets of an app that leave something. */
static const struct row clear = {KIND_APP, HOOK_APP_CLEAR,
                                 "app_clear_old_data"};
static const struct row clear_all = {KIND_APP, HOOK_APP_CLEAR_ALL,
                                     "app_clear_all"};

/* One thing that the call changes. */
struct change {
    const struct manage *call;
    const cJSON *args;
    const struct pass *pass;
    const struct row *row;
    char id[ID_ROOM];
    cJSON *before; /* NULL: it is new */
    cJSON *after;  /* NULL: it is gone */
};

/* --- what is shown of documents --- */

/* Without what is the engine's, secret, or a token itself. */
static cJSON *show(uint8_t kind, cJSON *document)
{
    cJSON *member = document ? document->child : NULL;

    while (member) {
        cJSON *next = member->next;
        bool is_id = strcmp(member->string, "_id") == 0;
        bool is_hidden = (member->string[0] == '_' && !is_id) ||
                         (is_id && kind == KIND_TOKEN) ||
                         strcmp(member->string, "password") == 0;

        if (is_hidden)
            cJSON_Delete(cJSON_DetachItemViaPointer(document, member));
        member = next;
    }
    return document;
}

/* What the registry has; NULL when it has none. */
static cJSON *find_before(const struct manage *call, uint8_t kind,
                          struct text id)
{
    const struct registry *registry = call->claim.registry;
    const cJSON *document = NULL;

    if (kind == KIND_APP) {
        const struct app *app = registry_app(registry, id);
        document = app ? app->document : NULL;
    } else if (kind == KIND_MEMBER) {
        const struct member *member = registry_member(registry, id);
        document = member ? member->document : NULL;
    }
    return document ? show(kind, cJSON_Duplicate(document, true)) : NULL;
}

/* The members that are new or others; null for those that are gone. */
static cJSON *differences(const cJSON *before, const cJSON *after)
{
    cJSON *all = cJSON_CreateObject();
    const cJSON *member;

    cJSON_ArrayForEach(member, after)
    {
        if (!cJSON_Compare(document_find(before, member->string), member, true))
            cJSON_AddItemToObject(all, member->string,
                                  cJSON_Duplicate(member, true));
    }
    cJSON_ArrayForEach(member, before)
    {
        if (!document_find(after, member->string))
            cJSON_AddNullToObject(all, member->string);
    }
    return all;
}

/* Which events were deleted, and what is decided about those that are left. */
static cJSON *events_data_of(const struct change *change)
{
    struct text events = params_text(change->call->claim.params, "events");
    cJSON *data = cJSON_CreateObject();
    cJSON *list = events.len > 0 ? document_parse_value(events) : NULL;

    cJSON_AddStringToObject(data, "appID", change->id);
    if (list)
        cJSON_AddItemToObject(data, "events", list);
    if (change->after)
        cJSON_AddItemToObject(data, "update",
                              cJSON_Duplicate(change->after, true));
    return data;
}

/* The data of the hook. */
static cJSON *data_of(const struct change *change)
{
    if (change->row->hook == HOOK_APP_UPDATE ||
        change->row->hook == HOOK_MEMBER_UPDATE)
        return differences(change->before, change->after);
    if (change->row->kind == KIND_EVENTS)
        return events_data_of(change);
    return cJSON_Duplicate(change->before ? change->before : change->after,
                           true);
}

/* The data of /systemlogs. */
static cJSON *log_data_of(const struct change *change)
{
    bool is_update = change->row->hook == HOOK_APP_UPDATE ||
                     change->row->hook == HOOK_MEMBER_UPDATE;
    cJSON *data = data_of(change);

    if (!is_update)
        return data;
    cJSON *all = cJSON_CreateObject();
    cJSON_AddItemToObject(all, "before", cJSON_Duplicate(change->before, true));
    cJSON_AddItemToObject(all, "after", cJSON_Duplicate(change->after, true));
    cJSON_AddItemToObject(all, "update", data);
    return all;
}

/* --- firing --- */

/* Adds a value, and frees the tree. */
static void add(struct tally_call *hooks, const char *name, cJSON *tree)
{
    char *json = tree ? cJSON_PrintUnformatted(tree) : NULL;
    struct text text = text_of(json);
    struct call_value value = {.name = name};

    value.json.at =
        json ? arena_strndup(hooks->arena, text.at, text.len) : NULL;
    value.json.len = value.json.at ? text.len : 0;
    if (value.json.len > 0)
        hooks->values[hooks->value_count++] = value;
    cJSON_free(json);
    cJSON_Delete(tree);
}

static void fire(struct tally_call *hooks, enum hook hook)
{
    hooks->asked = 0;
    hooks->wait = 0;
    (void)plugins_fire(hooks->tally->plugins, hook, hooks);
}

/* As Countly names documents: those of the months that stay, and their
 * years'. */
static cJSON *ids_that_stay(const struct change *change, int32_t from)
{
    struct date first = date_of_day(from);
    struct date last =
        moment_at(change->pass->app->zone, change->call->now).date;
    cJSON *ids = cJSON_CreateArray();
    char id[ID_ROOM + 32];

    for (int year = first.year; year <= last.year; year++) {
        int begin = year == first.year ? first.month : 1;
        int end = year == last.year ? last.month : 12;

        snprintf(id, sizeof(id), "%s_%d:0", change->id, year);
        cJSON_AddItemToArray(ids, cJSON_CreateString(id));
        for (int month = begin; month <= end; month++) {
            snprintf(id, sizeof(id), "%s_%d:%d", change->id, year, month);
            cJSON_AddItemToArray(ids, cJSON_CreateString(id));
        }
    }
    return ids;
}

static int32_t first_day_left(const struct change *change)
{
    const char *period = document_string(change->args, "period");

    return cutting_day(change->pass->app, text_of(period), change->call->now);
}

static void add_clear(struct tally_call *hooks, const struct change *change)
{
    int32_t day = first_day_left(change);
    int64_t moment = zone_day_start(change->pass->app->zone, day);

    add(hooks, "moment", cJSON_CreateNumber((double)moment));
    add(hooks, "ids", ids_that_stay(change, day));
}

static void fire_hook(struct tally_call *hooks, const struct change *change)
{
    enum hook hook = change->row->hook;

    if (hook == HOOK_COUNT || !plugins_listen(hooks->tally->plugins, hook))
        return;
    hooks->value_count = 0;
    add(hooks, "data", data_of(change));
    if (change->row->kind == KIND_APP)
        add(hooks, "appId", cJSON_CreateString(change->id));
    else
        add(hooks, "member",
            cJSON_Duplicate(change->after ? change->after : change->before,
                            true));
    if (hook == HOOK_APP_CLEAR)
        add_clear(hooks, change);
    fire(hooks, hook);
}

static void fire_log(struct tally_call *hooks, const struct change *change)
{
    if (!plugins_listen(hooks->tally->plugins, HOOK_SYSTEM_LOGS))
        return;
    hooks->value_count = 0;
    add(hooks, "action", cJSON_CreateString(change->row->action));
    add(hooks, "data", log_data_of(change));
    fire(hooks, HOOK_SYSTEM_LOGS);
}

static const struct row *row_of(const struct manage *call, enum deed deed,
                                const cJSON *args, const struct pass *pass)
{
    struct text period = text_of(document_string(args, "period"));

    if (deed != DEED_APP_RESET || text_is(period, "reset"))
        return &rows[deed];
    return cutting_day(pass->app, period, call->now) > 0 ? &clear : &clear_all;
}

static void fire_change(const struct change *change)
{
    struct call_value values[VALUES_MAX];
    struct tally_call hooks = *change->call->hooks;

    hooks.batch = change->call->batch;
    hooks.app = change->pass->app;
    hooks.member = change->pass->member;
    hooks.values = values;
    fire_hook(&hooks, change);
    fire_log(&hooks, change);
}

/* False for what is no document of the kind. */
static bool read_change(struct change *change, const struct effect *effect)
{
    uint8_t kind = change->row->kind;
    bool is_put = effect->kind == EFFECT_PUT;

    if ((!is_put && effect->kind != EFFECT_ERASE) ||
        effect->table != TABLE_DOCUMENTS || effect->key.at[0] != kind)
        return false;
    struct text id = {effect->key.at + 1, effect->key.len - 1};
    snprintf(change->id, sizeof(change->id), "%.*s", (int)id.len, id.at);
    change->before = find_before(change->call, kind, id);
    change->after = is_put ? show(kind, document_parse(effect->value)) : NULL;
    return true;
}

void manage_hook_fire(const struct manage *call, enum deed deed,
                      const cJSON *args, const struct pass *pass, size_t start)
{
    size_t end = batch_size(call->batch);
    struct effect effect;

    if (!call->hooks || deed == DEED_NONE)
        return;
    struct change change = {.call = call,
                            .args = args,
                            .pass = pass,
                            .row = row_of(call, deed, args, pass)};

    /* Handlers add to the batch, which may move. */
    for (size_t at = start;
         at < end && effect_read(buffer_text(&call->batch->bytes), &at,
                                 &effect) == TALLY_OK;) {
        if (!read_change(&change, &effect))
            continue;
        fire_change(&change);
        cJSON_Delete(change.before);
        cJSON_Delete(change.after);
    }
}
