#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "engine/hash.h"

static const uint8_t seed[HASH_SEED_SIZE] = "0123456789abcde";
static const uint8_t other_seed[HASH_SEED_SIZE] = "0123456789abcdf";

/* Such hashes are stored: they must not change. */
static const struct {
    struct text text;
    uint64_t hash;
} stored[] = {
    {TEXT_INIT(""), 0xe2489964df5e0783},
    {TEXT_INIT("a=1"), 0xcf1702a6873f1445},
    {TEXT_INIT("app_key=0123456789&device_id=device-1&begin_session=1"),
     0xf8a4954fc05eee68},
};

START_TEST(the_hash_of_a_text_stays_what_it_is)
{
    struct hash_key key;

    hash_key_derive(&key, seed);
    ck_assert_msg(hash_text(&key, stored[_i].text) == stored[_i].hash,
                  "0x%016" PRIx64, hash_text(&key, stored[_i].text));
}
END_TEST

START_TEST(each_byte_counts)
{
    char text[600];
    struct hash_key key;

    hash_key_derive(&key, seed);
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++) {
        uint64_t before = hash_text(&key, (struct text){text, sizeof(text)});
        text[i] ^= 1;
        ck_assert_uint_ne(hash_text(&key, (struct text){text, sizeof(text)}),
                          before);
    }
}
END_TEST

START_TEST(the_length_counts)
{
    static const char zeros[64];
    struct hash_key key;

    hash_key_random(&key);
    for (size_t len = 1; len < sizeof(zeros); len++)
        ck_assert_uint_ne(hash_text(&key, (struct text){zeros, len}),
                          hash_text(&key, (struct text){zeros, len - 1}));
}
END_TEST

START_TEST(the_key_counts)
{
    struct hash_key key, other, random, another;
    struct text text = TEXT("device-1");

    hash_key_derive(&key, seed);
    hash_key_derive(&other, other_seed);
    hash_key_random(&random);
    hash_key_random(&another);
    ck_assert_uint_ne(hash_text(&key, text), hash_text(&other, text));
    ck_assert_uint_ne(hash_text(&random, text), hash_text(&another, text));
}
END_TEST

static Suite *hash_suite(void)
{
    Suite *suite = suite_create("hash");
    TCase *tcase = tcase_create("hash");

    tcase_add_loop_test(tcase, the_hash_of_a_text_stays_what_it_is, 0,
                        (int)(sizeof(stored) / sizeof(stored[0])));
    tcase_add_test(tcase, each_byte_counts);
    tcase_add_test(tcase, the_length_counts);
    tcase_add_test(tcase, the_key_counts);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(hash_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
