#include <check.h>
#include <stdlib.h>

#include "engine/swar.h"

/* Each byte value at each place, among bytes that are no match. */
#define EACH_BYTE (256 * SWAR_BYTES)

static uint64_t word_with(unsigned char byte, unsigned place)
{
    char bytes[SWAR_BYTES] = "xxxxxxxx";

    bytes[place] = (char)byte;
    return swar_load(bytes);
}

START_TEST(the_first_equal_byte_is_found)
{
    unsigned char byte = (unsigned char)(_i / SWAR_BYTES);
    unsigned place = (unsigned)_i % SWAR_BYTES;
    uint64_t word = word_with(byte, place);

    if (byte == 'x')
        place = 0;
    ck_assert_uint_eq(swar_before(swar_equal(word, byte)), place);
    ck_assert_uint_eq(swar_before(swar_equal(word, 'y')),
                      byte == 'y' ? place : SWAR_BYTES);
}
END_TEST

START_TEST(the_first_smaller_byte_is_found)
{
    unsigned char byte = (unsigned char)(_i / SWAR_BYTES);
    unsigned place = (unsigned)_i % SWAR_BYTES;

    ck_assert_uint_eq(swar_before(swar_below(word_with(byte, place), 0x20)),
                      byte < 0x20 ? place : SWAR_BYTES);
}
END_TEST

START_TEST(the_first_byte_that_is_no_ascii_is_found)
{
    unsigned char byte = (unsigned char)(_i / SWAR_BYTES);
    unsigned place = (unsigned)_i % SWAR_BYTES;

    ck_assert_uint_eq(swar_before(swar_not_ascii(word_with(byte, place))),
                      byte >= 0x80 ? place : SWAR_BYTES);
}
END_TEST

START_TEST(of_several_the_first_counts)
{
    ck_assert_uint_eq(swar_before(swar_equal(swar_load("xx%%&%xx"), '%')), 2);
    ck_assert_uint_eq(swar_before(swar_equal(swar_load("&&%$%%%%"), '%')), 2);
}
END_TEST

static Suite *swar_suite(void)
{
    Suite *suite = suite_create("swar");
    TCase *tcase = tcase_create("swar");

    tcase_add_loop_test(tcase, the_first_equal_byte_is_found, 0, EACH_BYTE);
    tcase_add_loop_test(tcase, the_first_smaller_byte_is_found, 0, EACH_BYTE);
    tcase_add_loop_test(tcase, the_first_byte_that_is_no_ascii_is_found, 0,
                        EACH_BYTE);
    tcase_add_test(tcase, of_several_the_first_counts);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(swar_suite());

    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
