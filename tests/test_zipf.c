#include "bench/zipf.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { DRAWS = 1000000, TOLD = 3 };

static const uint64_t sizes[] = {1, 2, 3, 1000, 10000000};

static double weight(uint64_t rank)
{
    return pow((double)rank, -ZIPF_EXPONENT);
}

static double weights(uint64_t from, uint64_t to)
{
    double sum = 0;

    for (uint64_t rank = to; rank >= from; rank--)
        sum += weight(rank);
    return sum;
}

/* Five standard deviations off would be a law of its own. */
static void check_count(double count, double part)
{
    double wanted = DRAWS * part;

    ck_assert_double_le(fabs(count - wanted), 5 * sqrt(wanted));
}

START_TEST(the_first_ranks_come_as_often_as_the_law_says)
{
    uint64_t ranks = sizes[_i];
    uint64_t counts[TOLD + 1] = {0};
    double all = weights(1, ranks);
    bool is_in_range = true;
    struct zipf zipf = zipf_of(ranks, 7);

    for (int i = 0; i < DRAWS; i++) {
        uint64_t rank = zipf_draw(&zipf);
        is_in_range &= rank >= 1 && rank <= ranks;
        if (rank <= TOLD)
            counts[rank]++;
    }
    ck_assert(is_in_range);
    for (uint64_t rank = 1; rank <= TOLD && rank <= ranks; rank++)
        check_count((double)counts[rank], weight(rank) / all);
}
END_TEST

START_TEST(the_last_half_of_the_ranks_comes_as_often_as_the_law_says)
{
    uint64_t ranks = sizes[_i];
    uint64_t middle = ranks / 2 + 1;
    double count = 0;
    struct zipf zipf = zipf_of(ranks, 7);

    for (int i = 0; i < DRAWS; i++)
        count += zipf_draw(&zipf) >= middle;
    check_count(count, weights(middle, ranks) / weights(1, ranks));
}
END_TEST

START_TEST(the_same_seed_gives_the_same_ranks)
{
    struct zipf one = zipf_of(1000, 3);
    struct zipf other = zipf_of(1000, 3);

    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(zipf_draw(&one), zipf_draw(&other));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zipf");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, the_first_ranks_come_as_often_as_the_law_says, 0,
                        sizeof(sizes) / sizeof(sizes[0]));
    tcase_add_test(tcase,
                   the_last_half_of_the_ranks_comes_as_often_as_the_law_says);
    tcase_add_test(tcase, the_same_seed_gives_the_same_ranks);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
