/*
 * listener.h - one address or Unix socket where clients arrive.
 */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include <stdbool.h>
#include <uv.h>

#include "engine/error.h"

struct listener;

/* A client has arrived, or the listener has closed. */
typedef void (*listener_fn)(struct listener *listener);

struct listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    bool is_local;
    bool has_client; /* the owner's: one that was not accepted yet */
    bool is_closed;
    void *owner;
    listener_fn on_client;
    listener_fn on_closed;
};

/* Errors as server_listen(); the listener is to be closed all the same. */
TALLY_MUST_CHECK
enum tally_err listener_open(struct listener *listener, uv_loop_t *loop,
                             const char *host, int port);

/* The same on a port that several listeners share: the system spreads clients
 * over them. The first one finds the port free of others. */
TALLY_MUST_CHECK
enum tally_err listener_open_shared(struct listener *listener, uv_loop_t *loop,
                                    const char *host, int port, bool is_first);

/* The port it is bound to. */
int listener_port(const struct listener *listener);

/* On a Unix socket that only its owner may use. The socket of a server that
 * is gone is replaced. */
TALLY_MUST_CHECK
enum tally_err listener_open_local(struct listener *listener, uv_loop_t *loop,
                                   const char *path);

/* Stops listening; on_closed follows. Twice is fine. */
void listener_close(struct listener *listener);

#endif
