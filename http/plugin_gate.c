#include "http/plugin_gate.h"

#include "http/plugin_door.h"
#include "http/route.h"
#include "metrics/answer.h"

typedef void (*pass_fn)(struct service *service, struct exchange *exchange);

/* One of the hooks. */
struct stage {
    enum hook hook;
    bool needs_reply; /* of whoever says that it is theirs */
    pass_fn pass;     /* what a request does that nobody has stopped */
};

/* The way of an exchange through a stage. */
struct way {
    const struct stage *stage;
    unsigned asked; /* handlers */
    bool is_handled;
    struct tally_plugin *handled_by;
    bool is_cancelled;
    struct text reason;
    tally_wait parked_on; /* the rest of the handlers waits for this */
};

static void refuse(struct service *service, struct exchange *exchange,
                   const char *message)
{
    exchange_answer_message(exchange, 400, message,
                            engine_lsn(service->engine));
}

static void pass_path(struct service *service, struct exchange *exchange)
{
    refuse(service, exchange, "Invalid path");
}

static void pass_method(struct service *service, struct exchange *exchange)
{
    refuse(service, exchange, "Invalid method");
}

static const struct stage any = {HOOK_ANY, false, route_request};
static const struct stage path = {HOOK_COUNT, true, pass_path};
static const struct stage method = {HOOK_O, true, pass_method};

/* --- answers --- */

static void answer_cancelled(struct door *door, const struct way *way)
{
    struct exchange *exchange = door->exchange;
    uint64_t lsn = engine_lsn(door->service->engine);

    buffer_clear(exchange->out);
    int status = answer_write_joined(exchange->out, ANSWER_OK,
                                     "Request ignored: ", way->reason);
    exchange_answer(exchange, status, lsn);
}

static void answer_reply(struct door *door)
{
    struct exchange *exchange = door->exchange;
    uint64_t lsn = engine_lsn(door->service->engine);

    if (door->content_type)
        exchange_answer_as(exchange, door->status, door->content_type, lsn);
    else
        exchange_answer(exchange, door->status, lsn);
}

/* App and member may be gone when other handlers have waited. */
static void answer_collection(struct door *door)
{
    struct tally_call call;

    door_fill(door, &call);
    struct pass pass = {call.member, call.app, door->pass.is_limited};
    if (pass.app && pass.member)
        route_collection(door->service, door->exchange, &pass);
    else
        exchange_answer_message(door->exchange, 401, "App does not exist",
                                engine_lsn(door->service->engine));
}

/* --- on the way --- */

/* True when nothing is left but to wait for a reply. */
static bool waits_for_reply(struct door *door, struct way *way)
{
    if (!way->is_handled)
        return false;
    if (door->promise_count > 0)
        return true;
    if (!way->stage->needs_reply)
        return false;
    /* Nobody can answer any more: its time runs out, as Countly's does. */
    struct tally_call call = {.plugin = way->handled_by,
                              .hook = way->stage->hook};
    if (door_promise(door, &call, NULL, NULL) == 0)
        route_answer_no_room(door->exchange, engine_lsn(door->service->engine));
    return true;
}

static void go_on(struct door *door, struct way *way)
{
    if (way->parked_on != 0)
        return;
    bool is_over = way->is_cancelled || door->has_reply || door->collection;
    if (!is_over && waits_for_reply(door, way))
        return;
    door_drop_promises(door);
    if (way->is_cancelled)
        answer_cancelled(door, way);
    else if (door->has_reply)
        answer_reply(door);
    else if (door->collection)
        answer_collection(door);
    else
        way->stage->pass(door->service, door->exchange);
}

static void give_up(struct door *door, enum door_end end)
{
    door_drop_promises(door);
    door_answer_end(door, end);
}

/* Takes over what handlers have done; false: the exchange is answered, there
 * was no room for that. */
static bool take_over(struct door *door, struct way *way,
                      const struct tally_call *call)
{
    struct tally *tally = door->service->tally;

    way->asked = call->asked;
    way->is_cancelled = call->is_cancelled;
    way->reason = call->reason;
    if (batch_is_empty(&tally->batch) && batch_is_whole(&tally->batch))
        return true;
    if (tally_apply(tally) == TALLY_OK)
        return true;
    door_drop_promises(door);
    buffer_clear(door->exchange->out);
    route_answer_no_room(door->exchange, engine_lsn(door->service->engine));
    return false;
}

static bool write_of_params(const struct tally_call *call, const void *source,
                            struct json *json)
{
    return call_write_param(call, text_of(source), json);
}

static enum tally_err write_value(const struct tally_call *call,
                                  const void *source, struct json *json)
{
    return write_of_params(call, source, json) ? TALLY_OK : TALLY_ERR_NOT_FOUND;
}

enum { VALUES = 4 };

/* What stands beside params is part of them, too. */
static void add_values(struct tally_call *call,
                       struct call_value values[static VALUES])
{
    static const char *const names[VALUES] = {"apiPath", "fullPath", "paths",
                                              "urlParts"};

    for (int i = 0; i < VALUES; i++)
        values[i] = (struct call_value){
            .name = names[i], .write = write_value, .source = names[i]};
    call->values = values;
    call->value_count = VALUES;
}

static void fill(struct door *door, const struct way *way,
                 struct tally_call *call,
                 struct call_value values[static VALUES])
{
    door_fill(door, call);
    add_values(call, values);
    call->asked = way->asked;
    call->is_cancelled = way->is_cancelled;
    call->reason = way->reason;
    batch_clear(call->batch);
}

/* Asks the handlers that have not been asked. */
static void ask(struct door *door, struct way *way)
{
    struct plugins *plugins = door->service->tally->plugins;
    struct call_value values[VALUES];
    struct tally_call call;

    fill(door, way, &call, values);
    enum fired fired =
        way->stage->hook == HOOK_COUNT
            ? plugins_fire_path(plugins, door->exchange->path, &call)
            : plugins_fire(plugins, way->stage->hook, &call);
    if (call.handled_by)
        way->handled_by = call.handled_by;
    way->is_handled |= call.handled_by != NULL;
    if (fired == FIRED_WAITS)
        way->parked_on = call.wait;
    if (take_over(door, way, &call))
        go_on(door, way);
}

static void gate_resume(struct door *door, tally_wait token,
                        const struct promise *promise)
{
    struct way *way = door->owner;
    struct plugins *plugins = door->service->tally->plugins;
    struct call_value values[VALUES];
    struct tally_call call;
    bool was_parked = token == way->parked_on;

    fill(door, way, &call, values);
    call.hook = way->stage->hook;
    call.hook_path = call.hook == HOOK_COUNT ? door->exchange->path
                                             : text_of(hook_path(call.hook));
    int result = plugins_call(plugins, promise->plugin, &call, promise->next,
                              promise->user);
    if (result == TALLY_HANDLED) {
        way->is_handled = true;
        way->handled_by = promise->plugin;
    }
    if (was_parked)
        way->parked_on = result == TALLY_ASYNC ? call.wait : 0;
    if (!take_over(door, way, &call))
        return;
    if (was_parked && way->parked_on == 0)
        ask(door, way);
    else
        go_on(door, way);
}

static void gate_give_up(struct door *door, const struct promise *promise,
                         enum door_end end)
{
    (void)promise;
    give_up(door, end);
}

static const struct parking gate = {gate_resume, gate_give_up};

static void enter(struct service *service, struct exchange *exchange,
                  const struct stage *stage)
{
    struct door *door = door_of(service, exchange);
    struct way *way = arena_alloc(exchange->arena, sizeof(*way));

    if (!door || !way) {
        route_answer_no_room(exchange, engine_lsn(service->engine));
        return;
    }
    *way = (struct way){.stage = stage};
    door->parking = &gate;
    door->owner = way;
    door->may_reply = true;
    ask(door, way);
}

void plugin_gate_any(struct service *service, struct exchange *exchange)
{
    if (plugins_listen(service->tally->plugins, HOOK_ANY))
        enter(service, exchange, &any);
    else
        route_request(service, exchange);
}

void plugin_gate_path(struct service *service, struct exchange *exchange)
{
    const struct plugins *plugins = service->tally->plugins;

    if (plugins_listen(plugins, HOOK_COUNT) &&
        plugins_have_path(plugins, exchange->path))
        enter(service, exchange, &path);
    else
        pass_path(service, exchange);
}

void plugin_gate_method(struct service *service, struct exchange *exchange)
{
    if (plugins_listen(service->tally->plugins, HOOK_O))
        enter(service, exchange, &method);
    else
        pass_method(service, exchange);
}
