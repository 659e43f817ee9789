#include "metrics/plugins/jsplugins/js_order.h"

#include <stdlib.h>
#include <string.h>

#include "metrics/plugins/jsplugins/js_message.h"

enum { FAILED = 500, UNAVAILABLE = 503, TOO_LATE = 504, NO_METRIC = 400 };

/* A call, its job, and what Node said; `call` may be one that was resumed. */
struct order {
    struct jsplugins *js;
    struct js_job job;
    bool is_asked_again;
};

static struct tally_text text_at(const cJSON *object, const char *name)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

    return (struct tally_text){value, value ? strlen(value) : 0};
}

static int number_at(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNumber(item) ? item->valueint : 0;
}

/* --- the request goes on --- */

typedef int (*set_fn)(struct tally_call *call, const char *name,
                      struct tally_text json);

/* The members of an object are JSON in texts. */
static void set_all(const struct order *order, struct tally_call *call,
                    const char *name, set_fn set)
{
    const cJSON *list =
        cJSON_GetObjectItemCaseSensitive(order->job.answer, name);
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        const char *value = cJSON_GetStringValue(item);
        struct tally_text json = {value, value ? strlen(value) : 0};
        int failure = value ? set(call, item->string, json) : TALLY_E_INVALID;

        if (failure)
            js_log(order->js, TALLY_LOG_WARNING,
                   "%s %.64s cannot be set in %s: %d", name, item->string,
                   order->job.hook->path, failure);
    }
}

static int pass(struct order *order, struct tally_call *call)
{
    const struct tally_host *host = order->js->host;
    struct tally_text reason = text_at(order->job.answer, "cancel");

    set_all(order, call, "qstring", host->set_param_json);
    set_all(order, call, "user", host->set_user);
    if (reason.at)
        host->cancel(call, reason.at);
    return TALLY_PASS;
}

/* --- the request is answered --- */

static int reply(struct order *order, struct tally_call *call)
{
    const struct tally_host *host = order->js->host;
    const cJSON *answer = order->job.answer;
    struct tally_text kind = text_at(answer, "kind");
    struct tally_text body = text_at(answer, "body");
    int status = number_at(answer, "status");
    const cJSON *header;
    int failure;

    cJSON_ArrayForEach(header,
                       cJSON_GetObjectItemCaseSensitive(answer, "headers"))
    {
        if (cJSON_IsString(header))
            host->reply_header(call, header->string, header->valuestring);
    }
    if (!kind.at || !body.at)
        failure = TALLY_E_INVALID;
    else if (strcmp(kind.at, "message") == 0)
        failure = host->reply(call, status, body.at);
    else if (strcmp(kind.at, "json") == 0)
        failure = host->reply_json(call, status, body);
    else
        failure =
            host->reply_raw(call, status, text_at(answer, "type").at, body);
    if (failure) {
        js_log(order->js, TALLY_LOG_ERROR, "an answer of %s is none: %d",
               order->job.hook->path, failure);
        host->reply(call, FAILED, "Plugin failed");
    }
    return TALLY_HANDLED;
}

static int fetch(struct order *order, struct tally_call *call)
{
    const struct tally_host *host = order->js->host;
    struct tally_text db = text_at(order->job.answer, "db");
    int failure = db.at ? host->fetch_time_obj(call, db.at) : TALLY_E_INVALID;

    if (failure < 0)
        host->reply(call, NO_METRIC, "No such metric");
    return TALLY_HANDLED;
}

static int give_up(struct order *order, struct tally_call *call, int status,
                   const char *message)
{
    if (order->job.hook->kind != JS_ASK)
        return TALLY_PASS;
    order->js->host->reply(call, status, message);
    return TALLY_HANDLED;
}

static int late(struct order *order, struct tally_call *call)
{
    return give_up(order, call, TOO_LATE, "Plugin did not answer in time");
}

/* --- the request is validated --- */

static int on_validated(struct tally_call *call, void *user)
{
    struct order *order = user;
    struct jsplugins *js = order->js;
    uint64_t id = order->job.id;
    struct js_job *job = &js->jobs.list[id % JS_JOBS_MAX];

    tally_wait wait = js->host->wait(call, js_order_next, job);
    if (wait == 0) {
        js->host->reply(call, UNAVAILABLE, "Plugin is not available");
        return TALLY_HANDLED;
    }
    order->is_asked_again = true;
    js_jobs_ask(&js->jobs, id, wait, js_now() + js->settings.timeout_ms);
    js_message_validated(js, call, id);
    return TALLY_ASYNC;
}

static int validate(struct order *order, struct tally_call *call)
{
    const struct tally_host *host = order->js->host;
    int right = number_at(order->job.answer, "right");
    const char *feature = text_at(order->job.answer, "feature").at;

    if (right < TALLY_RIGHT_USER || right > TALLY_RIGHT_GLOBAL_ADMIN)
        right = TALLY_RIGHT_GLOBAL_ADMIN;
    int result = host->validate(call, (enum tally_right)right, feature,
                                on_validated, order);
    if (!order->is_asked_again)
        js_message_gone(order->js, order->job.id);
    if (result < 0)
        host->reply(call, FAILED, "Plugin failed");
    return result < 0 ? TALLY_HANDLED : result;
}

/* --- which of these --- */

static const struct {
    const char *name;
    int (*follow)(struct order *order, struct tally_call *call);
} orders[] = {
    {"pass", pass},         {"reply", reply}, {"fetch", fetch},
    {"validate", validate}, {"late", late},
};

static int follow(struct order *order, struct tally_call *call)
{
    const char *name = text_at(order->job.answer, "do").at;

    for (size_t i = 0; name && i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (strcmp(name, orders[i].name) == 0)
            return orders[i].follow(order, call);
    }
    return TALLY_PASS;
}

int js_order_next(struct tally_call *call, void *user)
{
    struct js_job *job = user;
    struct order order = {.js = job->js};
    int result = TALLY_PASS;

    if (!js_jobs_take(&order.js->jobs, job->id, &order.job))
        return TALLY_PASS;
    switch (order.job.fate) {
    case JS_FATE_ANSWER:
        result = follow(&order, call);
        break;
    case JS_FATE_LATE:
        result = late(&order, call);
        break;
    case JS_FATE_DEAD:
        result = give_up(&order, call, UNAVAILABLE, "Plugin is not available");
        break;
    }
    if (!order.is_asked_again)
        js_jobs_close(&order.js->jobs, order.job.id);
    cJSON_Delete(order.job.answer);
    return result;
}
