#include "bench/reply.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define GOOD \
    "HTTP/1.1 200 OK\r\ncontent-LENGTH:  20\r\n\r\n{\"result\":\"Success\"}"
#define OTHER_BODY \
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"result\":\"Failure\"}"
#define REFUSED "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

static const struct {
    const char *text;
    enum reply_kind kind;
    size_t size; /* 0 when it is not told */
} rows[] = {
    {GOOD, REPLY_GOOD, sizeof(GOOD) - 1},
    {GOOD REFUSED, REPLY_GOOD, sizeof(GOOD) - 1},
    {OTHER_BODY, REPLY_REFUSED, sizeof(OTHER_BODY) - 1},
    {REFUSED GOOD, REPLY_REFUSED, sizeof(REFUSED) - 1},
    {"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"result\":\"Success\"}",
     REPLY_PARTIAL, 0},
    {"HTTP/1.1 200 OK\r\n\r\n{}", REPLY_BROKEN, 0},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
     REPLY_BROKEN, 0},
    {"HTTP/1.0 200 OK\r\n", REPLY_BROKEN, 0},
    {"nonsense", REPLY_BROKEN, 0},
};

START_TEST(an_answer_is_judged_by_its_status_and_its_body)
{
    size_t size = 0;

    ck_assert_int_eq(reply_judge(rows[_i].text, strlen(rows[_i].text), &size),
                     rows[_i].kind);
    ck_assert_uint_eq(size, rows[_i].size);
}
END_TEST

START_TEST(a_cut_answer_is_partial_wherever_it_is_cut)
{
    size_t size;

    for (size_t len = 1; len < sizeof(GOOD) - 1; len++)
        ck_assert_int_eq(reply_judge(GOOD, len, &size), REPLY_PARTIAL);
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
