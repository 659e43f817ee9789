#include <check.h>
#include <stdlib.h>

#include "metrics/figure.h"

static const struct {
    double value;
    const char *text;
} figures[] = {
    {0, "0.0"},    {7.5, "7.5"},
    {1.25, "1.3"}, {-1.25, "-1.3"},
    {0.35, "0.3"}, {22.333, "22.3"},
    {2.75, "2.8"}, {1e15, "1000000000000000.0"},
    {0.05, "0.1"}, {-0.04, "0.0"},
    {0.75, "0.8"},
};

START_TEST(figures_have_one_decimal_and_ties_go_away_from_zero)
{
    char text[FIGURE_SIZE];

    figure_print(text, figures[_i].value);
    ck_assert_str_eq(text, figures[_i].text);
}
END_TEST

static const struct {
    double minutes;
    const char *text;
} times[] = {
    {0, "0.0 min"},        {7.8333, "7.8 min"},   {59.9, "59.9 min"},
    {60, "1.0 hours"},     {486, "8.1 hours"},    {1440, "1.0 days"},
    {142559, "99.0 days"}, {142560, "0.3 years"}, {262800, "0.5 years"},
};

START_TEST(times_are_told_in_the_unit_that_fits)
{
    char text[FIGURE_SIZE];

    figure_print_time(text, times[_i].minutes);
    ck_assert_str_eq(text, times[_i].text);
}
END_TEST

static const struct {
    double current;
    double previous;
    const char *text;
    const char *trend;
} changes[] = {
    {5, 0, "NA", "u"},
    {0, 0, "NA", "u"},
    {0, 5, "\xe2\x88\x9e", "d"},
    {5, 5, "0%", "u"},
    {14, 18, "-22.2%", "d"},
    {6, 5, "20%", "u"},
    {71 / 11.0, 51 / 11.0, "39.2%", "u"},
    {124, 1, "12.3K%", "u"},
    {101, 1, "10K%", "u"},
    {100, 1, "9900%", "u"},
    {10001, 1, "1M%", "u"},
    {9999, 10000, "0%", "u"},
};

START_TEST(changes_are_percentages_with_a_trend)
{
    struct figure_change change =
        figure_change(changes[_i].current, changes[_i].previous);

    ck_assert_str_eq(change.text, changes[_i].text);
    ck_assert_str_eq(change.trend, changes[_i].trend);
}
END_TEST

START_TEST(a_share_is_in_tenths_of_a_percent)
{
    char text[FIGURE_SIZE];

    ck_assert_int_eq(figure_share(1, 3), 333);
    ck_assert_int_eq(figure_share(1, 16), 63);
    ck_assert_int_eq(figure_share(1, 0), 0);
    figure_print_share(text, 563);
    ck_assert_str_eq(text, "56.3");
    figure_print_share(text, 1000);
    ck_assert_str_eq(text, "100.0");
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

int main(void)
{
    Suite *suite = suite_create("figure");
    TCase *tcase = tcase_create("figure");

    tcase_add_loop_test(tcase,
                        figures_have_one_decimal_and_ties_go_away_from_zero, 0,
                        COUNT(figures));
    tcase_add_loop_test(tcase, times_are_told_in_the_unit_that_fits, 0,
                        COUNT(times));
    tcase_add_loop_test(tcase, changes_are_percentages_with_a_trend, 0,
                        COUNT(changes));
    tcase_add_test(tcase, a_share_is_in_tenths_of_a_percent);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
