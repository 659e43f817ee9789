#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/params.h"

static struct arena *arena;
static struct params params;

static void start(void)
{
    arena = arena_create(64 * 1024);
    params = (struct params){0};
}

static void finish(void)
{
    arena_destroy(arena);
}

START_TEST(the_last_repeat_wins)
{
    ck_assert_int_eq(
        params_set(
            &params, arena,
            (struct param){.name = TEXT("a"), .value = TEXT("1"), .kind = 0}),
        TALLY_OK);
    ck_assert_int_eq(
        params_add_json(&params, arena, TEXT("{\"a\":2,\"b\":3,\"a\":\"4\"}")),
        TALLY_OK);
    ck_assert_uint_eq(params.count, 2);
    ck_assert(text_is(params_text(&params, "a"), "4"));
    ck_assert_int_eq(params_find(&params, "a")->kind, PARAM_TEXT);
}
END_TEST

START_TEST(members_keep_their_type)
{
    static const struct {
        const char *name;
        enum param_kind kind;
        struct text value;
    } members[] = {
        {"s", PARAM_TEXT, TEXT_INIT("x\0\n\xc3\xa9")},
        {"n", PARAM_NUMBER, TEXT_INIT("1.50e3")},
        {"t", PARAM_BOOL, TEXT_INIT("true")},
        {"z", PARAM_NULL, TEXT_INIT("")},
        {"o", PARAM_JSON, TEXT_INIT("{\"a\": [1]}")},
        {"l", PARAM_JSON, TEXT_INIT("[ ]")},
        {"k\xc3\xa9", PARAM_TEXT, TEXT_INIT("")},
    };

    ck_assert_int_eq(
        params_add_json(&params, arena,
                        TEXT("{\"s\":\"x\\u0000\\n\\u00e9\",\"n\":1.50e3,"
                             "\"t\":true,\"z\":null,\"o\":{\"a\": [1]},"
                             "\"l\":[ ],\"k\\u00e9\":\"\"} ")),
        TALLY_OK);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct param *param = params_find(&params, members[i].name);
        ck_assert_ptr_nonnull(param);
        ck_assert_int_eq(param->kind, members[i].kind);
        ck_assert(text_equal(params_text(&params, members[i].name),
                             members[i].value));
    }
}
END_TEST

static const struct text malformed[] = {
    TEXT_INIT(""),
    TEXT_INIT("[]"),
    TEXT_INIT("1"),
    TEXT_INIT("{"),
    TEXT_INIT("{} {}"),
    TEXT_INIT("{\"a\":1}x"),
    TEXT_INIT("{\"a\":1,}"),
    TEXT_INIT("{\"a\":\"\0\"}"),
    TEXT_INIT("\xef\xbb\xbf{}"),
    TEXT_INIT("{\"a\":1}\0"),
};

enum { MALFORMED = sizeof(malformed) / sizeof(malformed[0]) };

START_TEST(what_is_not_one_object_is_refused_and_adds_nothing)
{
    ck_assert_int_eq(params_add_json(&params, arena, malformed[_i]),
                     TALLY_ERR_INVALID);
    ck_assert_uint_eq(params.count, 0);
}
END_TEST

START_TEST(broken_utf8_is_replaced_everywhere)
{
    ck_assert_int_eq(
        params_add_json(&params, arena,
                        TEXT("{\"a\xff\":\"b\xc3\",\"o\":[\"\xe2\x82\"]}")),
        TALLY_OK);
    ck_assert(text_is(params_text(&params, "a\xef\xbf\xbd"), "b\xef\xbf\xbd"));
    ck_assert(text_is(params_text(&params, "o"), "[\"\xef\xbf\xbd\"]"));
}
END_TEST

static enum tally_err add_many(int count)
{
    char json[8 * (PARAMS_MAX + 2)];
    int len = 0;

    for (int i = 0; i < count; i++)
        len += snprintf(json + len, sizeof(json) - (size_t)len, "%c\"%d\":1",
                        i ? ',' : '{', i);
    json[len++] = '}';
    return params_add_json(&params, arena, (struct text){json, (size_t)len});
}

START_TEST(the_number_of_parameters_is_bounded)
{
    ck_assert_int_eq(add_many(PARAMS_MAX), TALLY_OK);
    ck_assert_uint_eq(params.count, PARAMS_MAX);
    params = (struct params){0};
    ck_assert_int_eq(add_many(PARAMS_MAX + 1), TALLY_ERR_TOO_BIG);
}
END_TEST

START_TEST(the_limit_of_the_arena_is_kept)
{
    struct arena *small = arena_create(64);

    ck_assert_int_eq(params_add_json(&params, small, TEXT("{\"a\":1}")),
                     TALLY_ERR_TOO_BIG);
    arena_destroy(small);
}
END_TEST

static const struct {
    const char *json; /* value of the member "v" */
    bool is_true;
    bool has;
} flags[] = {
    {"1", true, true},        {"0", false, false},
    {"-0.0e9", false, false}, {"0.5", true, true},
    {"10", true, true},       {"true", true, true},
    {"false", false, false},  {"null", false, false},
    {"\"\"", false, false},   {"\"0\"", false, true},
    {"\"00\"", true, true},   {"\"1\"", true, true},
    {"\"no\"", true, true},   {"\"false\"", false, true},
    {"{}", true, true},       {"[]", true, true},
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

START_TEST(flags_are_true_as_the_specification_says)
{
    char json[64];
    int len = snprintf(json, sizeof(json), "{\"v\":%s}", flags[_i].json);

    ck_assert_int_eq(
        params_add_json(&params, arena, (struct text){json, (size_t)len}),
        TALLY_OK);
    ck_assert_int_eq(params_is_true(&params, "v"), flags[_i].is_true);
    ck_assert_int_eq(params_has(&params, "v"), flags[_i].has);
    ck_assert(!params_is_true(&params, "absent"));
    ck_assert(!params_has(&params, "absent"));
    ck_assert_uint_eq(params_text(&params, "absent").len, 0);
}
END_TEST

static Suite *params_suite(void)
{
    Suite *suite = suite_create("params");
    TCase *tcase = tcase_create("params");

    tcase_add_checked_fixture(tcase, start, finish);
    tcase_add_test(tcase, the_last_repeat_wins);
    tcase_add_test(tcase, members_keep_their_type);
    tcase_add_loop_test(tcase,
                        what_is_not_one_object_is_refused_and_adds_nothing, 0,
                        MALFORMED);
    tcase_add_test(tcase, broken_utf8_is_replaced_everywhere);
    tcase_add_test(tcase, the_number_of_parameters_is_bounded);
    tcase_add_test(tcase, the_limit_of_the_arena_is_kept);
    tcase_add_loop_test(tcase, flags_are_true_as_the_specification_says, 0,
                        FLAGS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(params_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
