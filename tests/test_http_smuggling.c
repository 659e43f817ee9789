#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "http_rig.h"

#define HOST RIG_HOST
#define END "Connection: close\r\n\r\n"

/* Each input with the number of answers that are no refusal; a refusal is 400
 * and closes. What hides behind the first request asks for /text, which
 * would answer "plain". */
static const struct {
    struct text bytes;
    int served;
    int refusal; /* 0: none */
} inputs[] = {
    /* fine */
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST END), 1, 0},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST
               "\r\nGET /text HTTP/1.1\r\n" HOST END),
     2, 0},
    {TEXT_INIT("\r\n\r\nGET /echo HTTP/1.1\r\n" HOST END), 1, 0},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n" END "x"),
     1, 0},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: Chunked\r\n" END "1\r\nx\r\n0\r\n\r\n"),
     1, 0},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Empty:\r\nX-Test:y\r\n" END), 1,
     0},
    /* an upgrade is not taken up, its body is read as ever */
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Connection: Upgrade, close\r\nUpgrade: h2c\r\n"
               "Content-Length: 1\r\n\r\nx"),
     1, 0},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST
               "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
               "GET /text HTTP/1.1\r\n" HOST END),
     2, 0},
    /* ends of lines */
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST
               "X-Abc:\rxTransfer-Encoding: chunked\r\n\r\n"
               "1\r\nx\r\n0\r\n\r\nGET /text HTTP/1.1\r\n" HOST END),
     0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "\r\n\rX: y\r\n\r\n"), 1, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "\rX"
               "GET /text HTTP/1.1\r\n" HOST END),
     0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\nHost: a\n" END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "A: b\0c\r\n" END), 0, 400},
    {TEXT_INIT("GET /ec\0ho HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /\xc3\xa9 HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "A : b\r\n" END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "Content-Length : 4\r\n" END), 0,
     400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "No colon\r\n" END), 0, 400},
    /* folded fields */
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: x\r\n\tchunked\r\n\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n Host: a\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\nHost: a\r\n b\r\n" END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "A: b\r\n \r\n" END), 0, 400},
    /* versions and hosts */
    {TEXT_INIT("GET /echo\r\n\r\n"), 0, 400},
    {TEXT_INIT("GET /echo HTTP/0.9\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.2\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/2.0\r\n" HOST END), 0, 400},
    {TEXT_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.0\r\n" END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "HOST: b\r\n" END), 0, 400},
    {TEXT_INIT("GET  /echo HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo  HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /ec ho HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1 \r\n" HOST END), 0, 400},
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST "\n"), 0, 400},
    {TEXT_INIT("NONSENSE /echo HTTP/1.1\r\n" HOST END), 0, 400},
    {TEXT_INIT("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\nGET /text"), 0, 405},
    /* how long a body is */
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n" END
               "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n" END
               "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.0\r\n" HOST
               "Transfer-Encoding: chunked\r\n" END "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Content-Length: 1\r\nContent-Length: 1\r\n" END "x"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Content-Length: 1\r\nContent-Length: 2\r\n" END "xy"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n" END
               "xyz"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: -1\r\n" END), 0,
     400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3,3\r\n" END
               "xyz"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3 3\r\n" END
               "xyz"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n" END
               "xyz"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Content-Length: 18446744073709551617\r\n" END "x"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Content-Length:\r\n" END "x"), 0,
     400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: xchunked\r\n" END "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked, identity\r\n" END "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: gzip, chunked\r\n" END "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
               "Transfer-Encoding: chunked\r\n" END "0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: identity\r\n" END),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n" END
               "0\r\n\r\n"),
     0, 400},
    /* chunks */
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "1\r\nxJUNK0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "0x1\r\nx\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "-1\r\nx\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "1 \r\nx\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "1\nx\r\n0\r\n\r\n"),
     0, 400},
    {TEXT_INIT("POST /echo HTTP/1.1\r\n" HOST
               "Transfer-Encoding: chunked\r\n\r\n"
               "10000000000000001\r\nx\r\n0\r\n\r\n"),
     0, 400},
    /* what follows a request that closes is never looked at */
    {TEXT_INIT("GET /echo HTTP/1.1\r\n" HOST END "GET /text HTTP/1.1\r\n" HOST
               "\r\n"),
     1, 0},
};

enum { INPUTS = sizeof(inputs) / sizeof(inputs[0]) };

static struct rig_reply reply;

static void start(void)
{
    rig_start(&server_default_limits);
}

static void assert_outcome(int fd, int served, int refusal)
{
    for (int i = 0; i < served; i++) {
        ck_assert(rig_read(fd, &reply));
        ck_assert_int_eq(reply.status, 200);
    }
    if (refusal) {
        ck_assert(rig_read(fd, &reply));
        ck_assert_int_eq(reply.status, refusal);
        ck_assert(rig_has_field(&reply, "Connection: close"));
    }
    ck_assert(rig_is_closed(fd));
}

START_TEST(requests_are_understood_in_one_way_or_refused)
{
    int fd = rig_connect();

    rig_send(fd, inputs[_i].bytes);
    assert_outcome(fd, inputs[_i].served, inputs[_i].refusal);
    close(fd);
}
END_TEST

START_TEST(it_makes_no_difference_how_the_bytes_are_cut)
{
    struct text bytes = inputs[_i].bytes;
    int other = rig_connect();

    for (size_t cut = 1; cut < bytes.len; cut++) {
        int fd = rig_connect();
        rig_send(fd, (struct text){bytes.at, cut});
        /* Lets the server read the first part on its own. */
        rig_ask(other, "GET /echo HTTP/1.1\r\n" HOST "\r\n", &reply);
        rig_send(fd, (struct text){bytes.at + cut, bytes.len - cut});
        assert_outcome(fd, inputs[_i].served, inputs[_i].refusal);
        close(fd);
    }
    close(other);
}
END_TEST

static Suite *http_smuggling_suite(void)
{
    Suite *suite = suite_create("http_smuggling");
    TCase *tcase = tcase_create("http_smuggling");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, start, rig_stop);
    tcase_add_loop_test(tcase, requests_are_understood_in_one_way_or_refused, 0,
                        INPUTS);
    tcase_add_loop_test(tcase, it_makes_no_difference_how_the_bytes_are_cut, 0,
                        INPUTS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_smuggling_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
