#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/recent.h"

enum { APP = 7, OTHER = 7 + 64 };

static struct recent *recent;
static struct recent_user list[RECENT_MAX];

static void setup(void)
{
    recent = recent_create();
}

static void teardown(void)
{
    recent_destroy(recent);
}

START_TEST(the_latest_come_first_and_ties_by_ordinal)
{
    recent_touch(recent, APP, 5, 100);
    recent_touch(recent, APP, 4, 200);
    recent_touch(recent, APP, 3, 100);
    recent_touch(recent, APP, 5, 50);
    ck_assert_uint_eq(recent_list(recent, APP, list), 3);
    ck_assert_uint_eq(list[0].ordinal, 4);
    ck_assert_uint_eq(list[1].ordinal, 3);
    ck_assert_uint_eq(list[2].ordinal, 5);
    ck_assert_uint_eq(list[2].seconds, 100);
}
END_TEST

START_TEST(a_full_list_keeps_the_latest)
{
    for (uint32_t i = 1; i <= 3 * RECENT_MAX; i++)
        recent_touch(recent, APP, i, i * 7919 % 1000);
    ck_assert_uint_eq(recent_list(recent, APP, list), RECENT_MAX);
    unsigned later = 0;
    for (uint32_t i = 1; i <= 3 * RECENT_MAX; i++)
        later += i * 7919 % 1000 > list[RECENT_MAX - 1].seconds;
    ck_assert_uint_lt(later, RECENT_MAX);
    for (unsigned i = 1; i < RECENT_MAX; i++)
        ck_assert_uint_ge(list[i - 1].seconds, list[i].seconds);
}
END_TEST

START_TEST(a_session_at_the_epoch_names_its_user)
{
    recent_touch(recent, APP, 9, 0);
    ck_assert_uint_eq(recent_list(recent, APP, list), 1);
    ck_assert_uint_eq(list[0].ordinal, 9);
    recent_touch(recent, APP, 9, 0);
    ck_assert_uint_eq(recent_list(recent, APP, list), 1);
    recent_forget(recent, APP, 9);
    ck_assert_uint_eq(recent_list(recent, APP, list), 0);
    recent_touch(recent, APP, 10, 0);
    ck_assert_uint_eq(recent_list(recent, APP, list), 1);
    ck_assert_uint_eq(list[0].ordinal, 10);
}
END_TEST

START_TEST(forgotten_users_and_dropped_apps_are_gone)
{
    recent_touch(recent, APP, 1, 10);
    recent_touch(recent, APP, 2, 20);
    recent_touch(recent, OTHER, 1, 30);
    recent_forget(recent, APP, 1);
    recent_forget(recent, APP, 99);
    ck_assert_uint_eq(recent_list(recent, APP, list), 1);
    ck_assert_uint_eq(list[0].ordinal, 2);
    recent_drop(recent, APP);
    recent_drop(recent, 12345);
    ck_assert_uint_eq(recent_list(recent, APP, list), 0);
    ck_assert_uint_eq(recent_list(recent, OTHER, list), 1);
    ck_assert_uint_eq(recent_list(recent, 12345, list), 0);
}
END_TEST

START_TEST(a_merged_user_takes_over_the_later_session)
{
    for (uint32_t i = 1; i <= RECENT_MAX + 1; i++)
        recent_touch(recent, APP, i, 1000 - i);
    recent_touch(recent, APP, 500, 2000);
    recent_redirect(recent, APP, 500, 600); /* not listed so far */
    ck_assert_uint_eq(recent_list(recent, APP, list), RECENT_MAX);
    ck_assert_uint_eq(list[0].ordinal, 600);
    ck_assert_uint_eq(list[0].seconds, 2000);
    recent_redirect(recent, APP, 600, 3); /* listed at an earlier time */
    recent_redirect(recent, APP, 4, 3);
    recent_redirect(recent, OTHER, 3, 1);
    recent_redirect(recent, APP, 700, 701);
    recent_list(recent, APP, list);
    ck_assert_uint_eq(list[0].ordinal, 3);
    ck_assert_uint_eq(list[0].seconds, 2000);
    ck_assert_uint_eq(list[1].ordinal, 1);
    ck_assert_uint_eq(list[3].ordinal, 5);
}
END_TEST

START_TEST(many_apps_do_not_mix)
{
    for (uint32_t app = 1; app <= 1000; app++)
        recent_touch(recent, app * 64, app, app);
    for (uint32_t app = 1; app <= 1000; app++) {
        ck_assert_uint_eq(recent_list(recent, app * 64, list), 1);
        ck_assert_uint_eq(list[0].ordinal, app);
    }
}
END_TEST

static void load_into(void *user, uint32_t app, struct text record)
{
    struct recent *copy = user;

    ck_assert_int_eq(recent_load(copy, app, record), TALLY_OK);
    ck_assert_int_eq(recent_load(copy, app, record), TALLY_OK);
}

static void refuse(void *user, uint32_t app, struct text record)
{
    (void)user;
    ck_abort_msg("app %u changed: %zu bytes", app, record.len);
}

START_TEST(lists_survive_as_records_and_change_once)
{
    struct recent *copy = recent_create();
    struct recent_user copied[RECENT_MAX];

    for (uint32_t i = 1; i <= RECENT_MAX + 20; i++)
        recent_touch(recent, APP, i, 1000 - i % 50);
    recent_touch(recent, OTHER, 5, 1);
    recent_each_changed(recent, load_into, copy);
    recent_each_changed(recent, refuse, NULL);
    recent_each_changed(copy, refuse, NULL);
    memset(list, 0, sizeof(list));
    memset(copied, 0, sizeof(copied));
    ck_assert_uint_eq(recent_list(recent, APP, list),
                      recent_list(copy, APP, copied));
    ck_assert_mem_eq(list, copied, sizeof(list));
    ck_assert_uint_eq(recent_list(copy, OTHER, copied), 1);
    recent_destroy(copy);
}
END_TEST

START_TEST(a_damaged_record_is_refused)
{
    static const char bytes[RECENT_RECORD_MAX + 8];

    ck_assert_int_eq(recent_load(recent, APP, (struct text){bytes, 7}),
                     TALLY_ERR_CORRUPT);
    ck_assert_int_eq(
        recent_load(recent, APP, (struct text){bytes, sizeof(bytes)}),
        TALLY_ERR_CORRUPT);
    ck_assert_uint_eq(recent_list(recent, APP, list), 0);
}
END_TEST

static Suite *recent_suite(void)
{
    Suite *suite = suite_create("recent");
    TCase *tcase = tcase_create("recent");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_latest_come_first_and_ties_by_ordinal);
    tcase_add_test(tcase, a_full_list_keeps_the_latest);
    tcase_add_test(tcase, a_session_at_the_epoch_names_its_user);
    tcase_add_test(tcase, forgotten_users_and_dropped_apps_are_gone);
    tcase_add_test(tcase, a_merged_user_takes_over_the_later_session);
    tcase_add_test(tcase, many_apps_do_not_mix);
    tcase_add_test(tcase, lists_survive_as_records_and_change_once);
    tcase_add_test(tcase, a_damaged_record_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(recent_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
