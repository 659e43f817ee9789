#include "bench/reply.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/text.h"

static const char wanted_status[] = "HTTP/1.1 200 ";
static const char wanted_body[] = "{\"result\":\"Success\"}";
static const char length_name[] = "Content-Length:";

enum { BODY_MAX = 1 << 30 };

/* `head` is whole lines, each with its CR LF. */
static bool find_length(struct text head, size_t *length)
{
    while (head.len > 0) {
        const char *end = memmem(head.at, head.len, "\r\n", 2);
        if (!end)
            return false;
        if (!strncasecmp(head.at, length_name, sizeof(length_name) - 1)) {
            errno = 0;
            *length = strtoul(head.at + sizeof(length_name) - 1, NULL, 10);
            return errno == 0 && *length < BODY_MAX;
        }
        head.len -= (size_t)(end + 2 - head.at);
        head.at = end + 2;
    }
    return false;
}

static bool is_success(const char *at, const char *body, size_t length)
{
    return !memcmp(at, wanted_status, sizeof(wanted_status) - 1) &&
           length == sizeof(wanted_body) - 1 &&
           !memcmp(body, wanted_body, length);
}

enum reply_kind reply_judge(const char *at, size_t len, size_t *size)
{
    static const char protocol[] = "HTTP/1.1 ";
    size_t known = len < sizeof(protocol) - 1 ? len : sizeof(protocol) - 1;
    if (memcmp(at, protocol, known) != 0)
        return REPLY_BROKEN;

    const char *end = memmem(at, len, "\r\n\r\n", 4);
    if (!end)
        return REPLY_PARTIAL;
    size_t length;
    if (!find_length((struct text){at, (size_t)(end + 2 - at)}, &length))
        return REPLY_BROKEN;
    const char *body = end + 4;
    if (len - (size_t)(body - at) < length)
        return REPLY_PARTIAL;
    *size = (size_t)(body - at) + length;
    return is_success(at, body, length) ? REPLY_GOOD : REPLY_REFUSED;
}
