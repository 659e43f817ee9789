/*
 * /i and /i/bulk. A request that plugins let wait is parked, and decided from
 * the start, or answered, once they go on (metrics/visit.h).
 */
#include "http/plugin_door.h"
#include "http/route.h"
#include "metrics/bulk.h"
#include "metrics/ingest.h"
#include "metrics/visit.h"

typedef int (*ingest_fn)(struct tally *tally, const struct ingest *request,
                         struct buffer *out);

/* Looked for only when somebody reads it. */
static struct text user_agent(const struct service *service,
                              const struct exchange *exchange)
{
    return service->agents ? exchange_header(exchange, "user-agent")
                           : (struct text){NULL, 0};
}

static struct ingest request_of(const struct service *service,
                                struct exchange *exchange)
{
    return (struct ingest){.arena = exchange->arena,
                           .params = &exchange->params,
                           .query = exchange->query,
                           .body = exchange->body,
                           .address = text_of(exchange->address),
                           .user_agent = user_agent(service, exchange),
                           .now = exchange->now};
}

static void answer(struct service *service, struct exchange *exchange,
                   int status)
{
    uint64_t lsn = engine_lsn(service->engine);

    if (status == 503) {
        buffer_clear(exchange->out);
        route_answer_no_room(exchange, lsn);
        return;
    }
    exchange_answer(exchange, status, lsn);
}

/* --- with plugins that may wait --- */

struct passage {
    struct ingest request;
    struct visit visit;
    ingest_fn decide;
};

static void finish(struct door *door)
{
    struct passage *passage = door->owner;

    door_drop_promises(door);
    visit_finish(&passage->visit);
}

static void decide(struct door *door)
{
    struct passage *passage = door->owner;
    struct service *service = door->service;
    struct exchange *exchange = door->exchange;
    int status =
        passage->decide(service->tally, &passage->request, exchange->out);

    if (status == INGEST_WAITS)
        return;
    finish(door);
    answer(service, exchange, status);
}

static tally_wait passage_wait(struct tally_call *call, tally_handler next,
                               void *user)
{
    struct door *door = call->door_user;
    struct passage *passage = door->owner;
    tally_wait token = door_promise(door, call, next, user);

    if (token != 0)
        passage->visit.pending++;
    return token;
}

/* Promises of a call that is to be made again. */
static void drop_since(struct door *door, unsigned count)
{
    while (door->promise_count > count)
        promises_drop(door->service->plugins.runtime.promises,
                      door->promises[--door->promise_count]);
}

/* Without room for what it changed it is called again. */
static void passage_resume(struct door *door, tally_wait token,
                           const struct promise *promise)
{
    struct passage *passage = door->owner;
    const struct visit_promise given = {promise->hook, promise->plugin,
                                        promise->next, promise->user};
    unsigned count = door->promise_count;
    int result = visit_resume(door->service->tally, &passage->request, &given);

    (void)token;
    if (result == TALLY_E_FULL) {
        drop_since(door, count);
        if (door_promise_again(door, promise) != 0)
            return;
    }
    if (--passage->visit.pending == 0)
        decide(door);
}

static void passage_give_up(struct door *door, const struct promise *promise,
                            enum door_end end)
{
    struct passage *passage = door->owner;

    (void)promise;
    door_drop_promises(door);
    if (passage->visit.stage == VISIT_STORED) {
        passage->visit.pending = 0;
        decide(door);
        return;
    }
    finish(door);
    door_answer_end(door, end);
}

static const struct parking parking = {passage_resume, passage_give_up};

static const struct call_door calls = {.header = door_header,
                                       .wait = passage_wait,
                                       .write_param = door_write_param};

static void let_pass(struct service *service, struct exchange *exchange,
                     ingest_fn fn)
{
    struct door *door = door_of(service, exchange);
    struct passage *passage = arena_alloc(exchange->arena, sizeof(*passage));

    if (!door || !passage) {
        route_answer_no_room(exchange, engine_lsn(service->engine));
        return;
    }
    *passage = (struct passage){
        .request = request_of(service, exchange),
        .visit = {.door = &calls, .door_user = door, .path = exchange->path},
        .decide = fn};
    passage->request.visit = &passage->visit;
    door->parking = &parking;
    door->owner = passage;
    door->may_reply = false;
    decide(door);
}

static void take(struct service *service, struct exchange *exchange,
                 ingest_fn fn)
{
    const struct plugins *plugins = service->tally->plugins;

    if (plugins && plugins->listening != 0) {
        let_pass(service, exchange, fn);
        return;
    }
    struct ingest request = request_of(service, exchange);
    int status = fn(service->tally, &request, exchange->out);
    answer(service, exchange, status);
}

void route_ingest(struct service *service, struct exchange *exchange)
{
    if (params_is_true(&exchange->params, "explain"))
        route_explain(service, exchange);
    else
        take(service, exchange, ingest);
}

void route_bulk(struct service *service, struct exchange *exchange)
{
    take(service, exchange, bulk);
}
