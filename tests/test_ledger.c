#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/ledger.h"

enum { OUT_MAX = 4096 };

static struct buffer out;
static struct json json;
static struct nest nest;
static struct ledger *ledger;

static void setup(void)
{
    ledger = ledger_create(true, JSON_DATA);
}

static void teardown(void)
{
    ledger_destroy(ledger);
    buffer_finish(&out);
}

static void add(enum ledger_level level, const char *name,
                struct ledger_counts counts)
{
    struct ledger_member *member;

    ck_assert_int_eq(ledger_name(ledger, text_of(name), &member), TALLY_OK);
    ledger_add(ledger, level, member, &counts);
}

/* A level as the object under "x"; until the next call. */
static const char *write_level(enum ledger_level level, size_t max)
{
    buffer_finish(&out);
    buffer_init(&out, max);
    json_init(&json, &out, JSON_DATA);
    json_open_object(&json);
    nest_init(&nest, &json);
    nest_enter(&nest, "x", -1);
    ledger_write(ledger, level, &nest);
    nest_leave(&nest);
    json_close_object(&json);
    bool whole = buffer_is_whole(&out);
    buffer_add_byte(&out, '\0');
    return whole ? out.at : NULL;
}

START_TEST(numbers_of_any_length_are_written)
{
    char wanted[64];

    for (int64_t number = 1; number > 0 && number <= INT64_MAX / 10;
         number *= 10) {
        add(LEDGER_WEEK, "a", (struct ledger_counts){.t = number});
        snprintf(wanted, sizeof(wanted), "{\"x\":{\"a\":{\"t\":%" PRId64 "}}}",
                 number);
        ck_assert_str_eq(write_level(LEDGER_WEEK, OUT_MAX), wanted);
        add(LEDGER_WEEK, "a", (struct ledger_counts){.u = number * 10 - 1});
        snprintf(wanted, sizeof(wanted), "{\"x\":{\"a\":{\"u\":%" PRId64 "}}}",
                 number * 10 - 1);
        ck_assert_str_eq(write_level(LEDGER_WEEK, OUT_MAX), wanted);
    }
    add(LEDGER_WEEK, "a", (struct ledger_counts){INT64_MAX, 1, 2});
    ck_assert_str_eq(write_level(LEDGER_WEEK, OUT_MAX),
                     "{\"x\":{\"a\":{\"t\":9223372036854775807,\"n\":1,"
                     "\"u\":2}}}");
}
END_TEST

START_TEST(only_positive_counters_are_written)
{
    add(LEDGER_WEEK, "a", (struct ledger_counts){0, -1, 0});
    ck_assert_str_eq(write_level(LEDGER_WEEK, OUT_MAX), "{}");
    add(LEDGER_WEEK, "a", (struct ledger_counts){-1, 2, 0});
    add(LEDGER_WEEK, "b", (struct ledger_counts){3, 0, 4});
    ck_assert_str_eq(write_level(LEDGER_WEEK, OUT_MAX),
                     "{\"x\":{\"a\":{\"n\":2},\"b\":{\"t\":3,\"u\":4}}}");
}
END_TEST

START_TEST(days_add_up_without_their_uniques)
{
    add(LEDGER_DAY, "a", (struct ledger_counts){1, 1, 1});
    write_level(LEDGER_DAY, OUT_MAX);
    add(LEDGER_DAY, "a", (struct ledger_counts){2, 0, 1});
    write_level(LEDGER_DAY, OUT_MAX);
    ck_assert_str_eq(write_level(LEDGER_MONTH, OUT_MAX),
                     "{\"x\":{\"a\":{\"t\":3,\"n\":1}}}");
    ck_assert_str_eq(write_level(LEDGER_MONTH, OUT_MAX), "{}");
}
END_TEST

START_TEST(what_passes_the_maximum_is_marked)
{
    for (size_t max = 1; max < 31; max++) {
        add(LEDGER_WEEK, "a", (struct ledger_counts){1, 2, 3});
        ck_assert_ptr_null(write_level(LEDGER_WEEK, max));
    }
}
END_TEST

static Suite *ledger_suite(void)
{
    Suite *suite = suite_create("ledger");
    TCase *tcase = tcase_create("ledger");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, numbers_of_any_length_are_written);
    tcase_add_test(tcase, only_positive_counters_are_written);
    tcase_add_test(tcase, days_add_up_without_their_uniques);
    tcase_add_test(tcase, what_passes_the_maximum_is_marked);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(ledger_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
