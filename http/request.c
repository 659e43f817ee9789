#include "http/request.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "http/field.h"

enum { HEAD_SLACK = 64 };

/* Offsets in the head, because the head moves when it grows. */
struct request_field {
    uint32_t name, name_len;
    uint32_t value, value_len;
};

static int refuse(struct request *request, int status)
{
    request->state = REQUEST_REFUSED;
    request->refusal = status;
    return HPE_USER;
}

static int request_on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct request *request = parser->data;

    if (len > request->limits->url - request->target_len)
        return refuse(request, 414);
    buffer_add(&request->head, at, len);
    request->target_len += len;
    return 0;
}

static struct request_field *newest(struct request *request)
{
    return &request->fields[request->field_count - 1];
}

static bool begin_field(struct request *request)
{
    unsigned most = request->limits->header_count;

    if (request->field_count == most)
        return false;
    if (!request->fields)
        request->fields = memory_alloc(most * sizeof(*request->fields));
    request->field_count++;
    request->has_value = false;
    *newest(request) =
        (struct request_field){.name = (uint32_t)request->head.len};
    return true;
}

/* Trailers behind a chunked body are read over. */
static int skip_trailer(struct request *request, size_t len)
{
    request->trailer_bytes += len;
    if (request->trailer_bytes > request->limits->headers)
        return refuse(request, 431);
    return 0;
}

static int request_on_field(llhttp_t *parser, const char *at, size_t len)
{
    struct request *request = parser->data;

    if (request->state == REQUEST_BODY)
        return skip_trailer(request, len);
    if (request->field_count == 0 || request->has_value) {
        if (!begin_field(request))
            return refuse(request, 431);
    }
    for (size_t i = 0; i < len; i++) {
        char byte = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] | 0x20) : at[i];
        buffer_add_byte(&request->head, byte);
    }
    newest(request)->name_len += (uint32_t)len;
    return 0;
}

static int request_on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct request *request = parser->data;

    if (request->state == REQUEST_BODY)
        return skip_trailer(request, len);
    if (!request->has_value)
        newest(request)->value = (uint32_t)request->head.len;
    request->has_value = true;
    buffer_add(&request->head, at, len);
    newest(request)->value_len += (uint32_t)len;
    return 0;
}

/* A header without a value is reported by its end alone. */
static int request_on_value_end(llhttp_t *parser)
{
    struct request *request = parser->data;

    if (request->state == REQUEST_HEAD)
        request->has_value = true;
    return 0;
}

static unsigned count_fields(const struct request *request, const char *name)
{
    unsigned count = 0;

    for (unsigned i = 0; i < request->field_count; i++) {
        const struct request_field *field = &request->fields[i];
        count += text_is(
            (struct text){request->head.at + field->name, field->name_len},
            name);
    }
    return count;
}

/* 0, or the status that refuses a head which could be read in two ways. */
static int check_head(const struct request *request)
{
    const llhttp_t *parser = &request->parser;
    struct text coding = request_header(request, "transfer-encoding");
    bool has_coding = count_fields(request, "transfer-encoding") > 0;

    if (parser->http_major != 1 || parser->http_minor > 1)
        return 400;
    if (count_fields(request, "host") != 1)
        return 400;
    if (has_coding && (request->is_old || !field_is(coding, "chunked")))
        return 400;
    if (parser->method == HTTP_CONNECT)
        return 405;
    if ((parser->flags & F_CONTENT_LENGTH) &&
        parser->content_length > request->body_limit)
        return 413;
    return 0;
}

static bool is_bulk(const struct request *request)
{
    struct text target = request_target(request);

    return text_has_prefix(target, "/i/bulk") &&
           (target.len == 7 || target.at[7] == '?');
}

static int check_expectation(struct request *request)
{
    struct text expect = request_header(request, "expect");

    if (expect.len == 0 || request->is_old)
        return 0;
    if (!field_is(expect, "100-continue"))
        return 417;
    request->wants_continue = true;
    return 0;
}

static int request_on_head_end(llhttp_t *parser)
{
    struct request *request = parser->data;
    const struct server_limits *limits = request->limits;

    request->is_old = parser->http_major == 1 && parser->http_minor == 0;
    request->method = parser->method;
    request->keeps_alive = llhttp_should_keep_alive(parser) == 1;
    request->body_limit = is_bulk(request) ? limits->bulk_body : limits->body;
    int status = check_head(request);
    if (!status)
        status = check_expectation(request);
    if (status)
        return refuse(request, status);
    /* Offers of other protocols are not taken up. */
    parser->upgrade = 0;
    request->state = REQUEST_BODY;
    return 0;
}

static int request_on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct request *request = parser->data;

    if (len > request->body_limit - request->body.len)
        return refuse(request, 413);
    buffer_add(&request->body, at, len);
    return 0;
}

static int request_on_end(llhttp_t *parser)
{
    struct request *request = parser->data;

    request->state = REQUEST_DONE;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = request_on_url,
    .on_header_field = request_on_field,
    .on_header_value = request_on_value,
    .on_header_value_complete = request_on_value_end,
    .on_headers_complete = request_on_head_end,
    .on_body = request_on_body,
    .on_message_complete = request_on_end,
};

void request_init(struct request *request, const struct server_limits *limits)
{
    *request = (struct request){.limits = limits};
    buffer_init(&request->head, limits->url + limits->headers + HEAD_SLACK);
    buffer_init(&request->body, limits->body + limits->bulk_body);
    guard_init(&request->guard, limits->headers);
    llhttp_init(&request->parser, HTTP_REQUEST, &settings);
    request->parser.data = request;
}

void request_finish(struct request *request)
{
    buffer_finish(&request->head);
    buffer_finish(&request->body);
    free(request->fields);
    request->fields = NULL;
}

void request_reset(struct request *request)
{
    request->state = REQUEST_EMPTY;
    request->wants_continue = false;
    request->field_count = 0;
    request->target_len = 0;
    request->trailer_bytes = 0;
    buffer_clear(&request->head);
    buffer_trim(&request->body, REQUEST_KEPT_ROOM);
    guard_init(&request->guard, request->limits->headers);
}

static bool pass_guard(struct request *request, struct text bytes)
{
    static const int statuses[] = {
        [GUARD_PASS] = 0, [GUARD_MALFORMED] = 400, [GUARD_TOO_BIG] = 431};

    if (request->state == REQUEST_BODY)
        return true;
    int status = statuses[guard_scan(&request->guard, bytes)];
    if (status)
        refuse(request, status);
    return status == 0;
}

size_t request_feed(struct request *request, struct text bytes)
{
    llhttp_t *parser = &request->parser;

    if (!pass_guard(request, bytes))
        return 0;
    if (request->state == REQUEST_EMPTY)
        request->state = REQUEST_HEAD;
    enum llhttp_errno err = llhttp_execute(parser, bytes.at, bytes.len);
    if (err == HPE_OK)
        return bytes.len;
    size_t used = (size_t)(llhttp_get_error_pos(parser) - bytes.at);
    if (request->state == REQUEST_DONE)
        llhttp_resume(parser);
    else if (request->state != REQUEST_REFUSED)
        refuse(request, 400);
    return used;
}

struct text request_target(const struct request *request)
{
    return (struct text){request->head.at, request->target_len};
}

static struct text at_head(const struct request *request, size_t from,
                           size_t len)
{
    return (struct text){request->head.at + from, len};
}

/* The position of the first field of that name from `at` on; field_count when
 * there is none. */
static unsigned find_field(const struct request *request, const char *name,
                           unsigned at)
{
    while (at < request->field_count &&
           !text_is(at_head(request, request->fields[at].name,
                            request->fields[at].name_len),
                    name))
        at++;
    return at;
}

static struct text value_at(const struct request *request, unsigned at)
{
    return at_head(request, request->fields[at].value,
                   request->fields[at].value_len);
}

struct text request_header(const struct request *request, const char *name)
{
    unsigned at = find_field(request, name, 0);

    return at < request->field_count ? value_at(request, at) : (struct text){0};
}

bool request_header_at(const struct request *request, unsigned at,
                       struct text *name, struct text *value)
{
    if (at >= request->field_count)
        return false;
    const struct request_field *field = &request->fields[at];
    *name = at_head(request, field->name, field->name_len);
    *value = value_at(request, at);
    return true;
}

static struct text join(struct arena *arena, struct text a, struct text b)
{
    char *bytes = arena_alloc(arena, a.len + 1 + b.len);

    if (!bytes)
        return (struct text){0};
    memcpy(bytes, a.at, a.len);
    bytes[a.len] = ',';
    memcpy(bytes + a.len + 1, b.at, b.len);
    return (struct text){bytes, a.len + 1 + b.len};
}

struct text request_header_list(const struct request *request, const char *name,
                                struct arena *arena)
{
    unsigned at = find_field(request, name, 0);
    struct text list = {0};

    if (at < request->field_count)
        list = value_at(request, at);
    for (at = find_field(request, name, at + 1); at < request->field_count;
         at = find_field(request, name, at + 1))
        list = join(arena, list, value_at(request, at));
    return list;
}
