/*
 * js_reader.h - messages that come from Node.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_READER_H
#define METRICS_PLUGINS_JSPLUGINS_JS_READER_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "metrics/plugins/jsplugins/js_text.h"

struct js_reader {
    struct js_text bytes;
    size_t at; /* what is before has been read */
};

void js_reader_finish(struct js_reader *reader);

/* Reads what is there from a socket that does not block. False: it is closed,
 * or broken. */
bool js_reader_fill(struct js_reader *reader, int fd);

/* The next message, the caller's; NULL when none is whole yet, or one cannot
 * be understood: then is_broken is set. */
cJSON *js_reader_next(struct js_reader *reader, bool *is_broken);

#endif
