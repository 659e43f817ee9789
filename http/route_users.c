/*
 * /i/app_users/... and /o/app_users/download/...: app users by hand (spec
 * E.5). Whom a query means is found on another thread unless it names uid or
 * did; the changes are made on this one, a batch for each user.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "http/demand.h"
#include "http/hook_call.h"
#include "http/route.h"
#include "http/route_user.h"
#include "metrics/answer.h"
#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/person.h"
#include "metrics/right.h"
#include "metrics/user_admin.h"
#include "metrics/user_export.h"
#include "metrics/user_scan.h"

enum {
    USERS_MAX = 1000, /* that one call changes */
    SCANS_AT_ONCE = 4,
    REASON_MAX = 4096,
};

struct call;

/* Changes one user, as often as there are some. */
typedef enum tally_err (*change_fn)(const struct call *call,
                                    const struct user_admin *admin,
                                    uint32_t ordinal);

struct action {
    const char *name;
    enum permission_action right;
    change_fn change;
    const char *done;
    const char *several; /* refusal of more than one without force; NULL:
                            always refused */
    const char *too_big; /* refusal of what has no room */
};

struct call {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    const struct action *action;
    cJSON *update;
    struct user_query *query;
    /* Of the app, which may be gone after the scan: */
    char app_id[ID_SIZE];
    char member_id[ID_SIZE]; /* who asks; likewise */
    uint32_t number;
    char *app_key;
    struct reader *reader;
    enum tally_err err;
    uint32_t ordinals[USERS_MAX + 1];
    size_t count;
};

static void end(struct call *call)
{
    reader_close(call->reader);
    user_query_destroy(call->query);
    cJSON_Delete(call->update);
    free(call->app_key);
    free(call);
}

static void finish(struct call *call, int status, const char *message)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;

    hook_call_drop(exchange);
    end(call);
    demand_refuse(service, exchange, status, message);
}

static void fail(struct call *call, enum tally_err err)
{
    if (err == TALLY_ERR_FULL)
        finish(call, 503, "No room at present, try again");
    else if (err == TALLY_ERR_TOO_BIG)
        finish(call, 400, call->action->too_big);
    else
        finish(call, 500, "Stored data cannot be read");
}

/* What the actions do. */

static enum tally_err update_user(const struct call *call,
                                  const struct user_admin *admin,
                                  uint32_t ordinal)
{
    return user_admin_update(admin, ordinal, call->update);
}

static enum tally_err delete_user(const struct call *call,
                                  const struct user_admin *admin,
                                  uint32_t ordinal)
{
    (void)call;
    return user_admin_delete(admin, ordinal);
}

static enum tally_err export_user(const struct call *call,
                                  const struct user_admin *admin,
                                  uint32_t ordinal)
{
    (void)call;
    return user_admin_export(admin, ordinal);
}

static const struct action actions[] = {
    {"update", PERMISSION_UPDATE, update_user, "User Updated",
     "This query would update more than one user", "User is too large"},
    {"delete", PERMISSION_DELETE, delete_user, "User deleted",
     "This query would delete more than one user", "User is too large"},
    {"export", PERMISSION_READ, export_user, NULL, NULL,
     "Too many exports, delete some"},
};

/* Acting on those who were found. */

static bool is_acceptable(struct call *call)
{
    bool forced = call->action->several &&
                  params_is_true(&call->exchange->params, "force");
    const char *refusal = NULL;

    if (call->count == 0)
        refusal = "No users matching criteria";
    else if (call->count > 1 && !forced)
        refusal = call->action->several
                      ? call->action->several
                      : "This query would export more than one user";
    else if (call->count > USERS_MAX)
        refusal = "This query matches more than 1000 users";
    if (refusal)
        finish(call, 400, refusal);
    return !refusal;
}

static void answer_done(struct call *call, const struct app *app)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    char name[USER_EXPORT_NAME_SIZE];

    user_export_name(app, call->ordinals[0], name);
    response_write_result(exchange->out,
                          call->action->done ? call->action->done : name);
    end(call);
    hook_call_answer(service, exchange, 200, NULL);
}

/* Users that went since they were found are none of an error. */
static void act(struct call *call)
{
    struct tally *tally = call->service->tally;
    const struct app *app =
        registry_app(tally->registry, text_of(call->app_id));
    struct user_admin admin = {tally, app, call->exchange->now / 1000, NULL};
    struct tally_call hooks;
    enum tally_err err = call->err;

    if (!err && (!app || app->number != call->number)) {
        finish(call, 400, "App does not exist");
        return;
    }
    if (err) {
        fail(call, err);
        return;
    }
    if (!is_acceptable(call))
        return;
    if (hook_call_fill(call->service, call->exchange, &hooks)) {
        hooks.member =
            registry_member(tally->registry, text_of(call->member_id));
        admin.hooks = &hooks;
    }
    for (size_t i = 0; !err && i < call->count; i++) {
        err = call->action->change(call, &admin, call->ordinals[i]);
        if (err == TALLY_ERR_NOT_FOUND)
            err = TALLY_OK;
    }
    if (err)
        fail(call, err);
    else
        answer_done(call, app);
}

/* Finding them. */

static bool is_listed(const struct call *call, uint32_t ordinal)
{
    for (size_t i = 0; i < call->count; i++) {
        if (call->ordinals[i] == ordinal)
            return true;
    }
    return false;
}

static enum tally_err ask_one(struct call *call, struct portrait *portrait,
                              uint32_t ordinal)
{
    bool matches = false;
    enum tally_err err = portrait_turn(portrait, ordinal);

    if (!err)
        err = user_query_match(call->query, portrait, &matches);
    if (!err && matches && !is_listed(call, ordinal) &&
        call->count <= USERS_MAX)
        call->ordinals[call->count++] = ordinal;
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static void ask_some(struct call *call, const uint32_t *ordinals, size_t count)
{
    struct portrait portrait = {.engine = call->service->engine,
                                .catalog = call->service->tally->catalog,
                                .app = call->number,
                                .app_key = text_of(call->app_key),
                                .arena = arena_create(PORTRAIT_ARENA)};

    for (size_t i = 0; !call->err && i < count; i++)
        call->err = ask_one(call, &portrait, ordinals[i]);
    arena_destroy(portrait.arena);
}

static enum tally_err take_user(void *user, struct portrait *portrait)
{
    struct call *call = user;

    if (call->count <= USERS_MAX)
        call->ordinals[call->count++] = portrait->ordinal;
    return TALLY_OK;
}

static void call_on_scan(uv_work_t *work)
{
    struct call *call = work->data;
    struct portrait portrait = {.reader = call->reader,
                                .catalog = call->service->tally->catalog,
                                .app = call->number,
                                .app_key = text_of(call->app_key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    uint64_t all;

    call->err = user_scan(&portrait, call->query, take_user, call, &all);
    arena_destroy(portrait.arena);
}

static void call_on_scanned(uv_work_t *work, int status)
{
    struct call *call = work->data;

    (void)status;
    call->service->scans--;
    act(call);
}

static void ask_all(struct call *call)
{
    struct service *service = call->service;

    if (service->scans == SCANS_AT_ONCE) {
        fail(call, TALLY_ERR_FULL);
        return;
    }
    enum tally_err err = reader_open(service->engine, &call->reader);
    if (err) {
        fail(call, err);
        return;
    }
    portrait_capture(call->reader, call->number);
    service->scans++;
    call->work.data = call;
    uv_queue_work(service->loop, &call->work, call_on_scan, call_on_scanned);
}

static void find(struct call *call)
{
    const uint32_t *ordinals;
    size_t count;

    if (user_query_candidates(call->query, &ordinals, &count)) {
        ask_some(call, ordinals, count);
        act(call);
    } else {
        ask_all(call);
    }
}

/* Asking for something: parameters, then rights, as Countly does. */

/* An update with a fault is answered. */
static bool is_sound(struct call *call)
{
    const struct params *params = &call->exchange->params;
    struct user_admin_fault fault = user_admin_check(call->update);
    struct buffer message;

    if (!fault.modifier && !fault.path)
        return true;
    buffer_init(&message, REASON_MAX);
    buffer_add_string(&message,
                      fault.modifier ? "Unkown modifier " : "Cannot change ");
    buffer_add_string(&message, fault.modifier ? fault.modifier : fault.path);
    buffer_add_string(&message, " in ");
    buffer_add_text(&message, params_text(params, "update"));
    buffer_add_string(&message, " for ");
    buffer_add_text(&message, params_text(params, "query"));
    buffer_add_byte(&message, '\0');
    finish(call, 400,
           buffer_is_whole(&message) ? message.at : "Unkown modifier");
    buffer_finish(&message);
    return false;
}

static void start(struct call *call, const struct pass *pass)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    char reason[USER_QUERY_REASON_SIZE];

    snprintf(call->app_id, sizeof(call->app_id), "%s", pass->app->id);
    snprintf(call->member_id, sizeof(call->member_id), "%s", pass->member->id);
    call->number = pass->app->number;
    call->app_key = memory_alloc(strlen(pass->app->key) + 1);
    memcpy(call->app_key, pass->app->key, strlen(pass->app->key));
    if (call->update && !is_sound(call))
        return;
    enum tally_err err = user_query_create(
        service->tally, pass->app, params_text(&exchange->params, "query"),
        &call->query, reason);
    if (err == TALLY_ERR_INVALID)
        finish(call, 400, reason);
    else if (err)
        fail(call, err);
    else
        find(call);
}

static void run_action(struct service *service, struct exchange *exchange,
                       const struct action *action)
{
    static const char *const with_query[] = {"app_id", "query", NULL};
    static const char *const with_update[] = {"app_id", "update", "query",
                                              NULL};
    bool updates = action->change == update_user;
    const char *empty = action->change == delete_user
                            ? "Parameter \"query\" cannot be empty, it would "
                              "delete all users. Use clear app instead"
                            : "Parameter \"query\" cannot be empty";
    cJSON *update = NULL;
    struct pass pass;

    if (!demand_parameters(service, exchange,
                           updates ? with_update : with_query))
        return;
    if (updates) {
        update = demand_tree(service, exchange, "update",
                             "Parameter \"update\" cannot be empty");
        if (!update)
            return;
    }
    cJSON *query = demand_tree(service, exchange, "query", empty);
    bool goes_on =
        query && demand_right(service, exchange, action->right, &pass);
    cJSON_Delete(query);
    if (!goes_on) {
        cJSON_Delete(update);
        return;
    }
    struct call *call = memory_alloc(sizeof(*call));
    call->service = service;
    call->exchange = exchange;
    call->action = action;
    call->update = update;
    start(call, &pass);
}

/* Takes what stands before the next slash off the front. */
static struct text take_segment(struct text *rest)
{
    const char *slash = rest->len > 0 ? memchr(rest->at, '/', rest->len) : NULL;
    struct text segment = {rest->at,
                           slash ? (size_t)(slash - rest->at) : rest->len};
    size_t used = segment.len + (slash != NULL);

    rest->at += used;
    rest->len -= used;
    return segment;
}

/* The actions that need no query. */
static const struct {
    const char *name;
    const char *shown; /* with what follows */
    void (*run)(struct service *service, struct exchange *exchange,
                struct text rest);
} others[] = {
    {"create", "create", route_user_create},
    {"deleteExport", "deleteExport/{name}", route_user_forget},
};

void route_users_each(const char *path, text_fn each, void *user)
{
    (void)path;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        each(user, text_of(others[i].shown));
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        each(user, text_of(actions[i].name));
}

void route_users(struct service *service, struct exchange *exchange)
{
    struct text rest = demand_rest(exchange->path, "/i/app_users");
    struct text name = take_segment(&rest);

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (text_is(name, others[i].name)) {
            others[i].run(service, exchange, rest);
            return;
        }
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (text_is(name, actions[i].name)) {
            run_action(service, exchange, &actions[i]);
            return;
        }
    }
    demand_refuse(service, exchange, 400, "Invalid path");
}
