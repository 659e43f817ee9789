#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "scratch.h"

enum { APP = 1, SET = 5, WAIT_MS = 20000 };

static const char *dir;
static struct engine *engine;
static struct batch batch;

static void open_engine(void)
{
    struct engine_options options = {
        .dir = dir, .slot_bytes = 1 << 20, .names_bytes = 1};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    open_engine();
    batch_init(&batch);
}

static void teardown(void)
{
    batch_finish(&batch);
    engine_close(engine);
    scratch_remove();
}

static void apply(void)
{
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_clear(&batch);
}

/* Counts a value in a year as a caller has to; its id, 0 when refused. */
static uint32_t count_value(const char *string, int year, uint32_t limit)
{
    struct count count = {
        .app = APP, .set = SET, .hour = (year - 1970) * 8766 + 24};
    uint32_t value;
    enum tally_err err = dictionary_count(engine, &batch, APP, SET,
                                          text_of(string), year, limit, &value);

    if (err == TALLY_ERR_TOO_BIG)
        return 0;
    ck_assert_int_eq(err, TALLY_OK);
    count.value = value;
    count.add[COUNT_T] = 1;
    effect_count(&batch, &count);
    return value;
}

START_TEST(a_name_and_its_number_find_each_other)
{
    uint32_t value;
    struct text string;

    ck_assert_int_eq(dictionary_find(engine, APP, SET, TEXT("a"), &value),
                     TALLY_ERR_NOT_FOUND);
    ck_assert_uint_eq(count_value("a", 2023, 0), 1);
    ck_assert_uint_eq(count_value("b", 2023, 0), 2);
    ck_assert_uint_eq(count_value("a", 2023, 0), 1);
    apply();
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(dictionary_find(engine, APP, SET, TEXT("b"), &value),
                         TALLY_OK);
        ck_assert_uint_eq(value, 2);
        ck_assert_int_eq(dictionary_string(engine, APP, SET, 1, &string),
                         TALLY_OK);
        ck_assert(text_is(string, "a"));
        ck_assert_int_eq(dictionary_string(engine, APP, SET, 3, &string),
                         TALLY_ERR_NOT_FOUND);
        ck_assert_int_eq(
            dictionary_find(engine, APP, SET + 1, TEXT("b"), &value),
            TALLY_ERR_NOT_FOUND);
        ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
        engine_close(engine);
        open_engine();
    }
}
END_TEST

START_TEST(a_batch_that_is_not_applied_gives_out_no_numbers)
{
    ck_assert_uint_eq(count_value("a", 2023, 1), 1);
    batch_clear(&batch);
    ck_assert_uint_eq(count_value("b", 2023, 1), 1);
    apply();
    ck_assert_uint_eq(count_value("a", 2023, 1), 0);
}
END_TEST

START_TEST(a_value_takes_one_place_of_a_year)
{
    ck_assert_uint_eq(count_value("a", 2022, 0), 1);
    apply();
    ck_assert_uint_eq(count_value("a", 2023, 2), 1);
    ck_assert_uint_eq(count_value("a", 2023, 2), 1);
    ck_assert_uint_eq(count_value("b", 2023, 2), 2);
    ck_assert_uint_eq(count_value("b", 2023, 2), 2);
    ck_assert_uint_eq(count_value("c", 2023, 2), 0);
    apply();
    ck_assert_uint_eq(count_value("a", 2023, 2), 1);
    ck_assert_uint_eq(count_value("c", 2023, 2), 0);
}
END_TEST

START_TEST(a_name_alone_takes_no_place_of_a_year)
{
    uint32_t value;

    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(
            dictionary_name(engine, &batch, APP, SET, TEXT("named"), &value),
            TALLY_OK);
        ck_assert_uint_eq(value, 1);
        if (round == 1)
            apply();
    }
    ck_assert_uint_eq(count_value("a", 2023, 1), 2);
    apply();
    ck_assert_uint_eq(count_value("named", 2023, 1), 0);
    ck_assert_uint_eq(count_value("named", 2023, 2), 1);
    apply();
    ck_assert_uint_eq(count_value("b", 2023, 2), 0);
}
END_TEST

START_TEST(a_batch_may_count_a_value_in_several_years)
{
    ck_assert_uint_eq(count_value("a", 2022, 1), 1);
    ck_assert_uint_eq(count_value("a", 2023, 1), 1);
    ck_assert_uint_eq(count_value("a", 2022, 1), 1);
    ck_assert_uint_eq(count_value("b", 2024, 1), 2);
    apply();
    ck_assert_uint_eq(count_value("c", 2022, 1), 0);
    ck_assert_uint_eq(count_value("c", 2023, 1), 0);
    ck_assert_uint_eq(count_value("b", 2025, 2), 2);
    ck_assert_uint_eq(count_value("b", 2026, 2), 2);
    ck_assert_uint_eq(count_value("b", 2025, 2), 2);
    apply();
    ck_assert_uint_eq(count_value("a", 2025, 2), 1);
    apply();
    ck_assert_uint_eq(count_value("c", 2025, 2), 0);
    ck_assert_uint_eq(count_value("c", 2026, 2), 3);
}
END_TEST

static void forget(const char *string, int year, enum tally_err expected)
{
    ck_assert_int_eq(
        dictionary_forget(engine, &batch, APP, SET, text_of(string), year),
        expected);
    apply();
}

START_TEST(a_forgotten_value_gets_another_number_and_gives_its_place_back)
{
    struct text string;
    uint32_t last;

    count_value("a", 2023, 2);
    count_value("b", 2023, 2);
    apply();
    forget("c", 2023, TALLY_ERR_NOT_FOUND);
    forget("a", 2023, TALLY_OK);
    forget("a", 2023, TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(dictionary_string(engine, APP, SET, 1, &string),
                     TALLY_ERR_NOT_FOUND);
    ck_assert_uint_eq(count_value("a", 2023, 2), 3);
    apply();
    ck_assert_uint_eq(count_value("c", 2023, 2), 0);
    engine_close(engine);
    open_engine();
    ck_assert_uint_eq(count_value("a", 2023, 2), 3);
    forget("b", 2024, TALLY_OK);
    ck_assert_uint_eq(count_value("c", 2023, 2), 0);
    ck_assert_int_eq(dictionary_last_value(engine, APP, SET, &last), TALLY_OK);
    ck_assert_uint_eq(last, 3);
}
END_TEST

START_TEST(places_of_a_year_are_kept_over_checkpoints_and_starts)
{
    char name[16];

    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "v%d", i);
        uint32_t value = count_value(name, 2023, 30);
        ck_assert_uint_eq(value, i < 30 ? (uint32_t)i + 1 : 0);
        apply();
        if (i % 7 == 0)
            ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
        if (i % 11 == 0) {
            engine_close(engine);
            open_engine();
        }
        ck_assert_uint_eq(count_value("v0", 2023, 30), 1);
        apply();
    }
}
END_TEST

START_TEST(numbers_follow_each_other_and_are_never_given_twice)
{
    uint32_t number;
    uint32_t last;

    for (uint32_t i = 1; i <= 9; i++) {
        ck_assert_int_eq(dictionary_next_ordinal(engine, &batch, APP, &number),
                         TALLY_OK);
        ck_assert_uint_eq(number, i);
        ck_assert_int_eq(dictionary_next_app(engine, &batch, &number),
                         TALLY_OK);
        ck_assert_uint_eq(number, i);
        if (i % 3 == 0)
            apply();
        if (i % 6 == 0) {
            engine_close(engine);
            open_engine();
        }
    }
    ck_assert_int_eq(dictionary_last_ordinal(engine, APP, &last), TALLY_OK);
    ck_assert_uint_eq(last, 9);
    ck_assert_int_eq(dictionary_last_ordinal(engine, APP + 1, &last), TALLY_OK);
    ck_assert_uint_eq(last, 0);
}
END_TEST

static Suite *dictionary_suite(void)
{
    Suite *suite = suite_create("dictionary");
    TCase *tcase = tcase_create("dictionary");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_name_and_its_number_find_each_other);
    tcase_add_test(tcase, a_batch_that_is_not_applied_gives_out_no_numbers);
    tcase_add_test(tcase, a_value_takes_one_place_of_a_year);
    tcase_add_test(tcase, a_name_alone_takes_no_place_of_a_year);
    tcase_add_test(tcase, a_batch_may_count_a_value_in_several_years);
    tcase_add_test(
        tcase, a_forgotten_value_gets_another_number_and_gives_its_place_back);
    tcase_add_test(tcase,
                   places_of_a_year_are_kept_over_checkpoints_and_starts);
    tcase_add_test(tcase, numbers_follow_each_other_and_are_never_given_twice);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(dictionary_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
