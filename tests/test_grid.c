#include <check.h>
#include <stdlib.h>

#include "http/grid.h"

static FILE *out;
static char *text;
static size_t text_len;

static void begin(void)
{
    out = open_memstream(&text, &text_len);
    ck_assert_ptr_nonnull(out);
    fflush(out); /* sets the text */
}

static void end(void)
{
    fclose(out);
    free(text);
}

START_TEST(columns_are_as_wide_as_their_longest_cell)
{
    static const char *const titles[] = {"ID", "NAME"};
    struct grid *grid = grid_create(titles, 2);

    grid_add(grid, TEXT("1"));
    grid_add(grid, TEXT("one"));
    grid_add(grid, TEXT("12345"));
    grid_add(grid, TEXT(""));
    grid_add(grid, TEXT("\xc3\xa4\xc3\xb6"));
    grid_add(grid, TEXT("x"));
    grid_write(grid, out);
    grid_destroy(grid);
    fflush(out);
    ck_assert_str_eq(text, "ID     NAME\n"
                           "1      one\n"
                           "12345  \n"
                           "\xc3\xa4\xc3\xb6     x\n");
}
END_TEST

START_TEST(any_number_of_rows_has_room)
{
    static const char *const titles[] = {"N"};
    struct grid *grid = grid_create(titles, 1);

    for (int i = 0; i < 1000; i++)
        grid_add(grid, TEXT("x"));
    grid_write(grid, out);
    grid_destroy(grid);
    fflush(out);
    ck_assert_uint_eq(text_len, 2002);
}
END_TEST

static const struct {
    struct text text;
    const char *want;
} texts[] = {
    {TEXT_INIT(""), ""},
    {TEXT_INIT("plain \"text\""), "plain \"text\""},
    {TEXT_INIT("a\nb\tc"), "a?b?c"},
    {TEXT_INIT("\x1b[2J"), "?[2J"},
    {TEXT_INIT("a\0b"), "a?b"},
    {TEXT_INIT("\x7f\xc2\x9b"), "??"},
    {TEXT_INIT("\xff\xc3)\xc3\xa4"), "?"
                                     "?)\xc3\xa4"},
};

START_TEST(a_text_cannot_steer_the_terminal)
{
    grid_write_text(texts[_i].text, out);
    fflush(out);
    ck_assert_str_eq(text, texts[_i].want);
}
END_TEST

static Suite *grid_suite(void)
{
    Suite *suite = suite_create("grid");
    TCase *tcase = tcase_create("grid");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, columns_are_as_wide_as_their_longest_cell);
    tcase_add_test(tcase, any_number_of_rows_has_room);
    tcase_add_loop_test(tcase, a_text_cannot_steer_the_terminal, 0,
                        sizeof(texts) / sizeof(texts[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(grid_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
