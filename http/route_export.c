/*
 * /o/export/data: all counters, one collection, one event or the users of an
 * app as a table, in pieces. Another thread writes a piece while nobody reads
 * the last one; a client that does not fetch them ends the export.
 */
#include <stdlib.h>

#include "engine/memory.h"
#include "http/journal.h"
#include "http/route.h"
#include "metrics/export.h"
#include "metrics/moment.h"
#include "metrics/period.h"
#include "metrics/right.h"

enum {
    EXPORTS_AT_ONCE = 4,
    EXPORT_MS_MAX = 3600 * 1000, /* of one: the base cannot reuse its pages */
    NAME_MAX_LEN = 100,
};

struct outflow {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    struct export *export;
    enum rows_format format;
    uint64_t until; /* on the loop's clock */
    uint64_t lsn;
    enum tally_err err;
    bool is_begun;
};

static void finish(struct outflow *outflow)
{
    outflow->service->exports--;
    export_close(outflow->export);
    free(outflow);
}

static void outflow_on_work(uv_work_t *work)
{
    struct outflow *outflow = work->data;

    outflow->err = export_next(outflow->export, outflow->exchange->out);
}

static void outflow_on_piece(uv_work_t *work, int status);

static void work_on(struct outflow *outflow)
{
    outflow->work.data = outflow;
    uv_queue_work(outflow->service->loop, &outflow->work, outflow_on_work,
                  outflow_on_piece);
}

/* The client has taken a piece. */
static void outflow_on_more(struct exchange *exchange)
{
    struct outflow *outflow = exchange->more_user;
    struct service *service = outflow->service;
    bool is_late = uv_now(service->loop) > outflow->until;

    if (!exchange->is_gone && !service->draining && !is_late) {
        work_on(outflow);
        return;
    }
    if (!exchange->is_gone)
        journal_warning("an export was broken off", "reason",
                        is_late ? "it takes too long" : "the server ends");
    finish(outflow);
    exchange_break_off(exchange);
}

static void fail(struct outflow *outflow)
{
    struct exchange *exchange = outflow->exchange;

    journal_error("an export failed", "reason", tally_err_text(outflow->err));
    if (outflow->is_begun)
        exchange_break_off(exchange);
    else if (outflow->err == TALLY_ERR_TOO_BIG)
        exchange_answer_message(exchange, 413, "Answer is too large",
                                outflow->lsn);
    else
        exchange_answer_message(exchange, 500, "Stored data cannot be read",
                                outflow->lsn);
}

static void outflow_on_piece(uv_work_t *work, int status)
{
    struct outflow *outflow = work->data;
    struct exchange *exchange = outflow->exchange;
    const char *type = rows_content_type(outflow->format);
    bool is_last = outflow->export->is_done;

    (void)status;
    if (outflow->err) {
        fail(outflow);
    } else if (!is_last) {
        outflow->is_begun = true;
        exchange_answer_piece(exchange, type, outflow_on_more, outflow,
                              outflow->lsn);
        return;
    } else if (outflow->is_begun) {
        exchange_end_pieces(exchange, outflow->lsn);
    } else {
        exchange_answer_as(exchange, 200, type, outflow->lsn);
    }
    finish(outflow);
}

/* Letters, digits and a few signs: what needs no quoting in a header. */
static void add_file_name(struct exchange *exchange, struct text method,
                          struct text type)
{
    struct text wanted = params_text(&exchange->params, "filename");
    struct text name = wanted.len > 0 ? wanted : method;
    struct buffer header;

    buffer_init(&header, 2 * NAME_MAX_LEN);
    buffer_add_string(&header, "attachment; filename=\"");
    for (size_t i = 0; i < name.len && i < NAME_MAX_LEN; i++) {
        char c = name.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_';
        buffer_add_byte(&header, is_plain ? c : '_');
    }
    buffer_add_byte(&header, '.');
    buffer_add_text(&header, type);
    buffer_add(&header, "\"", 2);
    exchange_add_header(exchange, "Content-Disposition", header.at);
    buffer_finish(&header);
}

static struct answer check(struct service *service, struct exchange *exchange,
                           struct text method, struct pass *pass)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);

    if (!params_has(&exchange->params, "app_id"))
        return (struct answer){400, "Missing parameter \"app_id\""};
    if (!export_has_method(service->tally->catalog, method))
        return (struct answer){400, "Invalid method"};
    if (text_is(method, "app_users"))
        return right_app_admin(&claim, pass);
    return right_feature(&claim, PERMISSION_READ,
                         text_is(method, "events") ? "events" : "core", pass);
}

static void start(struct service *service, struct exchange *exchange,
                  const struct export_order *order, struct text type)
{
    struct outflow *outflow = memory_alloc(sizeof(*outflow));
    uint64_t lsn = engine_lsn(service->engine);
    enum tally_err err = service->exports == EXPORTS_AT_ONCE
                             ? TALLY_ERR_FULL
                             : export_open(order, &outflow->export);

    if (!err) {
        outflow->service = service;
        outflow->exchange = exchange;
        outflow->format = order->format;
        outflow->until = uv_now(service->loop) + EXPORT_MS_MAX;
        outflow->lsn = lsn;
        service->exports++;
        add_file_name(exchange, order->method, type);
        work_on(outflow);
        return;
    }
    free(outflow);
    if (err == TALLY_ERR_NOT_FOUND)
        exchange_answer_message(exchange, 400, "Event not found", lsn);
    else if (err == TALLY_ERR_FULL)
        route_answer_no_room(exchange, lsn);
    else
        exchange_answer_message(exchange, 500, "Stored data cannot be read",
                                lsn);
}

/* What the request asks for; a token may be used up by it. */
static struct answer read_order(struct service *service,
                                struct exchange *exchange,
                                struct export_order *order, struct text *type)
{
    const struct params *params = &exchange->params;
    struct tally *tally = service->tally;
    struct pass pass;

    batch_clear(&tally->batch);
    struct answer answer = check(service, exchange, order->method, &pass);
    if (!batch_is_empty(&tally->batch) && tally_apply(tally) != TALLY_OK)
        return (struct answer){503, "No room at present, try again"};
    if (answer.status != ANSWER_OK)
        return answer;
    *type = params_text(params, "type");
    if (type->len == 0)
        *type = TEXT("json");
    if (!rows_format_read(*type, &order->format))
        return (struct answer){400, "Invalid type, must be json, jsonl or csv"};
    order->app = pass.app;
    order->span = period_parse(params_text(params, "period"), pass.app->zone,
                               moment_seconds(params_text(params, "timestamp"),
                                              exchange->now))
                      .current;
    return answer;
}

void route_export_data(struct service *service, struct exchange *exchange)
{
    struct export_order order = {
        .engine = service->engine,
        .catalog = service->tally->catalog,
        .method = params_text(&exchange->params, "method"),
        .event = params_text(&exchange->params, "event")};
    struct text type;
    struct answer answer = read_order(service, exchange, &order, &type);

    if (answer.status == ANSWER_OK)
        start(service, exchange, &order, type);
    else
        exchange_answer_message(exchange, answer.status, answer.message,
                                engine_lsn(service->engine));
}
