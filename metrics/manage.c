#include "metrics/manage.h"

#include "metrics/app_admin.h"
#include "metrics/app_list.h"
#include "metrics/document.h"
#include "metrics/event_admin.h"
#include "metrics/feature.h"
#include "metrics/id.h"
#include "metrics/login.h"
#include "metrics/manage_hook.h"
#include "metrics/member_admin.h"
#include "metrics/member_list.h"
#include "metrics/metric_admin.h"
#include "metrics/note_admin.h"
#include "metrics/note_table.h"
#include "metrics/token_admin.h"

enum need {
    NEED_USER,
    NEED_GLOBAL_ADMIN,
    NEED_APP_ADMIN,   /* of the app that app_id names */
    NEED_MANAGED_APP, /* of the one that args names */
    NEED_EVENT_EDIT,  /* may change the events of the app of app_id */
    NEED_EVENT_DELETE,
    NEED_NOTE_SAVE, /* may create things in the app of app_id or args */
    NEED_NOTE_DELETE,
    NEED_NOTE_READ,
};

typedef int (*write_fn)(struct manage *call, const cJSON *args,
                        const struct pass *pass);

struct action {
    const char *name;
    enum need need;
    write_fn run;
    enum deed deed;
};

/* A list that passes the answer's maximum is no list. */
static int finish_body(const struct manage *call)
{
    if (buffer_is_whole(call->out))
        return ANSWER_OK;
    buffer_clear(call->out);
    return answer_write(call->out, (struct answer){500, "Answer too long"});
}

static struct json open_body(struct manage *call)
{
    bool is_raw = params_is_true(call->claim.params, "raw");
    struct json json;

    json_init(&json, call->out, is_raw ? JSON_PLAIN : JSON_DATA);
    return json;
}

static int read_all_apps(struct manage *call, const cJSON *args,
                         const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    (void)pass;
    app_list_write_all(&json, call->claim.registry);
    return finish_body(call);
}

static int read_my_apps(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    app_list_write_mine(&json, call->claim.registry, pass->member);
    return finish_body(call);
}

static int read_app_details(struct manage *call, const cJSON *args,
                            const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    app_list_write_details(&json, call->claim.registry, pass->app);
    return finish_body(call);
}

static int read_all_members(struct manage *call, const cJSON *args,
                            const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    member_list_write_all(&json, call, pass->member);
    return finish_body(call);
}

static int read_me(struct manage *call, const cJSON *args,
                   const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    member_list_write(&json, call->claim.registry, pass->member);
    return finish_body(call);
}

static int read_one_member(struct manage *call, const cJSON *args,
                           const struct pass *pass)
{
    struct text id = params_text(call->claim.params, "id");
    struct json json = open_body(call);

    (void)args;
    if (!id_is_valid(id))
        return answer_write(call->out,
                            (struct answer){401, "Missing user id parameter"});
    member_list_write_one(&json, call, pass->member, id);
    return finish_body(call);
}

static int read_features(struct manage *call, const cJSON *args,
                         const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    (void)pass;
    feature_write_all(&json, call->plugins);
    return finish_body(call);
}

static int read_plugins(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    (void)pass;
    feature_write_plugins(&json, call->plugins);
    return finish_body(call);
}

static int read_plugin_map(struct manage *call, const cJSON *args,
                           const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    (void)pass;
    feature_write_plugin_map(&json, call->plugins);
    return finish_body(call);
}

static int read_notes(struct manage *call, const cJSON *args,
                      const struct pass *pass)
{
    struct json json = open_body(call);
    struct answer answer = note_table_write(call, pass, &json);

    (void)args;
    return answer.status == ANSWER_OK ? finish_body(call)
                                      : answer_write(call->out, answer);
}

static int read_metrics(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    struct json json = open_body(call);

    (void)args;
    (void)pass;
    metric_admin_write_all(&json, call->catalog);
    return finish_body(call);
}

static const struct action app_actions[] = {
    {"create", NEED_GLOBAL_ADMIN, app_admin_create, DEED_APP_CREATE},
    {"update", NEED_MANAGED_APP, app_admin_update, DEED_APP_UPDATE},
    {"delete", NEED_MANAGED_APP, app_admin_delete, DEED_APP_DELETE},
    {"reset", NEED_MANAGED_APP, app_admin_reset, DEED_APP_RESET},
    {0},
};

static const struct action member_actions[] = {
    {"create", NEED_GLOBAL_ADMIN, member_admin_create, DEED_MEMBER_CREATE},
    {"update", NEED_GLOBAL_ADMIN, member_admin_update, DEED_MEMBER_UPDATE},
    {"delete", NEED_GLOBAL_ADMIN, member_admin_delete, DEED_MEMBER_DELETE},
    {"deleteOwnAccount", NEED_USER, member_admin_delete_own,
     DEED_MEMBER_DELETE},
    {0},
};

static const struct action app_reads[] = {
    {"all", NEED_GLOBAL_ADMIN, read_all_apps, DEED_NONE},
    {"mine", NEED_USER, read_my_apps, DEED_NONE},
    {"details", NEED_APP_ADMIN, read_app_details, DEED_NONE},
    {"plugins", NEED_GLOBAL_ADMIN, read_plugin_map, DEED_NONE},
    {0},
};

static const struct action member_reads[] = {
    {"me", NEED_USER, read_me, DEED_NONE},
    {"all", NEED_GLOBAL_ADMIN, read_all_members, DEED_NONE},
    {"id", NEED_GLOBAL_ADMIN, read_one_member, DEED_NONE},
    {"permissions", NEED_GLOBAL_ADMIN, read_features, DEED_NONE},
    {"reset_timeban", NEED_GLOBAL_ADMIN, login_reset_ban, DEED_NONE},
    {0},
};

static const struct action token_actions[] = {
    {"create", NEED_USER, token_admin_create, DEED_TOKEN_CREATE},
    {"delete", NEED_USER, token_admin_delete, DEED_TOKEN_DELETE},
    {0},
};

static const struct action token_reads[] = {
    {"list", NEED_USER, token_admin_list, DEED_NONE},
    {"check", NEED_USER, token_admin_check, DEED_NONE},
    {0},
};

static const struct action event_actions[] = {
    {"whitelist_segments", NEED_EVENT_EDIT, event_admin_whitelist,
     DEED_EVENTS_UPDATE},
    {"edit_map", NEED_EVENT_EDIT, event_admin_edit, DEED_EVENTS_UPDATE},
    {"change_visibility", NEED_EVENT_EDIT, event_admin_show,
     DEED_EVENTS_UPDATE},
    {"delete_events", NEED_EVENT_DELETE, event_admin_delete,
     DEED_EVENTS_DELETE},
    {0},
};

static const struct action note_actions[] = {
    {"save", NEED_NOTE_SAVE, note_admin_save, DEED_NONE},
    {"delete", NEED_NOTE_DELETE, note_admin_delete, DEED_NONE},
    {0},
};

static const struct action note_reads[] = {
    {"", NEED_NOTE_READ, read_notes, DEED_NONE},
    {0},
};

static const struct action metric_actions[] = {
    {"create", NEED_GLOBAL_ADMIN, metric_admin_create, DEED_NONE},
    {"delete", NEED_GLOBAL_ADMIN, metric_admin_delete, DEED_NONE},
    {0},
};

static const struct action metric_reads[] = {
    {"", NEED_GLOBAL_ADMIN, read_metrics, DEED_NONE},
    {0},
};

static const struct action system_reads[] = {
    {"plugins", NEED_USER, read_plugins, DEED_NONE},
    {0},
};

static struct answer check(const struct manage *call, enum need need,
                           const cJSON *args, struct pass *pass)
{
    switch (need) {
    case NEED_USER:
        return right_user(&call->claim, pass);
    case NEED_GLOBAL_ADMIN:
        return right_global_admin(&call->claim, pass);
    case NEED_APP_ADMIN:
        return right_app_admin(&call->claim, pass);
    case NEED_EVENT_EDIT:
        return right_feature(&call->claim, PERMISSION_UPDATE, "events", pass);
    case NEED_EVENT_DELETE:
        return right_feature(&call->claim, PERMISSION_DELETE, "events", pass);
    case NEED_NOTE_SAVE:
        return right_feature_of(&call->claim, note_admin_app(call, args),
                                PERMISSION_CREATE, "core", pass);
    case NEED_NOTE_DELETE:
        return right_feature(&call->claim, PERMISSION_DELETE, "core", pass);
    case NEED_NOTE_READ:
        return right_feature(&call->claim, PERMISSION_READ, "core", pass);
    case NEED_MANAGED_APP:
        break;
    }
    return right_managed_app(&call->claim,
                             text_of(document_string(args, "app_id")), pass);
}

static int run(struct manage *call, const struct action *action)
{
    cJSON *args = document_parse(params_text(call->claim.params, "args"));
    struct pass pass;
    struct answer answer = check(call, action->need, args, &pass);
    size_t used = batch_size(call->batch);
    int status = answer.status == ANSWER_OK ? action->run(call, args, &pass)
                                            : answer_write(call->out, answer);

    if (status == ANSWER_OK)
        manage_hook_fire(call, action->deed, args, &pass, used);
    else
        batch_cut(call->batch, status == MANAGE_WAITS ? 0 : used);
    cJSON_Delete(args);
    return status;
}

static int dispatch(struct manage *call, const struct action *actions,
                    struct text name, const char *refusal)
{
    struct answer answer = right_ids(call->claim.params);

    if (answer.status != ANSWER_OK)
        return answer_write(call->out, answer);
    for (const struct action *action = actions; action->name; action++) {
        if (text_is(name, action->name))
            return run(call, action);
    }
    return answer_write(call->out, (struct answer){400, refusal});
}

int manage_apps(struct manage *call, struct text action)
{
    return dispatch(call, app_actions, action,
                    "Invalid path, must be one of /create, /update, /delete "
                    "or /reset");
}

int manage_members(struct manage *call, struct text action)
{
    return dispatch(call, member_actions, action,
                    "Invalid path, must be one of /create, /update, "
                    "/deleteOwnAccount or /delete");
}

int manage_app_reads(struct manage *call, struct text action)
{
    return dispatch(call, app_reads, action,
                    "Invalid path, must be one of /all, /mine, /details or "
                    "/plugins");
}

int manage_member_reads(struct manage *call, struct text action)
{
    return dispatch(call, member_reads, action,
                    "Invalid path, must be one of /all or /me");
}

int manage_tokens(struct manage *call, struct text action)
{
    return dispatch(call, token_actions, action,
                    "Invalid path, must be one of /delete or /create");
}

int manage_token_reads(struct manage *call, struct text action)
{
    return dispatch(call, token_reads, action,
                    "Invalid path, must be one of /list");
}

int manage_events(struct manage *call, struct text action)
{
    return dispatch(call, event_actions, action,
                    "Invalid path, must be one of /whitelist_segments, "
                    "/edit_map, /change_visibility or /delete_events");
}

int manage_notes(struct manage *call, struct text action)
{
    return dispatch(call, note_actions, action,
                    "Invalid path, must be one of /save or /delete");
}

int manage_note_reads(struct manage *call, struct text action)
{
    return dispatch(call, note_reads, action, "Invalid path");
}

int manage_metrics(struct manage *call, struct text action)
{
    return dispatch(call, metric_actions, action,
                    "Invalid path, must be one of /create or /delete");
}

int manage_metric_reads(struct manage *call, struct text action)
{
    return dispatch(call, metric_reads, action, "Invalid path");
}

int manage_system_reads(struct manage *call, struct text action)
{
    return dispatch(call, system_reads, action, "Invalid path");
}

static const struct {
    const char *prefix;
    int (*decide)(struct manage *call, struct text action);
    const struct action *actions; /* NULL: none */
} branches[] = {
    {"/i/apps", manage_apps, app_actions},
    {"/i/users", manage_members, member_actions},
    {"/o/apps", manage_app_reads, app_reads},
    {"/o/users", manage_member_reads, member_reads},
    {"/i/token", manage_tokens, token_actions},
    {"/o/token", manage_token_reads, token_reads},
    {"/i/events", manage_events, event_actions},
    {"/i/notes", manage_notes, note_actions},
    {"/o/notes", manage_note_reads, note_reads},
    {"/i/metrics", manage_metrics, metric_actions},
    {"/o/metrics", manage_metric_reads, metric_reads},
    {"/o/system", manage_system_reads, system_reads},
    {"/api-key", login_read_key, NULL},
};

/* The segment behind the prefix and its slash; may be empty. */
static struct text action_of(struct text path, size_t prefix)
{
    struct text action = {path.at + prefix, path.len - prefix};

    if (action.len > 0) {
        action.at++;
        action.len--;
    }

    const char *slash =
        action.len > 0 ? memchr(action.at, '/', action.len) : NULL;

    if (slash)
        action.len = (size_t)(slash - action.at);
    return action;
}

int manage_call(struct manage *call, struct text path)
{
    for (size_t i = 0; i < sizeof(branches) / sizeof(branches[0]); i++) {
        size_t len = strlen(branches[i].prefix);

        if (text_has_prefix(path, branches[i].prefix) &&
            (path.len == len || path.at[len] == '/'))
            return branches[i].decide(call, action_of(path, len));
    }
    return MANAGE_IS_NONE;
}

void manage_each_action(const char *prefix, text_fn each, void *user)
{
    for (size_t i = 0; i < sizeof(branches) / sizeof(branches[0]); i++) {
        const struct action *action = branches[i].actions;

        if (strcmp(branches[i].prefix, prefix) != 0)
            continue;
        for (; action && action->name; action++)
            each(user, text_of(action->name));
    }
}

void manage_give_up(struct manage *call)
{
    logins_take_back(call->logins, &call->login_try);
}
