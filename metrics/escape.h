/*
 * escape.h - the escaping of one JSON string (spec B.15).
 *
 * JSON's own escapes are those of JavaScript's JSON.stringify; the HTML ones
 * come on top of them, as the mode says (json.h).
 */
#ifndef METRICS_ESCAPE_H
#define METRICS_ESCAPE_H

#include "engine/buffer.h"
#include "engine/text.h"

enum escape_html {
    ESCAPE_HTML_NONE,
    /* From the first < or > on: < > & " ' become entities. */
    ESCAPE_HTML_TAGS,
    /* All of & " ' < > do, but an & that begins an entity already stays. */
    ESCAPE_HTML_ALL,
};

/* Adds `string` without quotes. Bytes that are no UTF-8 become U+FFFD. */
void escape_add(struct buffer *out, struct text string, enum escape_html html);

#endif
