#include <check.h>
#include <stdlib.h>

#include "metrics/scan.h"

static const struct {
    const char *source;
    int kind; /* -1: malformed */
} sources[] = {
    {"1", SCAN_NUMBER},
    {" -0.5e+10 ", SCAN_NUMBER},
    {"12345678901234567890123456789012", SCAN_NUMBER},
    {"123456789012345678901234567890123", -1},
    {"01", -1},
    {"+1", -1},
    {".5", -1},
    {"5.", -1},
    {"1e", -1},
    {"-", -1},
    {"0x1", -1},
    {"NaN", -1},
    {"true", SCAN_BOOL},
    {"false", SCAN_BOOL},
    {"null", SCAN_NULL},
    {"nul", -1},
    {"True", -1},
    {"\"\"", SCAN_STRING},
    {"\"a\\n\\u00e9\\/\\\"\"", SCAN_STRING},
    {"\"a\nb\"", -1},
    {"\"a", -1},
    {"\"\\x\"", -1},
    {"\"\\u12g4\"", -1},
    {"\"\\u12", -1},
    {"'a'", -1},
    {"{}", SCAN_OBJECT},
    {"{\"a\":1,\"a\":[{}]}", SCAN_OBJECT},
    {"{\"a\":1,}", -1},
    {"{,}", -1},
    {"{\"a\" 1}", -1},
    {"{a:1}", -1},
    {"{\"a\":}", -1},
    {"{\"a\":1", -1},
    {"{\"a\":1]", -1},
    {"[]", SCAN_ARRAY},
    {"[1,\"2\", [3]]", SCAN_ARRAY},
    {"[1 2]", -1},
    {"[1,]", -1},
    {"[,1]", -1},
    {"[1", -1},
    {"{} x", -1},
    {"[]]", -1},
    {"", -1},
    {"  ", -1},
    {"/* c */1", -1},
};

enum { SOURCES = sizeof(sources) / sizeof(sources[0]) };

START_TEST(json_is_read_strictly)
{
    struct scan scan;
    struct scan_value value;

    scan_init(&scan, text_of(sources[_i].source));
    bool is_json = scan_read(&scan, &value) && scan_is_over(&scan);
    ck_assert_int_eq(is_json, sources[_i].kind >= 0);
    if (is_json)
        ck_assert_int_eq((int)value.kind, sources[_i].kind);
}
END_TEST

static bool nests(int depth)
{
    char source[2 * SCAN_DEPTH_MAX + 4];
    struct scan scan;
    struct scan_value value;

    memset(source, '[', (size_t)depth);
    memset(source + depth, ']', (size_t)depth);
    scan_init(&scan, (struct text){source, 2 * (size_t)depth});
    return scan_read(&scan, &value) && scan_is_over(&scan);
}

START_TEST(depth_is_bounded)
{
    ck_assert(nests(SCAN_DEPTH_MAX));
    ck_assert(!nests(SCAN_DEPTH_MAX + 1));
}
END_TEST

START_TEST(members_come_in_order_with_their_source_text)
{
    struct scan scan;
    struct scan_value key, value;

    scan_init(&scan, TEXT(" { \"a\" : 1.50 , \"b\\t\":{\"c\": [ ]} }"));
    ck_assert(scan_enter(&scan, '{'));
    ck_assert_int_eq(scan_member(&scan, &key, &value), SCAN_MORE);
    ck_assert(text_is(key.text, "a") && !key.has_escapes);
    ck_assert(text_is(value.text, "1.50"));
    ck_assert_int_eq(scan_member(&scan, &key, &value), SCAN_MORE);
    ck_assert(text_is(key.text, "b\\t") && key.has_escapes);
    ck_assert(text_is(value.text, "{\"c\": [ ]}"));
    ck_assert_int_eq(scan_member(&scan, &key, &value), SCAN_END);
    ck_assert(scan_is_over(&scan));
}
END_TEST

static const struct {
    const char *string;
    struct text decoded;
} strings[] = {
    {"plain", TEXT_INIT("plain")},
    {"\\\"\\\\\\/\\b\\f\\n\\r\\t", TEXT_INIT("\"\\/\b\f\n\r\t")},
    {"a\\u0000b", TEXT_INIT("a\0b")},
    {"\\u00e9\\u20AC", TEXT_INIT("\xc3\xa9\xe2\x82\xac")},
    {"\\ud83d\\ude00!", TEXT_INIT("\xf0\x9f\x98\x80!")},
    {"\\ud83d", TEXT_INIT("\xef\xbf\xbd")},
    {"\\ud83dx", TEXT_INIT("\xef\xbf\xbdx")},
    {"\\ud83d\\u0041", TEXT_INIT("\xef\xbf\xbd"
                                 "A")},
    {"\\ude00\\ud83d", TEXT_INIT("\xef\xbf\xbd\xef\xbf\xbd")},
};

enum { STRINGS = sizeof(strings) / sizeof(strings[0]) };

START_TEST(escapes_are_decoded)
{
    struct text string = text_of(strings[_i].string);
    char *out = malloc(string.len);
    size_t length = scan_decode(out, string);

    ck_assert(text_equal((struct text){out, length}, strings[_i].decoded));
    free(out);
}
END_TEST

static Suite *scan_suite(void)
{
    Suite *suite = suite_create("scan");
    TCase *tcase = tcase_create("scan");

    tcase_add_loop_test(tcase, json_is_read_strictly, 0, SOURCES);
    tcase_add_test(tcase, depth_is_bounded);
    tcase_add_test(tcase, members_come_in_order_with_their_source_text);
    tcase_add_loop_test(tcase, escapes_are_decoded, 0, STRINGS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(scan_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
