/*
 * relay.h - hands things over from one thread to the loop of another.
 *
 * What the giver adds gathers on its side until it pushes, once in a turn of
 * its loop: a batch costs one lock and at most one wake-up, however much is
 * in it. Everything arrives once and in order. A thing has a `struct link`
 * inside, and whatever the giver wrote to it before is seen by the taker.
 */
#ifndef HTTP_RELAY_H
#define HTTP_RELAY_H

#include <stdbool.h>
#include <uv.h>

#include "http/link.h"

struct relay;

/* Called on the taker's loop with all that has been pushed, perhaps nothing.
 * What it leaves in the ring `batch` is dropped. */
typedef void (*relay_fn)(struct relay *relay, struct link *batch);

typedef void (*relay_closed_fn)(struct relay *relay);

struct relay {
    void *user;
    /* private state */
    relay_fn on_batch;
    relay_closed_fn closed;
    uv_async_t arrival;   /* on the taker's loop */
    struct link gathered; /* the giver's alone */
    uv_mutex_t lock;
    struct link pushed; /* under the lock */
};

/* `taker` does not run yet, or this is its thread. */
void relay_init(struct relay *relay, uv_loop_t *taker, relay_fn on_batch,
                void *user);

/* The giver's: keeps a thing for the next push. */
void relay_add(struct relay *relay, struct link *link);

/* The giver's: hands over what has gathered; false when that is nothing. */
bool relay_push(struct relay *relay);

/* From any thread: makes the taker look, even if nothing was pushed. */
void relay_call(struct relay *relay);

/* On the taker's thread, when the giver gives no more. Its memory is needed
 * until the loop has called `closed`, which may be NULL. */
void relay_close(struct relay *relay, relay_closed_fn closed);

#endif
