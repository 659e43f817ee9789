#include "http/read.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "http/journal.h"
#include "http/route.h"
#include "metrics/moment.h"

enum { READS_AT_ONCE = 64 };

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
    if (!read->err && read->refusal.message) {
        buffer_clear(read->exchange->out);
        exchange_answer_message(read->exchange, read->refusal.status,
                                read->refusal.message, read->lsn);
    } else {
        answer(read->exchange, read->err, read->lsn);
    }
    free(read->question);
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
    read->service->reads--;
    end(read);
}

/* Hands the read to another thread; its reader is open and has captured. */
static void hand_over(struct read *read)
{
    read->app = NULL;
    read->member = NULL;
    read->service->reads++;
    read->work.data = read;
    uv_queue_work(read->service->loop, &read->work, read_on_work, read_on_done);
}

enum tally_err read_open(struct read *read)
{
    if (read->service->reads == READS_AT_ONCE)
        return TALLY_ERR_FULL;
    return reader_open(read->service->engine, &read->reader);
}

void *read_question(struct read *read, size_t size)
{
    read->question = memory_alloc(size);
    return read->question;
}

struct text read_param(const struct read *read, const char *name)
{
    return params_text(&read->exchange->params, name);
}

bool read_flag(const struct read *read, const char *name)
{
    return params_is_true(&read->exchange->params, name);
}

/* `timestamp` moves the reference time of a read (spec D.4.1). */
static int64_t reference_time(const struct exchange *exchange)
{
    return moment_seconds(params_text(&exchange->params, "timestamp"),
                          exchange->now);
}

int64_t read_now(const struct read *read)
{
    return reference_time(read->exchange);
}

struct period read_period_of(const struct read *read, const struct app *app,
                             struct text text)
{
    return period_parse(text, app->zone, read_now(read));
}

enum tally_err read_refuse(struct read *read, int status, const char *message)
{
    read->refusal = (struct answer){status, message};
    return TALLY_OK;
}

bool read_hides(const struct read *read, enum set set)
{
    const struct settings *settings = &read->service->tally->settings;

    return (set == SET_COUNTRIES && !settings->country_data) ||
           (set == SET_CITIES &&
            !(settings->country_data && settings->city_data));
}

const struct reading *reading_find(const struct reading *list, size_t count,
                                   struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, list[i].name))
            return &list[i];
    }
    return NULL;
}

void reading_each(const struct reading *list, size_t count, text_fn each,
                  void *user)
{
    for (size_t i = 0; i < count; i++)
        each(user, text_of(list[i].name));
}

static struct answer check(struct service *service, struct exchange *exchange,
                           const struct reading *reading, const char *unknown,
                           struct pass *pass)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);

    if (!params_has(&exchange->params, "app_id"))
        return (struct answer){400, "Missing parameter \"app_id\""};
    if (!reading)
        return (struct answer){400, unknown};
    return right_feature(&claim, PERMISSION_READ, reading->feature, pass);
}

void read_start_for(struct service *service, struct exchange *exchange,
                    const struct reading *reading, const struct pass *pass)
{
    struct read *read = memory_alloc(sizeof(*read));

    read->service = service;
    read->exchange = exchange;
    read->app = pass->app;
    read->member = pass->member;
    read->is_limited = pass->is_limited;
    read->lsn = engine_lsn(service->engine);
    read->period = read_period_of(read, read->app, read_param(read, "period"));
    json_init(&read->json, exchange->out,
              read_flag(read, "raw") ? JSON_PLAIN : JSON_DATA);
    read->err = reading->begin(read);
    if (!read->err && !read->refusal.message && read->run)
        hand_over(read);
    else
        end(read);
}

void read_start(struct service *service, struct exchange *exchange,
                const struct reading *reading, const char *unknown)
{
    struct pass pass;
    struct answer refused =
        route_pay(service, check(service, exchange, reading, unknown, &pass));

    if (refused.status != ANSWER_OK)
        exchange_answer_message(exchange, refused.status, refused.message,
                                engine_lsn(service->engine));
    else
        read_start_for(service, exchange, reading, &pass);
}
