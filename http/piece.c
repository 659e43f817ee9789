#include "http/piece.h"

#include <stdio.h>

static bool has_begun(const struct connection *connection)
{
    return connection->exchange.response.end != RESPONSE_LENGTH;
}

static void put_head(struct connection *connection)
{
    struct response *response = &connection->exchange.response;
    bool is_old = connection->request.is_old;

    response->end = is_old ? RESPONSE_CLOSE : RESPONSE_CHUNKS;
    response->fields = buffer_text(&connection->fields);
    response->closes = is_old;
    connection_put_head(connection, response);
}

static void put_body(struct connection *connection)
{
    struct buffer *pile = &connection->sender.outbox.pile;
    struct text body = buffer_text(&connection->out);
    bool is_chunk = connection->exchange.response.end == RESPONSE_CHUNKS;
    char size[24];

    if (body.len == 0 || connection->request.method == HTTP_HEAD)
        return;
    if (is_chunk) {
        snprintf(size, sizeof(size), "%zx\r\n", body.len);
        buffer_add_string(pile, size);
    }
    buffer_add_text(pile, body);
    if (is_chunk)
        buffer_add_string(pile, "\r\n");
}

static void put(struct connection *connection)
{
    if (!has_begun(connection))
        put_head(connection);
    put_body(connection);
    buffer_clear(&connection->out);
}

void piece_put(struct connection *connection)
{
    connection->wants_more = true;
    if (connection->is_closing) {
        piece_ask(connection);
        return;
    }
    put(connection);
    connection_close_part(connection, connection->exchange.lsn);
    connection_advance(connection);
}

void piece_end(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;

    if (connection->is_closing)
        return;
    if (exchange->part == EXCHANGE_BREAK) {
        connection_close(connection);
        return;
    }
    put(connection);
    if (exchange->response.end == RESPONSE_CHUNKS &&
        connection->request.method != HTTP_HEAD)
        buffer_add_string(&connection->sender.outbox.pile, "0\r\n\r\n");
    connection_close_part(connection, exchange->lsn);
    connection->is_last |= exchange->response.closes;
    request_reset(&connection->request);
}

void piece_ask(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    bool has_left = !connection->sender.is_writing &&
                    outbox_size(&connection->sender.outbox) == 0;

    if (!connection->wants_more || (!has_left && !connection->is_closing))
        return;
    connection->wants_more = false;
    exchange->is_gone = connection->is_closing;
    connection->pool->handle(exchange, connection->pool->user);
}
