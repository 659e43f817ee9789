/*
 * connection.h - one client: reads requests, sends answers in their order.
 *
 * A connection works on one exchange at a time and reads no further while
 * that is parked, while too many answers are held back or the client does
 * not fetch what it asked for. It owns itself: it is freed when its handle
 * has closed and its exchange is answered.
 */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "http/address.h"
#include "http/exchange.h"
#include "http/link.h"
#include "http/pool.h"
#include "http/request.h"
#include "http/sender.h"

/* What a connection waits for, and so which limit its time has. */
enum connection_phase {
    CONNECTION_IDLE,
    CONNECTION_HEAD,
    CONNECTION_BODY,
    CONNECTION_WORKING, /* it is our turn: no limit */
    CONNECTION_WRITING,
    CONNECTION_LINGERING, /* all is said, the client is to close */
};

struct connection {
    struct pool *pool;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    struct link open;
    struct link waiting;
    char peer[ADDRESS_SIZE];
    bool is_local;

    struct request request;
    struct buffer stash; /* bytes that were read but not used */
    size_t stash_used;
    size_t unread; /* bytes at hand behind the present request */

    struct exchange exchange;
    bool has_exchange;
    bool is_parked;  /* the exchange is answered later */
    bool wants_more; /* and its next piece is to be asked for, see piece.h */
    struct buffer out;
    struct buffer fields; /* header fields added to the answer */
    struct buffer plain;  /* the body of the request, inflated */

    struct sender sender;
    uv_shutdown_t shutdown;

    enum connection_phase phase;
    uint64_t deadline; /* on the loop's clock; 0: none */
    unsigned served;   /* requests read so far */

    bool is_busy;    /* inside connection_read(): no nested reading */
    bool is_reading; /* the handle reads */
    bool has_ended;  /* the client sends no more */
    bool is_last;    /* the answers at hand are the last ones */
    bool is_closing;
    bool has_left; /* the handle has closed */
};

/* Accepts a client of `listener` and begins to read. */
void connection_accept(struct pool *pool, uv_stream_t *listener, bool is_local);

/* Sends what may leave by now and goes on reading if that was the obstacle. */
void connection_advance(struct connection *connection);

/* Closes at once; what was not sent is lost. */
void connection_close(struct connection *connection);

/* Closes if nothing has been asked that is not answered. */
void connection_close_idle(struct connection *connection);

/* Looks whether its time is over; `now` is the loop's. */
void connection_check_time(struct connection *connection, uint64_t now);

/* Puts an answer into the outbox and ends the exchange or refused request. */
void connection_answer(struct connection *connection, struct response *response,
                       uint64_t lsn);

/* The parts of connection_answer(), for an answer in pieces. */
void connection_put_head(struct connection *connection,
                         struct response *response);
void connection_close_part(struct connection *connection, uint64_t lsn);

/* Frees what is left of a connection whose handle has closed. */
void connection_destroy(struct connection *connection);

#endif
