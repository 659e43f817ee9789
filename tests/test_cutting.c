#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/keeping.h"

/* From 2025-12-02 10:00 UTC on; a reset in June leaves what is from May on. */
enum {
    START = 1764669600,
    DAY_S = 86400,
    DAYS = 210,
    NOW = START + DAYS * DAY_S,
    DEVICES = 9,
    STEPS_MAX = 100000,
};

static void setup(void)
{
    intake_open(NULL);
}

static void teardown(void)
{
    intake_audit();
    intake_close();
}

static void begin(const char *device, const char *old, int64_t now, int i)
{
    char absorbed[64] = "";

    if (old)
        snprintf(absorbed, sizeof(absorbed), ",\"old_device_id\":\"%s\"", old);
    intake_ok(now,
              "{\"app_key\":\"k1\",\"device_id\":\"%s\"%s,\"timestamp\":%lld,"
              "\"begin_session\":1,\"metrics\":{\"_os\":\"S%d\"},"
              "\"events\":[{\"key\":\"e%d\",\"segmentation\":{\"a\":%d}}]}",
              device, absorbed, (long long)now, i % 5, i % 3, i % 7);
}

static void send_all(void)
{
    begin("gone", NULL, START, 1);
    begin("merged", NULL, START + 10, 2);
    begin("gone too", NULL, START + 15, 3);
    begin("gone too", "merged", START + 20, 3);
    begin("stays", NULL, START + 30, 4);
    for (int i = 1; i < DAYS; i++) {
        char device[16];
        snprintf(device, sizeof(device), "d%d", i * i % DEVICES);
        begin(device, NULL, START + (int64_t)i * DAY_S, i);
    }
    begin("stays", NULL, NOW - 60, 5);
}

/* What a reset by period puts, see app_admin.c. */
static int32_t reset(const char *period)
{
    const struct app *found =
        registry_app_by_key(intake_tally->registry, TEXT("k1"));
    struct app app = *found;
    int32_t day = cutting_day(&app, text_of(period), NOW);

    app.cut = day;
    app.cut_pending = true;
    batch_clear(&intake_tally->batch);
    ck_assert(app_put(&intake_tally->batch, &app));
    horizon_put(&intake_tally->batch, app.number, &(struct horizon){day, day});
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
    return day;
}

static bool run_steps(int steps)
{
    struct keeping run;
    bool over = false;

    keeping_start(&run, intake_tally, NOW);
    for (int i = 0; i < steps && !over; i++) {
        enum tally_err err = keeping_step(&run, &over);
        engine_turn(intake_engine);
        if (err == TALLY_ERR_FULL)
            intake_checkpoint();
        else
            ck_assert_int_eq(err, TALLY_OK);
    }
    return over;
}

static const struct {
    const char *period;
    int year;
    int month;
} periods[] = {
    {"1month", 2026, 5}, {"3month", 2026, 3}, {"6month", 2025, 12},
    {"1year", 2025, 6},  {"2year", 2024, 6},
};

START_TEST(a_period_leaves_whole_months)
{
    const struct app *app =
        registry_app_by_key(intake_tally->registry, TEXT("k1"));

    ck_assert_int_eq(cutting_day(app, text_of(periods[_i].period), NOW),
                     date_to_day(periods[_i].year, periods[_i].month, 1));
    ck_assert_int_eq(cutting_day(app, TEXT("2month"), NOW), 0);
}
END_TEST

static const enum set sets[] = {SET_USERS, SET_COUNTRIES, SET_OS, SET_FREQUENCY,
                                SET_EVENTS};

static const char *const names[] = {NULL, "Unknown", "S1", "3", "e1"};

START_TEST(older_counters_go_and_others_stay)
{
    int64_t before[5][YEAR_SLOTS];
    int64_t day[5];

    send_all();
    int32_t cut = reset("1month");
    ck_assert_int_eq(cut, date_to_day(2026, 5, 1));
    for (int i = 0; i < 5; i++) {
        for (int slot = 0; slot < YEAR_SLOTS; slot++)
            before[i][slot] = intake_year(sets[i], names[i], 2026, slot);
        day[i] = intake_day(sets[i], names[i], cut + 3, CELL_T);
    }
    ck_assert(run_steps(STEPS_MAX));
    for (int i = 0; i < 5; i++) {
        int64_t left = 0;
        for (int32_t d = START / DAY_S; d < cut; d++)
            ck_assert_int_eq(intake_day(sets[i], names[i], d, CELL_T), 0);
        for (int32_t d = cut; d <= NOW / DAY_S; d++)
            left += intake_day(sets[i], names[i], d, CELL_T);
        ck_assert_int_eq(intake_year(sets[i], names[i], 2026, YEAR_T), left);
        ck_assert_int_eq(intake_day(sets[i], names[i], cut + 3, CELL_T),
                         day[i]);
        for (int slot = 0; slot < YEAR_T; slot++) {
            int month = slot - YEAR_MONTH + 1;
            int week = slot - YEAR_WEEK + 1;
            bool gone =
                slot != YEAR_U &&
                (week >= 1 ? date_week_first(2026, week) < cut : month < 5);
            ck_assert_int_eq(intake_year(sets[i], names[i], 2026, slot),
                             gone ? 0 : before[i][slot]);
            ck_assert_int_eq(intake_year(sets[i], names[i], 2025, slot), 0);
        }
    }
}
END_TEST

START_TEST(users_not_seen_since_go_with_what_was_merged_into_them)
{
    struct user user;

    send_all();
    ck_assert_uint_eq(intake_records(TABLE_ALIASES), 1);
    reset("1month");
    ck_assert(run_steps(STEPS_MAX));
    ck_assert_uint_eq(intake_ordinal("gone"), 0);
    ck_assert_uint_eq(intake_ordinal("gone too"), 0);
    ck_assert(intake_user("stays", &user));
    ck_assert_uint_eq(intake_records(TABLE_ALIASES), 0);
    ck_assert_uint_eq(intake_records(TABLE_USERS), intake_records(TABLE_IDS));
    ck_assert_uint_eq(intake_records(TABLE_USERS), intake_records(TABLE_COLD));
    ck_assert(
        !registry_app_by_key(intake_tally->registry, TEXT("k1"))->cut_pending);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, START / DAY_S), 0);
    /* Who comes back is new. */
    begin("gone", NULL, NOW, 1);
    ck_assert_uint_gt(intake_ordinal("gone"), 0);
}
END_TEST

START_TEST(a_cut_that_is_interrupted_ends_the_same)
{
    send_all();
    reset("1month");
    ck_assert(run_steps(STEPS_MAX));
    char *whole = intake_dump();
    intake_close();

    intake_open(NULL);
    send_all();
    reset("1month");
    for (int i = 1; !run_steps(i); i += 5) {
        if (i % 2)
            intake_checkpoint();
        intake_reopen();
        intake_audit();
        ck_assert_int_lt(i, 5000);
    }
    char *parts = intake_dump();
    ck_assert_str_eq(whole, parts);
    free(whole);
    free(parts);
}
END_TEST

START_TEST(late_data_after_a_cut_counts_again)
{
    send_all();
    int32_t cut = reset("1month");
    ck_assert(run_steps(STEPS_MAX));
    intake_ok(NOW,
              "{\"app_key\":\"k1\",\"device_id\":\"late\","
              "\"timestamp\":%d,\"begin_session\":1}",
              START);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, START / DAY_S, CELL_T), 1);
    intake_checkpoint();
    ck_assert(run_steps(STEPS_MAX));
    ck_assert_int_eq(intake_day(SET_USERS, NULL, START / DAY_S, CELL_T), 1);
    ck_assert_int_gt(intake_day(SET_USERS, NULL, cut, CELL_T), 0);
}
END_TEST

static Suite *cutting_suite(void)
{
    Suite *suite = suite_create("cutting");
    TCase *tcase = tcase_create("cutting");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_period_leaves_whole_months, 0,
                        sizeof(periods) / sizeof(periods[0]));
    tcase_add_test(tcase, older_counters_go_and_others_stay);
    tcase_add_test(tcase,
                   users_not_seen_since_go_with_what_was_merged_into_them);
    tcase_add_test(tcase, a_cut_that_is_interrupted_ends_the_same);
    tcase_add_test(tcase, late_data_after_a_cut_counts_again);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(cutting_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
