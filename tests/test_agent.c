#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/agent.h"
#include "metrics/matcher.h"

#define RULES                                                     \
    "# rules of a test\n"                                         \
    "user_agent_parsers:\n"                                       \
    "\n"                                                          \
    "  - regex: '(Minefield)/(\\d+)\\.(\\d+)'\n"                  \
    "    family_replacement: 'Fire''fox ($1)'  # two quotes\n"    \
    "  - regex: \"(Quote\\\"\\\\d)\"\n"                           \
    "  - regex: (Tree|Leaf)/(\\d+)(?:\\.(\\d+)|)(?:\\.(\\d+)|)\n" \
    "  - regex: 'Fixed/(\\d+)'\n"                                 \
    "    family_replacement: 'Fixed'\n"                           \
    "    v1_replacement: '9'\n"                                   \
    "    v2_replacement: '$1'\n"                                  \
    "  - regex: 'Leaf'\n"                                         \
    "    family_replacement: 'never'\n"                           \
    "\n"                                                          \
    "os_parsers:\n"                                               \
    "  - regex: '(Garden) ?(?:(\\d+)|)'\n"                        \
    "  - regex: 'Nothing'\n"                                      \
    "    os_replacement: 'Other'\n"                               \
    "device_parsers:\n"                                           \
    "  - regex: '; *([a-z]+)_(\\w+) Build'\n"                     \
    "    regex_flag: 'i'\n"                                       \
    "    device_replacement: ' $1 $2$3 $ '\n"                     \
    "    brand_replacement: '$1'\n"                               \
    "  - regex: 'Nothing'\n"                                      \
    "    device_replacement: 'Other'\n"                           \
    "other_parsers:\n"                                            \
    "  - name: '(is not read'\n"

static struct arena *arena;
static struct agents *agents;
static char reason[AGENT_REASON_SIZE];

static void setup(void)
{
    arena = arena_create(1 << 16);
    ck_assert_msg(agents_create(TEXT(RULES), &agents, reason) == TALLY_OK, "%s",
                  reason);
}

static void teardown(void)
{
    agents_destroy(agents);
    arena_destroy(arena);
}

static const struct {
    const char *user_agent;
    const char *parts[AGENT_PARTS];
} said[] = {
    {"Mozilla/5.0 (Garden 4; Pot_x Build) Leaf/3.2.1",
     {"Leaf", "3.2.1", "Garden", "4", "Pot x $"}},
    {"Tree/12", {"Tree", "12", "Other", "", "Unknown"}},
    {"Tree/12..5", {"Tree", "12", "Other", "", "Unknown"}},
    {"Minefield/4.0", {"Fire'fox (Minefield)", "4.0", "Other", "", "Unknown"}},
    {"Fixed/7", {"Fixed", "9.7", "Other", "", "Unknown"}},
    {"Quote\"5", {"Quote\"5", "", "Other", "", "Unknown"}},
    {"garden tree/1", {"Other", "", "Other", "", "Unknown"}},
    {"Nothing", {"Other", "", "Other", "", "Unknown"}},
    {"", {"Other", "", "Other", "", "Unknown"}},
    {"\xff\xfe Tree/1 \xc3", {"Tree", "1", "Other", "", "Unknown"}},
};

enum { SAID = sizeof(said) / sizeof(said[0]) };

START_TEST(a_user_agent_is_read_by_the_first_rule_that_matches)
{
    struct agent agent;

    ck_assert_int_eq(
        agents_find(agents, arena, text_of(said[_i].user_agent), &agent),
        TALLY_OK);
    for (int i = 0; i < AGENT_PARTS; i++)
        ck_assert_msg(text_is(agent.parts[i], said[_i].parts[i]),
                      "part %d is %.*s", i, (int)agent.parts[i].len,
                      agent.parts[i].at);
}
END_TEST

START_TEST(a_long_user_agent_is_cut)
{
    static char bytes[AGENT_TEXT_MAX + 10];
    struct agent agent;

    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + AGENT_TEXT_MAX - 6, "Tree/12", 7);
    ck_assert_int_eq(
        agents_find(agents, arena, (struct text){bytes, sizeof(bytes)}, &agent),
        TALLY_OK);
    ck_assert(text_is(agent.parts[AGENT_BROWSER], "Tree"));
    ck_assert(text_is(agent.parts[AGENT_BROWSER_VERSION], "1"));
}
END_TEST

START_TEST(the_arena_may_be_full)
{
    struct arena *small = arena_create(8);
    struct agent agent;
    enum tally_err err = TALLY_OK;

    for (int i = 0; !err && i < 1000; i++)
        err = agents_find(agents, small, TEXT("Tree/1.2.3"), &agent);
    ck_assert_int_eq(err, TALLY_ERR_TOO_BIG);
    arena_destroy(small);
}
END_TEST

#define LISTS(browsers)                                            \
    "user_agent_parsers:\n" browsers "os_parsers:\n  - regex: x\n" \
    "device_parsers:\n  - regex: x\n"

static const struct {
    const char *rules;
    const char *part; /* of the reason; NULL: they are good */
} files[] = {
    {LISTS("  - regex: 'x'\n"), NULL},
    {LISTS("- regex: 'x'\r\n  v1_replacement:\n"), NULL},
    {"", "is missing"},
    {"user_agent_parsers:\n  - regex: x\n", "is missing"},
    {LISTS("  - regex: '('\n"), "line 3"},
    {LISTS("  - regex: '(?=x)'\n"), "line 3"},
    {LISTS("  - family_replacement: 'x'\n"), "line 3"},
    {LISTS("  - regex: 'x\n"), "line 2"},
    {LISTS("  - regex: 'x' y\n"), "line 2"},
    {LISTS("  - regex: \"x\\\"\n"), "line 2"},
    {LISTS("  - regex\n"), "line 2"},
    {LISTS("    regex: x\n"), "line 2"},
    {LISTS("a b\n"), "line 2"},
    {LISTS("x: y\n"), "line 2"},
    {LISTS("  - regex: x\n    a: 1\n    b: 1\n    c: 1\n    d: 1\n    e: 1\n"
           "    f: 1\n    g: 1\n    h: 1\n    i: 1\n    j: 1\n    k: 1\n"
           "    l: 1\n"),
     "line 14"},
};

enum { FILES = sizeof(files) / sizeof(files[0]) };

START_TEST(rules_are_read_or_refused_with_the_line)
{
    struct agents *read = NULL;
    enum tally_err err = agents_create(text_of(files[_i].rules), &read, reason);

    if (!files[_i].part) {
        ck_assert_int_eq(err, TALLY_OK);
        agents_destroy(read);
        return;
    }
    ck_assert_int_ne(err, TALLY_OK);
    ck_assert_msg(strstr(reason, files[_i].part), "%s", reason);
}
END_TEST

START_TEST(matching_takes_time_in_proportion_to_the_text)
{
    static char bytes[1 << 16];
    struct matcher *matcher = matcher_create();
    struct text groups[MATCHER_GROUPS];

    memset(bytes, 'a', sizeof(bytes));
    ck_assert_int_eq(matcher_add(matcher, TEXT("(a*)*(a+)+b"), false),
                     TALLY_OK);
    ck_assert_int_eq(matcher_add(matcher, TEXT("(A)(z)?"), true), TALLY_OK);
    matcher_close(matcher);
    ck_assert_int_eq(
        matcher_find(matcher, (struct text){bytes, sizeof(bytes)}, groups), 1);
    ck_assert(text_is(groups[1], "a"));
    ck_assert_uint_eq(groups[2].len, 0);
    matcher_destroy(matcher);
}
END_TEST

START_TEST(a_matcher_without_expressions_finds_nothing)
{
    struct matcher *matcher = matcher_create();
    struct text groups[MATCHER_GROUPS];

    matcher_close(matcher);
    ck_assert_int_eq(matcher_find(matcher, TEXT("a"), groups), -1);
    matcher_destroy(matcher);
}
END_TEST

static Suite *agent_suite(void)
{
    Suite *suite = suite_create("agent");
    TCase *tcase = tcase_create("agent");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(
        tcase, a_user_agent_is_read_by_the_first_rule_that_matches, 0, SAID);
    tcase_add_test(tcase, a_long_user_agent_is_cut);
    tcase_add_test(tcase, the_arena_may_be_full);
    tcase_add_loop_test(tcase, rules_are_read_or_refused_with_the_line, 0,
                        FILES);
    tcase_add_test(tcase, matching_takes_time_in_proportion_to_the_text);
    tcase_add_test(tcase, a_matcher_without_expressions_finds_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(agent_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
