#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/bars.h"

static struct buffer out;

static void setup(void)
{
    buffer_init(&out, 1 << 16);
}

static void teardown(void)
{
    buffer_finish(&out);
}

static void expect(struct bar *bars, size_t count, const char *expected)
{
    struct json json;

    json_init(&json, &out, JSON_PLAIN);
    bars_write(bars, count, &json);
    ck_assert_msg(text_is(buffer_text(&out), expected), "got %.*s",
                  (int)out.len, out.at);
}

START_TEST(the_three_largest_are_shown_in_order)
{
    struct bar bars[] = {{TEXT("a"), 1, 0, 0},
                         {TEXT("b"), 5, 0, 0},
                         {TEXT("c"), 0, 0, 0},
                         {TEXT("d"), 3, 0, 0},
                         {TEXT("e"), 1, 0, 0}};

    expect(bars, 5,
           "[{\"name\":\"b\",\"value\":5,\"percent\":50},"
           "{\"name\":\"d\",\"value\":3,\"percent\":30},"
           "{\"name\":\"a\",\"value\":1,\"percent\":10}]");
}
END_TEST

START_TEST(what_is_missing_of_a_hundred_goes_to_the_first)
{
    struct bar bars[14];

    for (int i = 0; i < 14; i++)
        bars[i] = (struct bar){TEXT("x"), 1, 0, 0};
    expect(bars, 14,
           "[{\"name\":\"x\",\"value\":1,\"percent\":7.7},"
           "{\"name\":\"x\",\"value\":1,\"percent\":7.1},"
           "{\"name\":\"x\",\"value\":1,\"percent\":7.1}]");
}
END_TEST

START_TEST(what_is_too_much_is_taken_from_the_last_of_all)
{
    struct bar two[] = {
        {TEXT("a"), 9, 0, 0}, {TEXT("b"), 3, 0, 0}, {TEXT("c"), 2, 0, 0}};
    struct bar six[] = {{TEXT("a"), 2, 0, 0},
                        {TEXT("b"), 1, 0, 0},
                        {TEXT("c"), 1, 0, 0},
                        {TEXT("d"), 1, 0, 0},
                        {TEXT("e"), 1, 0, 0}};

    expect(two, 3,
           "[{\"name\":\"a\",\"value\":9,\"percent\":64.3},"
           "{\"name\":\"b\",\"value\":3,\"percent\":21.4},"
           "{\"name\":\"c\",\"value\":2,\"percent\":14.3}]");
    buffer_clear(&out);
    expect(six, 5,
           "[{\"name\":\"a\",\"value\":2,\"percent\":33.3},"
           "{\"name\":\"b\",\"value\":1,\"percent\":16.7},"
           "{\"name\":\"c\",\"value\":1,\"percent\":16.7}]");
}
END_TEST

START_TEST(the_last_is_shown_with_what_was_taken_from_it)
{
    struct bar bars[] = {
        {TEXT("a"), 6, 0, 0}, {TEXT("b"), 4, 0, 0}, {TEXT("c"), 4, 0, 0}};

    /* 42.9 + 28.6 + 28.6 is 100.1 */
    expect(bars, 3,
           "[{\"name\":\"a\",\"value\":6,\"percent\":42.9},"
           "{\"name\":\"b\",\"value\":4,\"percent\":28.6},"
           "{\"name\":\"c\",\"value\":4,\"percent\":28.5}]");
}
END_TEST

START_TEST(nothing_has_no_bars)
{
    expect(NULL, 0, "[]");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bars");
    TCase *tcase = tcase_create("bars");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_three_largest_are_shown_in_order);
    tcase_add_test(tcase, what_is_missing_of_a_hundred_goes_to_the_first);
    tcase_add_test(tcase, what_is_too_much_is_taken_from_the_last_of_all);
    tcase_add_test(tcase, the_last_is_shown_with_what_was_taken_from_it);
    tcase_add_test(tcase, nothing_has_no_bars);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
