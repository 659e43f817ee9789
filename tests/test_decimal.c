#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/decimal.h"

static const struct {
    double value;
    const char *text;
} numbers[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1.0, "1"},
    {-1.0, "-1"},
    {0.1, "0.1"},
    {0.1 + 0.2, "0.30000000000000004"},
    {33.3, "33.3"},
    {100.0, "100"},
    {123456.789, "123456.789"},
    {9007199254740993.0, "9007199254740992"},
    {1e15, "1000000000000000"},
    {123456789012345680000.0, "123456789012345680000"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e21, "1e+21"},
    {-1.5e300, "-1.5e+300"},
    {1e-6, "0.000001"},
    {1.5e-6, "0.0000015"},
    {1e-7, "1e-7"},
    {1.25e-7, "1.25e-7"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    /* 2 to the power of -44: the neighbour below is nearer */
    {5.684341886080802e-14, "5.684341886080802e-14"},
    {1.0 / 3, "0.3333333333333333"},
    {2.0 / 3, "0.6666666666666666"},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

START_TEST(numbers_are_printed_as_javascript_does)
{
    char text[DECIMAL_SIZE];

    decimal_print(text, numbers[_i].value);
    ck_assert_str_eq(text, numbers[_i].text);
}
END_TEST

START_TEST(every_number_reads_back_the_same)
{
    unsigned long long bits = 88172645463325252ULL;

    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        char text[DECIMAL_SIZE];
        decimal_print(text, value);
        ck_assert_msg(strtod(text, NULL) == value, "%s", text);
    }
}
END_TEST

static Suite *decimal_suite(void)
{
    Suite *suite = suite_create("decimal");
    TCase *tcase = tcase_create("decimal");

    tcase_add_loop_test(tcase, numbers_are_printed_as_javascript_does, 0,
                        NUMBERS);
    tcase_add_test(tcase, every_number_reads_back_the_same);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(decimal_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
