#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http_rig.h"

#define HOST RIG_HOST
#define GET RIG_GET
#define POST RIG_POST

static struct rig_reply reply;
static int fd;

static void start(void)
{
    rig_start(&server_default_limits);
    fd = rig_connect();
}

static void finish(void)
{
    close(fd);
    rig_stop();
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

START_TEST(every_client_gets_its_answers_in_order)
{
    enum { CLIENTS = 40, REQUESTS = 100 };
    char text[128];
    int fds[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        fds[i] = rig_connect();
    for (int at = 0; at < REQUESTS; at++) {
        snprintf(text, sizeof(text), GET("/echo?a=%d"), at);
        for (int i = 0; i < CLIENTS; i++)
            rig_send_string(fds[i], text);
    }
    for (int at = 0; at < REQUESTS; at++) {
        snprintf(text, sizeof(text), "\"a\":\"%d\"", at);
        for (int i = 0; i < CLIENTS; i++) {
            ck_assert(rig_read(fds[i], &reply));
            ck_assert(has_member(text));
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
}
END_TEST

START_TEST(clients_that_leave_do_no_harm)
{
    for (int i = 0; i < 300; i++) {
        int other = rig_connect();
        rig_send_string(other, GET("/echo") GET("/lsn?n=9") GET("/echo"));
        close(other);
        rig_ask(fd, GET("/echo"), &reply);
        ck_assert_int_eq(reply.status, 200);
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
    char path[64], away[64];

    snprintf(path, sizeof(path), "/tmp/http_server.%d", (int)getpid());
    snprintf(away, sizeof(away), "/tmp/http_server.%d.away", (int)getpid());
    uv_loop_init(&loop);
    struct server *one =
        server_create(&loop, &server_default_limits, NULL, NULL);
    struct server *two =
        server_create(&loop, &server_default_limits, NULL, NULL);
    ck_assert_int_eq(server_listen_local(one, path), TALLY_OK);
    ck_assert_int_eq(server_listen_local(two, path), TALLY_ERR_IN_USE);
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(rename(path, away), 0);
    server_destroy(one);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(rename(away, path), 0);
    ck_assert_int_eq(server_listen_local(two, path), TALLY_OK);
    server_destroy(two);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    unlink(path);
}
END_TEST

static void add_use(TCase *tcase)
{
    tcase_add_test(tcase, a_connection_serves_many_requests);
    tcase_add_test(tcase, pipelined_answers_come_in_order);
    tcase_add_test(tcase, every_client_gets_its_answers_in_order);
    tcase_add_test(tcase, clients_that_leave_do_no_harm);
    tcase_add_test(tcase, a_parked_request_does_not_hold_up_other_connections);
    tcase_add_test(tcase, answers_wait_for_the_number_they_depend_on);
    tcase_add_test(tcase, answers_that_are_durable_already_leave_at_once);
    tcase_add_test(tcase, more_than_the_pipeline_is_answered_in_the_end);
    tcase_add_test(tcase, a_request_may_come_byte_by_byte);
    tcase_add_test(tcase, chunked_bodies_are_put_together);
    tcase_add_test(tcase, the_local_socket_is_told_apart);
    tcase_add_test(tcase, the_client_may_ask_to_close);
    tcase_add_test(tcase, old_clients_are_kept_only_when_they_ask);
    tcase_add_test(tcase, a_client_that_sends_no_more_still_gets_its_answers);
    tcase_add_test(tcase, expect_is_answered_before_the_body);
    tcase_add_test(tcase, large_answers_arrive_whole_and_in_order);
    tcase_add_test(tcase, an_answer_over_its_maximum_becomes_an_error);
    tcase_add_test(tcase, a_client_that_leaves_while_parked_does_no_harm);
    tcase_add_test(tcase,
                   draining_closes_idle_connections_and_answers_the_rest);
    tcase_add_test(tcase, draining_ends_when_patience_is_over);
    tcase_add_test(tcase, an_answer_that_comes_after_the_end_does_no_harm);
    tcase_add_test(tcase, draining_an_empty_server_ends_at_once);
}

static Suite *http_server_suite(void)
{
    Suite *suite = suite_create("http_server");
    TCase *use = tcase_create("use");
    TCase *listening = tcase_create("listening");

    tcase_add_checked_fixture(use, start, finish);
    tcase_set_timeout(use, 30);
    add_use(use);
    tcase_add_test(listening, an_address_that_is_none_is_told);
    tcase_add_test(listening,
                   a_dead_local_socket_is_replaced_and_a_live_one_kept);
    suite_add_tcase(suite, use);
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
