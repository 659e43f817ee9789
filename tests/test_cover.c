#include <check.h>
#include <stdlib.h>

#include "engine/date.h"
#include "metrics/cover.h"

/* Each day of the span lies in exactly one bucket, and no other day does. */
static void check_partition(const struct span *span, int32_t today)
{
    struct cover cover;
    int32_t day = span->first;

    cover_span(span, today, &cover);
    for (unsigned i = 0; i < cover.count; i++) {
        struct date date = date_of_day(cover.list[i].day);

        day += day == span->without;
        ck_assert_int_eq(cover.list[i].day, day);
        switch (cover.list[i].unit) {
        case COVER_DAY:
            day++;
            break;
        case COVER_WEEK:
            day = date_week_last(date.year, date.week) + 1;
            break;
        default:
            ck_assert_int_eq(cover.list[i].unit, COVER_MONTH);
            day = date_to_day(date.year, date.month, 1) +
                  date_days_in_month(date.year, date.month);
            break;
        }
    }
    if (day > today)
        day = today + 1; /* the month of today is not over */
    ck_assert_int_eq(day, span->last + 1);
}

START_TEST(a_cover_has_each_day_once)
{
    int32_t today = date_to_day(2024, 12, 31);

    for (int32_t first = today - 800; first <= today; first += 7) {
        for (int days = 1; first + days - 1 <= today; days += 29) {
            struct span span = {first, first + days - 1, SPAN_WHOLE};

            check_partition(&span, today);
            span.without = first + days / 2;
            if (days > 2)
                check_partition(&span, today);
        }
    }
}
END_TEST

static bool is_checked(const struct cover *cover, int32_t day)
{
    struct date date = date_of_day(day);

    for (unsigned i = 0; i < cover->count; i++) {
        struct date bucket = date_of_day(cover->list[i].day);
        bool month = cover->list[i].unit == COVER_MONTH;

        if (bucket.year == date.year &&
            (month ? bucket.month == date.month : bucket.week == date.week))
            return true;
    }
    return false;
}

START_TEST(a_check_has_every_day)
{
    int32_t today = date_to_day(2024, 12, 31);

    for (int32_t first = today - 800; first <= today; first += 7) {
        for (int days = 1; first + days - 1 <= today; days += 29) {
            struct span span = {first, first + days - 1, SPAN_WHOLE};
            struct cover cover;

            cover_check(&span, today, &cover);
            for (int32_t day = first; day <= span.last; day++)
                ck_assert(is_checked(&cover, day));
        }
    }
}
END_TEST

START_TEST(the_longest_span_fits_a_cover)
{
    for (int32_t today = 20000; today < 20366; today++) {
        struct span span = {today - COVER_DAYS_MAX + 1, today, SPAN_WHOLE};
        struct span before = {span.first - COVER_DAYS_MAX, span.first - 1,
                              SPAN_WHOLE};
        struct cover cover = {.count = 0};

        check_partition(&span, today);
        check_partition(&before, today);
        cover_add_months(&span, &cover);
        cover_add_months(&before, &cover);
        ck_assert_uint_le(cover.count, 2 * COVER_DAYS_MAX / 30);
        cover_check(&span, today, &cover);
        ck_assert_uint_le(cover.count, COVER_DAYS_MAX / 28);
    }
}
END_TEST

START_TEST(a_span_has_its_days_but_the_one_left_out)
{
    struct span span = {10, 14, 12};

    ck_assert_int_eq(span_days(&span), 4);
    ck_assert(span_has(&span, 10));
    ck_assert(!span_has(&span, 12));
    ck_assert(span_has(&span, 14));
    ck_assert(!span_has(&span, 9));
    ck_assert(!span_has(&span, 15));
}
END_TEST

static const struct {
    int year, month, day; /* the last day */
    int days;
    int units[4]; /* days, weeks, months, years in the check */
} halves[] = {
    {2023, 4, 15, 15, {0, 0, 1, 0}}, /* 15 of 30 */
    {2023, 4, 14, 14, {0, 3, 0, 0}}, /* 14 of 30: w13, w14, w15 */
    {2023, 5, 16, 16, {0, 0, 1, 0}}, /* 16 of 31 */
    {2023, 5, 15, 15, {0, 3, 0, 0}}, /* 15 of 31: w18, w19, w20 */
};

START_TEST(half_a_month_is_checked_as_a_month)
{
    int32_t last =
        date_to_day(halves[_i].year, halves[_i].month, halves[_i].day);
    struct span span = {last - halves[_i].days + 1, last, SPAN_WHOLE};
    struct cover cover;
    int units[4] = {0};

    cover_check(&span, last + 1000, &cover);
    for (unsigned i = 0; i < cover.count; i++)
        units[cover.list[i].unit]++;
    for (int unit = 0; unit < 4; unit++)
        ck_assert_int_eq(units[unit], halves[_i].units[unit]);
}
END_TEST

START_TEST(a_month_is_added_once)
{
    struct span span = {date_to_day(2025, 12, 31), date_to_day(2026, 1, 1),
                        SPAN_WHOLE};
    struct cover cover = {.count = 0};

    cover_add_months(&span, &cover);
    cover_add_months(&span, &cover);
    ck_assert_uint_eq(cover.count, 2);
    cover_add_years(&span, &cover);
    cover_add_years(&span, &cover);
    ck_assert_uint_eq(cover.count, 4);
}
END_TEST

static const struct {
    enum cover_unit unit;
    const char *label;
} labels[] = {
    {COVER_DAY, "2026.3.17"},
    {COVER_WEEK, "2026.w11"},
    {COVER_MONTH, "2026.3"},
    {COVER_YEAR, "2026"},
};

START_TEST(labels_have_no_padding)
{
    struct cover_bucket bucket = {labels[_i].unit, date_to_day(2026, 3, 17)};
    char label[COVER_LABEL_SIZE];

    cover_label(bucket, label);
    ck_assert_str_eq(label, labels[_i].label);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *cover_suite(void)
{
    Suite *suite = suite_create("cover");
    TCase *tcase = tcase_create("cover");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_cover_has_each_day_once);
    tcase_add_test(tcase, a_check_has_every_day);
    tcase_add_test(tcase, the_longest_span_fits_a_cover);
    tcase_add_test(tcase, a_span_has_its_days_but_the_one_left_out);
    tcase_add_loop_test(tcase, half_a_month_is_checked_as_a_month, 0,
                        COUNT(halves));
    tcase_add_test(tcase, a_month_is_added_once);
    tcase_add_loop_test(tcase, labels_have_no_padding, 0, COUNT(labels));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(cover_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
