#include "http/plugin_door.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/journal.h"
#include "http/plugin_param.h"
#include "http/route.h"
#include "metrics/answer.h"
#include "metrics/collection.h"

enum { AGAIN_MS = 1000 };

struct door *door_of(struct service *service, struct exchange *exchange)
{
    if (exchange->door)
        return exchange->door;
    struct door *door = arena_alloc(exchange->arena, sizeof(*door));
    if (!door)
        return NULL;
    *door = (struct door){.service = service, .exchange = exchange};
    exchange->door = door;
    return door;
}

/* Looked up anew: they may be gone when the request has waited. */
static void fill_pass(const struct door *door, struct tally_call *call)
{
    const struct registry *registry = door->service->tally->registry;

    if (door->app_id[0])
        call->app = registry_app(registry, text_of(door->app_id));
    if (door->exchange->is_local)
        call->member = door->pass.member;
    else if (door->member_id[0])
        call->member = registry_member(registry, text_of(door->member_id));
}

void door_fill(struct door *door, struct tally_call *call)
{
    struct exchange *exchange = door->exchange;
    struct tally *tally = door->service->tally;

    *call = (struct tally_call){.plugins = tally->plugins,
                                .tally = tally,
                                .arena = exchange->arena,
                                .now = exchange->now,
                                .params = &exchange->params,
                                .path = exchange->path,
                                .query = exchange->query,
                                .address = text_of(exchange->address),
                                .batch = &tally->batch,
                                .door = &door_whole,
                                .door_user = door};
    fill_pass(door, call);
}

/* --- promises --- */

static tally_wait promise(struct door *door, const struct promise *promise)
{
    if (!door->parking || door->promise_count == DOOR_PROMISES_MAX)
        return 0;
    tally_wait token =
        plugin_runtime_promise(&door->service->plugins.runtime, promise);
    if (token != 0)
        door->promises[door->promise_count++] = token;
    return token;
}

tally_wait door_promise(struct door *door, const struct tally_call *call,
                        tally_handler next, void *user)
{
    return promise(door,
                   &(struct promise){.plugin = call->plugin,
                                     .next = next,
                                     .user = user,
                                     .hook = call->hook,
                                     .owner = door,
                                     .deadline = plugin_runtime_deadline(
                                         &door->service->plugins.runtime)});
}

tally_wait door_promise_again(struct door *door, const struct promise *old)
{
    struct promise again = *old;

    if (again.limit == 0)
        again.limit = again.deadline;
    again.deadline = uv_now(door->service->loop) + AGAIN_MS;
    return promise(door, &again);
}

void door_forget(struct door *door, tally_wait token)
{
    for (unsigned i = 0; i < door->promise_count; i++) {
        if (door->promises[i] == token) {
            door->promises[i] = door->promises[--door->promise_count];
            return;
        }
    }
}

void door_drop_promises(struct door *door)
{
    struct promises *promises = door->service->plugins.runtime.promises;

    while (door->promise_count > 0)
        promises_drop(promises, door->promises[--door->promise_count]);
}

void door_resume(tally_wait token, const struct promise *promise)
{
    struct door *door = promise->owner;

    door_forget(door, token);
    door->parking->resume(door, token, promise);
}

static void tell(const struct promise *promise, enum door_end end)
{
    static const char *const messages[] = {
        [DOOR_LATE] = "plugin did not go on in time",
        [DOOR_CLOSED] = "plugin did not go on before the end"};
    const char *path =
        promise->hook == HOOK_COUNT ? "" : hook_path(promise->hook);
    const struct door *door = promise->owner;
    const struct journal_field fields[] = {
        journal_string("plugin", promise->plugin->description->name),
        promise->hook == HOOK_COUNT ? journal_text("hook", door->exchange->path)
                                    : journal_string("hook", path),
        JOURNAL_END};

    journal_write(JOURNAL_WARNING, messages[end], fields);
}

void door_give_up(tally_wait token, const struct promise *promise,
                  enum door_end end)
{
    struct door *door = promise->owner;

    door_forget(door, token);
    tell(promise, end);
    door->parking->give_up(door, promise, end);
}

void door_answer_end(struct door *door, enum door_end end)
{
    static const struct answer answers[] = {
        [DOOR_LATE] = {504, "A plugin did not answer in time"},
        [DOOR_CLOSED] = {503, "Server is shutting down, try again"}};

    exchange_answer_message(door->exchange, answers[end].status,
                            answers[end].message,
                            engine_lsn(door->service->engine));
}

/* --- what calls do --- */

static struct door *door_behind(const struct tally_call *call)
{
    return call->door_user;
}

static bool may_reply(const struct door *door)
{
    return door->may_reply && !door->has_reply && !door->collection;
}

static bool is_json(const char *content_type)
{
    return strcmp(content_type, "application/json") == 0;
}

/* One line, as a field of the head. */
static bool is_content_type(const char *content_type)
{
    size_t len = 0;

    for (; content_type[len] && len <= DOOR_CONTENT_TYPE_MAX; len++) {
        if (content_type[len] < ' ' || content_type[len] > '~')
            return false;
    }
    return len > 0 && len <= DOOR_CONTENT_TYPE_MAX;
}

static int call_reply(struct tally_call *call, int status,
                      const char *content_type, struct text body)
{
    struct door *door = door_behind(call);
    struct exchange *exchange = door->exchange;

    if (!may_reply(door))
        return TALLY_E_NOT_HERE;
    if (!is_content_type(content_type))
        return TALLY_E_INVALID;
    const char *type =
        arena_strndup(exchange->arena, content_type, strlen(content_type));
    buffer_clear(exchange->out);
    buffer_add_text(exchange->out, body);
    if (!type || !buffer_is_whole(exchange->out)) {
        buffer_clear(exchange->out);
        return TALLY_E_TOO_BIG;
    }
    door->has_reply = true;
    door->status = status;
    door->content_type = is_json(type) ? NULL : type;
    return 0;
}

/* Those that the connection writes itself. */
static bool is_own_field(const char *name)
{
    static const char *const own[] = {
        "connection", "content-length",    "content-type", "date",
        "keep-alive", "transfer-encoding", "upgrade",      "trailer"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcasecmp(name, own[i]) == 0)
            return true;
    }
    return false;
}

static bool is_field_name(const char *name)
{
    static const char signs[] = "!#$%&'*+-.^_`|~";

    for (const char *at = name; *at; at++) {
        if (!(*at >= '0' && *at <= '9') && !(*at >= 'a' && *at <= 'z') &&
            !(*at >= 'A' && *at <= 'Z') && !strchr(signs, *at))
            return false;
    }
    return name[0] != '\0';
}

static int call_add_header(struct tally_call *call, const char *name,
                           const char *value)
{
    struct door *door = door_behind(call);

    if (!may_reply(door))
        return TALLY_E_NOT_HERE;
    if (!name || !value || !is_field_name(name) || is_own_field(name))
        return TALLY_E_INVALID;
    return exchange_add_header(door->exchange, name, value) ? 0
                                                            : TALLY_E_TOO_BIG;
}

struct text door_header(const struct tally_call *call, const char *name)
{
    return exchange_header(door_behind(call)->exchange, name);
}

static tally_wait call_wait(struct tally_call *call, tally_handler next,
                            void *user)
{
    if (hook_wait(call->hook) != HOOK_WAITS_BEFORE)
        return 0;
    return door_promise(door_behind(call), call, next, user);
}

bool door_write_param(const struct tally_call *call, struct text name,
                      struct json *json)
{
    return plugin_param_write(door_behind(call)->exchange, name, json);
}

static struct answer check_right(const struct claim *claim,
                                 enum tally_right right, const char *feature,
                                 struct pass *pass)
{
    switch (right) {
    case TALLY_RIGHT_USER:
        return right_user(claim, pass);
    case TALLY_RIGHT_READ:
        return right_feature(claim, PERMISSION_READ, feature, pass);
    case TALLY_RIGHT_CREATE:
        return right_feature(claim, PERMISSION_CREATE, feature, pass);
    case TALLY_RIGHT_UPDATE:
        return right_feature(claim, PERMISSION_UPDATE, feature, pass);
    case TALLY_RIGHT_DELETE:
        return right_feature(claim, PERMISSION_DELETE, feature, pass);
    case TALLY_RIGHT_APP_ADMIN:
        return right_app_admin(claim, pass);
    case TALLY_RIGHT_GLOBAL_ADMIN:
        break;
    }
    return right_global_admin(claim, pass);
}

static void remember(struct door *door, const struct pass *pass)
{
    door->pass = *pass;
    snprintf(door->app_id, sizeof(door->app_id), "%s",
             pass->app ? pass->app->id : "");
    snprintf(door->member_id, sizeof(door->member_id), "%s", pass->member->id);
}

static int call_validate(struct tally_call *call, enum tally_right right,
                         const char *feature, tally_handler next, void *user)
{
    struct door *door = door_behind(call);
    struct exchange *exchange = door->exchange;
    struct pass pass;

    if (!may_reply(door))
        return TALLY_E_NOT_HERE;
    if ((unsigned)right > TALLY_RIGHT_GLOBAL_ADMIN)
        return TALLY_E_INVALID;
    struct claim claim = route_claim_of(door->service, exchange, call->batch);
    struct answer answer = check_right(&claim, right, feature, &pass);
    if (answer.status != ANSWER_OK) {
        buffer_clear(exchange->out);
        door->status = answer_write(exchange->out, answer);
        door->has_reply = true;
        return TALLY_HANDLED;
    }
    remember(door, &pass);
    call->app = pass.app;
    call->member = pass.member;
    return next(call, user);
}

static int call_fetch(struct tally_call *call, const char *db)
{
    struct door *door = door_behind(call);

    if (!may_reply(door) || !call->app || !call->member)
        return TALLY_E_NOT_HERE;
    const char *copy = arena_strndup(call->arena, db, strlen(db));
    if (!copy)
        return TALLY_E_TOO_BIG;
    if (!collection_of_method(call->tally->catalog, text_of(copy)))
        return TALLY_E_NOT_FOUND;
    door->collection = copy;
    return 0;
}

const struct call_door door_whole = {.reply = call_reply,
                                     .add_header = call_add_header,
                                     .header = door_header,
                                     .validate = call_validate,
                                     .fetch = call_fetch,
                                     .wait = call_wait,
                                     .write_param = door_write_param};

const struct call_door door_narrow = {.header = door_header,
                                      .write_param = door_write_param};

/* --- who may --- */

static struct tally_call call_of(const struct claim *claim,
                                 const struct pass *pass)
{
    struct tally_call call;

    door_fill(claim->permit_user, &call);
    call.door = &door_narrow;
    call.app = pass->app;
    call.member = pass->member;
    call.batch = claim->batch;
    return call;
}

/* What is refused changes nothing. */
static bool ask_validators(const struct claim *claim, const struct pass *pass)
{
    struct tally_call call = call_of(claim, pass);
    size_t size = claim->batch ? batch_size(claim->batch) : 0;

    if (plugins_fire(call.plugins, HOOK_VALIDATION_USER, &call) != FIRED_DENIED)
        return true;
    if (claim->batch)
        batch_cut(claim->batch, size);
    return false;
}

bool door_permit(const struct claim *claim, const struct pass *pass, bool reads)
{
    const struct door *door = claim->permit_user;
    struct plugins *plugins = door->service->tally->plugins;

    if (plugins_listen(plugins, HOOK_VALIDATION_USER) &&
        !ask_validators(claim, pass))
        return false;
    if (reads && plugins_listen(plugins, HOOK_O_VALIDATE)) {
        struct tally_call call = call_of(claim, pass);

        plugins_fire(plugins, HOOK_O_VALIDATE, &call);
    }
    return true;
}
