#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/lines.h"
#include "scratch.h"

enum { MAX = 1000, LONG = 700 * 1024 };

static char path[256];

static void setup(void)
{
    snprintf(path, sizeof(path), "%s/lines", scratch_create());
}

static void teardown(void)
{
    unlink(path);
    scratch_remove();
}

static void write_file(const char *parts[], size_t count)
{
    FILE *file = fopen(path, "w");

    for (size_t i = 0; i < count; i++) {
        for (int j = 0; !parts[i] && j < LONG; j++)
            fputc('x', file);
        fputs(parts[i] ? parts[i] : "", file);
    }
    fclose(file);
}

static void expect(struct lines *lines, const char *text, uint64_t end)
{
    struct line line;

    ck_assert_int_eq(lines_next(lines, &line), TALLY_OK);
    ck_assert_int_eq(line.is_too_long, text == NULL);
    if (text)
        ck_assert_msg(text_is(line.text, text), "%.*s", (int)line.text.len,
                      line.text.at);
    ck_assert_uint_eq(line.end, end);
}

static void expect_end(struct lines *lines)
{
    struct line line;

    ck_assert_int_eq(lines_next(lines, &line), TALLY_ERR_NOT_FOUND);
    lines_close(lines);
}

START_TEST(lines_come_without_their_ends)
{
    const char *parts[] = {"one\n\r\n", "two\r\n\n", "last"};
    struct lines lines;

    write_file(parts, 3);
    ck_assert_int_eq(lines_open(&lines, path, 0, MAX), TALLY_OK);
    expect(&lines, "one", 4);
    expect(&lines, "", 6);
    expect(&lines, "two", 11);
    expect(&lines, "", 12);
    expect(&lines, "last", 16);
    expect_end(&lines);
}
END_TEST

START_TEST(reading_goes_on_where_a_line_ended)
{
    const char *parts[] = {"one\n", "two\n", "three\n"};
    struct lines lines;

    write_file(parts, 3);
    ck_assert_int_eq(lines_open(&lines, path, 8, MAX), TALLY_OK);
    expect(&lines, "three", 14);
    expect_end(&lines);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_passed_over)
{
    const char *parts[] = {"one\n", NULL, "\ntwo\n", NULL};
    struct lines lines;

    write_file(parts, 4);
    ck_assert_int_eq(lines_open(&lines, path, 0, MAX), TALLY_OK);
    expect(&lines, "one", 4);
    expect(&lines, NULL, 5 + LONG);
    expect(&lines, "two", 9 + LONG);
    expect(&lines, NULL, 9 + 2 * LONG);
    expect_end(&lines);
}
END_TEST

START_TEST(a_file_that_is_not_there_cannot_be_read)
{
    struct lines lines;

    ck_assert_int_eq(lines_open(&lines, path, 0, MAX), TALLY_ERR_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lines");
    TCase *tcase = tcase_create("lines");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, lines_come_without_their_ends);
    tcase_add_test(tcase, reading_goes_on_where_a_line_ended);
    tcase_add_test(tcase, a_line_that_is_too_long_is_passed_over);
    tcase_add_test(tcase, a_file_that_is_not_there_cannot_be_read);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
