/*
 * chunk.h - takes the body out of an answer in chunks (RFC 9112, 7.1), in
 * whatever pieces it arrives.
 */
#ifndef HTTP_CHUNK_H
#define HTTP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

enum chunk_state {
    CHUNK_SIZE,  /* in the digits */
    CHUNK_LINE,  /* behind them, up to the end of the line */
    CHUNK_BYTES, /* in the content */
    CHUNK_TAIL,  /* in the line end behind it */
    CHUNK_OVER,
};

/* Zeroed at first. */
struct chunk {
    enum chunk_state state; /* CHUNK_OVER: there is no more */
    uint64_t left;          /* bytes of the content */
    unsigned digits;
    bool is_last;
};

/* Takes some bytes off the front of `rest` and sets `body` to those that are
 * content, perhaps none; to be called until `rest` is empty or all is over.
 * TALLY_ERR_INVALID. */
TALLY_MUST_CHECK
enum tally_err chunk_take(struct chunk *chunk, struct text *rest,
                          struct text *body);

#endif
