#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/lookup.h"

enum { MANY = 2000, KEY_SIZE = 16 };

static struct lookup table;
static char keys[MANY][KEY_SIZE];

static void init(void)
{
    ck_assert_int_ge(sodium_init(), 0);
    lookup_init(&table);
    for (int i = 0; i < MANY; i++)
        snprintf(keys[i], KEY_SIZE, "key-%d", i);
}

static void finish(void)
{
    lookup_finish(&table);
}

START_TEST(an_empty_lookup_finds_nothing)
{
    ck_assert_ptr_null(lookup_find(&table, TEXT("a")));
    lookup_erase(&table, TEXT("a"));
    ck_assert_ptr_null(lookup_find(&table, TEXT("a")));
}
END_TEST

START_TEST(finds_what_was_put_and_nothing_else)
{
    for (int i = 0; i < MANY; i++)
        lookup_put(&table, text_of(keys[i]), keys[i]);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(lookup_find(&table, text_of(keys[i])), keys[i]);
    ck_assert_ptr_null(lookup_find(&table, TEXT("key-")));
    ck_assert_ptr_null(lookup_find(&table, TEXT("key-2000")));
    ck_assert_ptr_null(lookup_find(&table, TEXT("")));
}
END_TEST

START_TEST(a_second_value_replaces_the_first)
{
    lookup_put(&table, TEXT("a"), keys[0]);
    lookup_put(&table, TEXT("a"), keys[1]);
    ck_assert_ptr_eq(lookup_find(&table, TEXT("a")), keys[1]);
    ck_assert_uint_eq(table.count, 1);
    lookup_erase(&table, TEXT("a"));
    ck_assert_ptr_null(lookup_find(&table, TEXT("a")));
}
END_TEST

START_TEST(erasing_one_key_hides_no_other)
{
    for (int i = 0; i < MANY; i++)
        lookup_put(&table, text_of(keys[i]), keys[i]);
    for (int i = 0; i < MANY; i += 3)
        lookup_erase(&table, text_of(keys[i]));
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(lookup_find(&table, text_of(keys[i])),
                         i % 3 == 0 ? NULL : keys[i]);
    for (int i = 0; i < MANY; i++)
        lookup_erase(&table, text_of(keys[i]));
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(keys_are_compared_by_length_and_bytes)
{
    lookup_put(&table, (struct text){"a\0b", 3}, keys[0]);
    ck_assert_ptr_null(lookup_find(&table, (struct text){"a\0c", 3}));
    ck_assert_ptr_null(lookup_find(&table, TEXT("a")));
    ck_assert_ptr_eq(lookup_find(&table, (struct text){"a\0b", 3}), keys[0]);
}
END_TEST

static Suite *lookup_suite(void)
{
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("lookup");

    tcase_add_checked_fixture(tcase, init, finish);
    tcase_add_test(tcase, an_empty_lookup_finds_nothing);
    tcase_add_test(tcase, finds_what_was_put_and_nothing_else);
    tcase_add_test(tcase, a_second_value_replaces_the_first);
    tcase_add_test(tcase, erasing_one_key_hides_no_other);
    tcase_add_test(tcase, keys_are_compared_by_length_and_bytes);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(lookup_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
