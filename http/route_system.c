#include "http/route.h"
#include "metrics/json.h"
#include "metrics/right.h"

void route_ping(struct service *service, struct exchange *exchange)
{
    bool good = !engine_failed(service->engine);

    exchange_answer_message(exchange, good ? 200 : 404,
                            good ? "Success" : "DB Error", 0);
}

void route_version(struct service *service, struct exchange *exchange)
{
    struct json json;

    json_init(&json, exchange->out, JSON_PLAIN);
    json_open_object(&json);
    json_member_string(&json, "version", TALLY_VERSION);
    json_close_object(&json);
    exchange_answer(exchange, 200, engine_lsn(service->engine));
}

static void write_empty_list(struct json *json, const char *key)
{
    json_key_string(json, key);
    json_open_array(json);
    json_close_array(json);
}

/* There is no MongoDB, and no history of versions. */
void route_countly_version(struct service *service, struct exchange *exchange)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);
    struct pass pass;
    struct answer answer = route_pay(service, right_user(&claim, &pass));
    struct json json;

    if (answer.status != ANSWER_OK) {
        exchange_answer_message(exchange, answer.status, answer.message,
                                engine_lsn(service->engine));
        return;
    }
    json_init(&json, exchange->out, JSON_PLAIN);
    json_open_object(&json);
    json_key_string(&json, "result");
    json_open_object(&json);
    json_member_string(&json, "mongo", "");
    write_empty_list(&json, "fs");
    write_empty_list(&json, "db");
    json_member_string(&json, "pkg", TALLY_VERSION);
    json_close_object(&json);
    json_close_object(&json);
    exchange_answer(exchange, 200, engine_lsn(service->engine));
}
