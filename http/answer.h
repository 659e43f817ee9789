/*
 * answer.h - the bytes of an answer (spec A.8).
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/text.h"

enum {
    ANSWER_HEAD_MAX = 1024, /* the head without added fields */
    ANSWER_DATE_SIZE = 40,
};

/* The Date field, made anew once a second. */
struct answer_date {
    int64_t second;
    char field[ANSWER_DATE_SIZE];
};

struct answer {
    int status;
    const char *content_type; /* NULL: application/json */
    struct text fields;       /* more header fields, each with its line end */
    struct text callback;     /* JSONP; empty: none */
    struct text body;
    bool is_head;     /* everything but the body is sent */
    bool closes;      /* the connection is closed behind it */
    bool keeps_alive; /* tells an HTTP/1.0 client that it stays open */
};

/* True for a name that JSONP may call: [A-Za-z0-9_.$]. */
bool answer_is_callback(struct text name);

/* Brings the date field up to `now`, in ms. */
void answer_update_date(struct answer_date *date, int64_t now);

/* Adds the whole answer to `out`. */
void answer_write(struct buffer *out, const struct answer *answer,
                  const struct answer_date *date);

/* Adds {"result": message}, escaped as a message. */
void answer_write_result(struct buffer *out, const char *message);

#endif
