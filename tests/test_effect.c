#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/effect.h"
#include "engine/key.h"

static struct batch batch;

static void init(void)
{
    batch_init(&batch);
}

static void finish(void)
{
    batch_finish(&batch);
}

static struct effect only_effect(void)
{
    struct effect effect;
    size_t at = 0;

    ck_assert_int_eq(effect_read(buffer_text(&batch.bytes), &at, &effect),
                     TALLY_OK);
    ck_assert_uint_eq(at, batch.bytes.len);
    return effect;
}

START_TEST(a_put_reads_back)
{
    struct key key = key_user(7, 0xfffffffe);

    effect_put(&batch, TABLE_USERS, key_text(&key), TEXT("image\0of"));
    struct effect effect = only_effect();

    ck_assert_int_eq(effect.kind, EFFECT_PUT);
    ck_assert_int_eq(effect.table, TABLE_USERS);
    ck_assert(text_equal(effect.key, key_text(&key)));
    ck_assert(text_equal(effect.value, TEXT("image\0of")));
}
END_TEST

START_TEST(an_erase_reads_back)
{
    effect_erase_document(&batch, 3, TEXT("name"));
    struct effect effect = only_effect();

    ck_assert_int_eq(effect.kind, EFFECT_ERASE);
    ck_assert_int_eq(effect.table, TABLE_DOCUMENTS);
    ck_assert(text_equal(effect.key, TEXT("\003name")));
}
END_TEST

START_TEST(a_hit_reads_back)
{
    struct hit hit = {
        .app = 1,
        .ordinal = 300000,
        .hour = 467890,
        .seconds = 1684317600,
        .set = 9,
        .counts = 0xff,
        .item_count = 2,
        .items = {{1, 2, HIT_T}, {70000, 1000, HIT_MARK | HIT_U_YEAR}},
    };

    effect_hit(&batch, &hit);
    struct hit read = only_effect().hit;

    ck_assert_uint_eq(read.ordinal, hit.ordinal);
    ck_assert_int_eq(read.hour, hit.hour);
    ck_assert_uint_eq(read.seconds, hit.seconds);
    ck_assert_uint_eq(read.set, hit.set);
    ck_assert_uint_eq(read.counts, hit.counts);
    ck_assert_uint_eq(read.item_count, 2);
    ck_assert_uint_eq(read.items[1].set, 70000);
    ck_assert_uint_eq(read.items[1].value, 1000);
    ck_assert_uint_eq(read.items[1].counts, HIT_MARK | HIT_U_YEAR);
}
END_TEST

START_TEST(a_count_reads_back_with_its_signs)
{
    struct count count = {
        .app = 4,
        .set = 5,
        .value = 6,
        .hour = 24,
        .add = {[COUNT_D] = INT64_C(-86400000000), [COUNT_U_YEAR] = 1},
    };

    effect_count(&batch, &count);
    struct count read = only_effect().count;

    ck_assert_int_eq(memcmp(read.add, count.add, sizeof(read.add)), 0);
    ck_assert_uint_eq(read.value, 6);
    ck_assert_int_eq(read.hour, 24);
}
END_TEST

START_TEST(a_count_without_an_hour_reads_back)
{
    struct count count = {
        .app = 4, .hour = 49, .no_hour = true, .add = {[COUNT_U_YEAR] = -1}};

    effect_count(&batch, &count);
    struct count read = only_effect().count;

    ck_assert(read.no_hour);
    ck_assert_int_eq(read.hour, 49);
    ck_assert_int_eq(memcmp(read.add, count.add, sizeof(read.add)), 0);
}
END_TEST

START_TEST(a_mark_and_a_drop_read_back_in_order)
{
    struct mark mark = {1, 2, 3, 4, 19494};
    struct effect effect;
    size_t at = 0;

    effect_mark(&batch, &mark);
    effect_drop(&batch, 12);
    struct text bytes = buffer_text(&batch.bytes);

    ck_assert_int_eq(effect_read(bytes, &at, &effect), TALLY_OK);
    ck_assert_int_eq(effect.mark.day, 19494);
    ck_assert_uint_eq(effect.mark.value, 4);
    ck_assert_int_eq(effect_read(bytes, &at, &effect), TALLY_OK);
    ck_assert_int_eq(effect.kind, EFFECT_DROP);
    ck_assert_uint_eq(effect.app, 12);
    ck_assert_uint_eq(at, bytes.len);
}
END_TEST

START_TEST(a_cut_effect_is_damage)
{
    struct hit hit = {.app = 1, .item_count = 3, .hour = 5};
    struct effect effect;

    effect_hit(&batch, &hit);
    for (size_t len = 0; len < batch.bytes.len; len++) {
        size_t at = 0;

        ck_assert_int_eq(
            effect_read((struct text){batch.bytes.at, len}, &at, &effect),
            TALLY_ERR_CORRUPT);
        ck_assert_uint_eq(at, 0);
    }
}
END_TEST

static const struct text damaged[] = {
    {"\x09", 1},                     /* no such kind */
    {"\x01\x00\x01k\x01v", 6},       /* counters are not put */
    {"\x01\x03\x00\x01v", 5},        /* an empty key */
    {"\x05\x01\x01\x01\x01\x01", 6}, /* a day before the calendar */
};

START_TEST(a_damaged_effect_is_refused)
{
    struct effect effect;
    size_t at = 0;

    ck_assert_int_eq(effect_read(damaged[_i], &at, &effect), TALLY_ERR_CORRUPT);
}
END_TEST

START_TEST(a_batch_past_its_maximum_is_marked)
{
    static char big[BATCH_SIZE_MAX];
    struct key key = key_user(1, 1);

    effect_put(&batch, TABLE_USERS, key_text(&key),
               (struct text){big, sizeof(big)});
    ck_assert(!buffer_is_whole(&batch.bytes));
    batch_clear(&batch);
    ck_assert(batch_is_empty(&batch));
    ck_assert(buffer_is_whole(&batch.bytes));
}
END_TEST

static struct text numbered(char bytes[16], int number)
{
    snprintf(bytes, 16, "%d", number);
    return text_of(bytes);
}

static void put_numbered(int key, int value)
{
    char bytes[2][16];

    effect_put(&batch, TABLE_NAMES, numbered(bytes[0], key),
               numbered(bytes[1], value));
}

static void expect_numbered(int key, int value)
{
    char bytes[2][16];
    struct text found;

    ck_assert_int_eq(
        batch_find(&batch, TABLE_NAMES, numbered(bytes[0], key), &found),
        value >= 0);
    if (value >= 0)
        ck_assert(text_equal(found, numbered(bytes[1], value)));
    ck_assert(
        !batch_find(&batch, TABLE_STRINGS, numbered(bytes[0], key), &found));
}

/* Small ones and large ones are looked through differently. */
START_TEST(a_batch_finds_what_it_does_last_to_a_key)
{
    static const int sizes[] = {3, 100, 3000};
    int size = sizes[_i];
    char bytes[16];

    for (int i = 0; i < size; i++) {
        put_numbered(i, i);
        expect_numbered(i, i);
        expect_numbered(size, -1);
    }
    for (int i = 0; i < size; i += 3)
        put_numbered(i, i + 7);
    for (int i = 0; i < size; i += 6)
        effect_erase(&batch, TABLE_NAMES, numbered(bytes, i));
    for (int i = 0; i < size; i++)
        expect_numbered(i, i % 6 == 0 ? -1 : i % 3 == 0 ? i + 7 : i);
    batch_clear(&batch);
    put_numbered(1, 5);
    expect_numbered(1, 5);
    expect_numbered(2, -1);
}
END_TEST

START_TEST(a_batch_that_was_cut_has_lost_what_came_later)
{
    for (int i = 0; i < 1000; i++)
        put_numbered(i, i);
    size_t half = batch_size(&batch);
    for (int i = 1000; i < 2000; i++)
        put_numbered(i, i);
    expect_numbered(1500, 1500);
    batch_cut(&batch, half);
    expect_numbered(500, 500);
    expect_numbered(1500, -1);
    put_numbered(1500, 3);
    expect_numbered(1500, 3);
}
END_TEST

START_TEST(the_years_of_a_value_are_known_however_large_the_batch_is)
{
    struct count count = {.app = 1, .set = 2, .add = {[COUNT_T] = 1}};
    uint64_t state = 7;
    bool has[40][30] = {{false}};
    bool any[40] = {false};

    for (int i = 0; i < 8000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint32_t value = (uint32_t)(state >> 33) % 39 + 1;
        int year = (int)(state >> 48) % 30;
        ck_assert_int_eq(
            batch_counts_elsewhere(&batch, 1, 2, value, 1990 + year),
            any[value] && !has[value][year]);
        count.value = value;
        count.hour = date_to_day(1990 + year, 6, 1) * 24;
        count.add[COUNT_T] = i % 3 != 0;
        count.add[COUNT_E] = 1;
        effect_count(&batch, &count);
        has[value][year] |= i % 3 != 0;
        any[value] |= i % 3 != 0;
        ck_assert(!batch_counts_elsewhere(&batch, 1, 3, value, 1990));
        if (i == 1000) /* from here on it is looked up */
            effect_put(&batch, TABLE_NAMES, TEXT("key"), TEXT("value"));
    }
    ck_assert(batch_is_whole(&batch));
    ck_assert_ptr_nonnull(batch.puts);
}
END_TEST

static Suite *effect_suite(void)
{
    Suite *suite = suite_create("effect");
    TCase *tcase = tcase_create("effect");

    tcase_add_checked_fixture(tcase, init, finish);
    tcase_add_test(tcase,
                   the_years_of_a_value_are_known_however_large_the_batch_is);
    tcase_add_test(tcase, a_put_reads_back);
    tcase_add_test(tcase, an_erase_reads_back);
    tcase_add_test(tcase, a_hit_reads_back);
    tcase_add_test(tcase, a_count_reads_back_with_its_signs);
    tcase_add_test(tcase, a_count_without_an_hour_reads_back);
    tcase_add_test(tcase, a_mark_and_a_drop_read_back_in_order);
    tcase_add_test(tcase, a_cut_effect_is_damage);
    tcase_add_loop_test(tcase, a_damaged_effect_is_refused, 0,
                        sizeof(damaged) / sizeof(damaged[0]));
    tcase_add_loop_test(tcase, a_batch_finds_what_it_does_last_to_a_key, 0, 3);
    tcase_add_test(tcase, a_batch_that_was_cut_has_lost_what_came_later);
    tcase_add_test(tcase, a_batch_past_its_maximum_is_marked);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(effect_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
