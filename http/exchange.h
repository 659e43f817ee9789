/*
 * exchange.h - one request and its answer.
 *
 * The server fills in the request and calls the handler. The handler answers
 * exactly once, at once or later (after work on another thread), by
 * exchange_answer() on the thread that it was called on. Until then the
 * connection takes up no further request. Everything the request borrows lives
 * until the answer is given.
 *
 * An answer carries the log sequence number it depends on; it leaves the
 * process when the server has been told that this number is durable.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/text.h"
#include "http/link.h"
#include "http/response.h"
#include "metrics/params.h"

struct door;
struct relay;

enum exchange_method {
    EXCHANGE_GET,
    EXCHANGE_HEAD,
    EXCHANGE_POST,
    EXCHANGE_PUT,
    EXCHANGE_OPTIONS, /* this and what follows is answered by the server */
    EXCHANGE_OTHER,
};

/* What is being answered. */
enum exchange_part {
    EXCHANGE_WHOLE,
    EXCHANGE_PIECE, /* more follows */
    EXCHANGE_END,   /* the last piece */
    EXCHANGE_BREAK, /* there will be no end */
};

struct exchange;

/* The client has taken the last piece, or has left. */
typedef void (*exchange_more_fn)(struct exchange *exchange);

struct exchange {
    enum exchange_method method;
    struct text path;         /* up to the `?`, as sent */
    struct text query;        /* behind the `?`, as sent; may be empty */
    struct text body;         /* as sent, after content decoding; of multipart
                                 the text fields as k=v&k=v */
    struct text content_type; /* empty when there is none */
    struct text upload;       /* the body of multipart, files and all */
    struct params params;     /* query < form or multipart < JSON body */
    bool has_bad_body;        /* said to be JSON, but not one JSON object */
    struct arena *arena;      /* for what lives as long as the exchange */
    struct buffer *out;       /* empty: the handler writes the body here */
    int64_t now;              /* server clock at the request's end, in ms */
    char address[48];         /* client address, proxies' headers honoured */
    bool is_local;            /* came through the control socket */
    /* The way of a request that is handled on another thread, and back. */
    struct link link;
    struct relay *back; /* takes it when it is answered; NULL: this thread's */
    struct response response;
    uint64_t lsn;
    enum exchange_part part;
    exchange_more_fn more; /* of an answer in pieces; NULL: there is none yet */
    void *more_user;       /* the handler's */
    struct door *door;     /* to plugins; NULL: none is asked */
    bool is_gone;          /* nobody takes what is answered */
};

/* A header of the request by its lower-case name; empty when absent. */
struct text exchange_header(const struct exchange *exchange, const char *name);

/* Tells the headers in their order, names in lower case. */
typedef void (*exchange_header_fn)(void *user, struct text name,
                                   struct text value);
void exchange_each_header(const struct exchange *exchange,
                          exchange_header_fn each, void *user);

/* Adds a header to the answer; name and value are copied. False when there is
 * no room. */
bool exchange_add_header(struct exchange *exchange, const char *name,
                         const char *value);

/* Answers with the content of exchange->out as application/json (the headers
 * of spec A.8; JSONP when the parameter `callback` is a proper name). A body
 * that passed its maximum is answered by 500. `lsn` is what the answer
 * depends on, 0 for nothing. The exchange is gone afterwards. */
void exchange_answer(struct exchange *exchange, int status, uint64_t lsn);

/* The same with another content type. */
void exchange_answer_as(struct exchange *exchange, int status,
                        const char *content_type, uint64_t lsn);

/* Answers {"result": message}, escaped as a message (spec B.15); 503 carries
 * Retry-After. */
void exchange_answer_message(struct exchange *exchange, int status,
                             const char *message, uint64_t lsn);

/* Answers 200 in pieces, for what is too long to be put together first: the
 * content of exchange->out is the first or the next one. `more` is called on
 * the handler's thread when the client has taken it (never from in here); it
 * finds exchange->out empty, and answers later, by another piece or an end.
 * The exchange stays until then. */
void exchange_answer_piece(struct exchange *exchange, const char *content_type,
                           exchange_more_fn more, void *user, uint64_t lsn);

/* The content of exchange->out is the last piece. The exchange is gone
 * afterwards. */
void exchange_end_pieces(struct exchange *exchange, uint64_t lsn);

/* Closes the connection, so that the client sees that the answer is not whole.
 * The exchange is gone afterwards. */
void exchange_break_off(struct exchange *exchange);

/* For the server's handler: true when this is no new request, but one that
 * goes on. */
bool exchange_goes_on(struct exchange *exchange);

/* Gives the answer, which came back through exchange->back, to the connection;
 * on its thread. The exchange is gone afterwards. */
void exchange_deliver(struct exchange *exchange);

#endif
