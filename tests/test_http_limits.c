#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_rig.h"

#define HOST RIG_HOST
#define GET RIG_GET
#define POST RIG_POST

static struct rig_reply reply;
static int fd;

static void finish(void)
{
    close(fd);
    rig_stop();
}

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

START_TEST(a_body_announced_too_large_is_refused_before_it_comes)
{
    rig_ask(fd, POST("/echo", "", 101), &reply);
    ck_assert_int_eq(reply.status, 413);
    ck_assert(rig_is_closed(fd));
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

enum { SHORT_MS = 200 };

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

START_TEST(every_request_has_its_own_time)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.header_ms, &limits);
    /* Each part ends one head and begins the next. */
    rig_send_string(fd, "GET /lsn?n=0 HTTP/1.1\r\n");
    for (int i = 0; i < 6; i++) {
        ck_assert(rig_is_silent(fd));
        rig_ask(fd, HOST "\r\nGET /lsn?n=0 HTTP/1.1\r\n", &reply);
        ck_assert_int_eq(reply.status, 200);
    }
}
END_TEST

START_TEST(waiting_for_us_is_not_idling)
{
    struct server_limits limits = server_default_limits;

    start_with(&limits.idle_ms, &limits);
    rig_send_string(fd, GET("/lsn?n=1"));
    for (int i = 0; i < 6; i++)
        ck_assert(rig_is_silent(fd));
    rig_set_durable(1);
    ck_assert(rig_read(fd, &reply));
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

static void add_limits(TCase *tcase)
{
    tcase_add_loop_test(tcase, the_target_is_bounded, -1, 2);
    tcase_add_loop_test(tcase, the_header_fields_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, the_number_of_header_fields_is_bounded, -1, 2);
    tcase_add_loop_test(tcase, bodies_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, chunked_bodies_are_bounded, -1, 2);
    tcase_add_loop_test(tcase, bulk_bodies_have_a_bound_of_their_own, -1, 2);
    tcase_add_test(tcase, bulk_is_meant_to_the_letter);
    tcase_add_test(tcase,
                   a_body_announced_too_large_is_refused_before_it_comes);
    tcase_add_test(tcase, trailers_are_bounded);
    tcase_add_test(tcase, connections_beyond_the_limit_wait);
}

static void add_time(TCase *tcase)
{
    tcase_add_test(tcase, a_head_that_does_not_end_is_refused);
    tcase_add_test(tcase, a_trickling_head_gets_no_more_time);
    tcase_add_test(tcase, a_body_that_does_not_end_is_refused);
    tcase_add_test(tcase, idle_connections_are_closed);
    tcase_add_test(tcase, every_request_has_its_own_time);
    tcase_add_test(tcase, waiting_for_us_is_not_idling);
    tcase_add_test(tcase, a_client_that_does_not_read_is_cut_off);
}

static Suite *http_limits_suite(void)
{
    Suite *suite = suite_create("http_limits");
    TCase *limits = tcase_create("limits");
    TCase *time = tcase_create("time");

    tcase_add_checked_fixture(limits, start_small, finish);
    tcase_add_checked_fixture(time, NULL, finish);
    tcase_set_timeout(time, 30);
    add_limits(limits);
    add_time(time);
    suite_add_tcase(suite, limits);
    suite_add_tcase(suite, time);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_limits_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
