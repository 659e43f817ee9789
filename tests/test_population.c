#include "bench/population.h"

#include <check.h>
#include <stdlib.h>

enum { FIRST = 500, DAY_MS = 86400000 };

static const uint32_t sizes[] = {1, 2, 64, 1000, 99991, 10000000};

START_TEST(each_device_comes_once_before_any_comes_again)
{
    uint32_t devices = sizes[_i];
    unsigned char *seen = calloc(devices, 1);
    struct population population =
        population_of(SPREAD_UNIFORM, FIRST, devices, 1, 1);

    ck_assert_ptr_nonnull(seen);
    uint32_t others = 0;
    for (uint32_t i = 0; i < devices; i++) {
        uint64_t device = population_next(&population).device - FIRST;
        if (device < devices)
            others += seen[device]++ == 0;
    }
    ck_assert_uint_eq(others, devices);
    ck_assert_uint_eq(population_next(&population).device, FIRST);
    free(seen);
}
END_TEST

START_TEST(with_zipf_the_first_device_comes_most_often)
{
    enum { DEVICES = 1000, VISITS = 10000 };
    unsigned seen[DEVICES] = {0};
    struct population population =
        population_of(SPREAD_ZIPF, FIRST, DEVICES, 1, 1);

    for (int i = 0; i < VISITS; i++) {
        uint64_t device = population_next(&population).device - FIRST;
        ck_assert_uint_lt(device, DEVICES);
        seen[device]++;
    }
    for (int i = 1; i < DEVICES; i++)
        ck_assert_uint_lt(seen[i], seen[0]);
}
END_TEST

START_TEST(apps_are_visited_in_turn)
{
    struct population population = population_of(SPREAD_UNIFORM, 0, 10, 3, 1);

    for (unsigned i = 0; i < 20; i++)
        ck_assert_uint_eq(population_next(&population).app, i % 3);
}
END_TEST

START_TEST(visits_are_spread_evenly_over_the_days)
{
    enum { DAYS = 30, EACH = 100 };
    unsigned seen[DAYS] = {0};
    struct population population =
        population_of(SPREAD_UNIFORM, 0, 1000, 1, DAYS);

    for (int i = 0; i < DAYS * EACH; i++) {
        uint64_t day = population_next(&population).age_ms / DAY_MS;
        ck_assert_uint_lt(day, DAYS);
        seen[day]++;
    }
    for (int i = 0; i < DAYS; i++) {
        ck_assert_uint_ge(seen[i], EACH - 3);
        ck_assert_uint_le(seen[i], EACH + 3);
    }
}
END_TEST

START_TEST(with_one_day_all_visits_are_now)
{
    struct population population = population_of(SPREAD_UNIFORM, 0, 10, 1, 1);

    for (int i = 0; i < 20; i++)
        ck_assert_uint_eq(population_next(&population).age_ms, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("population");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, each_device_comes_once_before_any_comes_again, 0,
                        sizeof(sizes) / sizeof(sizes[0]));
    tcase_add_test(tcase, with_zipf_the_first_device_comes_most_often);
    tcase_add_test(tcase, apps_are_visited_in_turn);
    tcase_add_test(tcase, visits_are_spread_evenly_over_the_days);
    tcase_add_test(tcase, with_one_day_all_visits_are_now);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
