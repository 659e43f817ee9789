#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "metrics/json.h"
#include "metrics/scan.h"

static struct buffer out;
static struct json json;

static void start(void)
{
    buffer_init(&out, 1 << 20);
    json_init(&json, &out, JSON_PLAIN);
}

static void finish(void)
{
    buffer_finish(&out);
}

static void assert_out(const char *expected)
{
    ck_assert_msg(text_is(buffer_text(&out), expected), "%.*s", (int)out.len,
                  out.at);
}

START_TEST(commas_stand_between_values_and_nowhere_else)
{
    json_open_object(&json);
    json_member_int(&json, "a", 1);
    json_key_string(&json, "b");
    json_open_array(&json);
    json_close_array(&json);
    json_key_int(&json, 2026);
    json_open_array(&json);
    json_null(&json);
    json_bool(&json, true);
    json_open_object(&json);
    json_close_object(&json);
    json_raw(&json, TEXT("{\"x\":1}"));
    json_close_array(&json);
    json_member_bool(&json, "c", false);
    json_member_string(&json, "d", "");
    json_close_object(&json);
    assert_out("{\"a\":1,\"b\":[],\"2026\":[null,true,{},{\"x\":1}],"
               "\"c\":false,\"d\":\"\"}");
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_null)
{
    json_open_array(&json);
    json_double(&json, NAN);
    json_double(&json, INFINITY);
    json_double(&json, 0.5);
    json_int(&json, INT64_MIN);
    json_close_array(&json);
    assert_out("[null,null,0.5,-9223372036854775808]");
}
END_TEST

static const struct {
    enum json_escape escape;
    struct text value;
    const char *json;
} values[] = {
    {JSON_PLAIN, TEXT_INIT("a\"b\\c/<&'>"), "\"a\\\"b\\\\c/<&'>\""},
    {JSON_PLAIN, TEXT_INIT("\b\t\n\f\r\x01\x1f\0\x7f"),
     "\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u0000\x7f\""},
    {JSON_PLAIN, TEXT_INIT("\xc3\xa9\xe2\x80\xa8"), "\"\xc3\xa9\xe2\x80\xa8\""},
    {JSON_PLAIN,
     TEXT_INIT("a\xff"
               "b\xe2\x82"),
     "\"a\xef\xbf\xbd"
     "b\xef\xbf\xbd\""},
    {JSON_PLAIN, TEXT_INIT("{\"a\":\"<\"}"), "\"{\\\"a\\\":\\\"<\\\"}\""},
    {JSON_MESSAGE, TEXT_INIT("Missing \"a\" & 'b'"),
     "\"Missing \\\"a\\\" & 'b'\""},
    {JSON_MESSAGE, TEXT_INIT("\"&<\"'&amp;>"),
     "\"\\\"&&lt;&quot;&#39;&amp;amp;&gt;\""},
    {JSON_DATA, TEXT_INIT("At&t"), "\"At&amp;t\""},
    {JSON_DATA, TEXT_INIT("a\"'<>\\"), "\"a&quot;&#39;&lt;&gt;\\\\\""},
    {JSON_DATA, TEXT_INIT("&amp;&quot;&#39;&lt;&gt;&#46;&#36;"),
     "\"&amp;&quot;&#39;&lt;&gt;&#46;&#36;\""},
    {JSON_DATA, TEXT_INIT("&#47;&am&"), "\"&amp;#47;&amp;am&amp;\""},
    {JSON_DATA, TEXT_INIT(""), "\"\""},
    /* JSON in strings */
    {JSON_DATA, TEXT_INIT("{\"a<\": \"b&\", \"n\": [1.0, 1e3, true, null]}"),
     "\"{\\\"a&lt;\\\":\\\"b&amp;\\\",\\\"n\\\":[1,1000,true,null]}\""},
    {JSON_DATA, TEXT_INIT(" [\"'\"]"), "\"[\\\"&#39;\\\"]\""},
    {JSON_DATA, TEXT_INIT("{\"a\":\"{\\\"b\\\":\\\"<\\\"}\"}"),
     "\"{\\\"a\\\":\\\"{\\\\\\\"b\\\\\\\":\\\\\\\"&lt;\\\\\\\"}\\\"}\""},
    {JSON_DATA, TEXT_INIT("{\"a\\n\":1}"), "\"{\\\"a\\\\n\\\":1}\""},
    {JSON_DATA, TEXT_INIT("{\"a\":1} x"), "\"{&quot;a&quot;:1} x\""},
    {JSON_DATA, TEXT_INIT("{<"), "\"{&lt;\""},
    {JSON_DATA, TEXT_INIT("\"a\""), "\"&quot;a&quot;\""},
};

enum { VALUES = sizeof(values) / sizeof(values[0]) };

START_TEST(strings_are_escaped_for_their_use)
{
    json.escape = values[_i].escape;
    json_text(&json, values[_i].value);
    assert_out(values[_i].json);
}
END_TEST

START_TEST(keys_are_escaped_but_never_parsed)
{
    json.escape = JSON_DATA;
    json_open_object(&json);
    json_key(&json, TEXT("{\"a\":\"<\"}"));
    json_int(&json, 1);
    json_close_object(&json);
    assert_out("{\"{&quot;a&quot;:&quot;&lt;&quot;}\":1}");
}
END_TEST

START_TEST(any_bytes_make_one_well_formed_string)
{
    unsigned state = 1;

    for (int round = 0; round < 2000; round++) {
        char bytes[24];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = "{}[]\":,\\<&'\x01\xc3\xa9 1a"[(state >> 16) % 18];
        }
        struct scan scan;
        struct scan_value value;

        buffer_clear(&out);
        json_init(&json, &out, (enum json_escape)(round % 3));
        json_text(&json, (struct text){bytes, sizeof(bytes)});
        scan_init(&scan, buffer_text(&out));
        ck_assert(scan_read(&scan, &value) && scan_is_over(&scan));
        ck_assert_int_eq(value.kind, SCAN_STRING);
    }
}
END_TEST

static Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_test(tcase, commas_stand_between_values_and_nowhere_else);
    tcase_add_test(tcase, numbers_that_are_not_finite_are_null);
    tcase_add_loop_test(tcase, strings_are_escaped_for_their_use, 0, VALUES);
    tcase_add_test(tcase, keys_are_escaped_but_never_parsed);
    tcase_add_test(tcase, any_bytes_make_one_well_formed_string);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(json_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
