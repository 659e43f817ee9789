#include <check.h>
#include <stdlib.h>

#include "engine/pack.h"
#include "metrics/user.h"

static struct user full(void)
{
    struct user user = {
        .fs = 1684317600,
        .ls = 1684317600,
        .fac = 1684317500,
        .lac = 1784317600,
        .lbst = 1684317600,
        .lest = UINT32_MAX,
        .sc = 7,
        .sd = 86400,
        .tsd = UINT64_C(1) << 40,
        .merges = 2,
        .marked_day = 19494,
        .unmarked = 0x80000001,
        .events = UINT64_C(1) << 40,
        .orientation = USER_LANDSCAPE,
        .ended_hour = 467866,
        .ended_bucket = 0,
        .is_open = true,
        .has_info = true,
        .has_tz = true,
        .tz = -720,
    };

    for (uint32_t set = 1; set <= USER_VALUES_MAX; set++)
        ck_assert(user_set_value(&user, set * 1000, UINT32_MAX - set));
    for (uint64_t i = 1; i <= 10; i++)
        user_add_request(&user, UINT64_MAX - i);
    return user;
}

static struct user round_trip(const struct user *user)
{
    uint8_t bytes[USER_RECORD_MAX];
    struct user read;

    ck_assert_int_eq(user_read(user_write(user, bytes), &read), TALLY_OK);
    return read;
}

START_TEST(a_fresh_user_reads_back)
{
    struct user fresh = user_fresh();
    struct user read = round_trip(&fresh);

    ck_assert_uint_eq(read.fs, 0);
    ck_assert_uint_eq(read.ended_bucket, USER_NO_BUCKET);
    ck_assert(!read.is_open && !read.has_tz);
    ck_assert_uint_eq(read.value_count, 0);
}
END_TEST

START_TEST(times_read_back_wherever_they_lie)
{
    for (int64_t distance = -3; distance <= 3; distance++) {
        struct user user = user_fresh();
        user.fs = 1684317600;
        user.lest = (uint32_t)(user.fs + distance);
        struct user read = round_trip(&user);
        ck_assert_uint_eq(read.lest, user.lest);
        ck_assert_uint_eq(read.ls, 0);
    }
}
END_TEST

START_TEST(a_full_user_reads_back)
{
    struct user user = full();
    struct user read = round_trip(&user);

    ck_assert_uint_eq(read.fs, user.fs);
    ck_assert_uint_eq(read.ls, user.ls);
    ck_assert_uint_eq(read.fac, user.fac);
    ck_assert_uint_eq(read.lac, user.lac);
    ck_assert_uint_eq(read.lest, user.lest);
    ck_assert_uint_eq(read.sc, user.sc);
    ck_assert_uint_eq(read.sd, user.sd);
    ck_assert_uint_eq(read.tsd, user.tsd);
    ck_assert_uint_eq(read.merges, user.merges);
    ck_assert_int_eq(read.marked_day, user.marked_day);
    ck_assert_uint_eq(read.unmarked, user.unmarked);
    ck_assert_uint_eq(read.events, user.events);
    ck_assert_str_eq(user_orientation_name(&read), "landscape");
    ck_assert_int_eq(read.ended_hour, user.ended_hour);
    ck_assert_uint_eq(read.ended_bucket, 0);
    ck_assert_int_eq(read.tz, -720);
    ck_assert(read.is_open && read.has_info && read.has_tz);
    ck_assert_uint_eq(user_value(&read, 5000)->value, UINT32_MAX - 5);
    ck_assert_ptr_null(user_value(&read, 1));
    ck_assert_uint_eq(read.ring_count, USER_RING);
}
END_TEST

START_TEST(the_ring_keeps_the_last_eight_requests)
{
    struct user user = full();

    ck_assert(user_has_request(&user, UINT64_MAX - 10));
    ck_assert(user_has_request(&user, UINT64_MAX - 3));
    ck_assert(!user_has_request(&user, UINT64_MAX - 2));
    ck_assert_uint_eq(user.ring[0], UINT64_MAX - 10);
}
END_TEST

START_TEST(values_have_a_bound)
{
    struct user user = full();

    ck_assert(!user_set_value(&user, 1, 1));
    ck_assert(user_set_value(&user, 5000, 1));
    ck_assert_uint_eq(user_value(&user, 5000)->value, 1);
}
END_TEST

START_TEST(a_cut_record_is_damage)
{
    struct user user = full();
    uint8_t bytes[USER_RECORD_MAX];
    struct text record = user_write(&user, bytes);

    for (size_t len = 0; len < record.len; len++) {
        struct user read;
        ck_assert_int_eq(user_read((struct text){record.at, len}, &read),
                         TALLY_ERR_CORRUPT);
    }
}
END_TEST

static const struct {
    unsigned field; /* its bit in the record's mask */
    int64_t value;
    enum tally_err err;
} numbers[] = {
    {0, UINT32_MAX, TALLY_OK},
    {0, (int64_t)UINT32_MAX + 1, TALLY_ERR_CORRUPT},
    {0, -1, TALLY_ERR_CORRUPT},
    {1, (int64_t)UINT32_MAX + 1, TALLY_OK},
    {1, INT64_MAX, TALLY_ERR_CORRUPT},
    {5, INT64_MIN, TALLY_ERR_CORRUPT},
    {7, INT64_MIN, TALLY_OK},
    {10, INT32_MIN, TALLY_OK},
    {10, (int64_t)INT32_MAX + 1, TALLY_ERR_CORRUPT},
    {12, USER_NO_BUCKET, TALLY_OK},
    {12, USER_NO_BUCKET + 1, TALLY_ERR_CORRUPT},
    {12, INT64_MIN, TALLY_ERR_CORRUPT},
    {13, 11, TALLY_OK},
    {13, 12, TALLY_ERR_CORRUPT},
    {14, UINT16_MAX, TALLY_OK},
    {14, UINT16_MAX + 1, TALLY_ERR_CORRUPT},
    {15, INT64_MAX, TALLY_ERR_CORRUPT},
    {16, INT64_MAX, TALLY_OK},
    {16, -1, TALLY_ERR_CORRUPT},
    {63, 1, TALLY_ERR_CORRUPT},
};

START_TEST(a_number_that_no_user_has_is_damage)
{
    uint8_t bytes[USER_RECORD_MAX];
    struct pack pack = pack_into(bytes, sizeof(bytes));
    struct user read;

    pack_var(&pack, UINT64_C(1) << numbers[_i].field);
    pack_zigzag(&pack, numbers[_i].value);
    pack_var(&pack, 0);
    pack_var(&pack, 0);
    struct text record = {(char *)bytes, (size_t)(pack.at - bytes)};
    ck_assert_int_eq(user_read(record, &read), numbers[_i].err);
}
END_TEST

static Suite *user_suite(void)
{
    Suite *suite = suite_create("user");
    TCase *tcase = tcase_create("user");

    tcase_add_test(tcase, a_fresh_user_reads_back);
    tcase_add_test(tcase, times_read_back_wherever_they_lie);
    tcase_add_test(tcase, a_full_user_reads_back);
    tcase_add_test(tcase, the_ring_keeps_the_last_eight_requests);
    tcase_add_test(tcase, values_have_a_bound);
    tcase_add_test(tcase, a_cut_record_is_damage);
    tcase_add_loop_test(tcase, a_number_that_no_user_has_is_damage, 0,
                        sizeof(numbers) / sizeof(numbers[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(user_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
