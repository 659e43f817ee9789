#include "http/server.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/pool.h"

enum {
    LISTENERS_MAX = 8,
    TICK_MIN_MS = 10,
    TICK_MAX_MS = 1000,
    TICKS_PER_LIMIT = 4,
};

const struct server_limits server_default_limits = {
    .url = 16 * 1024,
    .headers = 16 * 1024,
    .header_count = 64,
    .body = 1024 * 1024,
    .bulk_body = 8 * 1024 * 1024,
    .connections = 10000,
    .pipeline = 32,
    .header_ms = 10 * 1000,
    .body_ms = 60 * 1000,
    .idle_ms = 30 * 1000,
    .write_ms = 10 * 1000,
};

struct server {
    struct pool pool;
    struct listener listeners[LISTENERS_MAX];
    unsigned listener_count;
    uv_timer_t tick;
    uv_timer_t patience;
    unsigned handles; /* open ones besides the connections' */
    server_drained_fn drained;
    bool is_destroyed;
};

static struct server *server_of(struct pool *pool)
{
    return LINK_OWNER(pool, struct server, pool);
}

/* Time limits are looked at by one timer for all connections. */

static void server_on_tick(uv_timer_t *timer)
{
    struct server *server = timer->data;
    struct link *open = &server->pool.open;
    uint64_t now = uv_now(server->pool.loop);

    for (struct link *at = open->next, *next; at != open; at = next) {
        next = at->next;
        connection_check_time(LINK_OWNER(at, struct connection, open), now);
    }
}

static unsigned tick_of(const struct server_limits *limits)
{
    const unsigned all[] = {limits->header_ms, limits->body_ms, limits->idle_ms,
                            limits->write_ms};
    unsigned tick = TICK_MAX_MS;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i] / TICKS_PER_LIMIT < tick)
            tick = all[i] / TICKS_PER_LIMIT;
    }
    return tick < TICK_MIN_MS ? TICK_MIN_MS : tick;
}

static void start_tick(struct server *server)
{
    unsigned tick = tick_of(&server->pool.limits);

    if (!uv_is_active((uv_handle_t *)&server->tick))
        uv_timer_start(&server->tick, server_on_tick, tick, tick);
}

/* Listening. */

static void server_on_client(struct listener *listener)
{
    struct server *server = listener->owner;
    struct pool *pool = &server->pool;

    listener->has_client = pool->count >= pool->limits.connections;
    if (listener->has_client)
        return;
    start_tick(server);
    connection_accept(pool, &listener->uv.stream, listener->is_local);
}

static void free_when_closed(struct server *server)
{
    if (!server->is_destroyed || server->handles > 0 ||
        !link_is_alone(&server->pool.open))
        return;
    while (!link_is_alone(&server->pool.orphans))
        connection_destroy(
            LINK_OWNER(server->pool.orphans.next, struct connection, open));
    inflate_destroy(server->pool.inflate);
    free(server->pool.read_room);
    free(server);
}

static void server_on_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;

    server->handles--;
    free_when_closed(server);
}

static void server_on_listener_closed(struct listener *listener)
{
    struct server *server = listener->owner;

    server->handles--;
    free_when_closed(server);
}

static struct listener *add_listener(struct server *server)
{
    assert(server->listener_count < LISTENERS_MAX);
    struct listener *listener = &server->listeners[server->listener_count++];

    listener->owner = server;
    listener->on_client = server_on_client;
    listener->on_closed = server_on_listener_closed;
    server->handles++;
    return listener;
}

/* Takes `err`, of an attempt to open it. */
static enum tally_err finish_listening(struct listener *listener,
                                       enum tally_err err, int *bound_port)
{
    if (err)
        listener_close(listener);
    else
        *bound_port = listener_port(listener);
    return err;
}

enum tally_err server_listen(struct server *server, const char *host, int port,
                             int *bound_port)
{
    struct listener *listener = add_listener(server);

    return finish_listening(
        listener, listener_open(listener, server->pool.loop, host, port),
        bound_port);
}

enum tally_err server_listen_shared(struct server *server, const char *host,
                                    int port, bool is_first, int *bound_port)
{
    struct listener *listener = add_listener(server);

    return finish_listening(
        listener,
        listener_open_shared(listener, server->pool.loop, host, port, is_first),
        bound_port);
}

enum tally_err server_listen_local(struct server *server, const char *path)
{
    struct listener *listener = add_listener(server);
    enum tally_err err = listener_open_local(listener, server->pool.loop, path);

    if (err)
        listener_close(listener);
    return err;
}

void server_set_durable(struct server *server, uint64_t lsn)
{
    struct pool *pool = &server->pool;
    struct link ready;

    pool->durable = lsn;
    link_init(&ready);
    link_move_all(&pool->waiting, &ready);
    while (!link_is_alone(&ready)) {
        struct connection *connection =
            LINK_OWNER(ready.next, struct connection, waiting);
        link_remove(&connection->waiting);
        connection_advance(connection);
    }
}

/* The end. */

static void close_listeners(struct server *server)
{
    for (unsigned i = 0; i < server->listener_count; i++)
        listener_close(&server->listeners[i]);
}

static void end_drain(struct server *server)
{
    server_drained_fn drained = server->drained;

    server->drained = NULL;
    uv_timer_stop(&server->patience);
    if (drained)
        drained(server->pool.user);
}

static void serve_waiting_clients(struct server *server)
{
    for (unsigned i = 0; i < server->listener_count; i++) {
        if (server->listeners[i].has_client)
            server_on_client(&server->listeners[i]);
    }
}

static void server_on_connection_closed(struct pool *pool)
{
    struct server *server = server_of(pool);

    serve_waiting_clients(server);
    if (!link_is_alone(&pool->open))
        return;
    uv_timer_stop(&server->tick);
    end_drain(server);
    free_when_closed(server);
}

static void server_on_patience_over(uv_timer_t *timer)
{
    struct server *server = timer->data;
    struct link *open = &server->pool.open;

    for (struct link *at = open->next; at != open; at = at->next)
        connection_close(LINK_OWNER(at, struct connection, open));
    if (link_is_alone(open))
        end_drain(server);
}

void server_drain(struct server *server, unsigned patience_ms,
                  server_drained_fn drained)
{
    struct link *open = &server->pool.open;

    server->drained = drained;
    server->pool.is_draining = true;
    close_listeners(server);
    for (struct link *at = open->next; at != open; at = at->next)
        connection_close_idle(LINK_OWNER(at, struct connection, open));
    /* Not at once even when nothing is open: the caller is still at work. */
    if (link_is_alone(open))
        patience_ms = 0;
    uv_timer_start(&server->patience, server_on_patience_over, patience_ms, 0);
}

struct server *server_create(uv_loop_t *loop,
                             const struct server_limits *limits,
                             server_handle_fn handle, void *user)
{
    struct server *server = memory_alloc(sizeof(*server));
    struct pool *pool = &server->pool;

    signal(SIGPIPE, SIG_IGN);
    *pool = (struct pool){.loop = loop,
                          .limits = *limits,
                          .handle = handle,
                          .user = user,
                          .inflate = inflate_create(),
                          .read_room = memory_alloc(POOL_READ_ROOM),
                          .on_closed = server_on_connection_closed};
    link_init(&pool->open);
    link_init(&pool->waiting);
    link_init(&pool->orphans);
    uv_timer_init(loop, &server->tick);
    uv_timer_init(loop, &server->patience);
    server->tick.data = server;
    server->patience.data = server;
    server->handles = 2;
    return server;
}

void server_destroy(struct server *server)
{
    if (!server)
        return;

    struct link *open = &server->pool.open;
    for (struct link *at = open->next; at != open; at = at->next)
        connection_close(LINK_OWNER(at, struct connection, open));
    server->drained = NULL;
    server->is_destroyed = true;
    close_listeners(server);
    uv_close((uv_handle_t *)&server->tick, server_on_closed);
    uv_close((uv_handle_t *)&server->patience, server_on_closed);
}
