#include <check.h>
#include <stdlib.h>

#include "engine/radix.h"

enum { ITEMS = 5000 };

static struct radix_item items[ITEMS];
static char values[ITEMS]; /* item i leads to values + i at first */

static uint64_t random_number(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 16 ^ *state << 40;
}

/* Only the bytes of the mask differ from item to item. */
static void fill(size_t count, uint64_t mask)
{
    uint64_t state = mask + count;

    for (size_t i = 0; i < count; i++) {
        uint64_t key = (random_number(&state) & mask) | (0x5a5a & ~mask);
        items[i] = (struct radix_item){key, values + i};
    }
}

static void check_sorted(size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ck_assert_uint_le(items[i - 1].key, items[i].key);
        if (items[i - 1].key == items[i].key)
            ck_assert((const char *)items[i - 1].value <
                      (const char *)items[i].value);
    }
}

static const uint64_t masks[] = {
    UINT64_MAX, 0, 0xff, 0xff00, 0xff00000000000000, 0xffffffff, 0x0f0f0f, 3,
};

START_TEST(items_are_sorted_and_equal_ones_stay_in_order)
{
    for (size_t count = 0; count < 300; count += 7) {
        fill(count, masks[_i]);
        radix_sort(items, count);
        check_sorted(count);
    }
    fill(ITEMS, masks[_i]);
    radix_sort(items, ITEMS);
    check_sorted(ITEMS);
}
END_TEST

START_TEST(each_item_is_there_once_with_its_key)
{
    static uint64_t keys[ITEMS];
    static char seen[ITEMS];

    fill(ITEMS, 0xffffff);
    for (size_t i = 0; i < ITEMS; i++)
        keys[i] = items[i].key;
    radix_sort(items, ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        size_t place = (size_t)((const char *)items[i].value - values);
        ck_assert_int_eq(seen[place]++, 0);
        ck_assert_uint_eq(items[i].key, keys[place]);
    }
}
END_TEST

static Suite *radix_suite(void)
{
    Suite *suite = suite_create("radix");
    TCase *tcase = tcase_create("radix");

    tcase_add_loop_test(tcase, items_are_sorted_and_equal_ones_stay_in_order, 0,
                        (int)(sizeof(masks) / sizeof(masks[0])));
    tcase_add_test(tcase, each_item_is_there_once_with_its_key);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(radix_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
