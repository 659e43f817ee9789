/*
 * buffer.h - bytes that grow at the end, up to a fixed maximum.
 *
 * An addition that would pass the maximum is left out as a whole and marks
 * the buffer; whoever uses the content asks buffer_is_whole() once at the
 * end instead of checking every addition.
 */
#ifndef ENGINE_BUFFER_H
#define ENGINE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"

struct buffer {
    char *at; /* not NUL-terminated; moves when the buffer grows */
    size_t len;
    /* private state */
    size_t room;
    size_t max;
    bool overflowed;
};

/* Makes an empty buffer; allocates nothing yet. */
void buffer_init(struct buffer *buffer, size_t max);

/* Frees the bytes; a zeroed or finished buffer is fine. */
void buffer_finish(struct buffer *buffer);

/* Forgets the content and the overflow mark, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* The same, but gives the memory back when there is more than `keep`. */
void buffer_trim(struct buffer *buffer, size_t keep);

/* False once an addition was left out because of the maximum. */
bool buffer_is_whole(const struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *bytes, size_t len);
void buffer_add_text(struct buffer *buffer, struct text text);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_add_byte(struct buffer *buffer, char byte);

/* Decimal digits, with a minus sign when negative. */
void buffer_add_int(struct buffer *buffer, int64_t value);

/* Makes room for `len` bytes at buffer->at + buffer->len; false (and marked)
 * when that passes the maximum. The caller then writes and adds to len. */
bool buffer_reserve(struct buffer *buffer, size_t len);

/* The content as a text, valid until the next addition. */
static inline struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){buffer->at, buffer->len};
}

#endif
