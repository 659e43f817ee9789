#include "http/route.h"
#include "metrics/json.h"

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
