#include "bench/inlet.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "http/connection.h"
#include "http/dispatch.h"
#include "http/route.h"
#include "metrics/right.h"

enum { ROOM = 1 << 20 };

struct inlet {
    struct service service;
    struct pool pool;
    struct connection connection;
    size_t given; /* bytes of the last answer, which have not left */
};

/* As the service does it. */
static void inlet_on_request(struct exchange *exchange, void *user)
{
    struct answer answer = right_ids(&exchange->params);

    if (answer.status != ANSWER_OK)
        exchange_answer_message(exchange, answer.status, answer.message, 0);
    else
        route_find(exchange->path)(user, exchange);
}

struct inlet *inlet_create(struct stand *stand)
{
    struct inlet *inlet = memory_alloc(sizeof(*inlet));
    struct connection *connection = &inlet->connection;

    inlet->service.engine = stand->engine;
    inlet->service.tally = stand->tally;
    inlet->pool.limits = server_default_limits;
    inlet->pool.handle = inlet_on_request;
    inlet->pool.user = &inlet->service;
    inlet->pool.durable = UINT64_MAX;
    connection->pool = &inlet->pool;
    request_init(&connection->request, &inlet->pool.limits);
    sender_init(&connection->sender, NULL, inlet->pool.limits.pipeline + 2,
                ROOM, NULL);
    buffer_init(&connection->out, ROOM);
    buffer_init(&connection->fields, ROOM);
    return inlet;
}

void inlet_destroy(struct inlet *inlet)
{
    struct connection *connection = &inlet->connection;

    request_finish(&connection->request);
    arena_destroy(connection->exchange.arena);
    sender_finish(&connection->sender);
    buffer_finish(&connection->out);
    buffer_finish(&connection->fields);
    buffer_finish(&connection->plain);
    free(inlet);
}

struct text inlet_take(struct inlet *inlet, struct text bytes)
{
    struct connection *connection = &inlet->connection;
    struct request *request = &connection->request;
    struct outbox *outbox = &connection->sender.outbox;

    outbox_sent(outbox, inlet->given);
    request_feed(request, bytes);
    if (request->state == REQUEST_DONE)
        dispatch_request(connection);
    else
        dispatch_refusal(connection, request->refusal);
    struct text answer = outbox_ready(outbox);
    inlet->given = answer.len;
    return answer;
}
