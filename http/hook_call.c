#include "http/hook_call.h"

#include <stdio.h>

#include "http/plugin_door.h"

/* The answer that waits; the door's owner. */
struct held {
    int status;
    const char *content_type;
    bool is_decided;
};

static void answer(struct door *door, const struct held *held)
{
    uint64_t lsn = engine_lsn(door->service->engine);

    if (held->content_type)
        exchange_answer_as(door->exchange, held->status, held->content_type,
                           lsn);
    else
        exchange_answer(door->exchange, held->status, lsn);
}

static void go_on(struct door *door)
{
    const struct held *held = door->owner;

    if (held->is_decided && door->promise_count == 0)
        answer(door, held);
}

/* Whom it is about is looked up anew when it goes on. */
static tally_wait hook_wait_for(struct tally_call *call, tally_handler next,
                                void *user)
{
    struct door *door = call->door_user;

    if (call->app)
        snprintf(door->app_id, sizeof(door->app_id), "%s", call->app->id);
    if (call->member)
        snprintf(door->member_id, sizeof(door->member_id), "%s",
                 call->member->id);
    return door_promise(door, call, next, user);
}

static const struct call_door calls = {.header = door_header,
                                       .wait = hook_wait_for,
                                       .write_param = door_write_param};

/* Without room for what it changed it is called again. */
static void held_resume(struct door *door, tally_wait token,
                        const struct promise *promise)
{
    struct tally *tally = door->service->tally;
    struct tally_call call;

    (void)token;
    door_fill(door, &call);
    call.door = &calls;
    call.hook = promise->hook;
    call.hook_path = text_of(hook_path(promise->hook));
    batch_clear(call.batch);
    (void)plugins_call(tally->plugins, promise->plugin, &call, promise->next,
                       promise->user);
    bool is_stored =
        batch_is_empty(call.batch) || tally_apply(tally) == TALLY_OK;
    if (is_stored || door_promise_again(door, promise) == 0)
        go_on(door);
}

static void held_give_up(struct door *door, const struct promise *promise,
                         enum door_end end)
{
    (void)promise;
    (void)end;
    door_drop_promises(door);
    go_on(door);
}

static const struct parking parking = {held_resume, held_give_up};

bool hook_call_fill(struct service *service, struct exchange *exchange,
                    struct tally_call *call)
{
    const struct plugins *plugins = service->tally->plugins;

    if (!plugins || plugins->listening == 0)
        return false;
    struct door *door = door_of(service, exchange);
    struct held *held = arena_alloc(exchange->arena, sizeof(*held));
    if (!door || !held)
        return false;
    door->parking = &parking;
    door->owner = held;
    door->may_reply = false;
    door_fill(door, call);
    call->door = &calls;
    return true;
}

void hook_call_answer(struct service *service, struct exchange *exchange,
                      int status, const char *content_type)
{
    struct held held = {status, content_type, true};
    struct door *door = exchange->door;

    if (!door || door->promise_count == 0) {
        struct door alone = {.service = service, .exchange = exchange};
        answer(&alone, &held);
        return;
    }
    *(struct held *)door->owner = held;
}

void hook_call_drop(struct exchange *exchange)
{
    if (exchange->door)
        door_drop_promises(exchange->door);
}
