#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/clock.h"
#include "http_rig.h"

#define HOST RIG_HOST
#define GET RIG_GET
#define POST RIG_POST

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

static Suite *http_response_suite(void)
{
    Suite *suite = suite_create("http_response");
    TCase *tcase = tcase_create("http_response");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, every_answer_has_the_fields_that_browsers_need);
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
    tcase_add_test(tcase, compressed_bodies_are_inflated_up_to_the_limit);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_response_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
