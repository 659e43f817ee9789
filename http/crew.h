/*
 * crew.h - threads that read, parse and write for one owner.
 *
 * Each has a loop and a server of its own; all listen on the same port. What
 * a request asks is decided by the owner: the handler is called on the owner's
 * loop, and the answer goes back to the thread that has the connection. Both
 * ways are batches, one in each turn of a loop. Nothing else is shared.
 *
 * All of these are called on the owner's thread.
 */
#ifndef HTTP_CREW_H
#define HTTP_CREW_H

#include <stdint.h>
#include <uv.h>

#include "engine/error.h"
#include "http/server.h"

struct crew;

/* How many threads are to serve on so many cores, the owner included: one
 * below 4, else half of them, at most 8. */
unsigned crew_size(unsigned cores);

/* Never NULL. Each of `count` threads has its part of limits->connections.
 * `owner`, `user` and what `handle` needs outlive the crew. */
struct crew *crew_create(uv_loop_t *owner, unsigned count,
                         const struct server_limits *limits,
                         server_handle_fn handle, void *user);

/* Listens as server_listen() and starts the threads; once. */
TALLY_MUST_CHECK
enum tally_err crew_listen(struct crew *crew, const char *host, int port,
                           int *bound_port);

/* As the server's. */
void crew_set_durable(struct crew *crew, uint64_t lsn);
void crew_drain(struct crew *crew, unsigned patience_ms,
                server_drained_fn drained);

/* Ends the threads, drained or not. Exchanges without an answer are gone; the
 * rest is freed once the owner's loop has run its close callbacks. NULL is a
 * no-op. */
void crew_destroy(struct crew *crew);

#endif
