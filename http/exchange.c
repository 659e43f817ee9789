#include "http/exchange.h"

#include "http/connection.h"
#include "http/piece.h"
#include "http/relay.h"

static struct connection *connection_of(struct exchange *exchange)
{
    return LINK_OWNER(exchange, struct connection, exchange);
}

static const struct request *request_of(const struct exchange *exchange)
{
    const struct connection *connection =
        (const struct connection *)(const void *)((const char *)exchange -
                                                  offsetof(struct connection,
                                                           exchange));

    return &connection->request;
}

struct text exchange_header(const struct exchange *exchange, const char *name)
{
    return request_header(request_of(exchange), name);
}

void exchange_each_header(const struct exchange *exchange,
                          exchange_header_fn each, void *user)
{
    const struct request *request = request_of(exchange);
    struct text name;
    struct text value;

    for (unsigned i = 0; request_header_at(request, i, &name, &value); i++)
        each(user, name, value);
}

/* Control characters would begin fields of their own. */
static void add_printable(struct buffer *fields, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x20 && *text != 0x7f)
            buffer_add_byte(fields, *text);
    }
}

bool exchange_add_header(struct exchange *exchange, const char *name,
                         const char *value)
{
    struct buffer *fields = &connection_of(exchange)->fields;

    if (!buffer_reserve(fields, strlen(name) + strlen(value) + 4))
        return false;
    add_printable(fields, name);
    buffer_add(fields, ": ", 2);
    add_printable(fields, value);
    buffer_add(fields, "\r\n", 2);
    return true;
}

/* Makes the connection ready for its next exchange. */
static void end_exchange(struct connection *connection)
{
    arena_reset(connection->exchange.arena);
    buffer_trim(&connection->out, POOL_KEPT_ROOM);
    buffer_trim(&connection->fields, POOL_KEPT_ROOM);
    buffer_trim(&connection->plain, POOL_KEPT_ROOM);
    connection->exchange.back = NULL;
    connection->exchange.more = NULL;
    connection->exchange.door = NULL;
    connection->exchange.part = EXCHANGE_WHOLE;
    connection->exchange.is_gone = false;
    connection->has_exchange = false;
}

static void put_answer(struct connection *connection)
{
    struct response *response = &connection->exchange.response;

    if (!buffer_is_whole(&connection->out)) {
        buffer_clear(&connection->out);
        response_write_result(&connection->out, "Answer too large");
        response->status = 500;
        response->content_type = NULL;
        response->callback = (struct text){0};
    }
    response->body = buffer_text(&connection->out);
    response->fields = buffer_text(&connection->fields);
    connection_answer(connection, response, connection->exchange.lsn);
}

void exchange_deliver(struct exchange *exchange)
{
    struct connection *connection = connection_of(exchange);
    bool was_parked = connection->is_parked;

    if (exchange->part == EXCHANGE_PIECE) {
        piece_put(connection);
        return;
    }
    if (exchange->part != EXCHANGE_WHOLE)
        piece_end(connection);
    else if (!connection->is_closing)
        put_answer(connection);
    end_exchange(connection);
    connection->is_parked = false;
    if (connection->has_left)
        connection_destroy(connection);
    else if (was_parked)
        connection_advance(connection);
}

static void answer(struct exchange *exchange, uint64_t lsn)
{
    exchange->lsn = lsn;
    if (exchange->back)
        relay_add(exchange->back, &exchange->link);
    else
        exchange_deliver(exchange);
}

void exchange_answer(struct exchange *exchange, int status, uint64_t lsn)
{
    struct text callback = params_text(&exchange->params, "callback");

    exchange->response = (struct response){.status = status};
    if (response_is_callback(callback))
        exchange->response.callback = callback;
    answer(exchange, lsn);
}

void exchange_answer_as(struct exchange *exchange, int status,
                        const char *content_type, uint64_t lsn)
{
    exchange->response =
        (struct response){.status = status, .content_type = content_type};
    answer(exchange, lsn);
}

void exchange_answer_message(struct exchange *exchange, int status,
                             const char *message, uint64_t lsn)
{
    buffer_clear(exchange->out);
    response_write_result(exchange->out, message);
    if (status == 405)
        exchange_add_header(exchange, "Allow", "GET, HEAD, POST, OPTIONS");
    if (status == 503)
        exchange_add_header(exchange, "Retry-After", "5");
    exchange_answer(exchange, status, lsn);
}

static void answer_part(struct exchange *exchange, enum exchange_part part,
                        uint64_t lsn)
{
    exchange->part = part;
    answer(exchange, lsn);
}

void exchange_answer_piece(struct exchange *exchange, const char *content_type,
                           exchange_more_fn more, void *user, uint64_t lsn)
{
    if (!exchange->more)
        exchange->response =
            (struct response){.status = 200, .content_type = content_type};
    exchange->more = more;
    exchange->more_user = user;
    answer_part(exchange, EXCHANGE_PIECE, lsn);
}

void exchange_end_pieces(struct exchange *exchange, uint64_t lsn)
{
    answer_part(exchange, EXCHANGE_END, lsn);
}

void exchange_break_off(struct exchange *exchange)
{
    answer_part(exchange, EXCHANGE_BREAK, 0);
}

bool exchange_goes_on(struct exchange *exchange)
{
    if (!exchange->more)
        return false;
    exchange->more(exchange);
    return true;
}
