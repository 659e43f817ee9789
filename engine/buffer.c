#include "engine/buffer.h"

#include <stdlib.h>

#include "engine/memory.h"

enum { FIRST_ROOM = 256, INT64_DIGITS = 20 };

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){.max = buffer->max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->overflowed = false;
}

void buffer_trim(struct buffer *buffer, size_t keep)
{
    buffer_clear(buffer);
    if (buffer->room > keep)
        buffer_finish(buffer);
}

bool buffer_is_whole(const struct buffer *buffer)
{
    return !buffer->overflowed;
}

static void grow(struct buffer *buffer, size_t needed)
{
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;

    while (room < needed)
        room *= 2;
    if (room > buffer->max)
        room = buffer->max;
    buffer->at = memory_resize(buffer->at, room);
    buffer->room = room;
}

bool buffer_reserve(struct buffer *buffer, size_t len)
{
    if (len > buffer->max - buffer->len) {
        buffer->overflowed = true;
        return false;
    }
    if (len > buffer->room - buffer->len)
        grow(buffer, buffer->len + len);
    return true;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
    if (len == 0 || !buffer_reserve(buffer, len))
        return;
    memcpy(buffer->at + buffer->len, bytes, len);
    buffer->len += len;
}

void buffer_add_text(struct buffer *buffer, struct text text)
{
    buffer_add(buffer, text.at, text.len);
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, string, strlen(string));
}

void buffer_add_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, &byte, 1);
}

void buffer_add_int(struct buffer *buffer, int64_t value)
{
    char digits[INT64_DIGITS];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    buffer_add(buffer, digits + at, sizeof(digits) - at);
}
