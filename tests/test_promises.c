/* Promises are resumed once, or their time runs out. */
#include <check.h>
#include <stdlib.h>
#include <uv.h>

#include "http/promises.h"

enum { THREADS = 4, MANY = 1000 };

static struct promises *promises;
static tally_wait token;
static struct promise taken;

static int go_on(struct tally_call *call, void *user)
{
    (void)call;
    (void)user;
    return TALLY_PASS;
}

static void setup(void)
{
    promises = promises_create();
}

static void teardown(void)
{
    promises_destroy(promises);
}

static tally_wait add(uint64_t deadline)
{
    return promises_add(promises,
                        &(struct promise){.next = go_on, .deadline = deadline});
}

START_TEST(what_is_resumed_is_taken_in_that_order)
{
    tally_wait first = add(10);
    tally_wait second = add(10);

    ck_assert_uint_ne(first, 0);
    ck_assert(!promises_take_resumed(promises, &token, &taken));
    ck_assert_int_eq(promises_resume(promises, second), 0);
    ck_assert_int_eq(promises_resume(promises, first), 0);
    ck_assert(promises_take_resumed(promises, &token, &taken));
    ck_assert_uint_eq(token, second);
    ck_assert(promises_take_resumed(promises, &token, &taken));
    ck_assert_uint_eq(token, first);
    ck_assert(!promises_take_resumed(promises, &token, &taken));
}
END_TEST

START_TEST(nothing_is_resumed_twice)
{
    tally_wait first = add(10);

    ck_assert_int_eq(promises_resume(promises, first), 0);
    ck_assert_int_eq(promises_resume(promises, first), TALLY_E_NOT_FOUND);
    ck_assert(promises_take_resumed(promises, &token, &taken));
    ck_assert_int_eq(promises_resume(promises, first), TALLY_E_NOT_FOUND);
}
END_TEST

START_TEST(a_token_is_not_that_of_the_next_promise)
{
    tally_wait first = add(10);

    promises_drop(promises, first);
    tally_wait second = add(10);
    ck_assert_uint_ne(first, second);
    ck_assert_int_eq(promises_resume(promises, first), TALLY_E_NOT_FOUND);
    ck_assert_int_eq(promises_resume(promises, second), 0);
    promises_drop(promises, first);
    ck_assert(promises_take_resumed(promises, &token, &taken));
}
END_TEST

START_TEST(a_token_that_is_none_is_not_found)
{
    static const tally_wait none[] = {0, 1, 2, UINT64_MAX};

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        ck_assert_int_eq(promises_resume(promises, none[i]), TALLY_E_NOT_FOUND);
        promises_drop(promises, none[i]);
    }
}
END_TEST

START_TEST(the_earliest_is_due_first)
{
    static const uint64_t deadlines[] = {30, 10, 20, 10, 40};
    uint64_t last = 0;

    ck_assert_uint_eq(promises_deadline(promises), 0);
    for (size_t i = 0; i < 5; i++)
        add(deadlines[i]);
    ck_assert_uint_eq(promises_deadline(promises), 10);
    ck_assert(!promises_take_due(promises, 9, &token, &taken));
    for (int i = 0; i < 4; i++) {
        ck_assert(promises_take_due(promises, 30, &token, &taken));
        ck_assert_uint_ge(taken.deadline, last);
        last = taken.deadline;
    }
    ck_assert(!promises_take_due(promises, 30, &token, &taken));
    ck_assert_uint_eq(promises_deadline(promises), 40);
}
END_TEST

START_TEST(what_is_resumed_is_not_due)
{
    tally_wait first = add(10);

    promises_resume(promises, first);
    ck_assert_uint_eq(promises_deadline(promises), 0);
    ck_assert(!promises_take_due(promises, UINT64_MAX, &token, &taken));
}
END_TEST

START_TEST(one_without_anything_to_go_on_with_is_not_resumed)
{
    tally_wait silent =
        promises_add(promises, &(struct promise){.deadline = 10});

    ck_assert_int_eq(promises_resume(promises, silent), TALLY_E_NOT_FOUND);
    ck_assert(promises_take_due(promises, 10, &token, &taken));
}
END_TEST

START_TEST(there_is_room_for_so_many)
{
    tally_wait last = 0;

    for (int i = 0; i < PROMISES_MAX; i++) {
        last = add(10);
        ck_assert_uint_ne(last, 0);
    }
    ck_assert_uint_eq(add(10), 0);
    promises_drop(promises, last);
    ck_assert_uint_ne(add(10), 0);
}
END_TEST

START_TEST(a_closed_table_takes_and_resumes_none)
{
    tally_wait first = add(10);

    promises_close(promises);
    ck_assert_uint_eq(add(10), 0);
    ck_assert_int_eq(promises_resume(promises, first), TALLY_E_NOT_FOUND);
    ck_assert(promises_take_due(promises, 10, &token, &taken));
}
END_TEST

static tally_wait tokens[MANY];

static void resume_all(void *user)
{
    int *resumed = user;

    for (int i = 0; i < MANY; i++)
        *resumed += promises_resume(promises, tokens[i]) == 0;
}

START_TEST(threads_resume_each_once)
{
    uv_thread_t threads[THREADS];
    int resumed[THREADS] = {0};
    int sum = 0;
    int count = 0;

    for (int i = 0; i < MANY; i++)
        tokens[i] = add(10);
    for (int i = 0; i < THREADS; i++)
        uv_thread_create(&threads[i], resume_all, &resumed[i]);
    for (int i = 0; i < THREADS; i++)
        uv_thread_join(&threads[i]);
    for (int i = 0; i < THREADS; i++)
        sum += resumed[i];
    ck_assert_int_eq(sum, MANY);
    while (promises_take_resumed(promises, &token, &taken))
        count++;
    ck_assert_int_eq(count, MANY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("promises");
    TCase *tests = tcase_create("promises");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_is_resumed_is_taken_in_that_order);
    tcase_add_test(tests, nothing_is_resumed_twice);
    tcase_add_test(tests, a_token_is_not_that_of_the_next_promise);
    tcase_add_test(tests, a_token_that_is_none_is_not_found);
    tcase_add_test(tests, the_earliest_is_due_first);
    tcase_add_test(tests, what_is_resumed_is_not_due);
    tcase_add_test(tests, one_without_anything_to_go_on_with_is_not_resumed);
    tcase_add_test(tests, there_is_room_for_so_many);
    tcase_add_test(tests, a_closed_table_takes_and_resumes_none);
    tcase_add_test(tests, threads_resume_each_once);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
