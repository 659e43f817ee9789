/*
 * pool.h - what the connections of one server share.
 *
 * All of it belongs to the loop thread.
 */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "http/inflate.h"
#include "http/link.h"
#include "http/response.h"
#include "http/server.h"

enum {
    POOL_READ_ROOM = 64 * 1024, /* bytes of one read */
    POOL_KEPT_ROOM = 16 * 1024, /* memory an idle connection keeps, per use */
};

struct pool {
    uv_loop_t *loop;
    struct server_limits limits;
    server_handle_fn handle;
    void *user;
    uint64_t durable;    /* answers up to here may leave */
    struct link open;    /* connections with an open handle */
    struct link waiting; /* those of them that hold answers back */
    struct link orphans; /* closed, but their exchange is unanswered */
    unsigned count;      /* of open connections */
    bool is_draining;
    struct response_date date;
    struct inflate *inflate;
    char *read_room; /* bytes of a read, used before the next one */
    /* Called when a connection has closed and is out of `open`. */
    void (*on_closed)(struct pool *pool);
};

#endif
