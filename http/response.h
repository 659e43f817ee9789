/*
 * response.h - the bytes of an answer (spec A.8).
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"

enum {
    RESPONSE_HEAD_MAX = 1024, /* the head without added fields */
    RESPONSE_DATE_SIZE = 40,
};

/* The Date field, made anew once a second. */
struct response_date {
    int64_t second;
    char field[RESPONSE_DATE_SIZE];
};

/* How the client knows where the body ends. */
enum response_end {
    RESPONSE_LENGTH,
    RESPONSE_CHUNKS, /* the body follows in chunks */
    RESPONSE_CLOSE,  /* the same to a client that does not know chunks */
};

struct response {
    int status;
    enum response_end end;
    const char *content_type; /* NULL: application/json */
    struct text fields;       /* more header fields, each with its line end */
    struct text callback;     /* JSONP; empty: none */
    struct text body;
    bool is_head;     /* everything but the body is sent */
    bool closes;      /* the connection is closed behind it */
    bool keeps_alive; /* tells an HTTP/1.0 client that it stays open */
};

/* True for a name that JSONP may call: [A-Za-z0-9_.$]. */
bool response_is_callback(struct text name);

/* Brings the date field up to `now`, in ms. */
void response_update_date(struct response_date *date, int64_t now);

/* Adds the whole answer to `out`. */
void response_write(struct buffer *out, const struct response *response,
                    const struct response_date *date);

/* Adds {"result": message}, escaped as a message. */
void response_write_result(struct buffer *out, const char *message);

#endif
