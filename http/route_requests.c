/*
 * What became of requests, for those who administer the app: the last ones,
 * and what one would do.
 */
#include "http/route.h"
#include "metrics/docket.h"
#include "metrics/explain.h"
#include "metrics/right.h"

void route_requests(struct service *service, struct exchange *exchange)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);
    struct answer answer = {400, "Missing parameter \"app_id\""};
    struct pass pass;
    struct json json;

    if (params_has(&exchange->params, "app_id"))
        answer = route_pay(service, right_app_admin(&claim, &pass));
    uint64_t lsn = engine_lsn(service->engine);
    if (answer.status != ANSWER_OK) {
        exchange_answer_message(exchange, answer.status, answer.message, lsn);
        return;
    }
    json_init(&json, exchange->out,
              params_is_true(&exchange->params, "raw") ? JSON_PLAIN
                                                       : JSON_DATA);
    docket_write(service->tally->docket, pass.app->number, &json);
    exchange_answer(exchange, ANSWER_OK, lsn);
}

/* The app is named by its key, as in any request of an SDK. */
static struct answer check_explain(struct service *service,
                                   struct exchange *exchange)
{
    struct claim claim = route_claim(service, exchange, &service->tally->batch);
    struct pass pass;
    struct answer answer = route_pay(service, right_user(&claim, &pass));

    if (answer.status != ANSWER_OK)
        return answer;
    const struct app *app = registry_app_by_key(
        service->tally->registry, params_text(&exchange->params, "app_key"));
    if (!app && !pass.member->global_admin)
        return (struct answer){401, "User does not have right"};
    if (app && !right_administers(pass.member, text_of(app->id)))
        return (struct answer){401, "User does not have right"};
    return answer;
}

void route_explain(struct service *service, struct exchange *exchange)
{
    struct ingest request = {.arena = exchange->arena,
                             .params = &exchange->params,
                             .query = exchange->query,
                             .body = exchange->body,
                             .address = text_of(exchange->address),
                             .now = exchange->now};
    struct answer answer = check_explain(service, exchange);
    uint64_t lsn = engine_lsn(service->engine);

    if (answer.status != ANSWER_OK)
        exchange_answer_message(exchange, answer.status, answer.message, lsn);
    else if (explain(service->tally, &request, exchange->out) != ANSWER_OK)
        exchange_answer_message(exchange, 500, "Stored data cannot be read",
                                lsn);
    else
        exchange_answer(exchange, ANSWER_OK, lsn);
}
