#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "http/journal.h"

static FILE *out;
static char *text;
static size_t text_len;
static int64_t now;

static int64_t test_clock(void)
{
    return now;
}

static void begin(void)
{
    now = 1000000;
    clock_set_source(test_clock);
    out = open_memstream(&text, &text_len);
    ck_assert_ptr_nonnull(out);
    fflush(out); /* sets the text */
    journal_set_output(out);
    journal_set_level(JOURNAL_INFO);
}

static void end(void)
{
    journal_set_output(NULL);
    fclose(out);
    free(text);
    clock_set_source(NULL);
}

static unsigned lines(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < text_len; i++)
        count += text[i] == '\n';
    return count;
}

START_TEST(an_event_is_one_line_of_pairs)
{
    journal_write(
        JOURNAL_WARNING, "disk is full",
        (const struct journal_field[]){journal_string("path", "/var/lib/x"),
                                       journal_string("why", "no room"),
                                       journal_string("none", ""),
                                       journal_int("free", -12), JOURNAL_END});
    ck_assert_str_eq(text, "level=warning msg=\"disk is full\" "
                           "path=/var/lib/x why=\"no room\" none=\"\" "
                           "free=-12\n");
}
END_TEST

START_TEST(a_line_may_have_no_fields)
{
    journal_write(JOURNAL_ERROR, "stop", NULL);
    journal_warning("stop", NULL, NULL);
    ck_assert_str_eq(text, "level=error msg=\"stop\"\n"
                           "level=warning msg=\"stop\"\n");
}
END_TEST

START_TEST(one_field_has_a_short_form)
{
    journal_set_level(JOURNAL_DEBUG);
    journal_error("a", "k", "1");
    journal_warning("b", "k", "2 3");
    journal_info("c", "k", "");
    journal_debug("d", "k", "4");
    ck_assert_str_eq(text, "level=error msg=\"a\" k=1\n"
                           "level=warning msg=\"b\" k=\"2 3\"\n"
                           "level=info msg=\"c\" k=\"\"\n"
                           "level=debug msg=\"d\" k=4\n");
}
END_TEST

static const struct {
    struct text value;
    const char *want;
} values[] = {
    {TEXT_INIT("a\nlevel=error"), "\"a\\x0alevel=error\""},
    {TEXT_INIT("a\" b=\"c"), "\"a\\\" b=\\\"c\""},
    {TEXT_INIT("back\\slash"), "\"back\\\\slash\""},
    {TEXT_INIT("\x1b[31m"), "\"\\x1b[31m\""},
    {TEXT_INIT("nul\0end"), "\"nul\\x00end\""},
    {TEXT_INIT("\x7f"), "\"\\x7f\""},
    {TEXT_INIT("\xc2\x9b"), "\"\\xc2\\x9b\""},
    {TEXT_INIT("\xc3\xa4"), "\"\xc3\xa4\""},
    {TEXT_INIT("\xff\xc3"), "\"\\xff\\xc3\""},
    {TEXT_INIT("k=v"), "\"k=v\""},
};

START_TEST(a_value_cannot_leave_its_place)
{
    char want[200];

    snprintf(want, sizeof(want), "level=info msg=\"m\" v=%s\n",
             values[_i].want);
    journal_write(JOURNAL_INFO, "m",
                  (const struct journal_field[]){
                      journal_text("v", values[_i].value), JOURNAL_END});
    ck_assert_str_eq(text, want);
}
END_TEST

START_TEST(a_long_value_is_cut)
{
    char value[JOURNAL_VALUE_MAX + 100];

    memset(value, 'x', sizeof(value));
    journal_write(JOURNAL_INFO, "m",
                  (const struct journal_field[]){
                      journal_text("v", (struct text){value, sizeof(value)}),
                      JOURNAL_END});
    ck_assert_uint_eq(text_len,
                      strlen("level=info msg=\"m\" v=\n") + JOURNAL_VALUE_MAX);
}
END_TEST

START_TEST(a_lower_level_is_silent)
{
    journal_write(JOURNAL_DEBUG, "m", NULL);
    ck_assert_uint_eq(lines(), 0);
    ck_assert(!journal_has_level(JOURNAL_DEBUG));
    journal_set_level(JOURNAL_DEBUG);
    journal_write(JOURNAL_DEBUG, "m", NULL);
    ck_assert_uint_eq(lines(), 1);
    ck_assert(journal_has_level(JOURNAL_DEBUG));
}
END_TEST

START_TEST(each_message_has_an_allowance_of_its_own)
{
    for (int i = 0; i < JOURNAL_BURST + 7; i++)
        journal_write(JOURNAL_INFO, "often", NULL);
    ck_assert_uint_eq(lines(), JOURNAL_BURST);
    journal_write(JOURNAL_INFO, "once", NULL);
    ck_assert_uint_eq(lines(), JOURNAL_BURST + 1);
    now += JOURNAL_WINDOW_MS - 1;
    journal_write(JOURNAL_INFO, "often", NULL);
    ck_assert_uint_eq(lines(), JOURNAL_BURST + 1);
    now += 1;
    journal_write(JOURNAL_INFO, "often", NULL);
    ck_assert_uint_eq(lines(), JOURNAL_BURST + 2);
    ck_assert_ptr_nonnull(strstr(text, "msg=\"often\" suppressed=8\n"));
    journal_write(JOURNAL_INFO, "often", NULL);
    ck_assert_str_eq(text + text_len - strlen("msg=\"often\"\n"),
                     "msg=\"often\"\n");
}
END_TEST

START_TEST(a_clock_set_back_begins_anew)
{
    for (int i = 0; i < JOURNAL_BURST; i++)
        journal_write(JOURNAL_INFO, "often", NULL);
    now -= 3600 * 1000;
    journal_write(JOURNAL_INFO, "often", NULL);
    ck_assert_uint_eq(lines(), JOURNAL_BURST + 1);
}
END_TEST

START_TEST(any_number_of_messages_is_bounded)
{
    enum { MESSAGES = 1000 };
    char message[16];

    for (int i = 0; i < MESSAGES; i++) {
        snprintf(message, sizeof(message), "m%d", i);
        journal_write(JOURNAL_INFO, message, NULL);
    }
    ck_assert_uint_lt(lines(), 200);
    ck_assert_uint_ge(lines(), 100);
}
END_TEST

static const struct {
    const char *name;
    bool is_level;
    enum journal_level level;
} levels[] = {
    {"error", true, JOURNAL_ERROR}, {"warning", true, JOURNAL_WARNING},
    {"info", true, JOURNAL_INFO},   {"debug", true, JOURNAL_DEBUG},
    {"warn", false, JOURNAL_ERROR}, {"", false, JOURNAL_ERROR},
};

START_TEST(a_level_has_a_name)
{
    enum journal_level level = JOURNAL_ERROR;

    ck_assert_int_eq(journal_level_read(text_of(levels[_i].name), &level),
                     levels[_i].is_level);
    ck_assert_int_eq(level, levels[_i].level);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static Suite *journal_suite(void)
{
    Suite *suite = suite_create("journal");
    TCase *tcase = tcase_create("journal");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, an_event_is_one_line_of_pairs);
    tcase_add_test(tcase, a_line_may_have_no_fields);
    tcase_add_test(tcase, one_field_has_a_short_form);
    tcase_add_loop_test(tcase, a_value_cannot_leave_its_place, 0,
                        COUNT(values));
    tcase_add_test(tcase, a_long_value_is_cut);
    tcase_add_test(tcase, a_lower_level_is_silent);
    tcase_add_test(tcase, each_message_has_an_allowance_of_its_own);
    tcase_add_test(tcase, a_clock_set_back_begins_anew);
    tcase_add_test(tcase, any_number_of_messages_is_bounded);
    tcase_add_loop_test(tcase, a_level_has_a_name, 0, COUNT(levels));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(journal_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
