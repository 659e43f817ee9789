#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/clock.h"
#include "http_rig.h"

#define HOST "Host: tally.example\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define POST(target, fields, length)                                      \
    "POST " target " HTTP/1.1\r\n" HOST fields "Content-Length: " #length \
    "\r\n\r\n"

static struct rig_reply reply;
static int fd;

static int64_t fixed_time(void)
{
    return 1773741600000; /* 2026-03-17 10:00:00 UTC */
}

static void start(void)
{
    clock_set_source(fixed_time);
    rig_start(&server_default_limits);
    fd = rig_connect();
}

static void finish(void)
{
    close(fd);
    rig_stop();
    clock_set_source(NULL);
}

static bool has_member(const char *member)
{
    return strstr(reply.body, member) != NULL;
}

START_TEST(a_connection_serves_many_requests)
{
    for (int i = 0; i < 50; i++) {
        rig_ask(fd, GET("/echo?a=1&b=2"), &reply);
        ck_assert_int_eq(reply.status, 200);
        ck_assert(has_member("\"method\":\"GET\",\"path\":\"/echo\","
                             "\"query\":\"a=1&b=2\",\"body\":\"\""));
        ck_assert(has_member("\"a\":\"1\",\"address\":\"127.0.0.1\""));
        ck_assert(has_member("\"local\":false"));
    }
}
END_TEST

START_TEST(every_answer_has_the_fields_that_browsers_need)
{
    static const char *const requests[] = {
        GET("/echo"),
        GET("/nowhere"),
        GET("/busy"),
        "DELETE /echo HTTP/1.1\r\n" HOST "\r\n",
        "OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n",
        "nonsense\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        rig_ask(fd, requests[i], &reply);
        ck_assert(rig_has_field(&reply, "Access-Control-Allow-Origin: *"));
        ck_assert(rig_has_field(&reply, "X-Frame-Options: deny"));
        ck_assert(rig_has_field(&reply, "X-XSS-Protection: 1; mode=block"));
        ck_assert(rig_has_field(&reply, "X-Content-Type-Options: nosniff"));
        ck_assert(rig_has_field(
            &reply, "Content-Type: application/json; charset=utf-8"));
        ck_assert(rig_has_field(&reply, "Date: Tue, 17 Mar 2026 10:00:00 GMT"));
    }
}
END_TEST

START_TEST(pipelined_answers_come_in_order)
{
    char expected[32];

    rig_send_string(fd, GET("/lsn?n=0") GET("/text") GET("/later")
                            GET("/lsn?n=00") GET("/lsn?n=000"));
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "0");
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "plain");
    ck_assert(rig_is_silent(fd));
    rig_release();
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "\"later\"");
    for (int zeros = 2; zeros <= 3; zeros++) {
        snprintf(expected, sizeof(expected), "%0*d", zeros, 0);
        ck_assert(rig_read(fd, &reply));
        ck_assert_str_eq(reply.body, expected);
    }
}
END_TEST

START_TEST(a_parked_request_does_not_hold_up_other_connections)
{
    int other = rig_connect();

    rig_send_string(fd, GET("/later"));
    rig_ask(other, GET("/echo"), &reply);
    ck_assert(rig_is_silent(fd));
    rig_release();
    ck_assert(rig_read(fd, &reply));
    close(other);
}
END_TEST

START_TEST(answers_wait_for_the_number_they_depend_on)
{
    rig_send_string(fd, GET("/lsn?n=5") GET("/lsn?n=0") GET("/lsn?n=7")
                            GET("/lsn?n=6"));
    ck_assert(rig_is_silent(fd));
    rig_set_durable(4);
    ck_assert(rig_is_silent(fd));
    rig_set_durable(5);
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "5");
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "0");
    ck_assert(rig_is_silent(fd));
    rig_set_durable(7);
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "7");
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "6");
}
END_TEST

START_TEST(answers_that_are_durable_already_leave_at_once)
{
    rig_set_durable(9);
    rig_ask(fd, GET("/lsn?n=9"), &reply);
    ck_assert_str_eq(reply.body, "9");
}
END_TEST

START_TEST(more_than_the_pipeline_is_answered_in_the_end)
{
    enum { REQUESTS = 200 };

    for (int i = 1; i <= REQUESTS; i++) {
        char request[128];
        snprintf(request, sizeof(request), GET("/lsn?n=%d"), i);
        rig_send_string(fd, request);
    }
    ck_assert(rig_is_silent(fd));
    for (int i = 1; i <= REQUESTS; i++) {
        rig_set_durable((uint64_t)i);
        ck_assert(rig_read(fd, &reply));
        ck_assert_int_eq(strtol(reply.body, NULL, 10), i);
    }
}
END_TEST

START_TEST(a_request_may_come_byte_by_byte)
{
    const char *request = POST("/echo", "X-Test: a\r\n", 3) "a=7";

    for (; *request; request++)
        rig_send(fd, (struct text){request, 1});
    ck_assert(rig_read(fd, &reply));
    ck_assert(has_member("\"a\":\"7\""));
    ck_assert(has_member("\"x-test\":\"a\""));
}
END_TEST

START_TEST(chunked_bodies_are_put_together)
{
    rig_ask(fd,
            "POST /echo?a=0 HTTP/1.1\r\n" HOST
            "Transfer-Encoding: chunked\r\n\r\n"
            "2\r\na=\r\n3;ext=1\r\n123\r\n0\r\nX-Test: trailer\r\n\r\n" GET(
                "/text"),
            &reply);
    ck_assert(has_member("\"body\":\"a=123\""));
    ck_assert(has_member("\"a\":\"123\""));
    ck_assert(has_member("\"x-test\":\"\""));
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "plain");
}
END_TEST

static const struct {
    const char *type; /* NULL: no field */
    const char *body;
    const char *a;
    bool is_bad;
} bodies[] = {
    {"application/x-www-form-urlencoded", "a=x+y", "x y", false},
    {NULL, "a=1", "1", false},
    {"text/plain;charset=UTF-8", "{\"a\":1}", "1", false},
    {"application/x-www-form-urlencoded", "{\"a\":1}", "1", false},
    {"application/x-www-form-urlencoded", "{&a=1", "1", false},
    {"application/json; charset=utf-8", " {\"a\":{\"b\":1}}", "{\\\"b\\\":1}",
     false},
    {"application/json", "", "0", false},
    {"application/json", "{\"a\":1", "0", true},
    {"application/json", "[1]", "0", true},
    {"application/vnd.api+json", "a=1", "0", true},
    {"image/png", "a=1", "0", false},
    {"multipart/form-data; boundary=X",
     "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--", "1",
     false},
};

enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };

START_TEST(bodies_win_over_the_query)
{
    char request[512];
    char member[64];
    const char *type = bodies[_i].type;

    snprintf(request, sizeof(request),
             "POST /echo?a=0 HTTP/1.1\r\n" HOST
             "%s%s%sContent-Length: %zu\r\n\r\n%s",
             type ? "Content-Type: " : "", type ? type : "", type ? "\r\n" : "",
             strlen(bodies[_i].body), bodies[_i].body);
    rig_ask(fd, request, &reply);
    ck_assert_int_eq(reply.status, 200);
    snprintf(member, sizeof(member), "\"a\":\"%s\"", bodies[_i].a);
    ck_assert_msg(has_member(member), "%s", reply.body);
    ck_assert_int_eq(has_member("\"bad\":true"), bodies[_i].is_bad);
}
END_TEST

static const struct {
    const char *request;
    int status;
} refused[] = {
    {POST("/echo", "Content-Type: multipart/mixed; boundary=X\r\n", 5) "--X--",
     415},
    {POST("/echo", "Content-Type: multipart/form-data; boundary=X\r\n",
          3) "--Y",
     400},
    {POST("/echo", "Content-Encoding: br\r\n", 1) "x", 415},
    {POST("/echo", "Content-Encoding: gzip\r\n", 1) "x", 400},
    {"DELETE /echo HTTP/1.1\r\n" HOST "\r\n", 405},
    {"TRACE /echo HTTP/1.1\r\n" HOST "\r\n", 405},
    {"PATCH /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 405},
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

START_TEST(what_cannot_be_served_is_refused_and_the_connection_stays)
{
    rig_ask(fd, refused[_i].request, &reply);
    ck_assert_int_eq(reply.status, refused[_i].status);
    ck_assert_int_eq(strncmp(reply.body, "{\"result\":\"", 11), 0);
    if (reply.status == 405)
        ck_assert_str_eq(reply.body, "{\"result\":\"Method not allowed\"}");
    rig_ask(fd, GET("/text"), &reply);
    ck_assert_int_eq(reply.status, 200);
}
END_TEST

START_TEST(put_reaches_the_handler)
{
    rig_ask(fd, "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\na=1",
            &reply);
    ck_assert(has_member("\"method\":\"PUT\""));
    ck_assert(has_member("\"a\":\"1\""));
}
END_TEST

START_TEST(head_gets_the_fields_without_the_body)
{
    rig_send_string(fd, "HEAD /text HTTP/1.1\r\n" HOST "\r\n" GET("/lsn?n=0"));
    ck_assert(rig_read_head(fd, &reply));
    ck_assert_int_eq(reply.status, 200);
    ck_assert(rig_has_field(&reply, "Content-Length: 5"));
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "0");
}
END_TEST

START_TEST(preflights_are_answered)
{
    rig_ask(fd, "OPTIONS /any/path HTTP/1.1\r\n" HOST "\r\n", &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, "");
    ck_assert(rig_has_field(
        &reply, "Access-Control-Allow-Methods: POST, GET, OPTIONS"));
    ck_assert(rig_has_field(
        &reply, "Access-Control-Allow-Headers: countly-token, Content-Type"));

    rig_ask(fd,
            "OPTIONS / HTTP/1.1\r\n" HOST
            "Access-Control-Request-Method: PUT\r\n"
            "Access-Control-Request-Headers: x-one, X-Two\r\n\r\n",
            &reply);
    ck_assert(
        rig_has_field(&reply, "Access-Control-Allow-Headers: x-one, X-Two"));
    ck_assert(rig_has_field(
        &reply, "Access-Control-Allow-Methods: POST, GET, PUT, OPTIONS"));

    rig_ask(fd,
            "OPTIONS / HTTP/1.1\r\n" HOST
            "Access-Control-Request-Headers: a:b\r\n\r\n",
            &reply);
    ck_assert(rig_has_field(
        &reply, "Access-Control-Allow-Headers: countly-token, Content-Type"));
}
END_TEST

START_TEST(callbacks_wrap_the_answer_when_they_are_names)
{
    rig_ask(fd, GET("/lsn?n=0&callback=my.cb_1$"), &reply);
    ck_assert_str_eq(reply.body, "my.cb_1$(0)");
    ck_assert(!rig_has_field(&reply, "X-Content-Type-Options: nosniff"));
    ck_assert(
        rig_has_field(&reply, "Content-Type: application/json; charset=utf-8"));
    rig_ask(fd, GET("/lsn?n=0&callback=alert(1)"), &reply);
    ck_assert_str_eq(reply.body, "0");
    rig_ask(fd, GET("/lsn?n=0&callback="), &reply);
    ck_assert_str_eq(reply.body, "0");
    rig_ask(fd, GET("/text?callback=cb"), &reply);
    ck_assert_str_eq(reply.body, "plain");
}
END_TEST

START_TEST(added_fields_cannot_begin_others)
{
    rig_ask(fd, GET("/text"), &reply);
    ck_assert(rig_has_field(&reply, "X-Added: oneX-Evil: two"));
    ck_assert(rig_has_field(&reply, "Content-Type: text/plain"));
    rig_ask(fd, GET("/lsn?n=0"), &reply);
    ck_assert_ptr_null(strstr(reply.head, "X-Added"));
}
END_TEST

START_TEST(messages_are_escaped_and_ask_to_retry)
{
    rig_ask(fd, GET("/busy"), &reply);
    ck_assert_int_eq(reply.status, 503);
    ck_assert_str_eq(reply.body,
                     "{\"result\":\"Busy &lt;&quot;now&quot;&gt;\"}");
    ck_assert_ptr_nonnull(strstr(reply.head, "\r\nRetry-After: "));
}
END_TEST

START_TEST(the_client_is_who_the_proxy_says)
{
    rig_ask(fd,
            "GET /echo HTTP/1.1\r\n" HOST
            "X-Forwarded-For: 198.51.100.7, 10.0.0.1\r\n"
            "X-Real-IP: 203.0.113.1\r\n\r\n",
            &reply);
    ck_assert(has_member("\"address\":\"198.51.100.7\""));
}
END_TEST

START_TEST(the_local_socket_is_told_apart)
{
    int local = rig_connect_local();

    rig_ask(local, GET("/echo"), &reply);
    ck_assert(has_member("\"local\":true"));
    ck_assert(has_member("\"address\":\"\""));
    close(local);
}
END_TEST

START_TEST(the_client_may_ask_to_close)
{
    rig_ask(fd, "GET /echo HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
            &reply);
    ck_assert(rig_has_field(&reply, "Connection: close"));
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(old_clients_are_kept_only_when_they_ask)
{
    rig_ask(fd, "GET /echo HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n",
            &reply);
    ck_assert(rig_has_field(&reply, "Connection: keep-alive"));
    rig_ask(fd, "GET /echo HTTP/1.0\r\n" HOST "\r\n", &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert(rig_has_field(&reply, "Connection: close"));
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(a_client_that_sends_no_more_still_gets_its_answers)
{
    rig_send_string(fd, GET("/lsn?n=3") GET("/later"));
    shutdown(fd, SHUT_WR);
    rig_set_durable(3);
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "3");
    rig_release();
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "\"later\"");
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(expect_is_answered_before_the_body)
{
    rig_send_string(fd, GET("/lsn?n=1")
                            POST("/echo", "Expect: 100-continue\r\n", 3));
    rig_set_durable(1);
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "1");
    ck_assert(rig_read_head(fd, &reply));
    ck_assert_int_eq(reply.status, 100);
    rig_ask(fd, "a=5", &reply);
    ck_assert(has_member("\"a\":\"5\""));

    rig_ask(fd, POST("/echo", "Expect: 100-continue\r\n", 3) "a=6", &reply);
    ck_assert(has_member("\"a\":\"6\""));

    rig_ask(fd, POST("/echo", "Expect: wonders\r\n", 3), &reply);
    ck_assert_int_eq(reply.status, 417);
    ck_assert(rig_is_closed(fd));
}
END_TEST

static void ask_gzip(size_t size)
{
    char *content = calloc(1, size);
    char *packed = malloc(size + 1024);
    char head[256];
    z_stream stream = {.next_in = (Bytef *)content,
                       .avail_in = (uInt)size,
                       .next_out = (Bytef *)packed,
                       .avail_out = (uInt)size + 1024};

    memset(content, 'a', size);
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    snprintf(head, sizeof(head),
             "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\n"
             "Content-Type: image/png\r\nContent-Length: %lu\r\n\r\n",
             stream.total_out);
    rig_send_string(fd, head);
    rig_send(fd, (struct text){packed, stream.total_out});
    ck_assert(rig_read(fd, &reply));
    free(content);
    free(packed);
}

START_TEST(compressed_bodies_are_inflated_up_to_the_limit)
{
    ask_gzip(10);
    ck_assert(has_member("\"body\":\"aaaaaaaaaa\""));
    ask_gzip(server_default_limits.body + 1);
    ck_assert_int_eq(reply.status, 413);
    ck_assert_str_eq(reply.body, "{\"result\":\"Request entity too large\"}");
    ask_gzip(50 * 1024 * 1024);
    ck_assert_int_eq(reply.status, 413);
    ask_gzip(10);
    ck_assert_int_eq(reply.status, 200);
}
END_TEST

static size_t read_all(int from, size_t len)
{
    char room[16 * 1024];
    size_t got = 0;

    while (got < len) {
        ssize_t more = recv(from, room, sizeof(room), 0);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    return got;
}

START_TEST(large_answers_arrive_whole_and_in_order)
{
    enum { SIZE = 5000000 };

    for (int i = 0; i < 3; i++)
        rig_send_string(fd, GET("/big?n=5000000"));
    rig_send_string(fd, GET("/lsn?n=0"));
    for (int i = 0; i < 3; i++) {
        ck_assert(rig_read_head(fd, &reply));
        ck_assert(rig_has_field(&reply, "Content-Length: 5000000"));
        char *body = malloc(SIZE);
        ck_assert_int_eq(recv(fd, body, SIZE, MSG_WAITALL), SIZE);
        ck_assert(body[0] == 'x' && memcmp(body, body + 1, SIZE - 1) == 0);
        free(body);
    }
    ck_assert(rig_read(fd, &reply));
    ck_assert_str_eq(reply.body, "0");
}
END_TEST

START_TEST(an_answer_over_its_maximum_becomes_an_error)
{
    rig_ask(fd, GET("/big?n=80000000"), &reply);
    ck_assert_int_eq(reply.status, 500);
    rig_ask(fd, GET("/lsn?n=0"), &reply);
    ck_assert_int_eq(reply.status, 200);
}
END_TEST

START_TEST(a_client_that_leaves_while_parked_does_no_harm)
{
    rig_send_string(fd, GET("/later") GET("/echo"));
    int other = rig_connect();
    rig_ask(other, GET("/echo"), &reply);
    close(fd);
    rig_release();
    rig_ask(other, GET("/echo"), &reply);
    ck_assert_int_eq(reply.status, 200);
    fd = other;
}
END_TEST

static void await_drained(void)
{
    for (int i = 0; i < 500 && !rig_is_drained(); i++)
        usleep(10000);
    ck_assert(rig_is_drained());
}

START_TEST(draining_closes_idle_connections_and_answers_the_rest)
{
    int busy = rig_connect();
    int held = rig_connect();

    rig_ask(fd, GET("/echo"), &reply);
    rig_send_string(busy, GET("/later") GET("/lsn?n=0"));
    rig_send_string(held, GET("/lsn?n=4"));
    ck_assert(rig_is_silent(held));
    rig_drain(60000);
    ck_assert(rig_is_closed(fd));
    ck_assert(!rig_is_drained());
    rig_release();
    ck_assert(rig_read(busy, &reply));
    ck_assert(rig_read(busy, &reply));
    ck_assert(rig_has_field(&reply, "Connection: close"));
    ck_assert(rig_is_closed(busy));
    rig_set_durable(4);
    ck_assert(rig_read(held, &reply));
    ck_assert(rig_is_closed(held));
    close(busy);
    close(held);
    await_drained();
}
END_TEST

START_TEST(draining_ends_when_patience_is_over)
{
    rig_send_string(fd, GET("/later"));
    ck_assert(rig_is_silent(fd));
    rig_drain(50);
    ck_assert(rig_is_closed(fd));
    await_drained();
}
END_TEST

START_TEST(an_answer_that_comes_after_the_end_does_no_harm)
{
    rig_send_string(fd, GET("/later") GET("/later"));
    ck_assert(rig_is_silent(fd));
    rig_drain(50);
    ck_assert(rig_is_closed(fd));
    await_drained();
    rig_release();
}
END_TEST

START_TEST(draining_an_empty_server_ends_at_once)
{
    rig_ask(fd, "GET /echo HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
            &reply);
    close(fd);
    rig_drain(60000);
    await_drained();
    fd = -1;
}
END_TEST

START_TEST(an_address_that_is_none_is_told)
{
    uv_loop_t loop;
    int port = -1;

    uv_loop_init(&loop);
    struct server *server =
        server_create(&loop, &server_default_limits, NULL, NULL);
    ck_assert_int_eq(server_listen(server, "no address", 0, &port),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(server_listen(server, "127.0.0.1", 70000, &port),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(port, -1);
    ck_assert_int_eq(server_listen(server, "::1", 0, &port), TALLY_OK);
    int taken = port;
    ck_assert_int_eq(server_listen(server, "::1", taken, &port),
                     TALLY_ERR_IN_USE);
    server_destroy(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

START_TEST(a_dead_local_socket_is_replaced_and_a_live_one_kept)
{
    uv_loop_t loop;
    char path[64];

    snprintf(path, sizeof(path), "/tmp/http_server.%d", (int)getpid());
    uv_loop_init(&loop);
    struct server *one =
        server_create(&loop, &server_default_limits, NULL, NULL);
    struct server *two =
        server_create(&loop, &server_default_limits, NULL, NULL);
    ck_assert_int_eq(server_listen_local(one, path), TALLY_OK);
    ck_assert_int_eq(server_listen_local(two, path), TALLY_ERR_IN_USE);
    int copy = rename(path, "/tmp/http_server.away");
    ck_assert_int_eq(copy, 0);
    server_destroy(one);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(rename("/tmp/http_server.away", path), 0);
    ck_assert_int_eq(server_listen_local(two, path), TALLY_OK);
    server_destroy(two);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    unlink(path);
}
END_TEST

/* Limits. */

static const struct server_limits small = {
    .url = 100,
    .headers = 200,
    .header_count = 4,
    .body = 100,
    .bulk_body = 200,
    .connections = 3,
    .pipeline = 2,
    .header_ms = 10000,
    .body_ms = 10000,
    .idle_ms = 10000,
    .write_ms = 10000,
};

static void start_small(void)
{
    rig_start(&small);
    fd = rig_connect();
}

/* -1, 0 and +1 around a limit. */
static void ask_around(int step, int status)
{
    rig_ask(fd, reply.body, &reply);
    ck_assert_int_eq(reply.status, step > 0 ? status : 200);
    if (step > 0)
        ck_assert(rig_is_closed(fd));
}

START_TEST(the_target_is_bounded)
{
    char target[128] = "/echo?";

    memset(target + 6, 'x', (size_t)(100 + _i - 6));
    snprintf(reply.body, sizeof(reply.body), "GET %s HTTP/1.1\r\n" HOST "\r\n",
             target);
    ask_around(_i, 414);
}
END_TEST

START_TEST(the_header_fields_are_bounded)
{
    char value[256] = "";
    size_t others = strlen(HOST) + strlen("A: \r\n");

    memset(value, 'x', (size_t)(200 + _i) - others);
    snprintf(reply.body, sizeof(reply.body),
             "GET /echo HTTP/1.1\r\n" HOST "A: %s\r\n\r\n", value);
    ask_around(_i, 431);
}
END_TEST

START_TEST(the_number_of_header_fields_is_bounded)
{
    char fields[64] = "";
    int len = 0;

    for (int i = 0; i < 3 + _i; i++)
        len += snprintf(fields + len, sizeof(fields) - (size_t)len,
                        "A%d: 1\r\n", i);
    snprintf(reply.body, sizeof(reply.body),
             "GET /echo HTTP/1.1\r\n" HOST "%s\r\n", fields);
    ask_around(_i, 431);
}
END_TEST

static void ask_body(const char *path, int len, bool is_chunked)
{
    char body[512] = "";
    char head[64];

    memset(body, 'x', (size_t)len);
    snprintf(head, sizeof(head),
             is_chunked ? "Transfer-Encoding: chunked\r\n\r\n%x\r\n"
                        : "Content-Length: %d\r\n\r\n",
             (unsigned)len);
    snprintf(reply.body, sizeof(reply.body),
             "POST %s HTTP/1.1\r\n" HOST "%s%s%s", path, head, body,
             is_chunked ? "\r\n0\r\n\r\n" : "");
}

START_TEST(bodies_are_bounded)
{
    ask_body("/echo", 100 + _i, false);
    ask_around(_i, 413);
}
END_TEST

START_TEST(chunked_bodies_are_bounded)
{
    ask_body("/echo", 100 + _i, true);
    ask_around(_i, 413);
}
END_TEST

START_TEST(bulk_bodies_have_a_bound_of_their_own)
{
    ask_body("/i/bulk", 200 + _i, false);
    ask_around(_i, 413);
}
END_TEST

START_TEST(bulk_is_meant_to_the_letter)
{
    ask_body("/i/bulks", 101, false);
    ask_around(1, 413);
    fd = rig_connect();
    ask_body("/i/bulk?x=1", 200, false);
    ask_around(0, 413);
}
END_TEST

START_TEST(trailers_are_bounded)
{
    snprintf(reply.body, sizeof(reply.body),
             "POST /echo HTTP/1.1\r\n" HOST
             "Transfer-Encoding: chunked\r\n\r\n0\r\nA: %0250d\r\n\r\n",
             1);
    ask_around(1, 431);
}
END_TEST

START_TEST(connections_beyond_the_limit_wait)
{
    int others[2];

    for (int i = 0; i < 2; i++) {
        others[i] = rig_connect();
        rig_ask(others[i], GET("/echo"), &reply);
    }
    int waiting = rig_connect();
    int waiting_too = rig_connect();
    rig_send_string(waiting, GET("/lsn?n=0"));
    rig_send_string(waiting_too, GET("/lsn?n=0"));
    rig_ask(fd, GET("/echo"), &reply);
    ck_assert(rig_is_silent(waiting));
    close(others[0]);
    ck_assert(rig_read(waiting, &reply));
    ck_assert(rig_is_silent(waiting_too));
    close(others[1]);
    ck_assert(rig_read(waiting_too, &reply));
    close(waiting);
    close(waiting_too);
}
END_TEST

/* Time. */

enum { SHORT_MS = 80 };

static void start_with(unsigned *limit, struct server_limits *limits)
{
    *limit = SHORT_MS;
    rig_start(limits);
    fd = rig_connect();
}

START_TEST(a_head_that_does_not_end_is_refused)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.header_ms, &limits);
    rig_ask(fd, "GET / HTTP/1.1\r\nHo", &reply);
    ck_assert_int_eq(reply.status, 408);
    ck_assert_str_eq(reply.body, "{\"result\":\"Request timeout\"}");
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(a_trickling_head_gets_no_more_time)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.header_ms, &limits);
    rig_send_string(fd, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 1000 && rig_is_silent(fd); i++)
        rig_send_string(fd, "A");
    ck_assert(rig_read(fd, &reply));
    ck_assert_int_eq(reply.status, 408);
}
END_TEST

START_TEST(a_body_that_does_not_end_is_refused)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.body_ms, &limits);
    rig_ask(fd, POST("/echo", "", 5) "a", &reply);
    ck_assert_int_eq(reply.status, 408);
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(idle_connections_are_closed)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.idle_ms, &limits);
    ck_assert(rig_is_closed(fd));
    close(fd);
    fd = rig_connect();
    rig_ask(fd, GET("/echo"), &reply);
    ck_assert(rig_is_closed(fd));
}
END_TEST

START_TEST(waiting_for_us_is_not_idling)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.idle_ms, &limits);
    rig_send_string(fd, GET("/lsn?n=1"));
    for (int i = 0; i < 5; i++)
        ck_assert(rig_is_silent(fd));
    rig_set_durable(1);
    ck_assert(rig_read(fd, &reply));
}
END_TEST

START_TEST(a_client_that_does_not_read_is_cut_off)
{
    struct server_limits limits = server_default_limits;
    enum { REQUESTS = 20, SIZE = 1000000 };

    start_with(&limits.write_ms, &limits);
    for (int i = 0; i < REQUESTS; i++)
        rig_send_string(fd, GET("/big?n=1000000"));
    /* Another client sees time go by. */
    int other = rig_connect();
    for (int i = 0; i < 10; i++)
        ck_assert(rig_is_silent(other));
    ck_assert_uint_lt(read_all(fd, (size_t)REQUESTS * SIZE),
                      (size_t)REQUESTS * SIZE);
    close(other);
}
END_TEST

static void add_use(TCase *tcase)
{
    tcase_add_test(tcase, a_connection_serves_many_requests);
    tcase_add_test(tcase, every_answer_has_the_fields_that_browsers_need);
    tcase_add_test(tcase, pipelined_answers_come_in_order);
    tcase_add_test(tcase, a_parked_request_does_not_hold_up_other_connections);
    tcase_add_test(tcase, answers_wait_for_the_number_they_depend_on);
    tcase_add_test(tcase, answers_that_are_durable_already_leave_at_once);
    tcase_add_test(tcase, more_than_the_pipeline_is_answered_in_the_end);
    tcase_add_test(tcase, a_request_may_come_byte_by_byte);
    tcase_add_test(tcase, chunked_bodies_are_put_together);
    tcase_add_loop_test(tcase, bodies_win_over_the_query, 0, BODIES);
    tcase_add_loop_test(
        tcase, what_cannot_be_served_is_refused_and_the_connection_stays, 0,
        REFUSED);
    tcase_add_test(tcase, put_reaches_the_handler);
    tcase_add_test(tcase, head_gets_the_fields_without_the_body);
    tcase_add_test(tcase, preflights_are_answered);
    tcase_add_test(tcase, callbacks_wrap_the_answer_when_they_are_names);
    tcase_add_test(tcase, added_fields_cannot_begin_others);
    tcase_add_test(tcase, messages_are_escaped_and_ask_to_retry);
    tcase_add_test(tcase, the_client_is_who_the_proxy_says);
    tcase_add_test(tcase, the_local_socket_is_told_apart);
    tcase_add_test(tcase, the_client_may_ask_to_close);
    tcase_add_test(tcase, old_clients_are_kept_only_when_they_ask);
    tcase_add_test(tcase, a_client_that_sends_no_more_still_gets_its_answers);
    tcase_add_test(tcase, expect_is_answered_before_the_body);
    tcase_add_test(tcase, compressed_bodies_are_inflated_up_to_the_limit);
    tcase_add_test(tcase, large_answers_arrive_whole_and_in_order);
    tcase_add_test(tcase, an_answer_over_its_maximum_becomes_an_error);
    tcase_add_test(tcase, a_client_that_leaves_while_parked_does_no_harm);
    tcase_add_test(tcase,
                   draining_closes_idle_connections_and_answers_the_rest);
    tcase_add_test(tcase, draining_ends_when_patience_is_over);
    tcase_add_test(tcase, an_answer_that_comes_after_the_end_does_no_harm);
    tcase_add_test(tcase, draining_an_empty_server_ends_at_once);
}

static void add_limits(TCase *tcase)
{
    tcase_add_loop_test(tcase, the_target_is_bounded, -1, 2);
    tcase_add_loop_test(tcase, the_header_fields_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, the_number_of_header_fields_is_bounded, -1, 2);
    tcase_add_loop_test(tcase, bodies_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, chunked_bodies_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, bulk_bodies_have_a_bound_of_their_own, -1, 2);
    tcase_add_test(tcase, bulk_is_meant_to_the_letter);
    tcase_add_test(tcase, trailers_are_bounded);
    tcase_add_test(tcase, connections_beyond_the_limit_wait);
}

static void add_time(TCase *tcase)
{
    tcase_add_test(tcase, a_head_that_does_not_end_is_refused);
    tcase_add_test(tcase, a_trickling_head_gets_no_more_time);
    tcase_add_test(tcase, a_body_that_does_not_end_is_refused);
    tcase_add_test(tcase, idle_connections_are_closed);
    tcase_add_test(tcase, waiting_for_us_is_not_idling);
    tcase_add_test(tcase, a_client_that_does_not_read_is_cut_off);
}

static Suite *http_server_suite(void)
{
    Suite *suite = suite_create("http_server");
    TCase *use = tcase_create("use");
    TCase *limits = tcase_create("limits");
    TCase *time = tcase_create("time");
    TCase *listening = tcase_create("listening");

    tcase_add_checked_fixture(use, start, finish);
    tcase_add_checked_fixture(limits, start_small, finish);
    tcase_add_checked_fixture(time, NULL, finish);
    tcase_set_timeout(use, 30);
    add_use(use);
    add_limits(limits);
    add_time(time);
    tcase_add_test(listening, an_address_that_is_none_is_told);
    tcase_add_test(listening,
                   a_dead_local_socket_is_replaced_and_a_live_one_kept);
    suite_add_tcase(suite, use);
    suite_add_tcase(suite, limits);
    suite_add_tcase(suite, time);
    suite_add_tcase(suite, listening);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_server_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
