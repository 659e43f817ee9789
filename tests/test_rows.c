#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/rows.h"

static const char *const columns[] = {"name", "count", "flag", "last"};

static struct buffer out;
static struct rows rows;

static void setup(void)
{
    buffer_init(&out, 64 * 1024);
    rows = (struct rows){.columns = columns, .count = 4};
}

static void teardown(void)
{
    buffer_finish(&out);
}

static void write_rows(enum rows_format format, unsigned count)
{
    rows.format = format;
    rows_begin(&rows, &out);
    for (unsigned i = 0; i < count; i++) {
        rows_open(&rows, &out);
        rows_text(&rows, 0, TEXT("a\"b"));
        rows_int(&rows, 1, -5);
        if (i > 0)
            rows_bool(&rows, 2, true);
        rows_text(&rows, 3, (struct text){NULL, 0});
        rows_close(&rows);
    }
    rows_end(&rows, &out);
}

static void expect(const char *text)
{
    ck_assert_msg(text_is(buffer_text(&out), text), "%.*s", (int)out.len,
                  out.at);
}

START_TEST(json_is_an_array_of_objects)
{
    write_rows(ROWS_JSON, 2);
    expect("[\n{\"name\":\"a\\\"b\",\"count\":-5},\n"
           "{\"name\":\"a\\\"b\",\"count\":-5,\"flag\":true}\n]\n");
}
END_TEST

START_TEST(json_without_rows_is_an_empty_array)
{
    write_rows(ROWS_JSON, 0);
    expect("[\n]\n");
}
END_TEST

START_TEST(a_line_is_an_object)
{
    write_rows(ROWS_LINES, 2);
    expect("{\"name\":\"a\\\"b\",\"count\":-5}\n"
           "{\"name\":\"a\\\"b\",\"count\":-5,\"flag\":true}\n");
}
END_TEST

START_TEST(csv_has_a_header_and_all_columns)
{
    write_rows(ROWS_CSV, 2);
    expect("name,count,flag,last\r\n\"a\"\"b\",-5,,\r\n"
           "\"a\"\"b\",-5,true,\r\n");
}
END_TEST

static const struct {
    const char *text;
    const char *cell;
} cells[] = {
    {"plain", "plain"},
    {"a,b", "\"a,b\""},
    {"a\nb", "\"a\nb\""},
    {"a\rb", "\"a\rb\""},
    {"=1+1", "'=1+1"},
    {"+1", "'+1"},
    {"-1", "'-1"},
    {"@sum", "'@sum"},
    {"\tx", "'\tx"},
    {"\rx", "\"'\rx\""},
    {"=\"x\"", "\"'=\"\"x\"\"\""},
    {"x=1", "x=1"},
    {"\xc3\xa4", "\xc3\xa4"},
};

START_TEST(no_cell_of_csv_is_a_formula_or_breaks_a_row)
{
    char text[64];

    rows.format = ROWS_CSV;
    rows_open(&rows, &out);
    rows_text(&rows, 0, text_of(cells[_i].text));
    rows_close(&rows);
    snprintf(text, sizeof(text), "%s,,,\r\n", cells[_i].cell);
    expect(text);
}
END_TEST

START_TEST(formats_have_names)
{
    enum rows_format format;

    ck_assert(rows_format_read(TEXT("csv"), &format));
    ck_assert_int_eq(format, ROWS_CSV);
    ck_assert(rows_format_read(TEXT("jsonl"), &format));
    ck_assert_int_eq(format, ROWS_LINES);
    ck_assert(!rows_format_read(TEXT("xls"), &format));
    ck_assert(!rows_format_read((struct text){NULL, 0}, &format));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tcase = tcase_create("rows");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, json_is_an_array_of_objects);
    tcase_add_test(tcase, json_without_rows_is_an_empty_array);
    tcase_add_test(tcase, a_line_is_an_object);
    tcase_add_test(tcase, csv_has_a_header_and_all_columns);
    tcase_add_loop_test(tcase, no_cell_of_csv_is_a_formula_or_breaks_a_row, 0,
                        sizeof(cells) / sizeof(cells[0]));
    tcase_add_test(tcase, formats_have_names);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
