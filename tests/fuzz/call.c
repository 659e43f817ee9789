/*
 * Calls of a whole tallyd. The first line of an input is path and query, the
 * rest is the body. Each has one answer, and that is JSON or JSONP.
 */
#include "door.h"
#include "metrics/scan.h"
#include "target.h"

enum { ANSWERS_MAX = 64 << 20, REQUEST_MAX = 1 << 20 };

static struct text body_of(struct text answer)
{
    const char *end = memmem(answer.at, answer.len, "\r\n\r\n", 4);
    size_t head = (size_t)(end - answer.at) + 4;

    return (struct text){answer.at + head, answer.len - head};
}

static bool is_json(struct text answer)
{
    struct scan scan;
    struct scan_value value;

    scan_init(&scan, answer);
    return scan_read(&scan, &value) && scan_is_over(&scan);
}

static void check(struct text answer)
{
    struct text body = body_of(answer);

    TARGET_REQUIRE(door_count(answer) == 1);
    TARGET_REQUIRE(target_is_utf8(body));
    if (memmem(answer.at, answer.len - body.len, "nosniff", 7))
        TARGET_REQUIRE(is_json(body));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text body = {(const char *)bytes, len};
    struct text target = target_cut(&body, '\n');
    struct buffer request, answer;

    if (target.len == 0 || target.at[0] != '/')
        return 0;
    buffer_init(&request, REQUEST_MAX);
    buffer_init(&answer, ANSWERS_MAX);
    buffer_add_string(&request, "POST ");
    for (size_t i = 0; i < target.len; i++)
        buffer_add_byte(&request, target.at[i] > ' ' ? target.at[i] : '+');
    buffer_add_string(&request, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                "Content-Length: ");
    buffer_add_int(&request, (int64_t)body.len);
    buffer_add_string(&request, "\r\n\r\n");
    buffer_add_text(&request, body);
    if (buffer_is_whole(&request) && door_talk(buffer_text(&request), &answer))
        check(buffer_text(&answer));
    buffer_finish(&request);
    buffer_finish(&answer);
    return 0;
}
