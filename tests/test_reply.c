#include "bench/reply.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define GOOD \
    "HTTP/1.1 200 OK\r\ncontent-LENGTH:  20\r\n\r\n{\"result\":\"Success\"}"
#define OTHER_BODY \
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"result\":\"Failure\"}"
#define REFUSED "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define DELAYED \
    "HTTP/1.1 503 Busy\r\nretry-after: 5\r\nContent-Length: 0\r\n\r\n"
#define SUCCESS_REFUSED                                      \
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 20\r\n\r\n" \
    "{\"result\":\"Success\"}"

#define WHOLE(text, ...)                           \
    {                                              \
        REPLY_WHOLE, sizeof(text) - 1, __VA_ARGS__ \
    }
#define PARTIAL                           \
    {                                     \
        REPLY_PARTIAL, 0, 0, false, false \
    }
#define BROKEN                           \
    {                                    \
        REPLY_BROKEN, 0, 0, false, false \
    }

static const struct {
    const char *text;
    struct reply reply;
} rows[] = {
    {GOOD, WHOLE(GOOD, 200, true, false)},
    {GOOD REFUSED, WHOLE(GOOD, 200, true, false)},
    {OTHER_BODY, WHOLE(OTHER_BODY, 200, false, false)},
    {REFUSED GOOD, WHOLE(REFUSED, 503, false, false)},
    {DELAYED GOOD, WHOLE(DELAYED, 503, false, true)},
    {SUCCESS_REFUSED, WHOLE(SUCCESS_REFUSED, 400, false, false)},
    {"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"result\":\"Success\"}",
     PARTIAL},
    {"HTTP/1.1 200 OK\r\n\r\n{}", BROKEN},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", BROKEN},
    {"HTTP/1.1 ok\r\nContent-Length: 0\r\n\r\n", BROKEN},
    {"HTTP/1.0 200 OK\r\n", BROKEN},
    {"nonsense", BROKEN},
};

START_TEST(an_answer_is_judged_by_its_status_and_its_body)
{
    const struct reply *wanted = &rows[_i].reply;
    struct reply reply = reply_read(rows[_i].text, strlen(rows[_i].text));

    ck_assert_int_eq(reply.state, wanted->state);
    ck_assert_uint_eq(reply.size, wanted->size);
    ck_assert_uint_eq(reply.status, wanted->status);
    ck_assert_int_eq(reply.is_success, wanted->is_success);
    ck_assert_int_eq(reply.has_retry_after, wanted->has_retry_after);
}
END_TEST

START_TEST(a_cut_answer_is_partial_wherever_it_is_cut)
{
    for (size_t len = 1; len < sizeof(GOOD) - 1; len++)
        ck_assert_int_eq(reply_read(GOOD, len).state, REPLY_PARTIAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, an_answer_is_judged_by_its_status_and_its_body,
                        0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, a_cut_answer_is_partial_wherever_it_is_cut);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
