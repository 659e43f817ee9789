#include "metrics/plugins/jsplugins/js_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

void js_reader_finish(struct js_reader *reader)
{
    js_text_finish(&reader->bytes);
    reader->at = 0;
}

/* What has been read makes room. */
static void shift(struct js_reader *reader)
{
    struct js_text *bytes = &reader->bytes;

    if (reader->at == 0)
        return;
    memmove(bytes->at, bytes->at + reader->at, bytes->len - reader->at);
    bytes->len -= reader->at;
    reader->at = 0;
}

bool js_reader_fill(struct js_reader *reader, int fd)
{
    shift(reader);
    char *to = js_text_reserve(&reader->bytes, PIECE);
    ssize_t got = read(fd, to, PIECE);

    if (got > 0)
        reader->bytes.len += (size_t)got;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

cJSON *js_reader_next(struct js_reader *reader, bool *is_broken)
{
    const char *at = reader->bytes.at + reader->at;
    size_t left = reader->bytes.len - reader->at;

    if (left < JS_HEAD)
        return NULL;
    size_t len = js_text_head(at);
    if (len > JS_MESSAGE_MAX) {
        *is_broken = true;
        return NULL;
    }
    if (left - JS_HEAD < len)
        return NULL;
    cJSON *message = cJSON_ParseWithLength(at + JS_HEAD, len);
    reader->at += JS_HEAD + len;
    *is_broken = !message;
    return message;
}
