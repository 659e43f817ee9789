#include "http/chunk.h"

enum { DIGITS_MAX = 12 };

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static enum tally_err take_size(struct chunk *chunk, char c)
{
    int digit = digit_of(c);

    if (digit >= 0 && chunk->digits < DIGITS_MAX) {
        chunk->left = chunk->left * 16 + (unsigned)digit;
        chunk->digits++;
        return TALLY_OK;
    }
    if (c != '\r' || chunk->digits == 0)
        return TALLY_ERR_INVALID;
    chunk->state = CHUNK_LINE;
    return TALLY_OK;
}

static enum tally_err take_line_end(struct chunk *chunk, char c)
{
    if (c != '\n')
        return TALLY_ERR_INVALID;
    chunk->is_last = chunk->left == 0;
    chunk->state = chunk->is_last ? CHUNK_TAIL : CHUNK_BYTES;
    return TALLY_OK;
}

/* The line end behind the content; behind the last chunk all is over. */
static enum tally_err take_tail(struct chunk *chunk, char c)
{
    if (c == '\r')
        return TALLY_OK;
    if (c != '\n')
        return TALLY_ERR_INVALID;
    bool is_last = chunk->is_last;
    *chunk = (struct chunk){.state = is_last ? CHUNK_OVER : CHUNK_SIZE};
    return TALLY_OK;
}

static struct text take_bytes(struct chunk *chunk, struct text *rest)
{
    struct text body = {rest->at,
                        chunk->left < rest->len ? chunk->left : rest->len};

    rest->at += body.len;
    rest->len -= body.len;
    chunk->left -= body.len;
    if (chunk->left == 0)
        chunk->state = CHUNK_TAIL;
    return body;
}

enum tally_err chunk_take(struct chunk *chunk, struct text *rest,
                          struct text *body)
{
    static enum tally_err (*const takes[])(struct chunk *, char) = {
        [CHUNK_SIZE] = take_size,
        [CHUNK_LINE] = take_line_end,
        [CHUNK_TAIL] = take_tail,
    };

    *body = (struct text){0};
    if (rest->len == 0 || chunk->state == CHUNK_OVER)
        return TALLY_OK;
    if (chunk->state == CHUNK_BYTES) {
        *body = take_bytes(chunk, rest);
        return TALLY_OK;
    }
    char c = rest->at[0];
    rest->at++;
    rest->len--;
    return takes[chunk->state](chunk, c);
}
