/*
 * Management calls. Some have to hash a password first: that takes tens of
 * milliseconds and happens on another thread, a few at a time.
 */
#include <stdlib.h>

#include "engine/memory.h"
#include "http/route.h"
#include "metrics/manage.h"

enum { PASSWORDS_AT_ONCE = 2 };

struct call {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    struct manage manage;
    struct batch batch;
};

static const struct answer no_such_path = {400, "Invalid path"};

static void decide(struct call *call);

static void call_on_hash(uv_work_t *work)
{
    struct call *call = work->data;

    password_run(&call->manage.job);
}

static void call_on_hashed(uv_work_t *work, int status)
{
    struct call *call = work->data;

    (void)status;
    call->service->passwords--;
    decide(call);
}

static void end(struct call *call)
{
    batch_finish(&call->batch);
    free(call);
}

static void answer(struct call *call, int status)
{
    struct service *service = call->service;
    struct exchange *exchange = call->exchange;
    enum tally_err err = TALLY_OK;

    if (!batch_is_empty(&call->batch)) {
        batch_clear(&service->tally->batch);
        batch_append(&service->tally->batch, &call->batch);
        err = tally_apply(service->tally);
    }
    end(call);
    uint64_t lsn = engine_lsn(service->engine);
    if (err) {
        buffer_clear(exchange->out);
        route_answer_no_room(exchange, lsn);
        return;
    }
    if (text_has_prefix(exchange->path, "/i/apps/reset"))
        keeper_hurry(&service->keeper);
    exchange_answer(exchange, status, lsn);
}

static void hash(struct call *call)
{
    struct service *service = call->service;

    if (service->passwords == PASSWORDS_AT_ONCE) {
        struct exchange *exchange = call->exchange;
        end(call);
        route_answer_no_room(exchange, engine_lsn(service->engine));
        return;
    }
    service->passwords++;
    call->work.data = call;
    uv_queue_work(service->loop, &call->work, call_on_hash, call_on_hashed);
}

static void decide(struct call *call)
{
    int status = manage_call(&call->manage, call->exchange->path);

    if (status == MANAGE_WAITS)
        hash(call);
    else if (status == MANAGE_IS_NONE)
        answer(call, answer_write(call->exchange->out, no_such_path));
    else
        answer(call, status);
}

void route_manage(struct service *service, struct exchange *exchange)
{
    struct call *call = memory_alloc(sizeof(*call));

    call->service = service;
    call->exchange = exchange;
    batch_init(&call->batch);
    call->manage = (struct manage){
        .claim = route_claim(service, exchange, &call->batch),
        .engine = service->engine,
        .now = exchange->now / 1000,
        .batch = &call->batch,
        .out = exchange->out,
    };
    decide(call);
}
