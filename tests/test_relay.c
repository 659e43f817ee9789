#include <check.h>
#include <stdlib.h>

#include "http/relay.h"

enum { THINGS = 20000, BATCH = 7 };

struct thing {
    unsigned number;
    struct link link;
};

static uv_loop_t loop;
static struct relay relay;
static struct thing things[THINGS];
static unsigned batches;
static unsigned taken;

static void on_batch(struct relay *from, struct link *batch)
{
    ck_assert_ptr_eq(from, &relay);
    ck_assert_ptr_eq(from->user, things);
    batches++;
    while (!link_is_alone(batch)) {
        struct thing *thing = LINK_OWNER(batch->next, struct thing, link);
        link_remove(&thing->link);
        ck_assert_uint_eq(thing->number, taken);
        taken++;
    }
    if (taken == THINGS)
        relay_close(&relay, NULL);
}

static void start(void)
{
    batches = taken = 0;
    uv_loop_init(&loop);
    relay_init(&relay, &loop, on_batch, things);
}

static void finish(void)
{
    if (!uv_is_closing((uv_handle_t *)&relay.arrival))
        relay_close(&relay, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static void add(unsigned number)
{
    things[number].number = number;
    relay_add(&relay, &things[number].link);
}

START_TEST(what_is_pushed_at_once_arrives_at_once)
{
    for (unsigned i = 0; i < BATCH; i++)
        add(i);
    ck_assert(relay_push(&relay));
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(taken, BATCH);
    ck_assert_uint_eq(batches, 1);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(batches, 1);
}
END_TEST

START_TEST(pushes_that_nobody_has_taken_make_one_batch)
{
    for (unsigned i = 0; i < BATCH; i++) {
        add(i);
        ck_assert(relay_push(&relay));
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(taken, BATCH);
    ck_assert_uint_eq(batches, 1);
}
END_TEST

START_TEST(nothing_arrives_before_it_is_pushed)
{
    add(0);
    relay_call(&relay);
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(batches, 1);
    ck_assert_uint_eq(taken, 0);
    ck_assert(relay_push(&relay));
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(taken, 1);
}
END_TEST

START_TEST(a_push_of_nothing_wakes_nobody)
{
    ck_assert(!relay_push(&relay));
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_uint_eq(batches, 0);
}
END_TEST

static void give(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < THINGS; i++) {
        add(i);
        if (i % BATCH == 0 || i == THINGS - 1)
            relay_push(&relay);
    }
}

START_TEST(all_from_another_thread_arrives_once_and_in_order)
{
    uv_thread_t giver;

    uv_thread_create(&giver, give, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_thread_join(&giver);
    ck_assert_uint_eq(taken, THINGS);
}
END_TEST

static Suite *relay_suite(void)
{
    Suite *suite = suite_create("relay");
    TCase *tcase = tcase_create("relay");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_test(tcase, what_is_pushed_at_once_arrives_at_once);
    tcase_add_test(tcase, pushes_that_nobody_has_taken_make_one_batch);
    tcase_add_test(tcase, nothing_arrives_before_it_is_pushed);
    tcase_add_test(tcase, a_push_of_nothing_wakes_nobody);
    tcase_add_test(tcase, all_from_another_thread_arrives_once_and_in_order);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(relay_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
