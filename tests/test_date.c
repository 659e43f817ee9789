#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "engine/date.h"

static const struct {
    int32_t number;
    struct date date;
} dates[] = {
    {0, {1970, 1, 1, 1, 1}},
    {-1, {1969, 12, 31, 365, 53}},
    {20461, {2026, 1, 8, 8, 2}},
    {20529, {2026, 3, 17, 76, 11}},
    {20817, {2026, 12, 30, 364, 52}},
    {20818, {2026, 12, 31, 365, 53}},
    {20087, {2024, 12, 30, 365, 53}},
    {20088, {2024, 12, 31, 366, 53}},
    {11016, {2000, 2, 29, 60, 9}},
    {47541, {2100, 3, 1, 60, 9}},
    {DATE_LAST_DAY, {9999, 12, 31, 365, 53}},
};

START_TEST(a_day_number_has_its_date_and_week)
{
    struct date date = date_of_day(dates[_i].number);

    ck_assert_int_eq(date.year, dates[_i].date.year);
    ck_assert_int_eq(date.month, dates[_i].date.month);
    ck_assert_int_eq(date.day, dates[_i].date.day);
    ck_assert_int_eq(date.yday, dates[_i].date.yday);
    ck_assert_int_eq(date.week, dates[_i].date.week);
}
END_TEST

START_TEST(every_day_agrees_with_the_system_calendar)
{
    for (int32_t day = -800000; day <= DATE_LAST_DAY; day++) {
        time_t seconds = (time_t)day * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        struct date date = date_of_day(day);

        if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
            date.day != tm.tm_mday || date.yday != tm.tm_yday + 1 ||
            date_weekday(day) != tm.tm_wday)
            ck_abort_msg("day %d is wrong", day);
        if (date_to_day(date.year, date.month, date.day) != day)
            ck_abort_msg("day %d does not come back", day);
    }
}
END_TEST

START_TEST(months_fill_their_year)
{
    for (int year = 1970; year <= 9999; year++) {
        int32_t day = date_to_day(year, 1, 1);

        for (int month = 1; month <= 12; month++) {
            ck_assert_int_eq(date_to_day(year, month, 1), day);
            day += date_days_in_month(year, month);
        }
        ck_assert_int_eq(date_to_day(year, 1, 1) + date_days_in_year(year),
                         day);
    }
}
END_TEST

START_TEST(weeks_fill_their_year_and_hold_their_days)
{
    for (int year = 1970; year <= 2110; year++) {
        int32_t day = date_to_day(year, 1, 1);

        for (int week = 1; week <= DATE_LAST_WEEK; week++) {
            ck_assert_int_eq(date_week_first(year, week), day);
            for (; day <= date_week_last(year, week); day++)
                ck_assert_int_eq(date_of_day(day).week, week);
        }
        ck_assert_int_eq(day, date_to_day(year + 1, 1, 1));
    }
}
END_TEST

START_TEST(week_53_has_a_second_day_in_leap_years)
{
    ck_assert_int_eq(date_week_last(2026, 53) - date_week_first(2026, 53), 0);
    ck_assert_int_eq(date_week_last(2024, 53) - date_week_first(2024, 53), 1);
}
END_TEST

START_TEST(a_day_past_the_month_counts_on)
{
    ck_assert_int_eq(date_to_day(2026, 2, 29), date_to_day(2026, 3, 1));
    ck_assert_int_eq(date_to_day(2026, 3, 0), date_to_day(2026, 2, 28));
}
END_TEST

static Suite *date_suite(void)
{
    int date_count = sizeof(dates) / sizeof(dates[0]);
    Suite *suite = suite_create("date");
    TCase *tcase = tcase_create("date");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_day_number_has_its_date_and_week, 0,
                        date_count);
    tcase_add_test(tcase, every_day_agrees_with_the_system_calendar);
    tcase_add_test(tcase, months_fill_their_year);
    tcase_add_test(tcase, weeks_fill_their_year_and_hold_their_days);
    tcase_add_test(tcase, week_53_has_a_second_day_in_leap_years);
    tcase_add_test(tcase, a_day_past_the_month_counts_on);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(date_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
