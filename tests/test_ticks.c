#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/set.h"
#include "metrics/ticks.h"
#include "scene.h"

static void visit(uint32_t ordinal, int month, int day, int hour)
{
    struct scene_session session = {.ordinal = ordinal,
                                    .hour = scene_hour(2026, month, day, hour),
                                    .counts = SCENE_ALL};

    scene_session(&session);
}

static void read_ticks(struct ticks *ticks)
{
    struct reader *reader = scene_reader();

    ticks_capture(reader, SCENE_APP);
    ck_assert_int_eq(ticks_read(ticks, reader, SCENE_APP), TALLY_OK);
    reader_close(reader);
}

static struct ticks ticks_of(const char *text, const char *bucket)
{
    struct period period = scene_period(text, 2026, 3, 17);
    struct ticks ticks;

    if (!bucket)
        ticks = ticks_create(&period);
    else
        ck_assert(ticks_create_bucket(&period, text_of(bucket), &ticks));
    read_ticks(&ticks);
    return ticks;
}

START_TEST(a_day_has_hours)
{
    visit(1, 3, 17, 9);
    visit(2, 3, 17, 9);
    visit(3, 3, 16, 9);
    struct ticks ticks = ticks_of("hour", NULL);
    char label[2 * TICK_LABEL_SIZE];

    ck_assert_uint_eq(ticks.count, 24);
    ck_assert_int_eq(ticks.at[9][CELL_T], 2);
    ck_assert_int_eq(ticks.at[9][CELL_U], 2);
    ck_assert_int_eq(ticks.at[8][CELL_T], 0);
    ticks_label(&ticks, 9, label);
    ck_assert_str_eq(label, "09:00");
    ticks_label_all(&ticks, label);
    ck_assert_str_eq(label, "00:00 - 23:00");
    ticks_finish(&ticks);
}
END_TEST

START_TEST(a_special_period_has_its_days)
{
    visit(1, 2, 28, 9);
    visit(1, 3, 17, 9);
    scene_checkpoint();
    visit(2, 3, 17, 23);
    struct ticks ticks = ticks_of("18days", NULL);
    char label[2 * TICK_LABEL_SIZE];

    ck_assert_uint_eq(ticks.count, 18);
    ck_assert_int_eq(ticks.at[0][CELL_T], 1);
    ck_assert_int_eq(ticks.at[17][CELL_T], 2);
    ticks_label_all(&ticks, label);
    ck_assert_str_eq(label, "28 Feb - 17 Mar");
    ticks_finish(&ticks);
}
END_TEST

START_TEST(a_month_runs_to_its_end)
{
    struct ticks ticks = ticks_of("day", NULL);
    char label[2 * TICK_LABEL_SIZE];

    ck_assert_uint_eq(ticks.count, 31);
    ticks_label_all(&ticks, label);
    ck_assert_str_eq(label, "1 Mar - 31 Mar");
    ticks_finish(&ticks);
}
END_TEST

START_TEST(a_year_has_months_with_their_own_users)
{
    visit(1, 1, 5, 9);
    visit(2, 1, 5, 10);
    visit(1, 2, 5, 9);
    struct ticks ticks = ticks_of("month", NULL);
    char label[2 * TICK_LABEL_SIZE];

    ck_assert_uint_eq(ticks.count, 12);
    ck_assert_int_eq(ticks.at[0][CELL_T], 2);
    ck_assert_int_eq(ticks.at[0][CELL_U], 2);
    ck_assert_int_eq(ticks.at[1][CELL_U], 1);
    ticks_label_all(&ticks, label);
    ck_assert_str_eq(label, "Jan - Dec");
    ticks_finish(&ticks);
}
END_TEST

START_TEST(buckets_regroup_the_days)
{
    visit(1, 2, 1, 9);
    visit(1, 3, 17, 9);
    struct ticks months = ticks_of("30days", "monthly");
    struct ticks days = ticks_of("month", "daily");
    struct ticks day = ticks_of("hour", "daily");
    struct ticks none;
    struct period period = scene_period("hour", 2026, 3, 17);

    /* 30 days begin on February 16th, its month is shown as a whole. */
    ck_assert_uint_eq(months.count, 2);
    ck_assert_int_eq(months.at[0][CELL_T], 1);
    ck_assert_uint_eq(days.count, 365);
    ck_assert_int_eq(days.at[31][CELL_T], 1);
    ck_assert_uint_eq(day.count, 1);
    ck_assert(!ticks_create_bucket(&period, TEXT("weekly"), &none));
    ticks_finish(&months);
    ticks_finish(&days);
    ticks_finish(&day);
}
END_TEST

START_TEST(months_go_on_over_new_year)
{
    struct period period = scene_period("40days", 2026, 1, 10);
    struct ticks ticks;
    struct buffer out;
    struct json json;

    ck_assert(ticks_create_bucket(&period, TEXT("monthly"), &ticks));
    buffer_init(&out, 1 << 16);
    json_init(&json, &out, JSON_DATA);
    ticks_write(&ticks, &json);
    scene_ck_json(
        buffer_text(&out),
        "[{\"_id\":\"2025-12\",\"t\":0,\"n\":0,\"u\":0,\"d\":0,\"e\":0},"
        "{\"_id\":\"2026-1\",\"t\":0,\"n\":0,\"u\":0,\"d\":0,\"e\":0}]");
    buffer_finish(&out);
    ticks_finish(&ticks);
}
END_TEST

START_TEST(sums_are_of_the_days_asked_for)
{
    struct span days = {scene_hour(2026, 3, 16, 0) / 24,
                        scene_hour(2026, 3, 17, 0) / 24, SPAN_WHOLE};
    int64_t sums[CELL_FIELDS];
    struct reader *reader;

    visit(1, 3, 15, 9);
    visit(1, 3, 16, 9);
    visit(1, 3, 17, 9);
    visit(1, 3, 18, 9);
    reader = scene_reader();
    ticks_capture(reader, SCENE_APP);
    ck_assert_int_eq(ticks_sum(reader, SCENE_APP, &days, sums), TALLY_OK);
    reader_close(reader);
    ck_assert_int_eq(sums[CELL_T], 2);
    ck_assert_int_eq(sums[CELL_U], 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ticks");
    TCase *tcase = tcase_create("ticks");

    tcase_add_checked_fixture(tcase, scene_open, scene_close);
    tcase_add_test(tcase, a_day_has_hours);
    tcase_add_test(tcase, a_special_period_has_its_days);
    tcase_add_test(tcase, a_month_runs_to_its_end);
    tcase_add_test(tcase, a_year_has_months_with_their_own_users);
    tcase_add_test(tcase, buckets_regroup_the_days);
    tcase_add_test(tcase, months_go_on_over_new_year);
    tcase_add_test(tcase, sums_are_of_the_days_asked_for);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
