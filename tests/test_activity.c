#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/activity.h"

enum { SEEDS = 60, MARKS = 6000 };

static uint64_t state;

static uint32_t next_random(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

START_TEST(a_chunk_comes_back_in_its_shorter_form)
{
    static const uint32_t counts[] = {0,
                                      1,
                                      2,
                                      CHUNK_ARRAY_MAX - 1,
                                      CHUNK_ARRAY_MAX,
                                      CHUNK_ARRAY_MAX + 1,
                                      5000,
                                      CHUNK_ORDINALS};
    uint32_t count = counts[_i];
    struct chunk chunk = {{0}};
    struct chunk read = {{0}};
    uint8_t bytes[CHUNK_BYTES];

    state = count;
    while (chunk_count(&chunk) < count && count < CHUNK_ORDINALS)
        chunk_set(&chunk, next_random(CHUNK_ORDINALS));
    if (count == CHUNK_ORDINALS)
        memset(&chunk, 0xff, sizeof(chunk));
    struct text record = chunk_write(&chunk, bytes);
    ck_assert_uint_eq(record.len,
                      count <= CHUNK_ARRAY_MAX ? count * 2 : CHUNK_BYTES);
    ck_assert_int_eq(chunk_add(&read, record), TALLY_OK);
    ck_assert_mem_eq(&chunk, &read, sizeof(chunk));
    ck_assert_uint_eq(chunk_count(&read), count);
}
END_TEST

START_TEST(chunks_are_joined)
{
    struct chunk chunk = {{0}};
    struct chunk other = {{0}};
    uint8_t bytes[CHUNK_BYTES];

    chunk_set(&chunk, 5);
    chunk_set(&chunk, CHUNK_ORDINALS - 1);
    for (uint32_t bit = 0; bit < CHUNK_ORDINALS; bit += 4)
        chunk_set(&other, bit);
    ck_assert_int_eq(chunk_add(&chunk, chunk_write(&other, bytes)), TALLY_OK);
    ck_assert_uint_eq(chunk_count(&chunk), CHUNK_ORDINALS / 4 + 2);
    ck_assert(chunk_has(&chunk, 5) && chunk_has(&chunk, 4));
}
END_TEST

START_TEST(a_damaged_chunk_is_refused)
{
    struct chunk chunk = {{0}};
    char bytes[CHUNK_BYTES + 1] = {0};
    static const size_t lengths[] = {1,
                                     3,
                                     2 * CHUNK_ARRAY_MAX + 1,
                                     2 * CHUNK_ARRAY_MAX + 2,
                                     CHUNK_BYTES - 1,
                                     CHUNK_BYTES + 1};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        ck_assert_int_eq(chunk_add(&chunk, (struct text){bytes, lengths[i]}),
                         TALLY_ERR_CORRUPT);
    memset(bytes, 0xff, 2);
    ck_assert_int_eq(chunk_add(&chunk, (struct text){bytes, 2}),
                     TALLY_ERR_CORRUPT);
}
END_TEST

/* What a column gives back, in order. */
struct pairs {
    struct marks_pair at[MARKS];
    size_t count;
};

static void take(void *user, uint32_t value, uint32_t ordinal)
{
    struct pairs *pairs = user;

    ck_assert_uint_lt(pairs->count, MARKS);
    pairs->at[pairs->count++] = (struct marks_pair){ordinal, value};
}

static size_t fill(struct marks_pair *marks, uint64_t seed)
{
    size_t count = 1 + seed * 97 % MARKS;

    state = seed;
    uint32_t values = 1 + next_random(seed % 2 ? 20 : 2000000000);
    uint32_t ordinals = 1 + next_random(seed % 3 ? 2000 : 2000000000);
    for (size_t i = 0; i < count; i++)
        marks[i] =
            (struct marks_pair){next_random(ordinals), next_random(values)};
    return count;
}

START_TEST(columns_give_every_pair_once_and_in_order)
{
    struct marks_pair *marks = calloc(MARKS, sizeof(*marks));
    struct pairs *pairs = calloc(1, sizeof(*pairs));
    uint8_t bytes[COLUMN_BYTES];

    size_t count = column_sort(marks, fill(marks, (uint64_t)_i));
    for (size_t i = 1; i < count; i++)
        ck_assert(marks[i - 1].value < marks[i].value ||
                  (marks[i - 1].value == marks[i].value &&
                   marks[i - 1].ordinal < marks[i].ordinal));
    for (size_t done = 0; done < count;) {
        size_t len;
        size_t written = column_write(marks + done, count - done, bytes, &len);
        ck_assert_uint_gt(written, 0);
        ck_assert_uint_le(len, COLUMN_BYTES);
        ck_assert(done + written == count || len > COLUMN_BYTES - 30);
        ck_assert_int_eq(
            column_read((struct text){(char *)bytes, len}, take, pairs),
            TALLY_OK);
        done += written;
    }
    ck_assert_uint_eq(pairs->count, count);
    ck_assert_mem_eq(pairs->at, marks, count * sizeof(*marks));
    free(pairs);
    free(marks);
}
END_TEST

START_TEST(a_cut_column_is_refused)
{
    const struct marks_pair marks[] = {
        {1000, 1}, {70000, 1}, {3, 900}, {4, 900}};
    uint8_t bytes[COLUMN_BYTES];
    size_t len;
    int good = 0;

    ck_assert_uint_eq(column_write(marks, 4, bytes, &len), 4);
    for (size_t cut = 0; cut < len; cut++) {
        struct pairs pairs = {.count = 0};
        char *copy = malloc(cut + 1);
        memcpy(copy, bytes, cut);
        good += column_read((struct text){copy, cut}, take, &pairs) == TALLY_OK;
        free(copy);
    }
    ck_assert_int_eq(good, 2); /* empty, and behind the first value */
}
END_TEST

static Suite *activity_suite(void)
{
    Suite *suite = suite_create("activity");
    TCase *tcase = tcase_create("activity");

    tcase_add_loop_test(tcase, a_chunk_comes_back_in_its_shorter_form, 0, 8);
    tcase_add_test(tcase, chunks_are_joined);
    tcase_add_test(tcase, a_damaged_chunk_is_refused);
    tcase_add_loop_test(tcase, columns_give_every_pair_once_and_in_order, 0,
                        SEEDS);
    tcase_add_test(tcase, a_cut_column_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(activity_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
