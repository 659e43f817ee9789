#include "http/connection.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "http/dispatch.h"
#include "http/piece.h"

enum {
    PILE_HIGH = 256 * 1024, /* bytes to send that stop the reading */
    ANSWER_MAX = 64 * 1024 * 1024,
    FIELDS_MAX = 8 * 1024,
    STASH_MAX = POOL_READ_ROOM,
    LINGER_MS = 1000,
    PILE_MAX = PILE_HIGH + ANSWER_MAX + FIELDS_MAX + 2 * RESPONSE_HEAD_MAX,
};

static void connection_on_alloc(uv_handle_t *handle, size_t suggested,
                                uv_buf_t *room)
{
    struct connection *connection = handle->data;

    (void)suggested;
    *room = uv_buf_init(connection->pool->read_room, POOL_READ_ROOM);
}

void connection_destroy(struct connection *connection)
{
    link_remove(&connection->open);
    request_finish(&connection->request);
    arena_destroy(connection->exchange.arena);
    sender_finish(&connection->sender);
    buffer_finish(&connection->stash);
    buffer_finish(&connection->out);
    buffer_finish(&connection->fields);
    buffer_finish(&connection->plain);
    free(connection);
}

static void connection_on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct pool *pool = connection->pool;

    link_remove(&connection->open);
    pool->count--;
    connection->has_left = true;
    if (connection->has_exchange)
        link_join(&connection->open, &pool->orphans);
    else
        connection_destroy(connection);
    pool->on_closed(pool);
}

void connection_close(struct connection *connection)
{
    if (connection->is_closing)
        return;
    connection->is_closing = true;
    link_remove(&connection->waiting);
    piece_ask(connection);
    uv_close(&connection->uv.handle, connection_on_closed);
}

/* True when another request may be taken up. */
static bool may_go_on(const struct connection *connection)
{
    const struct outbox *outbox = &connection->sender.outbox;

    return !connection->is_closing && !connection->is_last &&
           !connection->is_parked &&
           outbox_held(outbox) < connection->pool->limits.pipeline &&
           outbox_size(outbox) < PILE_HIGH && !connection->sender.is_writing;
}

/* Nothing is asked that is not answered, and nothing is left to send. */
static bool is_idle(const struct connection *connection)
{
    return !connection->has_exchange && !connection->sender.is_writing &&
           outbox_size(&connection->sender.outbox) == 0 &&
           connection->request.state == REQUEST_EMPTY &&
           connection->stash.len == 0;
}

/* Closing with unread bytes at hand would make the system throw away the
 * answer on its way, so the client is given a moment to close first. */
static void linger(struct connection *connection)
{
    if (connection->phase == CONNECTION_LINGERING)
        return;
    connection->phase = CONNECTION_LINGERING;
    connection->deadline = uv_now(connection->pool->loop) + LINGER_MS;
    if (connection->has_ended ||
        uv_shutdown(&connection->shutdown, &connection->uv.stream, NULL) != 0)
        connection_close(connection);
}

void connection_close_idle(struct connection *connection)
{
    if (is_idle(connection))
        linger(connection);
}

static void connection_on_written(struct sender *sender, int status)
{
    struct connection *connection =
        LINK_OWNER(sender, struct connection, sender);

    if (connection->is_closing)
        return;
    if (status < 0)
        connection_close(connection);
    else
        connection_advance(connection);
}

static void flush(struct connection *connection)
{
    if (!connection->is_closing && !sender_flush(&connection->sender))
        connection_close(connection);
}

static enum connection_phase present_phase(const struct connection *connection)
{
    enum request_state state = connection->request.state;

    if (connection->sender.is_writing)
        return CONNECTION_WRITING;
    if (!may_go_on(connection))
        return CONNECTION_WORKING;
    if (state == REQUEST_HEAD)
        return CONNECTION_HEAD;
    if (state == REQUEST_BODY)
        return CONNECTION_BODY;
    if (outbox_size(&connection->sender.outbox) > 0)
        return CONNECTION_WORKING;
    return CONNECTION_IDLE;
}

/* Starts the clock anew when it is another thing that is waited for. */
static void set_deadline(struct connection *connection, unsigned served)
{
    const struct server_limits *limits = &connection->pool->limits;
    const unsigned patience[] = {
        [CONNECTION_IDLE] = limits->idle_ms,
        [CONNECTION_HEAD] = limits->header_ms,
        [CONNECTION_BODY] = limits->body_ms,
        [CONNECTION_WRITING] = limits->write_ms,
    };
    enum connection_phase phase = present_phase(connection);

    if (phase == connection->phase && served == connection->served)
        return;
    connection->phase = phase;
    connection->deadline =
        phase == CONNECTION_WORKING
            ? 0
            : uv_now(connection->pool->loop) + patience[phase];
}

static void connection_on_read(uv_stream_t *stream, ssize_t len,
                               const uv_buf_t *room);

/* What comes while an exchange is parked is kept: that is cheaper than to stop
 * and start again. But a draining connection must end. */
static void set_reading(struct connection *connection)
{
    bool keeps = connection->is_parked && !connection->pool->is_draining;
    bool wants =
        connection->phase == CONNECTION_LINGERING ||
        ((may_go_on(connection) || keeps) && connection->stash.len == 0);

    if (wants == connection->is_reading || connection->has_ended)
        return;
    connection->is_reading = wants;
    if (wants)
        uv_read_start(&connection->uv.stream, connection_on_alloc,
                      connection_on_read);
    else
        uv_read_stop(&connection->uv.stream);
}

/* True when there will be nothing more to do for this client. */
static bool is_finished(const struct connection *connection)
{
    if (connection->is_parked || connection->sender.is_writing ||
        outbox_size(&connection->sender.outbox) > 0)
        return false;
    if (connection->is_last)
        return true;
    if (connection->has_ended)
        return connection->stash.len == 0;
    return connection->pool->is_draining && is_idle(connection);
}

/* Brings everything in line after something has happened. */
static void settle(struct connection *connection, unsigned served)
{
    struct outbox *outbox = &connection->sender.outbox;

    if (connection->is_closing)
        return;
    if (outbox_held(outbox) > 0 && link_is_alone(&connection->waiting))
        link_join(&connection->waiting, &connection->pool->waiting);
    if (is_finished(connection))
        linger(connection);
    else
        set_deadline(connection, served);
    if (!connection->is_closing)
        set_reading(connection);
}

static void send_continue(struct connection *connection)
{
    struct outbox *outbox = &connection->sender.outbox;

    connection->request.wants_continue = false;
    buffer_add_string(&outbox->pile, "HTTP/1.1 100 Continue\r\n\r\n");
    outbox_close_answer(outbox, 0);
    outbox_release(outbox, connection->pool->durable);
}

static void take_up(struct connection *connection)
{
    switch (connection->request.state) {
    case REQUEST_DONE:
        connection->served++;
        dispatch_request(connection);
        break;
    case REQUEST_REFUSED:
        dispatch_refusal(connection, connection->request.refusal);
        break;
    default:
        if (connection->request.wants_continue &&
            connection->request.body.len == 0)
            send_continue(connection);
    }
}

/* Works on `bytes` as far as possible; returns how many were used. */
static size_t consume(struct connection *connection, struct text bytes)
{
    size_t used = 0;

    connection->is_busy = true;
    connection->unread = bytes.len;
    while (used < bytes.len && may_go_on(connection)) {
        struct text rest = {bytes.at + used, bytes.len - used};
        used += request_feed(&connection->request, rest);
        connection->unread = bytes.len - used;
        take_up(connection);
    }
    connection->is_busy = false;
    return connection->is_last ? bytes.len : used;
}

static void consume_stash(struct connection *connection)
{
    struct buffer *stash = &connection->stash;

    if (stash->len == 0 || !may_go_on(connection))
        return;
    struct text rest = {stash->at + connection->stash_used,
                        stash->len - connection->stash_used};
    connection->stash_used += consume(connection, rest);
    if (connection->stash_used < stash->len)
        return;
    buffer_trim(stash, POOL_KEPT_ROOM);
    connection->stash_used = 0;
}

void connection_advance(struct connection *connection)
{
    unsigned served = connection->served;

    outbox_release(&connection->sender.outbox, connection->pool->durable);
    if (connection->is_busy || connection->is_closing)
        return;
    do {
        flush(connection);
        consume_stash(connection);
        flush(connection);
    } while (connection->stash.len > 0 && may_go_on(connection));
    settle(connection, served);
    piece_ask(connection);
}

static void connection_on_read(uv_stream_t *stream, ssize_t len,
                               const uv_buf_t *room)
{
    struct connection *connection = stream->data;

    if (len == UV_EOF)
        connection->has_ended = true;
    if (len < 0 && len != UV_EOF) {
        connection_close(connection);
        return;
    }
    if (connection->phase == CONNECTION_LINGERING) {
        if (connection->has_ended)
            connection_close(connection);
        return;
    }
    unsigned served = connection->served;
    if (len > 0) {
        struct text bytes = {room->base, (size_t)len};
        size_t used = consume(connection, bytes);
        buffer_add(&connection->stash, bytes.at + used, bytes.len - used);
    }
    flush(connection);
    settle(connection, served);
    if (connection->stash.len > 0)
        connection_advance(connection);
}

/* A slow reader is not a stuck one: any progress gives it more time. */
void connection_check_time(struct connection *connection, uint64_t now)
{
    if (connection->is_closing || connection->deadline == 0)
        return;
    if (connection->phase == CONNECTION_WRITING &&
        sender_has_progress(&connection->sender))
        connection->deadline = now + connection->pool->limits.write_ms;
    if (now < connection->deadline)
        return;
    if (connection->phase != CONNECTION_HEAD &&
        connection->phase != CONNECTION_BODY) {
        connection_close(connection);
        return;
    }
    dispatch_refusal(connection, 408);
    connection_advance(connection);
}

void connection_put_head(struct connection *connection,
                         struct response *response)
{
    struct pool *pool = connection->pool;
    struct request *request = &connection->request;

    response->closes |= !request->keeps_alive;
    response->closes |= pool->is_draining && connection->unread == 0;
    response->keeps_alive = request->is_old;
    response->is_head = request->method == HTTP_HEAD;
    response_update_date(&pool->date, connection->exchange.now);
    response_write(&connection->sender.outbox.pile, response, &pool->date);
}

void connection_close_part(struct connection *connection, uint64_t lsn)
{
    outbox_close_answer(&connection->sender.outbox, lsn);
    outbox_release(&connection->sender.outbox, connection->pool->durable);
}

void connection_answer(struct connection *connection, struct response *response,
                       uint64_t lsn)
{
    connection_put_head(connection, response);
    connection_close_part(connection, lsn);
    connection->is_last |= response->closes;
    request_reset(&connection->request);
}

static void read_peer(struct connection *connection)
{
    struct sockaddr_storage peer;
    int len = sizeof(peer);

    if (connection->is_local)
        return;
    uv_tcp_nodelay(&connection->uv.tcp, 1);
    if (uv_tcp_getpeername(&connection->uv.tcp, (struct sockaddr *)&peer,
                           &len) == 0)
        address_of_peer(connection->peer, (struct sockaddr *)&peer);
}

static struct connection *create(struct pool *pool, bool is_local)
{
    struct connection *connection = memory_alloc(sizeof(*connection));
    const struct server_limits *limits = &pool->limits;

    connection->pool = pool;
    connection->is_local = is_local;
    link_init(&connection->open);
    link_init(&connection->waiting);
    request_init(&connection->request, &pool->limits);
    /* Besides the pipeline: an answer to what cannot be read, and a 100. */
    sender_init(&connection->sender, &connection->uv.stream,
                limits->pipeline + 2, PILE_MAX, connection_on_written);
    buffer_init(&connection->stash, STASH_MAX);
    buffer_init(&connection->out, ANSWER_MAX);
    buffer_init(&connection->fields, FIELDS_MAX);
    return connection;
}

void connection_accept(struct pool *pool, uv_stream_t *listener, bool is_local)
{
    struct connection *connection = create(pool, is_local);

    if (is_local)
        uv_pipe_init(pool->loop, &connection->uv.pipe, 0);
    else
        uv_tcp_init(pool->loop, &connection->uv.tcp);
    connection->uv.handle.data = connection;
    link_join(&connection->open, &pool->open);
    pool->count++;
    if (uv_accept(listener, &connection->uv.stream) != 0) {
        connection_close(connection);
        return;
    }
    read_peer(connection);
    /* Not CONNECTION_IDLE, so that the clock starts. */
    connection->phase = CONNECTION_WORKING;
    settle(connection, 0);
}
