#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "metrics/timesofday.h"

static const struct {
    const char *hour, *dow;
    uint32_t value;
} hours[] = {
    {"0", "0", 1},   {"23", "0", 24}, {"0", "1", 25},  {"23", "6", 168},
    {"07", "3", 80}, {"", "3", 0},    {"3", "", 0},    {"24", "0", 0},
    {"0", "7", 0},   {"-1", "0", 0},  {"1.5", "0", 0}, {"1", "03", 0},
    {"007", "3", 0}, {"x", "1", 0},
};

enum { HOURS = sizeof(hours) / sizeof(hours[0]) };

START_TEST(an_hour_of_the_week_is_told_or_not_counted)
{
    ck_assert_uint_eq(
        timesofday_value(text_of(hours[_i].hour), text_of(hours[_i].dow)),
        hours[_i].value);
}
END_TEST

static const struct {
    const char *range;
    enum tally_err err;
    unsigned count;
    int days;
} ranges[] = {
    {"2026.3", TALLY_OK, 1, 31},
    {"2026:2", TALLY_OK, 1, 28},
    {"2024.02", TALLY_OK, 1, 29},
    {"2026.3.17", TALLY_OK, 1, 1},
    {"2026.3,2026.5,2026.4.30", TALLY_OK, 3, 63},
    {"2026.3,2026.3", TALLY_ERR_INVALID, 0, 0},
    {"2026.3,2026.3.31", TALLY_ERR_INVALID, 0, 0},
    {"2026", TALLY_ERR_INVALID, 0, 0},
    {"2026.0", TALLY_ERR_INVALID, 0, 0},
    {"2026.13", TALLY_ERR_INVALID, 0, 0},
    {"2026.2.29", TALLY_ERR_INVALID, 0, 0},
    {"2026.2.0", TALLY_ERR_INVALID, 0, 0},
    {"2026.2.1.1", TALLY_ERR_INVALID, 0, 0},
    {"1969.12", TALLY_ERR_INVALID, 0, 0},
    {"2026.3,,2026.4", TALLY_ERR_INVALID, 0, 0},
    {"30days", TALLY_ERR_INVALID, 0, 0},
    {"", TALLY_ERR_INVALID, 0, 0},
};

enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

START_TEST(a_range_is_months_and_days_that_do_not_overlap)
{
    struct timesofday times = {.app = 1};
    int days = 0;

    ck_assert_int_eq(timesofday_read_range(&times, text_of(ranges[_i].range)),
                     ranges[_i].err);
    if (ranges[_i].err)
        return;
    ck_assert_uint_eq(times.count, ranges[_i].count);
    for (unsigned i = 0; i < times.count; i++)
        days += span_days(&times.spans[i]);
    ck_assert_int_eq(days, ranges[_i].days);
}
END_TEST

START_TEST(a_range_begins_at_its_first_day)
{
    struct timesofday times = {.app = 1};

    ck_assert_int_eq(timesofday_read_range(&times, TEXT("2026.3,2026.5.9")),
                     TALLY_OK);
    ck_assert_int_eq(times.spans[0].first, date_to_day(2026, 3, 1));
    ck_assert_int_eq(times.spans[0].last, date_to_day(2026, 3, 31));
    ck_assert_int_eq(times.spans[1].first, date_to_day(2026, 5, 9));
}
END_TEST

START_TEST(a_range_has_an_end)
{
    static char range[1200];
    struct timesofday times = {.app = 1};
    size_t len = 0;

    for (int i = 0; i < TIMESOFDAY_SPANS_MAX + 1; i++) {
        if (i == TIMESOFDAY_SPANS_MAX)
            ck_assert_int_eq(
                timesofday_read_range(&times, (struct text){range, len - 1}),
                TALLY_OK);
        len += (size_t)snprintf(range + len, sizeof(range) - len, "%d.%d,",
                                2000 + i / 12, i % 12 + 1);
    }
    ck_assert_int_eq(
        timesofday_read_range(&times, (struct text){range, len - 1}),
        TALLY_ERR_TOO_BIG);
}
END_TEST

static Suite *timesofday_suite(void)
{
    Suite *suite = suite_create("timesofday");
    TCase *tcase = tcase_create("timesofday");

    tcase_add_loop_test(tcase, an_hour_of_the_week_is_told_or_not_counted, 0,
                        HOURS);
    tcase_add_loop_test(tcase, a_range_is_months_and_days_that_do_not_overlap,
                        0, RANGES);
    tcase_add_test(tcase, a_range_begins_at_its_first_day);
    tcase_add_test(tcase, a_range_has_an_end);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(timesofday_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
