/*
 * The bytes of a connection as requests. However they are cut into reads, the
 * same requests come out, or the same one is refused.
 */
#include "http/request.h"

#include "target.h"

enum { SEEN_MAX = 1 << 20 };

static const struct server_limits limits = {
    .url = 128,
    .headers = 512,
    .header_count = 12,
    .body = 256,
    .bulk_body = 1024,
};

static void note(const struct request *request, struct buffer *seen)
{
    static const char *const names[] = {"host",         "a",
                                        "content-type", "content-encoding",
                                        "connection",   "x-forwarded-for"};

    buffer_add_int(seen, request->method);
    buffer_add_byte(seen, request->keeps_alive ? 'k' : 'c');
    buffer_add_byte(seen, request->is_old ? '0' : '1');
    buffer_add_byte(seen, request->wants_continue ? 'w' : '-');
    buffer_add_text(seen, request_target(request));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        buffer_add_byte(seen, '\n');
        buffer_add_text(seen, request_header(request, names[i]));
    }
    buffer_add_byte(seen, '\n');
    buffer_add_text(seen, buffer_text(&request->body));
}

static void check_bounds(const struct request *request)
{
    TARGET_REQUIRE(request->body.len <= limits.bulk_body);
    TARGET_REQUIRE(request->body.len <= request->body_limit ||
                   request->body.len == 0);
    TARGET_REQUIRE(request_target(request).len <= limits.url);
    TARGET_REQUIRE(buffer_is_whole(&request->body));
    TARGET_REQUIRE(request->state != REQUEST_REFUSED ||
                   request->refusal >= 400);
}

/* Reads everything in pieces of `step` bytes. */
static void read_all(struct text bytes, size_t step, struct buffer *seen)
{
    struct request request;
    size_t used = 0;
    bool goes_on = true;

    request_init(&request, &limits);
    while (used < bytes.len && goes_on) {
        size_t end = used - used % step + step;
        struct text piece = {bytes.at + used,
                             (end < bytes.len ? end : bytes.len) - used};
        size_t taken = request_feed(&request, piece);
        TARGET_REQUIRE(taken <= piece.len);
        TARGET_REQUIRE(taken == piece.len || request.state >= REQUEST_DONE);
        used += taken;
        check_bounds(&request);
        if (request.state < REQUEST_DONE)
            continue;
        goes_on = request.state == REQUEST_DONE && request.keeps_alive;
        if (request.state == REQUEST_DONE)
            note(&request, seen);
        else
            buffer_add_string(seen, "refused");
        request_reset(&request);
    }
    buffer_add_int(seen, request.state);
    request_finish(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct buffer whole, cut;

    if (len == 0)
        return 0;
    buffer_init(&whole, SEEN_MAX);
    buffer_init(&cut, SEEN_MAX);
    read_all(input, len, &whole);
    read_all(input, 1, &cut);
    TARGET_REQUIRE(text_equal(buffer_text(&whole), buffer_text(&cut)));
    buffer_clear(&cut);
    read_all(input, 7, &cut);
    TARGET_REQUIRE(text_equal(buffer_text(&whole), buffer_text(&cut)));
    buffer_finish(&whole);
    buffer_finish(&cut);
    return 0;
}
