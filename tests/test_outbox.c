#include <check.h>
#include <stdlib.h>

#include "http/outbox.h"

enum { ROOM = 4, MAX = 1000 };

static struct outbox outbox;
static struct buffer flying;

static void start(void)
{
    outbox_init(&outbox, ROOM, MAX);
    buffer_init(&flying, MAX);
}

static void finish(void)
{
    outbox_finish(&outbox);
    buffer_finish(&flying);
}

static void add(const char *answer, uint64_t lsn)
{
    buffer_add_string(&outbox.pile, answer);
    outbox_close_answer(&outbox, lsn);
}

START_TEST(nothing_is_ready_before_it_is_released)
{
    add("one", 0);
    ck_assert_uint_eq(outbox_ready(&outbox).len, 0);
    ck_assert_uint_eq(outbox_held(&outbox), 1);
    ck_assert_uint_eq(outbox_size(&outbox), 3);
    outbox_release(&outbox, 0);
    ck_assert(text_is(outbox_ready(&outbox), "one"));
    ck_assert_uint_eq(outbox_held(&outbox), 0);
}
END_TEST

START_TEST(none_overtakes_another)
{
    add("five", 5);
    add("zero", 0);
    add("six", 6);
    outbox_release(&outbox, 4);
    ck_assert_uint_eq(outbox_ready(&outbox).len, 0);
    outbox_release(&outbox, 5);
    ck_assert(text_is(outbox_ready(&outbox), "fivezero"));
    outbox_release(&outbox, 100);
    ck_assert(text_is(outbox_ready(&outbox), "fivezerosix"));
}
END_TEST

START_TEST(what_was_sent_is_not_sent_again)
{
    add("one", 0);
    add("two", 2);
    outbox_release(&outbox, 1);
    outbox_sent(&outbox, 2);
    ck_assert(text_is(outbox_ready(&outbox), "e"));
    ck_assert_uint_eq(outbox_size(&outbox), 4);
    outbox_sent(&outbox, 1);
    ck_assert_uint_eq(outbox_ready(&outbox).len, 0);
    outbox_release(&outbox, 2);
    ck_assert(text_is(outbox_ready(&outbox), "two"));
    outbox_sent(&outbox, 3);
    ck_assert_uint_eq(outbox_size(&outbox), 0);
}
END_TEST

START_TEST(what_is_detached_stays_while_the_outbox_fills)
{
    add("one", 0);
    add("two", 2);
    add("three", 3);
    outbox_release(&outbox, 0);
    outbox_sent(&outbox, 1);
    struct text ready = outbox_detach(&outbox, &flying);
    ck_assert_uint_eq(outbox_ready(&outbox).len, 0);
    add("four", 4);
    outbox_release(&outbox, 2);
    ck_assert(text_is(outbox_ready(&outbox), "two"));
    outbox_release(&outbox, 4);
    ck_assert(text_is(outbox_ready(&outbox), "twothreefour"));
    ck_assert(text_is(ready, "ne"));

    outbox_detach(&outbox, &flying);
    add("five", 5);
    outbox_release(&outbox, 5);
    ck_assert(text_is(outbox_ready(&outbox), "five"));
}
END_TEST

START_TEST(its_places_are_used_again)
{
    for (uint64_t lsn = 1; lsn < 100; lsn += 2) {
        add("a", lsn);
        add("b", lsn + 1);
        outbox_release(&outbox, lsn);
        ck_assert(text_is(outbox_ready(&outbox), "a"));
        outbox_release(&outbox, lsn + 1);
        ck_assert(text_is(outbox_ready(&outbox), "ab"));
        outbox_sent(&outbox, 2);
    }
}
END_TEST

static Suite *outbox_suite(void)
{
    Suite *suite = suite_create("outbox");
    TCase *tcase = tcase_create("outbox");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_test(tcase, nothing_is_ready_before_it_is_released);
    tcase_add_test(tcase, none_overtakes_another);
    tcase_add_test(tcase, what_was_sent_is_not_sent_again);
    tcase_add_test(tcase, what_is_detached_stays_while_the_outbox_fills);
    tcase_add_test(tcase, its_places_are_used_again);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(outbox_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
