#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/parcel.h"

enum { MAX = 300000 };

static struct buffer parcel;
static struct buffer room;
static char batch[MAX];

static void setup(void)
{
    buffer_init(&parcel, MAX + PARCEL_HEAD);
    buffer_init(&room, MAX);
}

static void teardown(void)
{
    buffer_finish(&parcel);
    buffer_finish(&room);
}

static void fill(size_t len, bool is_random)
{
    uint64_t state = len;

    for (size_t i = 0; i < len; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        batch[i] = (char)(is_random ? state >> 33 : i % 50);
    }
}

static void check_round_trip(size_t len)
{
    struct text read;

    parcel_pack(&parcel, (struct text){batch, len});
    ck_assert(buffer_is_whole(&parcel));
    ck_assert_uint_le(parcel.len, len + PARCEL_HEAD);
    ck_assert_int_eq(parcel_unpack(buffer_text(&parcel), &room, &read),
                     TALLY_OK);
    ck_assert(text_equal(read, (struct text){batch, len}));
}

static const size_t lengths[] = {0,    1,    100,   3999,  4000,
                                 4001, 4096, 65536, 65537, MAX};

START_TEST(a_batch_comes_out_as_it_went_in)
{
    fill(lengths[_i], false);
    check_round_trip(lengths[_i]);
    fill(lengths[_i], true);
    check_round_trip(lengths[_i]);
}
END_TEST

START_TEST(a_large_batch_that_repeats_itself_becomes_small)
{
    fill(MAX, false);
    parcel_pack(&parcel, (struct text){batch, MAX});
    ck_assert_uint_lt(parcel.len, MAX / 10);
}
END_TEST

START_TEST(a_damaged_parcel_is_refused_or_read_without_harm)
{
    struct text read;

    fill(20000, false);
    parcel_pack(&parcel, (struct text){batch, 20000});
    for (size_t len = 1; len < parcel.len; len++)
        ck_assert_int_eq(
            parcel_unpack((struct text){parcel.at, len}, &room, &read),
            TALLY_ERR_CORRUPT);
    for (size_t at = 0; at < parcel.len; at++) {
        parcel.at[at] ^= 0x55;
        if (parcel_unpack(buffer_text(&parcel), &room, &read) == TALLY_OK)
            ck_assert_uint_le(read.len, MAX);
        parcel.at[at] ^= 0x55;
    }
}
END_TEST

START_TEST(a_length_past_the_maximum_is_refused_before_memory_is_taken)
{
    static const char huge[] = {1, '\xff', '\xff', '\xff', '\x7f', 0};
    struct text read;

    ck_assert_int_eq(
        parcel_unpack((struct text){huge, sizeof(huge)}, &room, &read),
        TALLY_ERR_CORRUPT);
    ck_assert_ptr_null(room.at);
}
END_TEST

START_TEST(a_parcel_without_room_is_not_whole)
{
    struct buffer small;

    buffer_init(&small, 100);
    fill(100, true);
    parcel_pack(&small, (struct text){batch, 100 - PARCEL_HEAD});
    ck_assert(buffer_is_whole(&small));
    parcel_pack(&small, (struct text){batch, 100});
    ck_assert(!buffer_is_whole(&small));
    buffer_finish(&small);
}
END_TEST

START_TEST(a_kind_that_there_is_not_is_refused)
{
    struct text read;

    ck_assert_int_eq(parcel_unpack(TEXT("\002abc"), &room, &read),
                     TALLY_ERR_CORRUPT);
}
END_TEST

static Suite *parcel_suite(void)
{
    Suite *suite = suite_create("parcel");
    TCase *tcase = tcase_create("parcel");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_batch_comes_out_as_it_went_in, 0,
                        (int)(sizeof(lengths) / sizeof(lengths[0])));
    tcase_add_test(tcase, a_large_batch_that_repeats_itself_becomes_small);
    tcase_add_test(tcase, a_damaged_parcel_is_refused_or_read_without_harm);
    tcase_add_test(tcase,
                   a_length_past_the_maximum_is_refused_before_memory_is_taken);
    tcase_add_test(tcase, a_parcel_without_room_is_not_whole);
    tcase_add_test(tcase, a_kind_that_there_is_not_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(parcel_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
