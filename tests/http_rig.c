#include "http_rig.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/crew.h"
#include "metrics/json.h"

enum { PATIENCE_MS = 5000, MOMENT_MS = 60, PARKED_MAX = 8 };

static struct {
    uv_loop_t loop;
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_async_t async;
    struct server *server;
    struct crew *crew; /* NULL: the server has all clients */
    int port;
    char socket[64];
    struct exchange *parked[PARKED_MAX];
    unsigned parked_count;
    unsigned owed; /* releases that came before their exchange */
    /* orders, under the lock */
    uint64_t durable;
    unsigned releases;
    bool wants_drain;
    unsigned patience_ms;
    unsigned undrained;
    bool is_drained;
    bool wants_stop;
} rig;

static void answer_echo(struct exchange *exchange)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT"};
    struct json json;

    json_init(&json, exchange->out, JSON_PLAIN);
    json_open_object(&json);
    json_member_string(&json, "method", methods[exchange->method]);
    json_member_text(&json, "path", exchange->path);
    json_member_text(&json, "query", exchange->query);
    json_member_text(&json, "body", exchange->body);
    json_member_int(&json, "length", (int64_t)exchange->body.len);
    json_member_text(&json, "a", params_text(&exchange->params, "a"));
    json_member_string(&json, "address", exchange->address);
    json_member_text(&json, "x-test", exchange_header(exchange, "x-test"));
    json_member_bool(&json, "bad", exchange->has_bad_body);
    json_member_bool(&json, "local", exchange->is_local);
    json_close_object(&json);
    exchange_answer(exchange, 200, 0);
}

static void answer_lsn(struct exchange *exchange)
{
    char lsn[24];
    struct text n = params_text(&exchange->params, "n");

    snprintf(lsn, sizeof(lsn), "%.*s", (int)n.len, n.at);
    buffer_add_string(exchange->out, lsn);
    exchange_answer(exchange, 200, strtoull(lsn, NULL, 10));
}

static void answer_big(struct exchange *exchange)
{
    static const char part[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    char size[24];
    struct text n = params_text(&exchange->params, "n");

    snprintf(size, sizeof(size), "%.*s", (int)n.len, n.at);
    for (size_t left = strtoul(size, NULL, 10), len; left > 0; left -= len) {
        len = left < sizeof(part) - 1 ? left : sizeof(part) - 1;
        buffer_add(exchange->out, part, len);
    }
    exchange_answer(exchange, 200, 0);
}

static void answer_text(struct exchange *exchange)
{
    exchange_add_header(exchange, "X-Added", "one\r\nX-Evil: two");
    buffer_add_string(exchange->out, "plain");
    exchange_answer_as(exchange, 200, "text/plain", 0);
}

static void answer_busy(struct exchange *exchange)
{
    buffer_add_string(exchange->out, "left over");
    exchange_answer_message(exchange, 503, "Busy <\"now\">", 0);
}

static void release_parked(void)
{
    struct exchange *exchange;

    while (rig.owed > 0 && rig.parked_count > 0) {
        exchange = rig.parked[0];
        rig.owed--;
        rig.parked_count--;
        memmove(rig.parked, rig.parked + 1,
                rig.parked_count * sizeof(rig.parked[0]));
        buffer_add_string(exchange->out, "\"later\"");
        exchange_answer(exchange, 200, 0);
    }
}

static void park(struct exchange *exchange)
{
    ck_assert_uint_lt(rig.parked_count, PARKED_MAX);
    rig.parked[rig.parked_count++] = exchange;
    release_parked();
}

static void rig_on_request(struct exchange *exchange, void *user)
{
    static const struct {
        const char *path;
        void (*answer)(struct exchange *exchange);
    } routes[] = {
        {"/echo", answer_echo}, {"/i/bulk", answer_echo},
        {"/lsn", answer_lsn},   {"/later", park},
        {"/big", answer_big},   {"/text", answer_text},
        {"/busy", answer_busy},
    };

    ck_assert_ptr_eq(user, &rig);
    ck_assert_uint_eq(exchange->out->len, 0);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (text_is(exchange->path, routes[i].path)) {
            routes[i].answer(exchange);
            return;
        }
    }
    exchange_answer_message(exchange, 404, "Invalid path", 0);
}

static void rig_on_drained(void *user)
{
    (void)user;
    uv_mutex_lock(&rig.lock);
    rig.is_drained = --rig.undrained == 0;
    uv_mutex_unlock(&rig.lock);
}

static void drain(void)
{
    rig.undrained = rig.crew ? 2 : 1;
    server_drain(rig.server, rig.patience_ms, rig_on_drained);
    if (rig.crew)
        crew_drain(rig.crew, rig.patience_ms, rig_on_drained);
}

static void rig_on_order(uv_async_t *async)
{
    uv_mutex_lock(&rig.lock);
    uint64_t durable = rig.durable;
    bool wants_drain = rig.wants_drain;
    bool wants_stop = rig.wants_stop;
    unsigned releases = rig.releases;
    rig.wants_drain = false;
    rig.releases = 0;
    uv_mutex_unlock(&rig.lock);

    server_set_durable(rig.server, durable);
    if (rig.crew)
        crew_set_durable(rig.crew, durable);
    rig.owed += releases;
    release_parked();
    if (wants_drain)
        drain();
    if (wants_stop) {
        crew_destroy(rig.crew);
        server_destroy(rig.server);
        uv_close((uv_handle_t *)async, NULL);
    }
}

static void run(void *unused)
{
    (void)unused;
    uv_run(&rig.loop, UV_RUN_DEFAULT);
}

static enum tally_err start_listening(const struct server_limits *limits)
{
    const char *threads = getenv("RIG_THREADS");

    if (!threads)
        return server_listen(rig.server, "127.0.0.1", 0, &rig.port);
    rig.crew = crew_create(&rig.loop, (unsigned)strtoul(threads, NULL, 10),
                           limits, rig_on_request, &rig);
    return crew_listen(rig.crew, "127.0.0.1", 0, &rig.port);
}

void rig_start(const struct server_limits *limits)
{
    memset(&rig, 0, sizeof(rig));
    uv_loop_init(&rig.loop);
    uv_mutex_init(&rig.lock);
    uv_async_init(&rig.loop, &rig.async, rig_on_order);
    rig.server = server_create(&rig.loop, limits, rig_on_request, &rig);
    ck_assert_int_eq(start_listening(limits), TALLY_OK);
    ck_assert_int_gt(rig.port, 0);
    snprintf(rig.socket, sizeof(rig.socket), "/tmp/http_rig.%d", (int)getpid());
    ck_assert_int_eq(server_listen_local(rig.server, rig.socket), TALLY_OK);
    uv_thread_create(&rig.thread, run, NULL);
}

static void order(void)
{
    uv_mutex_unlock(&rig.lock);
    uv_async_send(&rig.async);
}

void rig_stop(void)
{
    uv_mutex_lock(&rig.lock);
    rig.wants_stop = true;
    order();
    uv_thread_join(&rig.thread);
    ck_assert_int_eq(uv_loop_close(&rig.loop), 0);
    uv_mutex_destroy(&rig.lock);
    unlink(rig.socket);
}

void rig_set_durable(uint64_t lsn)
{
    uv_mutex_lock(&rig.lock);
    rig.durable = lsn;
    order();
}

void rig_release(void)
{
    uv_mutex_lock(&rig.lock);
    rig.releases++;
    order();
}

void rig_drain(unsigned patience_ms)
{
    uv_mutex_lock(&rig.lock);
    rig.wants_drain = true;
    rig.patience_ms = patience_ms;
    order();
}

bool rig_is_drained(void)
{
    uv_mutex_lock(&rig.lock);
    bool is_drained = rig.is_drained;
    uv_mutex_unlock(&rig.lock);
    return is_drained;
}

int rig_connect(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)rig.port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

int rig_connect_local(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(name.sun_path, sizeof(name.sun_path), "%s", rig.socket);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

void rig_send(int fd, struct text bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* the server has closed; reading will show */
        bytes = (struct text){bytes.at + sent, bytes.len - (size_t)sent};
    }
}

void rig_send_string(int fd, const char *string)
{
    rig_send(fd, text_of(string));
}

/* Bytes read, 0 at the end. */
static size_t receive(int fd, char *room, size_t len)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    ck_assert_msg(poll(&poll_fd, 1, PATIENCE_MS) == 1, "no answer came");
    ssize_t got = recv(fd, room, len, 0);
    return got > 0 ? (size_t)got : 0;
}

static size_t length_of(const char *head)
{
    const char *field = strstr(head, "\r\nContent-Length: ");

    return field ? strtoul(field + 18, NULL, 10) : 0;
}

bool rig_read_head(int fd, struct rig_reply *reply)
{
    size_t len = 0;

    memset(reply, 0, sizeof(*reply));
    while (!strstr(reply->head, "\r\n\r\n")) {
        ck_assert_uint_lt(len, sizeof(reply->head) - 1);
        if (receive(fd, reply->head + len, 1) == 0) {
            ck_assert_msg(len == 0, "the answer was cut off");
            return false;
        }
        len++;
    }
    ck_assert_int_eq(strncmp(reply->head, "HTTP/1.1 ", 9), 0);
    reply->status = (int)strtol(reply->head + 9, NULL, 10);
    return true;
}

bool rig_read(int fd, struct rig_reply *reply)
{
    if (!rig_read_head(fd, reply))
        return false;
    size_t whole = length_of(reply->head);
    size_t len = 0;

    ck_assert_uint_lt(whole, sizeof(reply->body));
    while (len < whole) {
        size_t got = receive(fd, reply->body + len, whole - len);
        ck_assert_msg(got > 0, "the answer was cut off");
        len += got;
    }
    return true;
}

void rig_ask(int fd, const char *request, struct rig_reply *reply)
{
    rig_send_string(fd, request);
    ck_assert_msg(rig_read(fd, reply), "closed instead of an answer");
}

bool rig_is_silent(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    return poll(&poll_fd, 1, MOMENT_MS) == 0;
}

bool rig_is_closed(int fd)
{
    char byte;

    return receive(fd, &byte, 1) == 0;
}

bool rig_has_field(const struct rig_reply *reply, const char *field)
{
    char line[256];

    snprintf(line, sizeof(line), "\r\n%s\r\n", field);
    return strstr(reply->head, line) != NULL;
}
