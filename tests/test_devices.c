#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices.h"

enum { MANY = 2000000 };

static struct devices *devices;

static void setup(void)
{
    devices = devices_create();
}

static void teardown(void)
{
    devices_destroy(devices);
}

/* A hash as even as a keyed one. */
static const uint8_t *hash_of(uint64_t device)
{
    static uint64_t words[2];

    words[0] = (device + 1) * 0x9e3779b97f4a7c15u;
    words[0] ^= words[0] >> 32;
    words[1] = words[0] * 0xbf58476d1ce4e5b9u;
    return (const uint8_t *)words;
}

START_TEST(a_device_has_the_number_that_was_put_last)
{
    ck_assert_uint_eq(devices_find(devices, 1, hash_of(5)), 0);
    devices_put(devices, 1, hash_of(5), 7);
    ck_assert_uint_eq(devices_find(devices, 1, hash_of(5)), 7);
    devices_put(devices, 1, hash_of(5), 8);
    ck_assert_uint_eq(devices_find(devices, 1, hash_of(5)), 8);
}
END_TEST

START_TEST(apps_have_devices_of_their_own)
{
    devices_put(devices, 1, hash_of(5), 7);
    ck_assert_uint_eq(devices_find(devices, 2, hash_of(5)), 0);
    devices_put(devices, 2, hash_of(5), 9);
    ck_assert_uint_eq(devices_find(devices, 1, hash_of(5)), 7);
    ck_assert_uint_eq(devices_find(devices, 2, hash_of(5)), 9);
}
END_TEST

START_TEST(every_bit_of_the_hash_counts)
{
    uint8_t hash[KEY_HASH_SIZE] = {0};

    devices_put(devices, 1, hash, 7);
    for (int bit = 0; bit < 8 * KEY_HASH_SIZE; bit++) {
        hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_uint_eq(devices_find(devices, 1, hash), 0);
        hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}
END_TEST

START_TEST(a_forgotten_device_has_no_number)
{
    uint8_t first[KEY_HASH_SIZE] = {0};
    uint8_t second[KEY_HASH_SIZE] = {0};

    /* Both have the same places. */
    second[KEY_HASH_SIZE - 1] = 1;
    devices_put(devices, 1, first, 7);
    devices_put(devices, 1, second, 8);
    devices_forget(devices, 1, first);
    ck_assert_uint_eq(devices_find(devices, 1, first), 0);
    ck_assert_uint_eq(devices_find(devices, 1, second), 8);
    devices_put(devices, 1, first, 9);
    devices_forget(devices, 1, second);
    ck_assert_uint_eq(devices_find(devices, 1, first), 9);
    ck_assert_uint_eq(devices_find(devices, 1, second), 0);
    devices_forget(devices, 1, second);
}
END_TEST

START_TEST(a_number_is_the_right_one_or_none)
{
    unsigned found = 0;

    for (uint32_t i = 0; i < MANY; i++)
        devices_put(devices, 1, hash_of(i), i + 1);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t number = devices_find(devices, 1, hash_of(i));
        ck_assert(number == 0 || number == i + 1);
        found += number != 0;
    }
    ck_assert_uint_gt(found, 700000);
    ck_assert_uint_eq(devices_find(devices, 1, hash_of(MANY - 1)), MANY);
}
END_TEST

static Suite *devices_suite(void)
{
    Suite *suite = suite_create("devices");
    TCase *tcase = tcase_create("devices");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_device_has_the_number_that_was_put_last);
    tcase_add_test(tcase, apps_have_devices_of_their_own);
    tcase_add_test(tcase, every_bit_of_the_hash_counts);
    tcase_add_test(tcase, a_forgotten_device_has_no_number);
    tcase_add_test(tcase, a_number_is_the_right_one_or_none);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(devices_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
