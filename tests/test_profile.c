#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/profile.h"

enum { ARENA_LIMIT = 64 * 1024 };

static struct arena *arena;
static struct buffer out;

static void setup(void)
{
    arena = arena_create(ARENA_LIMIT);
    buffer_init(&out, ARENA_LIMIT);
}

static void teardown(void)
{
    buffer_finish(&out);
    arena_destroy(arena);
}

static const char *written(const struct profile *profile)
{
    buffer_clear(&out);
    profile_write(profile, &out);
    buffer_add_byte(&out, '\0');
    ck_assert(buffer_is_whole(&out));
    return out.at;
}

static void ck_text(struct text text, struct text expected)
{
    ck_assert_uint_eq(text.len, expected.len);
    ck_assert(text_equal(text, expected));
}

START_TEST(a_record_has_only_what_is_known)
{
    struct profile profile = {.did = TEXT("d1")};

    ck_assert_str_eq(written(&profile), "{\"did\":\"d1\"}");
    profile.loc = TEXT("52.5,13.4");
    profile.rgn = TEXT("BE");
    ck_assert(profile_set_text(&profile, 7, TEXT("Pixel 8")));
    ck_assert_str_eq(written(&profile),
                     "{\"did\":\"d1\",\"loc\":\"52.5,13.4\",\"rgn\":\"BE\","
                     "\"text\":{\"7\":\"Pixel 8\"}}");
}
END_TEST

static const struct text odd[] = {
    TEXT_INIT("a\0b"),        TEXT_INIT("\"quoted\\\""),
    TEXT_INIT("{\"a\":1}"),   TEXT_INIT("<b>&amp;'"),
    TEXT_INIT("\n\t\x7f"),    TEXT_INIT("\xc3\xa9\xf0\x9f\x98\x80"),
    TEXT_INIT("plain words"),
};

START_TEST(any_text_reads_back)
{
    struct profile profile = {.did = odd[_i], .loc = odd[_i], .rgn = odd[_i]};
    struct profile read;

    ck_assert(profile_set_text(&profile, UINT32_MAX, odd[_i]));
    ck_assert(profile_set_text(&profile, 6, odd[_i]));
    written(&profile);
    struct text record = {out.at, out.len - 1};
    ck_assert_int_eq(profile_read(record, arena, &read), TALLY_OK);
    ck_text(read.did, odd[_i]);
    ck_text(read.loc, odd[_i]);
    ck_text(read.rgn, odd[_i]);
    ck_assert_uint_eq(read.text_count, 2);
    ck_text(profile_text(&read, UINT32_MAX), odd[_i]);
    ck_text(profile_text(&read, 6), odd[_i]);
}
END_TEST

START_TEST(a_set_has_one_text_until_it_has_none)
{
    struct profile profile = {0};

    ck_assert(profile_set_text(&profile, 6, TEXT("a")));
    ck_assert(profile_set_text(&profile, 7, TEXT("b")));
    ck_assert(profile_set_text(&profile, 6, TEXT("c")));
    ck_text(profile_text(&profile, 6), TEXT("c"));
    ck_assert(profile_set_text(&profile, 6, (struct text){0}));
    ck_assert_uint_eq(profile_text(&profile, 6).len, 0);
    ck_text(profile_text(&profile, 7), TEXT("b"));
    ck_assert_uint_eq(profile.text_count, 1);
    ck_assert(profile_set_text(&profile, 8, (struct text){0}));
    ck_assert_uint_eq(profile.text_count, 1);
}
END_TEST

START_TEST(objects_are_kept_as_they_are)
{
    struct profile read;
    struct profile profile = {.did = TEXT("d"),
                              .merged_uid = TEXT("1z"),
                              .details = TEXT("{\"name\":\"<\\u0001>\"}"),
                              .changes = TEXT("[{\"ts\":1}]")};
    struct text record = text_of(written(&profile));

    ck_assert_int_eq(profile_read(record, arena, &read), TALLY_OK);
    ck_text(read.merged_uid, profile.merged_uid);
    ck_text(read.details, profile.details);
    ck_text(read.changes, profile.changes);
    ck_assert_uint_eq(read.consent.len, 0);
}
END_TEST

START_TEST(texts_have_a_bound)
{
    struct profile profile = {0};

    for (uint32_t set = 1; set <= USER_VALUES_MAX; set++)
        ck_assert(profile_set_text(&profile, set, TEXT("x")));
    ck_assert(!profile_set_text(&profile, 1000, TEXT("x")));
    ck_assert(profile_set_text(&profile, 1, TEXT("y")));
    ck_text(profile_text(&profile, 1), TEXT("y"));
}
END_TEST

START_TEST(unknown_members_are_ignored)
{
    struct profile read;
    struct text record = TEXT("{\"x\":[1],\"did\":\"d\",\"rgn\":null}");

    ck_assert_int_eq(profile_read(record, arena, &read), TALLY_OK);
    ck_text(read.did, TEXT("d"));
    ck_assert_uint_eq(read.rgn.len, 0);
    ck_assert_uint_eq(read.text_count, 0);
}
END_TEST

static const struct text damaged[] = {
    TEXT_INIT(""),
    TEXT_INIT("[]"),
    TEXT_INIT("{\"did\":\"d\""),
    TEXT_INIT("{\"text\":\"x\"}"),
    TEXT_INIT("{\"details\":\"x\"}"),
    TEXT_INIT("{\"text\":{\"6\":7}}"),
    TEXT_INIT("{\"text\":{\"six\":\"x\"}}"),
    TEXT_INIT("{\"text\":{\"\":\"x\"}}"),
    TEXT_INIT("{\"text\":{\"4294967296\":\"x\"}}"),
};

START_TEST(a_damaged_record_is_found_out)
{
    struct profile read = {.did = TEXT("kept")};

    ck_assert_int_eq(profile_read(damaged[_i], arena, &read),
                     TALLY_ERR_CORRUPT);
    ck_text(read.did, TEXT("kept"));
}
END_TEST

START_TEST(a_small_arena_is_too_small)
{
    struct arena *tiny = arena_create(16);
    struct profile read;

    ck_assert_int_eq(profile_read(TEXT("{\"did\":\"d\"}"), tiny, &read),
                     TALLY_ERR_TOO_BIG);
    arena_destroy(tiny);
}
END_TEST

static Suite *profile_suite(void)
{
    Suite *suite = suite_create("profile");
    TCase *tcase = tcase_create("profile");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_record_has_only_what_is_known);
    tcase_add_loop_test(tcase, any_text_reads_back, 0,
                        sizeof(odd) / sizeof(odd[0]));
    tcase_add_test(tcase, a_set_has_one_text_until_it_has_none);
    tcase_add_test(tcase, objects_are_kept_as_they_are);
    tcase_add_test(tcase, texts_have_a_bound);
    tcase_add_test(tcase, unknown_members_are_ignored);
    tcase_add_loop_test(tcase, a_damaged_record_is_found_out, 0,
                        sizeof(damaged) / sizeof(damaged[0]));
    tcase_add_test(tcase, a_small_arena_is_too_small);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(profile_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
