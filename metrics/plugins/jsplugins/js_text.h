/*
 * js_text.h - a text that grows: messages, each behind four bytes that say how
 * long it is, the lowest first.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_TEXT_H
#define METRICS_PLUGINS_JSPLUGINS_JS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/tally_plugin.h"

enum { JS_HEAD = 4, JS_MESSAGE_MAX = 32 * 1024 * 1024 };

/* Zeroed: empty. */
struct js_text {
    char *at;
    size_t len;
    size_t room;
};

void js_text_finish(struct js_text *text);

/* At least so many bytes more; the place for them. */
char *js_text_reserve(struct js_text *text, size_t more);

void js_text_add(struct js_text *text, const char *at, size_t len);
void js_text_add_string(struct js_text *text, const char *string);
void js_text_add_number(struct js_text *text, int64_t number);

/* A JSON string of a text. */
void js_text_add_quoted(struct js_text *text, struct tally_text value);

/* `"key":`, behind a comma unless the object begins there. */
void js_text_add_key(struct js_text *text, const char *key);

/* Begins a message, and ends it; what lies between is its JSON. */
void js_text_open(struct js_text *text);
void js_text_close(struct js_text *text);

/* The number in four bytes. */
uint32_t js_text_head(const char *at);

#endif
