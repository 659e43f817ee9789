#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/online.h"

enum { START = 1772445600, WINDOW = 120, APP = 7 };

static struct online *online;

static void setup(void)
{
    online = online_create();
    online_advance(online, START, WINDOW);
}

static void teardown(void)
{
    online_destroy(online);
}

static void note(uint32_t second, uint32_t ordinal, bool is_first)
{
    online_advance(online, START + second, WINDOW);
    online_note(online, APP, ordinal, is_first);
}

static void ck_counts(uint32_t second, uint32_t users, uint32_t fresh)
{
    online_advance(online, START + second, WINDOW);
    struct online_counts counts = online_counts(online, APP);
    ck_assert_msg(counts.users == users && counts.fresh == fresh,
                  "after %u s: %u users, %u new", second, counts.users,
                  counts.fresh);
}

START_TEST(users_go_when_they_are_silent)
{
    note(0, 1, false);
    note(10, 2, false);
    note(10, 2, false);
    note(100, 1, false);
    ck_counts(129, 2, 0);
    ck_counts(130, 1, 0);
    ck_counts(219, 1, 0);
    ck_counts(220, 0, 0);
    note(300, 1, false);
    ck_counts(300, 1, 0);
    ck_counts(100000, 0, 0);
}
END_TEST

START_TEST(a_user_is_new_for_as_long)
{
    note(0, 1, true);
    note(5, 2, false);
    note(20, 2, true); /* a request without a session came before */
    note(100, 1, false);
    note(100, 2, false);
    ck_counts(119, 2, 2);
    ck_counts(120, 2, 1);
    ck_counts(139, 2, 1);
    ck_counts(140, 2, 0);
    ck_counts(220, 0, 0);
}
END_TEST

START_TEST(apps_do_not_mix_and_the_most_stays)
{
    note(0, 1, true);
    online_note(online, APP + 1, 1, false);
    online_note(online, APP + 1000, 1, false);
    note(1, 2, false);
    ck_counts(1, 2, 1);
    ck_assert_uint_eq(online_counts(online, APP + 1).users, 1);
    ck_assert_uint_eq(online_counts(online, 100000).users, 0);
    ck_counts(1000, 0, 0);
    note(1001, 3, false);
    ck_assert_uint_eq(online_counts(online, APP).users_max, 2);
    ck_assert_uint_eq(online_counts(online, APP).fresh_max, 1);
    ck_assert_uint_eq(online_counts(online, APP + 1000).users_max, 1);
}
END_TEST

START_TEST(a_merged_user_goes_at_once)
{
    note(0, 1, true);
    note(0, 2, true);
    online_forget(online, APP, 1);
    online_forget(online, APP, 99);
    ck_counts(1, 1, 1);
    note(1, 1, false);
    ck_counts(119, 2, 1);
    ck_counts(120, 1, 0);
    ck_counts(121, 0, 0);
}
END_TEST

START_TEST(what_rose_is_told_until_it_is_kept)
{
    uint8_t bytes[ONLINE_RECORD_SIZE];

    ck_assert(!online_rose(online, APP));
    note(0, 1, true);
    note(0, 2, false);
    ck_assert(online_rose(online, APP));
    online_keep(online, APP);
    ck_assert(!online_rose(online, APP));
    note(1, 2, false);
    ck_assert(!online_rose(online, APP));

    struct online *other = online_create();
    struct text record = online_write(online, APP, bytes);
    ck_assert_int_eq(online_read(other, APP + 1, record), TALLY_OK);
    ck_assert_uint_eq(online_counts(other, APP + 1).users_max, 0);
    ck_assert_int_eq(online_read(other, APP, record), TALLY_OK);
    ck_assert_uint_eq(online_counts(other, APP).users_max, 2);
    ck_assert_uint_eq(online_counts(other, APP).fresh_max, 1);
    ck_assert_uint_eq(online_counts(other, APP).users, 0);
    ck_assert_int_eq(online_read(other, APP, TEXT("odd")), TALLY_ERR_CORRUPT);
    online_destroy(other);
}
END_TEST

START_TEST(nobody_is_online_without_a_window)
{
    note(0, 1, false);
    online_advance(online, START + 1, 0);
    online_note(online, APP, 2, true);
    ck_assert_uint_eq(online_counts(online, APP).users, 0);
    online_advance(online, START + 1, WINDOW);
    online_note(online, APP, 2, true);
    ck_counts(1, 1, 1);
    ck_counts(121, 0, 0);
}
END_TEST

START_TEST(a_window_may_change)
{
    note(0, 1, true);
    note(50, 2, false);
    online_advance(online, START + 60, 30);
    ck_assert_uint_eq(online_counts(online, APP).users, 1);
    online_advance(online, START + 60, ONLINE_WINDOW_MAX);
    online_advance(online, START + 3649, ONLINE_WINDOW_MAX);
    ck_assert_uint_eq(online_counts(online, APP).users, 1);
    online_advance(online, START + 3650, ONLINE_WINDOW_MAX);
    ck_assert_uint_eq(online_counts(online, APP).users, 0);
}
END_TEST

START_TEST(a_clock_that_is_set_back_does_not_keep_users)
{
    note(100000, 1, true);
    note(99990, 2, false); /* a little: time stands still */
    ck_counts(99990, 2, 1);
    ck_counts(0, 0, 0);
    note(1, 3, false);
    ck_counts(120, 1, 0);
    ck_counts(121, 0, 0);
}
END_TEST

/* Against a table of who was seen last and first when. */
START_TEST(many_users_are_counted_exactly)
{
    enum { USERS = 300, REQUESTS = 200000 };
    static uint32_t last[USERS], first[USERS];
    uint32_t state = 7;
    uint32_t now = WINDOW + 1;

    online_advance(online, START, WINDOW);
    for (int i = 0; i < REQUESTS; i++) {
        state = state * 1664525u + 1013904223u;
        now += state >> 16 & 1023 ? (state >> 26) < 20 : state >> 24;
        uint32_t user = (state >> 8) % USERS;
        note(now, user + 1, first[user] == 0);
        last[user] = now;
        first[user] = first[user] ? first[user] : now;
        if (i % 100 != 0)
            continue;
        uint32_t users = 0, fresh = 0;
        for (int k = 0; k < USERS; k++) {
            users += last[k] + WINDOW > now && last[k] > 0;
            fresh += first[k] + WINDOW > now && first[k] > 0;
        }
        ck_counts(now, users, fresh);
    }
}
END_TEST

START_TEST(the_oldest_makes_room)
{
    for (uint32_t i = 0; i < ONLINE_USERS_MAX; i++)
        note(i / 100000, i + 1, false);
    note(20, 1, false);
    note(20, ONLINE_USERS_MAX + 1, false);
    ck_counts(20, ONLINE_USERS_MAX, 0);
    note(20, 1, false);
    ck_counts(20, ONLINE_USERS_MAX, 0);
    ck_counts(139, 2, 0);
    ck_counts(140, 0, 0);
}
END_TEST

static Suite *online_suite(void)
{
    Suite *suite = suite_create("online");
    TCase *tcase = tcase_create("online");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, users_go_when_they_are_silent);
    tcase_add_test(tcase, a_user_is_new_for_as_long);
    tcase_add_test(tcase, apps_do_not_mix_and_the_most_stays);
    tcase_add_test(tcase, a_merged_user_goes_at_once);
    tcase_add_test(tcase, what_rose_is_told_until_it_is_kept);
    tcase_add_test(tcase, nobody_is_online_without_a_window);
    tcase_add_test(tcase, a_window_may_change);
    tcase_add_test(tcase, a_clock_that_is_set_back_does_not_keep_users);
    tcase_add_test(tcase, many_users_are_counted_exactly);
    tcase_add_test(tcase, the_oldest_makes_room);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(online_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
