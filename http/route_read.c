/*
 * /o?method=...: what was counted (spec D.2).
 *
 * The order of questions is that of spec 0.4.19. What may take long is read
 * on another thread: the loop opens the reader and copies what the overlay
 * holds, so that the answer is of the instant of the request.
 */
#include <stdlib.h>

#include "engine/memory.h"
#include "http/journal.h"
#include "http/route.h"
#include "metrics/latest.h"
#include "metrics/metric.h"
#include "metrics/moment.h"
#include "metrics/period.h"
#include "metrics/right.h"
#include "metrics/timeobject.h"
#include "metrics/total.h"

enum { READS_AT_ONCE = 64 };

/* A read on its way. */
struct read {
    uv_work_t work;
    struct service *service;
    struct exchange *exchange;
    const struct app *app; /* only until the work is handed over */
    struct period period;
    struct json json;
    struct reader *reader;
    uint64_t lsn;
    enum tally_err err;
    enum tally_err (*run)(struct read *read);
    struct timeobject object;
    struct total total;
};

static struct text param(const struct read *read, const char *name)
{
    return params_text(&read->exchange->params, name);
}

static void answer(struct exchange *exchange, enum tally_err err, uint64_t lsn)
{
    if (err)
        buffer_clear(exchange->out);
    if (err == TALLY_ERR_TOO_BIG)
        exchange_answer_message(exchange, 413, "Answer is too large", lsn);
    else if (err == TALLY_ERR_FULL)
        route_answer_no_room(exchange, lsn);
    else if (err)
        exchange_answer_message(exchange, 500, "Stored data cannot be read",
                                lsn);
    else
        exchange_answer(exchange, 200, lsn);
    if (err == TALLY_ERR_CORRUPT || err == TALLY_ERR_IO)
        journal_error("a read failed", "reason", tally_err_text(err));
}

static void end(struct read *read)
{
    reader_close(read->reader);
    read->service->reads--;
    answer(read->exchange, read->err, read->lsn);
    free(read);
}

static void read_on_work(uv_work_t *work)
{
    struct read *read = work->data;

    read->err = read->run(read);
}

static void read_on_done(uv_work_t *work, int status)
{
    struct read *read = work->data;

    (void)status;
    end(read);
}

static enum tally_err open_reader(struct read *read)
{
    if (read->service->reads == READS_AT_ONCE)
        return TALLY_ERR_FULL;
    return reader_open(read->service->engine, &read->reader);
}

/* Hands the read to another thread; its reader is open and has captured. */
static void hand_over(struct read *read)
{
    read->app = NULL;
    read->service->reads++;
    read->work.data = read;
    uv_queue_work(read->service->loop, &read->work, read_on_work, read_on_done);
}

static enum tally_err write_object(struct read *read)
{
    return timeobject_write(&read->object, read->reader, &read->json);
}

static enum timeobject_mode mode_of(const struct read *read)
{
    if (text_is(param(read, "action"), "refresh"))
        return TIMEOBJECT_REFRESH;
    return params_is_true(&read->exchange->params, "fullRange")
               ? TIMEOBJECT_FULL
               : TIMEOBJECT_PERIOD;
}

/* Places are not shown when they are not wanted (spec D.2). */
static bool is_hidden(const struct read *read, struct text method)
{
    const struct settings *settings = &read->service->tally->settings;

    return (text_is(method, "countries") && !settings->country_data) ||
           (text_is(method, "cities") &&
            !(settings->country_data && settings->city_data));
}

/* Each of these either hands the read over or leaves the answer in place. */
static enum tally_err read_collection(struct read *read)
{
    struct text method = param(read, "method");

    if (is_hidden(read, method)) {
        json_open_object(&read->json);
        json_close_object(&read->json);
        return TALLY_OK;
    }
    enum tally_err err = open_reader(read);
    if (err)
        return err;
    read->object = (struct timeobject){.app = read->app->number,
                                       .collection = metric_collection(method),
                                       .mode = mode_of(read),
                                       .period = &read->period};
    timeobject_capture(&read->object, read->reader);
    read->run = write_object;
    return TALLY_OK;
}

static enum tally_err write_total(struct read *read)
{
    return total_write(&read->total, read->reader, &read->json);
}

static enum tally_err read_total(struct read *read)
{
    enum tally_err err = open_reader(read);
    if (err)
        return err;

    read->total = (struct total){
        .app = read->app->number,
        .metric = param(read, "metric"),
        .period = &read->period,
        .with_previous = params_is_true(&read->exchange->params, "previous")};
    total_capture(&read->total, read->reader);
    read->run = write_total;
    return TALLY_OK;
}

static enum tally_err read_period(struct read *read)
{
    period_write_json(&read->period, &read->json);
    return TALLY_OK;
}

static enum tally_err read_latest(struct read *read)
{
    return latest_write(read->service->engine, read->app, &read->json);
}

typedef enum tally_err (*method_fn)(struct read *read);

static const struct {
    const char *method;
    method_fn fn;
} methods[] = {
    {"total_users", read_total},
    {"get_period_obj", read_period},
    {"latest_users", read_latest},
};

static method_fn find_method(struct text method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (text_is(method, methods[i].method))
            return methods[i].fn;
    }
    return metric_collection(method) ? read_collection : NULL;
}

static struct answer check(struct service *service,
                           const struct exchange *exchange, struct pass *pass)
{
    struct claim claim = {.registry = service->tally->registry,
                          .params = &exchange->params,
                          .token = exchange_header(exchange, "countly-token"),
                          .is_operator = exchange->is_local};

    if (!params_has(&exchange->params, "app_id"))
        return (struct answer){400, "Missing parameter \"app_id\""};
    if (!find_method(params_text(&exchange->params, "method")))
        return (struct answer){400, "Invalid method"};
    return right_feature(&claim, PERMISSION_READ, "core", pass);
}

/* `timestamp` moves the reference time of a read (spec D.4.1). */
static int64_t reference_time(const struct exchange *exchange)
{
    return moment_seconds(params_text(&exchange->params, "timestamp"),
                          exchange->now);
}

static void start(struct service *service, struct exchange *exchange,
                  const struct app *app)
{
    struct read *read = memory_alloc(sizeof(*read));
    bool raw = params_is_true(&exchange->params, "raw");

    read->service = service;
    read->exchange = exchange;
    read->app = app;
    read->lsn = engine_lsn(service->engine);
    read->period = period_parse(param(read, "period"), app->zone,
                                reference_time(exchange));
    json_init(&read->json, exchange->out, raw ? JSON_PLAIN : JSON_DATA);
    enum tally_err err = find_method(param(read, "method"))(read);
    if (!err && read->run) {
        hand_over(read);
        return;
    }
    answer(exchange, err, read->lsn);
    free(read);
}

void route_read(struct service *service, struct exchange *exchange)
{
    struct pass pass;
    struct answer refused = check(service, exchange, &pass);

    if (refused.status != ANSWER_OK)
        exchange_answer_message(exchange, refused.status, refused.message,
                                engine_lsn(service->engine));
    else
        start(service, exchange, pass.app);
}
