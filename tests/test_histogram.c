#include "bench/histogram.h"

#include <check.h>
#include <stdlib.h>

static struct histogram *histogram;

static void setup(void)
{
    histogram = calloc(1, sizeof(*histogram));
    ck_assert_ptr_nonnull(histogram);
}

static void teardown(void)
{
    free(histogram);
}

START_TEST(an_empty_histogram_has_no_duration)
{
    ck_assert_uint_eq(histogram_percentile(histogram, 0.99), 0);
}
END_TEST

START_TEST(a_percentile_is_never_too_low_and_at_most_one_step_too_high)
{
    uint64_t ns = (UINT64_C(1) << _i) + (UINT64_C(1) << _i) / 3;

    histogram_add(histogram, ns);
    uint64_t told = histogram_percentile(histogram, 1);
    ck_assert_uint_ge(told, ns);
    ck_assert_uint_le(told, ns + ns / HISTOGRAM_STEPS);
}
END_TEST

START_TEST(percentiles_divide_the_durations_by_their_number)
{
    static const struct {
        double part;
        uint64_t ns;
    } rows[] = {{0.5, 50}, {0.99, 60}, {1, 60}};

    for (int i = 0; i < 90; i++)
        histogram_add(histogram, 50);
    for (int i = 0; i < 10; i++)
        histogram_add(histogram, 60);
    ck_assert_uint_eq(histogram_percentile(histogram, rows[_i].part),
                      rows[_i].ns);
}
END_TEST

START_TEST(durations_past_the_maximum_count_as_the_longest)
{
    histogram_add(histogram, UINT64_MAX);
    ck_assert_uint_ge(histogram_percentile(histogram, 1), UINT64_C(1) << 39);
    ck_assert_uint_eq(histogram->total, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_empty_histogram_has_no_duration);
    tcase_add_loop_test(
        tcase, a_percentile_is_never_too_low_and_at_most_one_step_too_high, 0,
        39);
    tcase_add_loop_test(tcase, percentiles_divide_the_durations_by_their_number,
                        0, 3);
    tcase_add_test(tcase, durations_past_the_maximum_count_as_the_longest);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
