/*
 * lines.h - a file read line by line, in bounded memory and from any place.
 */
#ifndef HTTP_LINES_H
#define HTTP_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

struct lines {
    /* private state */
    int fd;
    struct buffer pile;
    size_t used;  /* bytes of the pile that were given */
    uint64_t end; /* of the last line given */
};

struct line {
    struct text text; /* without its end; lives until the next call */
    bool is_too_long; /* it has more bytes than allowed: text is empty */
    uint64_t end;     /* where the next one begins */
};

/* Opens a file for reading from `offset` on; lines have `max` bytes at most.
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err lines_open(struct lines *lines, const char *path,
                          uint64_t offset, size_t max);
void lines_close(struct lines *lines);

/* TALLY_ERR_NOT_FOUND behind the last line, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err lines_next(struct lines *lines, struct line *line);

#endif
