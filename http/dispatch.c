#include "http/dispatch.h"

#include "engine/clock.h"
#include "http/field.h"
#include "http/form.h"

enum {
    ARENA_PER_BYTE = 5, /* decoded, repaired, kept for its hash: at most */
    ARENA_SPARE = 1024 * 1024,
    REQUESTED_MAX = 1024,
};

static const struct {
    int status;
    const char *message;
} messages[] = {
    {400, "Bad request"},          {405, "Method not allowed"},
    {408, "Request timeout"},      {413, "Request entity too large"},
    {414, "Request URI too long"}, {415, "Unsupported media type"},
    {417, "Expectation failed"},   {431, "Request header fields too large"},
};

static const char *message_of(int status)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].status == status)
            return messages[i].message;
    }
    return "Error";
}

void dispatch_refusal(struct connection *connection, int status)
{
    struct buffer *out = &connection->out;
    struct response response = {.status = status, .closes = true};

    connection->exchange.now = clock_now_ms();
    connection->request.method = HTTP_GET;
    response_write_result(out, message_of(status));
    response.body = buffer_text(out);
    connection_answer(connection, &response, 0);
    buffer_clear(out);
}

/* The header names of a preflight may be echoed. */
static bool is_name_list(struct text names)
{
    for (size_t i = 0; i < names.len; i++) {
        char byte = names.at[i];
        if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
            !(byte >= '0' && byte <= '9') && !memchr("-_, ", byte, 4))
            return false;
    }
    return names.len > 0 && names.len <= REQUESTED_MAX;
}

static void answer_preflight(struct exchange *exchange)
{
    char names[REQUESTED_MAX + 1] = "countly-token, Content-Type";
    struct text wanted =
        exchange_header(exchange, "access-control-request-headers");
    bool wants_put = text_is(
        exchange_header(exchange, "access-control-request-method"), "PUT");

    if (is_name_list(wanted)) {
        memcpy(names, wanted.at, wanted.len);
        names[wanted.len] = '\0';
    }
    exchange_add_header(exchange, "Access-Control-Allow-Methods",
                        wants_put ? "POST, GET, PUT, OPTIONS"
                                  : "POST, GET, OPTIONS");
    exchange_add_header(exchange, "Access-Control-Allow-Headers", names);
    exchange_add_header(exchange, "Access-Control-Max-Age", "86400");
    exchange_answer(exchange, 200, 0);
}

static enum exchange_method method_of(uint8_t method)
{
    switch (method) {
    case HTTP_GET:
        return EXCHANGE_GET;
    case HTTP_HEAD:
        return EXCHANGE_HEAD;
    case HTTP_POST:
        return EXCHANGE_POST;
    case HTTP_PUT:
        return EXCHANGE_PUT;
    case HTTP_OPTIONS:
        return EXCHANGE_OPTIONS;
    default:
        return EXCHANGE_OTHER;
    }
}

static void find_client(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    const struct request *request = &connection->request;
    const struct networks *trusted = &connection->pool->limits.trusted_proxies;
    struct text real_ip = request_header(request, "x-real-ip");

    if (trusted->count == 0)
        address_of_client(exchange->address,
                          request_header(request, "x-forwarded-for"), real_ip,
                          connection->peer);
    else
        address_behind(
            exchange->address, trusted,
            request_header_list(request, "x-forwarded-for", exchange->arena),
            real_ip, connection->peer);
}

static void open_exchange(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    const struct server_limits *limits = &connection->pool->limits;
    struct text target = request_target(&connection->request);
    size_t path_len = 0;

    if (!exchange->arena)
        exchange->arena = arena_create(
            ARENA_PER_BYTE * (limits->body + limits->bulk_body) + ARENA_SPARE);
    while (path_len < target.len && target.at[path_len] != '?')
        path_len++;
    size_t query_from = path_len < target.len ? path_len + 1 : path_len;
    exchange->method = method_of(connection->request.method);
    exchange->path = (struct text){target.at, path_len};
    exchange->query =
        (struct text){target.at + query_from, target.len - query_from};
    exchange->body = buffer_text(&connection->request.body);
    exchange->content_type =
        request_header(&connection->request, "content-type");
    exchange->upload = (struct text){0};
    exchange->params = (struct params){0};
    exchange->has_bad_body = false;
    exchange->out = &connection->out;
    exchange->now = clock_now_ms();
    exchange->is_local = connection->is_local;
    find_client(connection);
    connection->has_exchange = true;
}

/* 0, or the status that refuses the body. */
static int status_of(enum tally_err err)
{
    switch (err) {
    case TALLY_OK:
        return 0;
    case TALLY_ERR_TOO_BIG:
        return 413;
    case TALLY_ERR_DENIED:
        return 415;
    default:
        return 400;
    }
}

static int inflate_body(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    struct text coding =
        field_trim(exchange_header(exchange, "content-encoding"));
    enum inflate_coding known = INFLATE_GZIP;

    if (coding.len == 0 || field_is(coding, "identity"))
        return 0;
    if (field_is(coding, "deflate"))
        known = INFLATE_DEFLATE;
    else if (!field_is(coding, "gzip") && !field_is(coding, "x-gzip"))
        return 415;
    buffer_finish(&connection->plain);
    buffer_init(&connection->plain, connection->request.body_limit);
    int status = status_of(inflate_add(connection->pool->inflate, known,
                                       exchange->body, &connection->plain));
    exchange->body = buffer_text(&connection->plain);
    return status;
}

static bool begins_object(struct text body)
{
    size_t i = 0;

    while (i < body.len && memchr(" \t\r\n", body.at[i], 4))
        i++;
    return i < body.len && body.at[i] == '{';
}

static bool is_json_type(struct text type)
{
    return field_is(type, "application/json") || field_is(type, "text/json") ||
           field_has_suffix(type, "+json");
}

static bool is_form_type(struct text type)
{
    return type.len == 0 || field_is(type, "text/plain") ||
           field_is(type, "application/x-www-form-urlencoded");
}

/* A JSON object is taken as such whatever its type says: clients send it as
 * plain text to spare themselves a preflight. */
static enum tally_err read_plain_body(struct exchange *exchange,
                                      struct text type)
{
    enum tally_err err = TALLY_ERR_INVALID;

    if (exchange->body.len == 0)
        return TALLY_OK;
    if (begins_object(exchange->body))
        err =
            params_add_json(&exchange->params, exchange->arena, exchange->body);
    if (err != TALLY_ERR_INVALID)
        return err;
    if (is_form_type(type))
        return form_add_encoded(&exchange->params, exchange->arena,
                                exchange->body);
    exchange->has_bad_body = is_json_type(type);
    return TALLY_OK;
}

static enum tally_err read_body(struct exchange *exchange)
{
    struct text type = field_first(exchange->content_type);

    if (!field_has_prefix(type, "multipart/"))
        return read_plain_body(exchange, type);
    if (!field_is(type, "multipart/form-data"))
        return TALLY_ERR_DENIED;
    exchange->upload = exchange->body;
    return form_add_multipart(&exchange->params, exchange->arena,
                              exchange->content_type, exchange->body,
                              &exchange->body);
}

static int read_params(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;

    int status = inflate_body(connection);
    if (status)
        return status;
    enum tally_err err =
        form_add_encoded(&exchange->params, exchange->arena, exchange->query);
    if (!err)
        err = read_body(exchange);
    return status_of(err);
}

void dispatch_request(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    struct pool *pool = connection->pool;

    open_exchange(connection);
    if (exchange->method == EXCHANGE_OPTIONS) {
        answer_preflight(exchange);
        return;
    }
    int status =
        exchange->method == EXCHANGE_OTHER ? 405 : read_params(connection);
    if (status) {
        exchange_answer_message(exchange, status, message_of(status), 0);
        return;
    }
    pool->handle(exchange, pool->user);
    connection->is_parked = connection->has_exchange;
}
