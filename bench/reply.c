#include "bench/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/text.h"

static const char protocol[] = "HTTP/1.1 ";
static const char wanted_body[] = "{\"result\":\"Success\"}";

enum {
    BODY_MAX = 1 << 30,
    PROTOCOL_LEN = sizeof(protocol) - 1,
    STATUS_MIN = 100,
    STATUS_MAX = 999,
};

/* The value of a header and what follows it; NULL when there is none. `head`
 * is whole lines, each with its CR LF. */
static const char *find_header(struct text head, const char *name)
{
    size_t len = strlen(name);

    while (head.len > 0) {
        const char *end = memmem(head.at, head.len, "\r\n", 2);
        if (!end)
            return NULL;
        if (!strncasecmp(head.at, name, len))
            return head.at + len;
        head.len -= (size_t)(end + 2 - head.at);
        head.at = end + 2;
    }
    return NULL;
}

static bool read_number(const char *at, size_t min, size_t max, size_t *number)
{
    errno = 0;
    *number = at ? strtoul(at, NULL, 10) : 0;
    return at && errno == 0 && *number >= min && *number <= max;
}

static const struct reply broken = {.state = REPLY_BROKEN};
static const struct reply partial = {.state = REPLY_PARTIAL};

/* `rest` is what follows the head. */
static struct reply read_message(struct text head, struct text rest)
{
    size_t status;
    size_t length;

    if (!read_number(head.at + PROTOCOL_LEN, STATUS_MIN, STATUS_MAX, &status) ||
        !read_number(find_header(head, "Content-Length:"), 0, BODY_MAX,
                     &length))
        return broken;
    if (rest.len < length)
        return partial;
    rest.len = length;
    return (struct reply){
        .state = REPLY_WHOLE,
        .size = (size_t)(rest.at - head.at) + length,
        .status = (unsigned)status,
        .is_success = status == 200 && text_is(rest, wanted_body),
        .has_retry_after = find_header(head, "Retry-After:") != NULL,
    };
}

struct reply reply_read(const char *at, size_t len)
{
    if (memcmp(at, protocol, len < PROTOCOL_LEN ? len : PROTOCOL_LEN) != 0)
        return broken;
    const char *end = memmem(at, len, "\r\n\r\n", 4);
    if (!end)
        return partial;
    size_t head = (size_t)(end + 2 - at);
    return read_message((struct text){at, head},
                        (struct text){end + 4, len - head - 2});
}
