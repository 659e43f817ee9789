/*
 * /i/retention, through the control socket alone: says what a run takes, and
 * makes it unless the run is dry. Counting is done on another thread.
 */
#include <stdlib.h>

#include "engine/memory.h"
#include "http/route.h"
#include "metrics/keeping.h"

struct call {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    struct reader *reader;
    struct keeping_report *report;
    bool is_dry;
    enum tally_err err;
};

static void end(struct call *call)
{
    keeping_report_destroy(call->report);
    free(call);
}

static void refuse(struct call *call, int status, const char *message)
{
    exchange_answer_message(call->exchange, status, message,
                            engine_lsn(call->service->engine));
    end(call);
}

static void answer(struct call *call)
{
    struct json json;

    json_init(&json, call->exchange->out, JSON_PLAIN);
    keeping_write(call->report, call->is_dry, &json);
    exchange_answer(call->exchange, 200, engine_lsn(call->service->engine));
    end(call);
}

static void call_on_run(void *user, bool ended)
{
    if (ended)
        answer(user);
    else
        refuse(user, 503, "The run did not end, try again");
}

static void call_on_measure(uv_work_t *work)
{
    struct call *call = work->data;

    call->err = keeping_measure(call->report);
}

static void call_on_measured(uv_work_t *work, int status)
{
    struct call *call = work->data;

    (void)status;
    call->service->reads--;
    reader_close(call->reader);
    if (call->err)
        refuse(call, 500, "Stored data cannot be read");
    else if (call->is_dry)
        answer(call);
    else if (!keeper_run(&call->service->keeper, call->exchange->now / 1000,
                         call_on_run, call))
        refuse(call, 503, "A run is under way, try again");
}

static bool read_dry_run(struct exchange *exchange)
{
    struct params args = {0};

    return params_add_json(&args, exchange->arena,
                           params_text(&exchange->params, "args")) ==
               TALLY_OK &&
           params_is_true(&args, "dry_run");
}

void route_keeping(struct service *service, struct exchange *exchange)
{
    struct call *call;

    if (!exchange->is_local) {
        exchange_answer_message(exchange, 400, "Invalid path",
                                engine_lsn(service->engine));
        return;
    }
    call = memory_alloc(sizeof(*call));
    call->service = service;
    call->exchange = exchange;
    call->is_dry = read_dry_run(exchange);
    if (reader_open(service->engine, &call->reader) != TALLY_OK) {
        refuse(call, 500, "Stored data cannot be read");
        return;
    }
    call->report =
        keeping_plan(service->tally, call->reader, exchange->now / 1000);
    service->reads++;
    call->work.data = call;
    uv_queue_work(service->loop, &call->work, call_on_measure,
                  call_on_measured);
}
