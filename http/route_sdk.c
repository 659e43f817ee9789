/*
 * Answers that keep SDKs quiet about what tallyd does not do (spec A.7). No
 * call of these creates a user (spec 0.4.26).
 */
#include "http/route.h"
#include "metrics/answer.h"
#include "metrics/checksum.h"
#include "metrics/json.h"

#define ZERO_IDFA "00000000-0000-0000-0000-000000000000"

static void answer_text(struct service *service, struct exchange *exchange,
                        const char *body)
{
    buffer_add_string(exchange->out, body);
    exchange_answer(exchange, 200, engine_lsn(service->engine));
}

static const struct {
    const char *method;
    const char *body; /* NULL: the settings */
} methods[] = {
    {"sc", NULL},
    {"rc", "{}"},
    {"fetch_remote_config", "{}"},
    {"ab", "{\"result\":\"Successfully enrolled in ab tests\"}"},
    {"ab_opt_out", "{}"},
    {"ab_fetch_variants", "{}"},
    {"ab_fetch_experiments", "{}"},
    {"ab_enroll_variant", "{}"},
    {"feedback", "{\"result\":[]}"},
    {"queue", "{}"},
};

void route_sdk_each(const char *path, text_fn each, void *user)
{
    (void)path;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        each(user, text_of(methods[i].method));
}

/* SDK behaviour settings: none are set (version 2 of the format). */
static void answer_settings(struct service *service, struct exchange *exchange)
{
    struct json json;

    json_init(&json, exchange->out, JSON_PLAIN);
    json_open_object(&json);
    json_member_int(&json, "v", 2);
    json_member_int(&json, "t", exchange->now);
    json_key_string(&json, "c");
    json_open_object(&json);
    json_close_object(&json);
    json_close_object(&json);
    exchange_answer(exchange, 200, engine_lsn(service->engine));
}

static struct answer check_checksum(const struct exchange *exchange,
                                    const struct app *app)
{
    const struct params *params = &exchange->params;
    struct checksum_claim claim = {
        .query = exchange->query,
        .body = exchange->body,
        .checksum = params_text(params, "checksum"),
        .checksum256 = params_text(params, "checksum256"),
    };
    struct text salt = app_salt(app);
    enum checksum_verdict verdict = CHECKSUM_GOOD;

    if (salt.len > 0)
        verdict = checksum_verify(&claim, salt);
    if (verdict == CHECKSUM_MISSING)
        return (struct answer){200, "Request does not have checksum"};
    if (verdict == CHECKSUM_WRONG)
        return (struct answer){200, "Request does not match checksum"};
    return (struct answer){ANSWER_OK, NULL};
}

/* The message is NULL when the call may go on. */
static struct answer check(struct service *service,
                           const struct exchange *exchange)
{
    const struct params *params = &exchange->params;

    if (!params_has(params, "app_key") || !params_has(params, "device_id"))
        return (struct answer){
            400, "Missing parameter \"app_key\" or \"device_id\""};
    if (text_is(params_text(params, "device_id"), ZERO_IDFA))
        return (struct answer){200, "Ignoring device_id"};
    const struct app *app = registry_app_by_key(service->tally->registry,
                                                params_text(params, "app_key"));
    if (!app)
        return (struct answer){400, "App does not exist"};
    return check_checksum(exchange, app);
}

void route_sdk(struct service *service, struct exchange *exchange)
{
    struct text method = params_text(&exchange->params, "method");
    struct answer answer = check(service, exchange);
    uint64_t lsn = engine_lsn(service->engine);

    if (answer.message) {
        exchange_answer_message(exchange, answer.status, answer.message, lsn);
        return;
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (!text_is(method, methods[i].method))
            continue;
        if (methods[i].body)
            answer_text(service, exchange, methods[i].body);
        else
            answer_settings(service, exchange);
        return;
    }
    exchange_answer_message(exchange, 400, "Invalid method", lsn);
}

void route_content(struct service *service, struct exchange *exchange)
{
    answer_text(service, exchange, "\"No content block found!\"");
}

void route_widget(struct service *service, struct exchange *exchange)
{
    answer_text(service, exchange, "{\"result\":[]}");
}

void route_widgets(struct service *service, struct exchange *exchange)
{
    answer_text(service, exchange, "[]");
}
