/*
 * server.h - an HTTP/1.1 server on libuv and llhttp.
 *
 * One loop thread, which calls the handler; several servers may share a port
 * (crew.h). Keep-alive and pipelining; answers leave in the order of
 * their requests. Every size and every wait has a bound. Requests that could
 * be understood in two ways (folded headers, HTTP/0.9, no or two Host
 * headers, Transfer-Encoding on HTTP/1.0 and all that llhttp's strict mode
 * refuses) get 400 and the connection is closed.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "engine/error.h"
#include "http/exchange.h"
#include "http/network.h"

struct server;

struct server_limits {
    size_t url;     /* bytes of the request target: 414 */
    size_t headers; /* bytes of all header fields: 431 */
    unsigned header_count;
    size_t body;          /* bytes, also after gzip: 413 */
    size_t bulk_body;     /* the same for /i/bulk */
    unsigned connections; /* open at once; more are not accepted */
    unsigned pipeline;    /* answers pending on one connection */
    unsigned header_ms;   /* from the first byte to the end of the headers */
    unsigned body_ms;     /* from there to the end of the body */
    unsigned idle_ms;     /* keep-alive without a request */
    unsigned write_ms;    /* a client that does not read its answers */
    struct networks trusted_proxies; /* none: all of them, see address.h */
};

/* The limits of the README. */
extern const struct server_limits server_default_limits;

/* Called on the server's loop, or a crew's owner's, for every well-formed
 * request. */
typedef void (*server_handle_fn)(struct exchange *exchange, void *user);

/* Called when the last connection of a drained server is closed. */
typedef void (*server_drained_fn)(void *user);

/* Never NULL. `loop`, `user` and what `handle` needs outlive the server. The
 * process ignores SIGPIPE from here on. */
struct server *server_create(uv_loop_t *loop,
                             const struct server_limits *limits,
                             server_handle_fn handle, void *user);

/* Listens on HOST:PORT (port 0: any). `port` is the one bound.
 * TALLY_ERR_INVALID for an address that is none, TALLY_ERR_IN_USE,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err server_listen(struct server *server, const char *host, int port,
                             int *bound_port);

/* The same on a port that several servers share: the system spreads clients
 * over them. The first one finds the port free of others. */
TALLY_MUST_CHECK
enum tally_err server_listen_shared(struct server *server, const char *host,
                                    int port, bool is_first, int *bound_port);

/* Listens on a Unix socket; its exchanges are `is_local`. */
TALLY_MUST_CHECK
enum tally_err server_listen_local(struct server *server, const char *path);

/* Releases the answers that depend on sequence numbers up to `lsn`. */
void server_set_durable(struct server *server, uint64_t lsn);

/* Stops listening, closes idle connections, answers what has been read, and
 * calls `drained` when all are gone or `patience_ms` is over. */
void server_drain(struct server *server, unsigned patience_ms,
                  server_drained_fn drained);

/* After `drained`; frees everything once the loop has run its close
 * callbacks. NULL is a no-op. */
void server_destroy(struct server *server);

#endif
