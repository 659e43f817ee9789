#include <check.h>
#include <limits.h>
#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/overlay.h"

enum { APP = 1, SET = 5, DAY = 19723, MANY = 3000 };

static struct overlay *overlay;
static struct batch batch;

static void setup(void)
{
    overlay = overlay_create((size_t)1 << 30);
    batch_init(&batch);
}

static void teardown(void)
{
    overlay_destroy(overlay);
    batch_finish(&batch);
}

static void apply(void)
{
    for (size_t at = 0; at < batch.bytes.len;) {
        struct effect effect;
        ck_assert_int_eq(effect_read(buffer_text(&batch.bytes), &at, &effect),
                         TALLY_OK);
        overlay_apply(overlay, &effect);
    }
    batch_clear(&batch);
}

static void put(uint32_t ordinal, struct text value)
{
    struct key key = key_user(APP, ordinal);

    effect_put(&batch, TABLE_USERS, key_text(&key), value);
    apply();
}

static const struct overlay_put *find(uint32_t ordinal)
{
    struct key key = key_user(APP, ordinal);

    return overlay_find(overlay, TABLE_USERS, key_text(&key));
}

START_TEST(the_last_value_of_a_key_counts_whatever_its_length)
{
    static const char *const values[] = {"", "short", "quite a bit longer", "x",
                                         ""};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        put(1, text_of(values[i]));
        ck_assert(text_is(overlay_value(overlay, find(1)), values[i]));
    }
    ck_assert_ptr_null(find(2));
    struct key key = key_user(APP, 1);
    ck_assert_ptr_null(overlay_find(overlay, TABLE_COLD, key_text(&key)));
}
END_TEST

START_TEST(an_erased_key_is_known_and_can_come_back)
{
    struct key key = key_user(APP, 1);

    effect_erase(&batch, TABLE_USERS, key_text(&key));
    apply();
    ck_assert_ptr_nonnull(find(1));
    ck_assert(find(1)->erased);
    put(1, TEXT("back"));
    ck_assert(!find(1)->erased);
    ck_assert(text_is(overlay_value(overlay, find(1)), "back"));
}
END_TEST

START_TEST(each_table_lists_its_puts_once)
{
    unsigned count = 0;
    uint64_t sum = 0;

    for (uint32_t i = 1; i <= MANY; i++) {
        put(i, TEXT("value"));
        put(i, TEXT("a longer value"));
    }
    effect_put_document(&batch, 1, TEXT("other"), TEXT(""));
    apply();
    const struct overlay_put *at = overlay_first_put(overlay, TABLE_USERS);
    for (; at; at = overlay_next_put(overlay, at)) {
        ck_assert(text_is(overlay_value(overlay, at), "a longer value"));
        sum += (uint8_t)overlay_key(at).at[7];
        count++;
    }
    uint64_t expected = 0;
    for (uint32_t i = 1; i <= MANY; i++)
        expected += i & 255;
    ck_assert_uint_eq(count, MANY);
    ck_assert_uint_eq(sum, expected);
    ck_assert_ptr_null(overlay_first_put(overlay, TABLE_COLD));
}
END_TEST

static void count(uint32_t value, int32_t hour, int64_t t, int64_t d)
{
    struct count effect = {
        .app = APP, .set = SET, .value = value, .hour = DAY * 24 + hour};

    effect.add[COUNT_T] = t;
    effect.add[COUNT_D] = d;
    effect_count(&batch, &effect);
    apply();
}

struct sums {
    int64_t t;
    int64_t d;
    unsigned deltas;
};

/* Over a series by its days, and over all deltas: the same. */
static struct sums sum_series(void)
{
    struct sums sums = {0};
    struct sums all = {0};
    size_t found;
    const struct deltas *deltas = overlay_deltas(overlay);
    const struct deltas_day *day = deltas_first_day(deltas, APP, SET);

    for (; day; day = deltas_next_day(deltas, day)) {
        const struct delta *delta = deltas_first(deltas, day);
        for (; delta; delta = deltas_next(deltas, delta)) {
            ck_assert_uint_eq(delta->day, day->day);
            sums.t += delta->t;
            sums.d += delta->d;
            sums.deltas++;
        }
    }
    const struct delta **list = deltas_all(deltas, &found);
    for (size_t i = 0; i < found; i++) {
        all.t += list[i]->t;
        all.d += list[i]->d;
    }
    free(list);
    ck_assert_uint_eq(found, sums.deltas);
    ck_assert_int_eq(all.t, sums.t);
    ck_assert_int_eq(all.d, sums.d);
    return sums;
}

START_TEST(counts_of_one_value_and_day_share_a_delta)
{
    for (int hour = 0; hour < 48; hour++)
        count(7, hour, 1, -1);
    ck_assert_uint_eq(sum_series().deltas, 2);
    ck_assert_int_eq(sum_series().t, 48);
    ck_assert_int_eq(sum_series().d, -48);
    for (int hour = 0; hour < 48; hour++)
        count(0, hour, 1, 0);
    ck_assert_uint_eq(sum_series().deltas, 50);
}
END_TEST

START_TEST(large_counts_do_not_overflow)
{
    for (int i = 0; i < 100; i++)
        count(7, 0, COUNT_ADD_MAX, (int64_t)1 << 50);
    ck_assert_int_eq(sum_series().t, (int64_t)100 * COUNT_ADD_MAX);
    ck_assert_int_eq(sum_series().d, 100 * ((int64_t)1 << 50));
    for (int i = 0; i < 250; i++)
        count(7, 0, -(int64_t)COUNT_ADD_MAX, 0);
    ck_assert_int_eq(sum_series().t, (int64_t)-150 * COUNT_ADD_MAX);
}
END_TEST

START_TEST(the_largest_sums_wrap_around)
{
    count(7, 0, 0, INT64_MAX);
    count(7, 0, 0, 1);
    ck_assert_int_eq(sum_series().d, INT64_MIN);
}
END_TEST

START_TEST(marks_come_back_with_their_day)
{
    const struct marks *marks = overlay_marks(overlay);
    struct mark mark = {.app = APP, .set = SET, .day = DAY};
    struct marks_pair *copy = malloc(MANY * sizeof(*copy));
    uint64_t sum = 0;

    for (uint32_t i = 0; i < MANY; i++) {
        mark.ordinal = i;
        mark.value = i * 3;
        effect_mark(&batch, &mark);
        apply();
    }
    const struct marks_day *day = marks_find(marks, APP, SET, DAY);
    ck_assert_uint_eq(day->count, MANY);
    marks_copy(marks, day, copy);
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert_uint_eq(copy[i].value, copy[i].ordinal * 3);
        sum += copy[i].ordinal;
    }
    ck_assert_uint_eq(sum, (uint64_t)MANY * (MANY - 1) / 2);
    ck_assert_ptr_null(marks_find(marks, APP, SET, DAY + 1));
    ck_assert_ptr_null(marks_find(marks, APP, 0, DAY));
    ck_assert_ptr_null(marks_find(marks, APP + 1, SET, DAY));
    free(copy);
}
END_TEST

START_TEST(a_cleared_overlay_is_like_a_fresh_one)
{
    ck_assert(overlay_is_empty(overlay));
    put(1, TEXT("value"));
    count(1, 1, 1, 1);
    effect_drop(&batch, 9);
    apply();
    ck_assert(!overlay_is_empty(overlay));
    ck_assert(overlay_has_dropped(overlay, 9));
    overlay_clear(overlay);
    ck_assert(overlay_is_empty(overlay));
    ck_assert(!overlay_has_dropped(overlay, 9));
    ck_assert_ptr_null(find(1));
    ck_assert_ptr_null(overlay_first_put(overlay, TABLE_USERS));
    ck_assert_uint_eq(sum_series().deltas, 0);
    count(1, 1, 1, 1);
    ck_assert_int_eq(sum_series().t, 1);
}
END_TEST

static struct hit worst_hit(uint32_t number)
{
    struct hit hit = {.app = number,
                      .ordinal = 1,
                      .hour = (int32_t)(number % 65536) * 24,
                      .set = 1,
                      .counts = 0xff,
                      .item_count = EFFECT_HIT_ITEMS_MAX};

    for (uint32_t i = 0; i < EFFECT_HIT_ITEMS_MAX; i++)
        hit.items[i] = (struct hit_item){2 + i, 1, 0x7f};
    return hit;
}

/* Hits whose items are as short as can be and make everything anew. */
START_TEST(a_batch_takes_no_more_than_foretold)
{
    size_t used = overlay_used(overlay);

    for (uint32_t i = 1; i <= 200; i++) {
        struct hit hit = worst_hit(i);
        effect_hit(&batch, &hit);
        size_t need = overlay_need(batch.bytes.len);
        apply();
        ck_assert_uint_le(overlay_used(overlay) - used, need);
        used = overlay_used(overlay);
    }
    for (uint32_t i = 1; i <= 1000; i++) {
        struct key key = key_app(i + 1000000);
        effect_erase(&batch, TABLE_RECENT, key_text(&key));
        effect_drop(&batch, i);
        size_t need = overlay_need(batch.bytes.len);
        apply();
        ck_assert_uint_le(overlay_used(overlay) - used, need);
        used = overlay_used(overlay);
    }
}
END_TEST

/* Runs of marks double: what they take stays in proportion to the marks. */
START_TEST(marks_take_room_in_proportion)
{
    size_t before = overlay_used(overlay);
    size_t bytes = 0;

    for (uint32_t i = 1; i <= 2000; i++) {
        struct hit hit = worst_hit(1);
        hit.ordinal = i;
        effect_hit(&batch, &hit);
        bytes += batch.bytes.len;
        apply();
    }
    ck_assert_uint_le(overlay_used(overlay) - before, overlay_need(bytes));
}
END_TEST

static Suite *overlay_suite(void)
{
    Suite *suite = suite_create("overlay");
    TCase *tcase = tcase_create("overlay");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_last_value_of_a_key_counts_whatever_its_length);
    tcase_add_test(tcase, an_erased_key_is_known_and_can_come_back);
    tcase_add_test(tcase, each_table_lists_its_puts_once);
    tcase_add_test(tcase, counts_of_one_value_and_day_share_a_delta);
    tcase_add_test(tcase, large_counts_do_not_overflow);
    tcase_add_test(tcase, the_largest_sums_wrap_around);
    tcase_add_test(tcase, marks_come_back_with_their_day);
    tcase_add_test(tcase, a_cleared_overlay_is_like_a_fresh_one);
    tcase_add_test(tcase, a_batch_takes_no_more_than_foretold);
    tcase_add_test(tcase, marks_take_room_in_proportion);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(overlay_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
