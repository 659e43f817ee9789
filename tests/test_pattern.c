#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "metrics/pattern.h"

static const struct {
    const char *pattern;
    const char *subject;
    bool matches;
} cases[] = {
    {"/o", "/o", true},
    {"/o", "/o/users/all", false},
    {"/o", "/i/o", false},
    {"^/o$", "/o", true},
    {"/o$x", "/ox", false},
    {"x^/o", "x/o", false},
    {"/o/.*", "/o/users/all", true},
    {"/o/.*", "/o/", true},
    {"/o/.*", "/o", false},
    {"/o/*", "/o/users/all", true},
    {"/o/*", "/o/", true},
    {"/o/*", "/i/users", false},
    {"/o/*/all", "/o/users/all", true},
    {"/o/*/all", "/o/users/me", false},
    {"*", "/o/users/all", true},
    {"*", "", true},
    {"*/all", "/o/users/all", true},
    {"(*|/i)x", "/ix", true},
    {"/o.users", "/o/users", true},
    {"/o.users", "/ousers", false},
    {"/o/a+", "/o/aaa", true},
    {"/o/a+", "/o/", false},
    {"/o/a?", "/o/", true},
    {"/o/a?", "/o/a", true},
    {"/o/a?", "/o/aa", false},
    {"ab*c", "ac", true},
    {"ab*c", "abbbc", true},
    {"ab*c", "abbb", false},
    {"/o/(users|apps)/(me|mine)", "/o/apps/mine", true},
    {"/o/(users|apps)/(me|mine)", "/o/apps/all", false},
    {"a|b|c", "b", true},
    {"a|b|c", "c", true},
    {"a|b|c", "ab", false},
    {"a|", "", true},
    {"(a|b)*", "abba", true},
    {"(a|b)*", "abca", false},
    {"(a*)*b", "aaab", true},
    {"(a*)*b", "aaa", false},
    {"(ab)+", "ababab", true},
    {"(ab)+", "aba", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[^a-c]x", "dx", true},
    {"[^a-c]x", "ax", false},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[\\]]", "]", true},
    {"[\\^a]", "^", true},
    {"\\d\\w", "1_", true},
    {"\\d\\w", "a_", false},
    {"\\.\\*", ".*", true},
    {"\\.", "x", false},
    {"\xc3\xbc+", "\xc3\xbc\xbc", true},
};

START_TEST(a_pattern_matches_whole_texts)
{
    struct pattern pattern;

    ck_assert(pattern_read(&pattern, text_of(cases[_i].pattern)));
    ck_assert_msg(pattern_matches(&pattern, text_of(cases[_i].subject)) ==
                      cases[_i].matches,
                  "%s on %s", cases[_i].pattern, cases[_i].subject);
}
END_TEST

static const char *const broken[] = {
    "",    "(",   ")",     "(a", "a)", "[",    "[a",     "[]",    "[b-a]", "\\",
    "\\q", "a**", "(?:a)", "+",  "?a", "a{2}", "(|*)+*", "[\\d]", "[a\\",
};

START_TEST(what_is_no_pattern_is_refused)
{
    struct pattern pattern;

    ck_assert_msg(!pattern_read(&pattern, text_of(broken[_i])), "%s",
                  broken[_i]);
}
END_TEST

START_TEST(bounds_are_kept)
{
    char source[PATTERN_MAX + 1];
    char subject[PATTERN_SUBJECT_MAX + 1];
    struct pattern pattern;

    memset(source, 'a', sizeof(source));
    memset(subject, 'a', sizeof(subject));
    ck_assert(pattern_read(&pattern, (struct text){source, PATTERN_MAX}));
    ck_assert(!pattern_read(&pattern, (struct text){source, PATTERN_MAX + 1}));
    ck_assert(pattern_read(&pattern, TEXT("a*")));
    ck_assert(
        pattern_matches(&pattern, (struct text){subject, PATTERN_SUBJECT_MAX}));
    ck_assert(!pattern_matches(
        &pattern, (struct text){subject, PATTERN_SUBJECT_MAX + 1}));
    memset(source, '(', PATTERN_MAX);
    ck_assert(!pattern_read(&pattern, (struct text){source, PATTERN_MAX}));
    for (size_t i = 0; i < PATTERN_MAX; i++)
        source[i] = i % 2 ? '|' : 'a';
    ck_assert(!pattern_read(&pattern, (struct text){source, PATTERN_MAX}));
    for (size_t i = 0; i < PATTERN_MAX; i++)
        source[i] = i % 2 ? '*' : 'a';
    ck_assert(pattern_read(&pattern, (struct text){source, PATTERN_MAX}));
}
END_TEST

/* Backtracking would need 2^1000 steps for any of these. */
static const char *const bombs[] = {
    "(a*)*b",
    "(a+)+b",
    "(a|a)*b",
    "(a|a?)+b",
    "(((a*)*)*)*b",
    "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
};

START_TEST(nothing_takes_more_than_linear_time)
{
    char subject[PATTERN_SUBJECT_MAX];
    struct pattern pattern;
    clock_t start = clock();

    memset(subject, 'a', sizeof(subject));
    ck_assert(pattern_read(&pattern, text_of(bombs[_i])));
    ck_assert(
        !pattern_matches(&pattern, (struct text){subject, sizeof(subject)}));
    subject[sizeof(subject) - 1] = 'b';
    ck_assert(
        pattern_matches(&pattern, (struct text){subject, sizeof(subject)}));
    ck_assert_int_lt((clock() - start) / (CLOCKS_PER_SEC / 1000), 500);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tcase = tcase_create("pattern");

    tcase_add_loop_test(tcase, a_pattern_matches_whole_texts, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tcase, what_is_no_pattern_is_refused, 0,
                        sizeof(broken) / sizeof(broken[0]));
    tcase_add_test(tcase, bounds_are_kept);
    tcase_add_loop_test(tcase, nothing_takes_more_than_linear_time, 0,
                        sizeof(bombs) / sizeof(bombs[0]));
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
