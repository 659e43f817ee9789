#include "http/route.h"
#include "metrics/bulk.h"
#include "metrics/ingest.h"

typedef int (*ingest_fn)(struct tally *tally, const struct ingest *request,
                         struct buffer *out);

/* Looked for only when somebody reads it. */
static struct text user_agent(const struct service *service,
                              const struct exchange *exchange)
{
    return service->agents ? exchange_header(exchange, "user-agent")
                           : (struct text){NULL, 0};
}

static void take(struct service *service, struct exchange *exchange,
                 ingest_fn decide)
{
    struct ingest request = {.arena = exchange->arena,
                             .params = &exchange->params,
                             .query = exchange->query,
                             .body = exchange->body,
                             .address = text_of(exchange->address),
                             .user_agent = user_agent(service, exchange),
                             .now = exchange->now};
    int status = decide(service->tally, &request, exchange->out);
    uint64_t lsn = engine_lsn(service->engine);

    if (status == 503) {
        buffer_clear(exchange->out);
        route_answer_no_room(exchange, lsn);
        return;
    }
    exchange_answer(exchange, status, lsn);
}

void route_ingest(struct service *service, struct exchange *exchange)
{
    if (params_is_true(&exchange->params, "explain"))
        route_explain(service, exchange);
    else
        take(service, exchange, ingest);
}

void route_bulk(struct service *service, struct exchange *exchange)
{
    take(service, exchange, bulk);
}
