#include <check.h>
#include <stdlib.h>

#include "engine/ordinals.h"

static struct ordinals set;

static void init(void)
{
    set = (struct ordinals){0};
}

static void finish(void)
{
    ordinals_finish(&set);
}

static const uint32_t places[] = {0, 1, CHUNK_ORDINALS - 1, CHUNK_ORDINALS,
                                  40 * CHUNK_ORDINALS + 7};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

START_TEST(each_user_is_in_it_once)
{
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PLACES; i++)
            ordinals_add(&set, places[i]);
    }
    ck_assert_uint_eq(ordinals_count(&set), PLACES);
    for (int i = 0; i < PLACES; i++)
        ck_assert(ordinals_has(&set, places[i]));
    ck_assert(!ordinals_has(&set, 2));
    ck_assert(!ordinals_has(&set, UINT32_MAX));
}
END_TEST

START_TEST(a_merged_user_counts_as_the_other)
{
    ordinals_add(&set, 1);
    ordinals_add(&set, 5);
    ordinals_replace(&set, 1, 5);
    ordinals_replace(&set, 2, 6);
    ck_assert_uint_eq(ordinals_count(&set), 1);
    ck_assert(ordinals_has(&set, 5));
    ordinals_replace(&set, 5, 10 * CHUNK_ORDINALS);
    ck_assert(ordinals_has(&set, 10 * CHUNK_ORDINALS));
    ck_assert_uint_eq(ordinals_count(&set), 1);
}
END_TEST

START_TEST(stored_chunks_of_both_forms_are_added)
{
    struct chunk many = {{0}};
    struct chunk few = {{0}};
    uint8_t bytes[CHUNK_BYTES];

    for (uint32_t bit = 0; bit < CHUNK_ORDINALS; bit += 3)
        chunk_set(&many, bit);
    chunk_set(&few, 1);
    chunk_set(&few, 3);
    ck_assert_int_eq(ordinals_add_chunk(&set, 2, chunk_write(&many, bytes)),
                     TALLY_OK);
    ck_assert_int_eq(ordinals_add_chunk(&set, 2, chunk_write(&few, bytes)),
                     TALLY_OK);
    ck_assert_uint_eq(ordinals_count(&set), chunk_count(&many) + 1);
    ck_assert(ordinals_has(&set, 2 * CHUNK_ORDINALS + 1));
    ck_assert_int_eq(ordinals_add_chunk(&set, 2, TEXT("odd")),
                     TALLY_ERR_CORRUPT);
}
END_TEST

/* Three users of the first set, of the second the last two and another. */
START_TEST(sets_are_united_met_removed_and_compared)
{
    struct ordinals other = {0};

    for (int i = 0; i < 3; i++)
        ordinals_add(&set, places[2 * i]);
    ordinals_add(&other, places[2]);
    ordinals_add(&other, places[4]);
    ordinals_add(&other, 90 * CHUNK_ORDINALS);
    ck_assert_uint_eq(ordinals_chunks(&set), 2);
    ck_assert_uint_eq(ordinals_chunks(&other), 3);
    ck_assert_uint_eq(ordinals_shared(&set, &other), 2);
    ck_assert_uint_eq(ordinals_shared(&other, &set), 2);
    ordinals_add(&set, 60 * CHUNK_ORDINALS);
    ordinals_unite(&set, &other);
    ck_assert_uint_eq(ordinals_count(&set), 5);
    ck_assert(ordinals_has(&set, 90 * CHUNK_ORDINALS));
    ordinals_meet(&set, &other);
    ck_assert_uint_eq(ordinals_count(&set), 3);
    ck_assert(!ordinals_has(&set, places[0]));
    ordinals_add(&set, places[1]);
    ordinals_remove(&set, &other);
    ck_assert_uint_eq(ordinals_count(&set), 1);
    ck_assert(ordinals_has(&set, places[1]));
    ordinals_clear(&set);
    ck_assert_uint_eq(ordinals_count(&set), 0);
    ordinals_meet(&other, &set);
    ck_assert_uint_eq(ordinals_count(&other), 0);
    ordinals_finish(&other);
}
END_TEST

static Suite *ordinals_suite(void)
{
    Suite *suite = suite_create("ordinals");
    TCase *tcase = tcase_create("ordinals");

    tcase_add_checked_fixture(tcase, init, finish);
    tcase_add_test(tcase, each_user_is_in_it_once);
    tcase_add_test(tcase, a_merged_user_counts_as_the_other);
    tcase_add_test(tcase, stored_chunks_of_both_forms_are_added);
    tcase_add_test(tcase, sets_are_united_met_removed_and_compared);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(ordinals_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
