#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/names.h"

enum { APP = 1, SET = 2, MANY = 20000, SMALL = 128 * 1024 };

static struct names *names;

static void setup(void)
{
    names = names_create(SMALL);
}

static void teardown(void)
{
    names_destroy(names);
}

static struct text name_of(int number)
{
    static char bytes[32];

    snprintf(bytes, sizeof(bytes), "name %d", number);
    return text_of(bytes);
}

START_TEST(a_name_is_found_under_its_app_and_set_only)
{
    names_add(names, APP, SET, TEXT("a"), 5);
    names_add(names, APP, SET + 1, TEXT("a"), 6);
    names_add(names, APP + 1, SET, TEXT("a"), 7);
    names_add(names, APP, SET, TEXT("a\0b"), 8);
    ck_assert_uint_eq(names_find(names, APP, SET, TEXT("a"))->value, 5);
    ck_assert_uint_eq(names_find(names, APP, SET + 1, TEXT("a"))->value, 6);
    ck_assert_uint_eq(names_find(names, APP + 1, SET, TEXT("a"))->value, 7);
    ck_assert_uint_eq(names_find(names, APP, SET, TEXT("a\0b"))->value, 8);
    ck_assert_ptr_null(names_find(names, APP + 1, SET + 1, TEXT("a")));
    ck_assert_ptr_null(names_find(names, APP, SET, TEXT("b")));
    ck_assert_ptr_null(names_find(names, APP, SET, TEXT("")));
}
END_TEST

START_TEST(a_forgotten_name_is_not_found_and_may_come_again)
{
    names_add(names, APP, SET, TEXT("a"), 5);
    names_add(names, APP, SET + 1, TEXT("a"), 6);
    names_forget(names, APP, SET, TEXT("a"));
    names_forget(names, APP, SET, TEXT("b"));
    ck_assert_ptr_null(names_find(names, APP, SET, TEXT("a")));
    ck_assert_uint_eq(names_find(names, APP, SET + 1, TEXT("a"))->value, 6);
    names_add(names, APP, SET, TEXT("a"), 7);
    ck_assert_uint_eq(names_find(names, APP, SET, TEXT("a"))->value, 7);
}
END_TEST

START_TEST(what_is_in_use_stays_whatever_else_comes)
{
    name_note_year(names_add(names, APP, SET, TEXT("in use"), 1), 2024);
    names_add(names, APP, SET, TEXT("not in use"), 2);
    for (int i = 0; i < MANY; i++) {
        if (!names_find(names, APP, SET, name_of(i)))
            names_add(names, APP, SET, name_of(i), (uint32_t)i);
        const struct name *used = names_find(names, APP, SET, TEXT("in use"));
        ck_assert_ptr_nonnull(used);
        ck_assert_uint_eq(used->value, 1);
        ck_assert(name_has_year(used, 2024));
        ck_assert(!name_has_year(used, 2025));
    }
    ck_assert_ptr_null(names_find(names, APP, SET, TEXT("not in use")));
    ck_assert_ptr_null(names_find(names, APP, SET, name_of(0)));
}
END_TEST

START_TEST(the_cache_keeps_within_its_bound_and_is_right)
{
    int found = 0;

    for (int i = 0; i < MANY; i++)
        names_add(names, APP, SET, name_of(i), (uint32_t)i);
    for (int i = MANY; i > MANY - SMALL / 48 / 2; i--) {
        const struct name *name = names_find(names, APP, SET, name_of(i - 1));
        ck_assert_ptr_nonnull(name);
        ck_assert_uint_eq(name->value, (uint32_t)i - 1);
    }
    for (int i = 0; i < MANY; i++)
        found += names_find(names, APP, SET, name_of(i)) != NULL;
    ck_assert_int_le(found, SMALL / 40);
}
END_TEST

START_TEST(years_far_off_are_not_remembered)
{
    struct name *name = names_add(names, APP, SET, TEXT("a"), 1);

    for (int year = 1970; year < 2150; year++) {
        ck_assert(!name_has_year(name, year));
        name_note_year(name, year);
        ck_assert_int_eq(name_has_year(name, year),
                         year >= 2000 && year <= 2063);
    }
}
END_TEST

static Suite *names_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *tcase = tcase_create("names");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_name_is_found_under_its_app_and_set_only);
    tcase_add_test(tcase, a_forgotten_name_is_not_found_and_may_come_again);
    tcase_add_test(tcase, what_is_in_use_stays_whatever_else_comes);
    tcase_add_test(tcase, years_far_off_are_not_remembered);
    tcase_add_test(tcase, the_cache_keeps_within_its_bound_and_is_right);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(names_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
