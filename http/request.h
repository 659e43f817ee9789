/*
 * request.h - bytes become requests, one at a time.
 *
 * A request keeps its head and body in buffers of its own, so nothing borrows
 * from the socket's buffer. The same request is used again and again for all
 * that come over one connection.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/text.h"
#include "http/guard.h"
#include "http/server.h"

/* Bytes of memory that stay when a request is over. */
enum { REQUEST_KEPT_ROOM = 16 * 1024 };

enum request_state {
    REQUEST_EMPTY, /* nothing of it has come */
    REQUEST_HEAD,
    REQUEST_BODY,
    REQUEST_DONE,
    REQUEST_REFUSED, /* cannot be read any further: see `refusal` */
};

struct request {
    enum request_state state;
    int refusal;    /* HTTP status */
    uint8_t method; /* llhttp's number */
    bool keeps_alive;
    bool is_old;         /* HTTP/1.0 */
    bool wants_continue; /* the client waits for 100 before it sends the body */
    size_t body_limit;   /* of this request, in bytes */
    struct buffer body;
    /* private state */
    llhttp_t parser;
    struct guard guard;
    const struct server_limits *limits;
    struct buffer head;
    struct request_field *fields;
    unsigned field_count;
    size_t target_len;
    size_t trailer_bytes;
    bool has_value;
};

/* `limits` outlives the request. */
void request_init(struct request *request, const struct server_limits *limits);
void request_finish(struct request *request);

/* Forgets the request, ready for the next one of the same connection. */
void request_reset(struct request *request);

/* Reads from `bytes` up to the end of the request and returns how many were
 * used; `state` says how far it got. Not to be called when the request is
 * done or refused. */
size_t request_feed(struct request *request, struct text bytes);

/* The request target as sent. */
struct text request_target(const struct request *request);

/* A header by its lower-case name, the first of several; empty when there is
 * none. Valid until request_reset(). */
struct text request_header(const struct request *request, const char *name);

/* The header of that number, its name in lower case; false: no more. */
bool request_header_at(const struct request *request, unsigned at,
                       struct text *name, struct text *value);

/* All headers of that name in their order, joined by commas; what is joined
 * is in the arena. Empty when there is none, or no room in the arena. */
struct text request_header_list(const struct request *request, const char *name,
                                struct arena *arena);

#endif
