#include <check.h>
#include <stdlib.h>

#include "engine/utf8.h"

static const struct {
    struct text bytes;
    struct text repaired;
} sequences[] = {
    {TEXT_INIT(""), TEXT_INIT("")},
    {TEXT_INIT("plain text, long enough for words"),
     TEXT_INIT("plain text, long enough for words")},
    {TEXT_INIT("a\0b"), TEXT_INIT("a\0b")},
    {TEXT_INIT("\xc3\xa9"), TEXT_INIT("\xc3\xa9")},
    {TEXT_INIT("\xe2\x82\xac"), TEXT_INIT("\xe2\x82\xac")},
    {TEXT_INIT("\xf0\x9f\x98\x80"), TEXT_INIT("\xf0\x9f\x98\x80")},
    {TEXT_INIT("\xf4\x8f\xbf\xbf"), TEXT_INIT("\xf4\x8f\xbf\xbf")},
    {TEXT_INIT("\x80"), TEXT_INIT("\xef\xbf\xbd")},
    {TEXT_INIT("\xc3"), TEXT_INIT("\xef\xbf\xbd")},
    {TEXT_INIT("\xc3("), TEXT_INIT("\xef\xbf\xbd(")},
    {TEXT_INIT("\xe2\x82"), TEXT_INIT("\xef\xbf\xbd")},
    {TEXT_INIT("\xe2\x82x"), TEXT_INIT("\xef\xbf\xbdx")},
    {TEXT_INIT("\xf0\x9f\x98x"), TEXT_INIT("\xef\xbf\xbdx")},
    /* overlong */
    {TEXT_INIT("\xc0\xaf"), TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd")},
    {TEXT_INIT("\xe0\x80\xaf"),
     TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
    /* a surrogate, and a code point beyond the last one */
    {TEXT_INIT("\xed\xa0\x80"),
     TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
    {TEXT_INIT("\xf4\x90\x80\x80"),
     TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
};

enum { SEQUENCES = sizeof(sequences) / sizeof(sequences[0]) };

START_TEST(what_is_broken_is_replaced_and_the_rest_kept)
{
    struct text bytes = sequences[_i].bytes;
    struct text repaired = sequences[_i].repaired;
    char out[64];

    ck_assert_uint_eq(utf8_repaired_length(bytes), repaired.len);
    ck_assert_uint_eq(utf8_repair(out, bytes), repaired.len);
    ck_assert_mem_eq(out, repaired.at, repaired.len);
}
END_TEST

START_TEST(the_valid_beginning_ends_where_repair_begins)
{
    struct text bytes = sequences[_i].bytes;
    struct text repaired = sequences[_i].repaired;
    size_t common = 0;

    while (common < bytes.len && common < repaired.len &&
           bytes.at[common] == repaired.at[common])
        common++;
    if (text_equal(bytes, repaired))
        ck_assert_uint_eq(utf8_valid_length(bytes), bytes.len);
    else
        ck_assert_uint_eq(utf8_valid_length(bytes), common);
}
END_TEST

START_TEST(every_code_point_is_encoded_well_formed)
{
    for (uint32_t code = 0; code < 0x110000; code += 7) {
        char out[UTF8_MAX];
        unsigned length = utf8_encode(out, code);

        ck_assert_int_eq(utf8_next((struct text){out, length}), (int)length);
    }
}
END_TEST

START_TEST(surrogates_and_too_large_numbers_are_encoded_as_replacement)
{
    static const uint32_t codes[] = {0xd800, 0xdfff, 0x110000, UINT32_MAX};
    char out[UTF8_MAX];

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        ck_assert_uint_eq(utf8_encode(out, codes[i]), 3);
        ck_assert_mem_eq(out, UTF8_REPLACEMENT, 3);
    }
}
END_TEST

static Suite *utf8_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tcase = tcase_create("utf8");

    tcase_add_loop_test(tcase, what_is_broken_is_replaced_and_the_rest_kept, 0,
                        SEQUENCES);
    tcase_add_loop_test(tcase, the_valid_beginning_ends_where_repair_begins, 0,
                        SEQUENCES);
    tcase_add_test(tcase, every_code_point_is_encoded_well_formed);
    tcase_add_test(tcase,
                   surrogates_and_too_large_numbers_are_encoded_as_replacement);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(utf8_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
