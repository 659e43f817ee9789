#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/throttle.h"

enum { NOW = 1684317600, ENTRIES = THROTTLE_ROWS * THROTTLE_WIDTH };

static const struct throttle_limit limit = {.tries = 3, .wait = 300};
static struct throttle throttle;

static void open_throttle(void)
{
    throttle_init(&throttle);
}

static uint64_t name(const char *text)
{
    return throttle_name(&throttle, text_of(text));
}

static uint32_t wait(const char *text, int64_t now)
{
    return throttle_wait(&throttle, name(text), limit, now);
}

static void count(const char *text, int64_t now)
{
    throttle_count(&throttle, name(text), limit, now);
}

START_TEST(some_tries_are_free_and_the_next_waits)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(wait("a", NOW + i), 0);
        count("a", NOW + i);
    }
    ck_assert_uint_eq(wait("a", NOW + 2), 300);
    ck_assert_uint_eq(wait("a", NOW + 301), 1);
    ck_assert_uint_eq(wait("a", NOW + 302), 0);
    ck_assert_uint_eq(wait("b", NOW + 2), 0);
}
END_TEST

START_TEST(after_the_wait_the_tries_are_free_again)
{
    for (int i = 0; i < 3; i++)
        count("a", NOW);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(wait("a", NOW + 300), 0);
        count("a", NOW + 300);
    }
    ck_assert_uint_eq(wait("a", NOW + 300), 300);
}
END_TEST

START_TEST(tries_are_taken_back_and_forgotten)
{
    for (int i = 0; i < 3; i++)
        count("a", NOW);
    throttle_take_back(&throttle, name("a"));
    throttle_take_back(&throttle, name("never"));
    ck_assert_uint_eq(wait("a", NOW), 0);
    count("a", NOW);
    ck_assert_uint_eq(wait("a", NOW), 300);
    throttle_forget(&throttle, name("a"));
    count("a", NOW);
    count("a", NOW);
    ck_assert_uint_eq(wait("a", NOW), 0);
}
END_TEST

START_TEST(a_clock_that_is_set_back_waits_no_longer)
{
    for (int i = 0; i < 3; i++)
        count("a", NOW);
    ck_assert_uint_eq(wait("a", NOW - 100000), 300);
}
END_TEST

START_TEST(a_full_table_forgets_the_oldest)
{
    char text[16];
    unsigned blocked = 0;

    for (int i = 0; i < 3; i++)
        count("old", NOW);
    for (int i = 0; i < 4 * ENTRIES; i++) {
        snprintf(text, sizeof(text), "%d", i);
        for (int j = 0; j < 3; j++)
            count(text, NOW + 1);
    }
    ck_assert_uint_eq(wait("old", NOW + 1), 0);
    for (int i = 0; i < 4 * ENTRIES; i++) {
        snprintf(text, sizeof(text), "%d", i);
        blocked += wait(text, NOW + 1) > 0;
    }
    ck_assert_uint_gt(blocked, ENTRIES * 9 / 10);
    ck_assert_uint_le(blocked, ENTRIES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("throttle");
    TCase *tcase = tcase_create("throttle");

    tcase_add_checked_fixture(tcase, open_throttle, NULL);
    tcase_add_test(tcase, some_tries_are_free_and_the_next_waits);
    tcase_add_test(tcase, after_the_wait_the_tries_are_free_again);
    tcase_add_test(tcase, tries_are_taken_back_and_forgotten);
    tcase_add_test(tcase, a_clock_that_is_set_back_waits_no_longer);
    tcase_add_test(tcase, a_full_table_forgets_the_oldest);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
