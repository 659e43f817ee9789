#include <check.h>
#include <sodium.h>
#include <stdlib.h>

#include "metrics/password.h"

static struct password_job run_hash(struct text password)
{
    struct password_job job = {0};

    password_want_hash(&job, password);
    password_run(&job);
    return job;
}

static bool matches(struct text password, const char *hash)
{
    struct password_job job = {0};

    password_want_match(&job, password, hash);
    password_run(&job);
    ck_assert(job.done);
    return job.matches;
}

START_TEST(a_password_matches_its_own_hash_only)
{
    struct password_job job = run_hash(TEXT("Aa1!aaaaaa"));

    ck_assert(job.done);
    ck_assert_int_eq(strncmp(job.hash, "$argon2id$v=19$m=19456,t=2,", 27), 0);
    ck_assert(matches(TEXT("Aa1!aaaaaa"), job.hash));
    ck_assert(!matches(TEXT("Aa1!aaaaaA"), job.hash));
    ck_assert(!matches(TEXT("Aa1!aaaaa"), job.hash));
    ck_assert(!matches(TEXT(""), job.hash));
}
END_TEST

START_TEST(nothing_matches_what_is_no_hash)
{
    ck_assert(!matches(TEXT(""), ""));
    ck_assert(!matches(TEXT("Aa1!aaaaaa"), "Aa1!aaaaaa"));
}
END_TEST

START_TEST(the_plain_password_is_gone_when_the_work_is_done)
{
    static const char zeros[PASSWORD_MAX + 1];
    struct password_job job = run_hash(TEXT("Aa1!aaaaaa"));

    ck_assert_mem_eq(job.password, zeros, sizeof(zeros));
}
END_TEST

#define SHORT "Password must have at least 8 characters"
#define LONG "Password must have at most 128 bytes"
#define UPPER "Password must have an upper-case letter"
#define DIGIT "Password must have a digit"
#define SPECIAL "Password must have a special character"

static const struct {
    struct text password;
    const char *flaws[PASSWORD_FLAWS];
} cases[] = {
    {TEXT_INIT("Aa1!aaaa"), {NULL}},
    {TEXT_INIT("Aa1!aaa"), {SHORT}},
    /* Characters count, not bytes. */
    {TEXT_INIT("A1\xc3\xa9\xc3\xa9\xc3\xa9"), {SHORT}},
    {TEXT_INIT("A1\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), {NULL}},
    {TEXT_INIT("aa1!aaaa"), {UPPER}},
    {TEXT_INIT("Aaa!aaaa"), {DIGIT}},
    {TEXT_INIT("Aa1aaaaa"), {SPECIAL}},
    {TEXT_INIT(""), {SHORT, UPPER, DIGIT, SPECIAL}},
    {TEXT_INIT(
         "Aa1!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "a"),
     {LONG}},
};

START_TEST(everything_a_password_lacks_is_told)
{
    const char *flaws[PASSWORD_FLAWS];
    unsigned count = password_flaws(cases[_i].password, flaws);
    unsigned want = 0;

    while (want < PASSWORD_FLAWS && cases[_i].flaws[want])
        want++;
    ck_assert_uint_eq(count, want);
    for (unsigned i = 0; i < count; i++)
        ck_assert_str_eq(flaws[i], cases[_i].flaws[i]);
}
END_TEST

static void init(void)
{
    ck_assert_int_ge(sodium_init(), 0);
}

static Suite *password_suite(void)
{
    Suite *suite = suite_create("password");
    TCase *tcase = tcase_create("password");

    tcase_add_checked_fixture(tcase, init, NULL);
    tcase_add_test(tcase, a_password_matches_its_own_hash_only);
    tcase_add_test(tcase, nothing_matches_what_is_no_hash);
    tcase_add_test(tcase, the_plain_password_is_gone_when_the_work_is_done);
    tcase_add_loop_test(tcase, everything_a_password_lacks_is_told, 0,
                        sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(password_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
