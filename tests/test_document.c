#include <check.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/document.h"

static const struct {
    struct text json;
    bool is_good;
} cases[] = {
    {TEXT_INIT("{}"), true},
    {TEXT_INIT(" {\"a\":1} \r\n"), true},
    {TEXT_INIT("{\"a\":\"\\\\u0000\"}"), true},
    {TEXT_INIT("{\"a\":\"[[[[\"}"), true},
    {TEXT_INIT("{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"}"), true},
    {TEXT_INIT(""), false},
    {TEXT_INIT("[]"), false},
    {TEXT_INIT("\"a\""), false},
    {TEXT_INIT("{} {}"), false},
    {TEXT_INIT("{}x"), false},
    {TEXT_INIT("{}\0"), false},
    {TEXT_INIT("{\"a\":"), false},
    {TEXT_INIT("{\"a\":\"\\u0000b\"}"), false},
    {TEXT_INIT("{\"a\\u0000b\":1}"), false},
    {TEXT_INIT("{\"a\":\"\\\\\\u0000\"}"), false},
    {TEXT_INIT("{\"a\":\"\n\"}"), false},
    {TEXT_INIT("{\"a\":\"\xc3\"}"), false},
    {TEXT_INIT("{\"a\":\"x}"), false},
    {TEXT_INIT("{\"a\":\"x\\"), false},
};

START_TEST(takes_one_well_formed_object_without_traps)
{
    cJSON *tree = document_parse(cases[_i].json);

    ck_assert_int_eq(tree != NULL, cases[_i].is_good);
    cJSON_Delete(tree);
}
END_TEST

static cJSON *parse_nested(size_t depth)
{
    struct buffer json;

    buffer_init(&json, DOCUMENT_SIZE_MAX);
    buffer_add_string(&json, "{\"a\":");
    for (size_t i = 1; i < depth; i++)
        buffer_add_byte(&json, '[');
    for (size_t i = 1; i < depth; i++)
        buffer_add_byte(&json, ']');
    buffer_add_byte(&json, '}');

    cJSON *tree = document_parse(buffer_text(&json));

    buffer_finish(&json);
    return tree;
}

START_TEST(nesting_ends_at_its_maximum)
{
    cJSON *tree = parse_nested(DOCUMENT_DEPTH_MAX);

    ck_assert_ptr_nonnull(tree);
    cJSON_Delete(tree);
    ck_assert_ptr_null(parse_nested(DOCUMENT_DEPTH_MAX + 1));
}
END_TEST

START_TEST(size_ends_at_its_maximum)
{
    char *json = memory_alloc(DOCUMENT_SIZE_MAX + 1);

    memset(json, ' ', DOCUMENT_SIZE_MAX + 1);
    memcpy(json, "{}", 2);

    cJSON *tree = document_parse((struct text){json, DOCUMENT_SIZE_MAX});

    ck_assert_ptr_nonnull(tree);
    cJSON_Delete(tree);
    ck_assert_ptr_null(
        document_parse((struct text){json, DOCUMENT_SIZE_MAX + 1}));
    free(json);
}
END_TEST

START_TEST(members_are_found_by_their_exact_name_and_type)
{
    cJSON *tree =
        document_parse(TEXT("{\"A\":\"upper\",\"a\":\"lower\",\"n\":1684317600,"
                            "\"huge\":1e300,\"yes\":true,\"one\":1}"));

    ck_assert_str_eq(document_string(tree, "a"), "lower");
    ck_assert_str_eq(document_string(tree, "A"), "upper");
    ck_assert_ptr_null(document_string(tree, "n"));
    ck_assert_ptr_null(document_string(tree, "none"));
    ck_assert_ptr_null(document_string(NULL, "a"));
    ck_assert_int_eq(document_int(tree, "n"), 1684317600);
    ck_assert_int_eq(document_int(tree, "huge"), 0);
    ck_assert_int_eq(document_int(tree, "a"), 0);
    ck_assert(document_bool(tree, "yes"));
    ck_assert(!document_bool(tree, "one"));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(is_written_as_it_was_read)
{
    static const char same[] = "{\"a\":[1,-2.5,null,true,false,{}],\"b\":"
                               "{\"c\":\"\\\"\\\\x\"},"
                               "\"d\":1000000000000000}";
    cJSON *tree = document_parse(TEXT(same));
    struct buffer out;
    struct json json;

    buffer_init(&out, DOCUMENT_SIZE_MAX);
    json_init(&json, &out, JSON_PLAIN);
    document_write(&json, tree);
    buffer_add_byte(&out, '\0');
    ck_assert_str_eq(out.at, same);
    buffer_finish(&out);
    cJSON_Delete(tree);
}
END_TEST

static Suite *document_suite(void)
{
    Suite *suite = suite_create("document");
    TCase *tcase = tcase_create("document");

    tcase_add_loop_test(tcase, takes_one_well_formed_object_without_traps, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, nesting_ends_at_its_maximum);
    tcase_add_test(tcase, size_ends_at_its_maximum);
    tcase_add_test(tcase, members_are_found_by_their_exact_name_and_type);
    tcase_add_test(tcase, is_written_as_it_was_read);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(document_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
