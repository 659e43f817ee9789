#include "metrics/plugins/jsplugins/js_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 1024 };

void js_text_finish(struct js_text *text)
{
    free(text->at);
    *text = (struct js_text){0};
}

char *js_text_reserve(struct js_text *text, size_t more)
{
    size_t room = text->room ? text->room : ROOM_MIN;

    while (room - text->len < more)
        room *= 2;
    if (room != text->room) {
        text->at = realloc(text->at, room);
        if (!text->at)
            abort();
        text->room = room;
    }
    return text->at + text->len;
}

void js_text_add(struct js_text *text, const char *at, size_t len)
{
    if (len == 0)
        return;
    memcpy(js_text_reserve(text, len), at, len);
    text->len += len;
}

void js_text_add_string(struct js_text *text, const char *string)
{
    js_text_add(text, string, strlen(string));
}

void js_text_add_number(struct js_text *text, int64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRId64, number);
    js_text_add_string(text, digits);
}

static void add_escaped(struct js_text *text, unsigned char byte)
{
    char escape[8];

    snprintf(escape, sizeof(escape), "\\u%04x", byte);
    js_text_add_string(text, escape);
}

void js_text_add_quoted(struct js_text *text, struct tally_text value)
{
    size_t from = 0;

    js_text_add_string(text, "\"");
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.at[i];

        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        js_text_add(text, value.at + from, i - from);
        add_escaped(text, byte);
        from = i + 1;
    }
    js_text_add(text, value.at + from, value.len - from);
    js_text_add_string(text, "\"");
}

void js_text_add_key(struct js_text *text, const char *key)
{
    if (text->len > 0 && text->at[text->len - 1] != '{')
        js_text_add_string(text, ",");
    js_text_add_string(text, "\"");
    js_text_add_string(text, key);
    js_text_add_string(text, "\":");
}

void js_text_open(struct js_text *text)
{
    text->len = 0;
    js_text_add(text, "\0\0\0\0", JS_HEAD);
}

void js_text_close(struct js_text *text)
{
    size_t len = text->len - JS_HEAD;

    for (int i = 0; i < JS_HEAD; i++)
        text->at[i] = (char)(len >> (8 * i) & 0xff);
}

uint32_t js_text_head(const char *at)
{
    uint32_t number = 0;

    for (int i = JS_HEAD - 1; i >= 0; i--)
        number = number << 8 | (unsigned char)at[i];
    return number;
}
