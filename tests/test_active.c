#include <check.h>
#include <stdlib.h>

#include "engine/date.h"
#include "metrics/active.h"
#include "metrics/set.h"
#include "scene.h"

static struct buffer out;

static void setup(void)
{
    scene_open();
    buffer_init(&out, 1 << 20);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

static void visit(uint32_t ordinal, int month, int day, const char *os)
{
    struct scene_session session = {
        .ordinal = ordinal,
        .hour = scene_hour(2026, month, day, 12),
        .counts = SCENE_LATE,
        .sets = {SET_OS},
        .values = {os},
    };

    scene_session(&session);
}

static void ck_active(const char *filter, const char *text,
                      const char *expected)
{
    struct period period = scene_period(text, 2026, 3, 17);
    struct filter read;
    struct active active = {&read, &period};
    struct reader *reader = scene_reader();
    enum tally_err err;
    struct json json;

    ck_assert_ptr_null(filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                                   text_of(filter), &read, &err));
    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    active_capture(&active, reader);
    ck_assert_int_eq(active_write(&active, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), expected);
}

START_TEST(days_weeks_and_months_end_with_the_day)
{
    visit(1, 2, 13, "iOS"); /* 32 days before the 17th */
    visit(2, 2, 14, "iOS");
    visit(3, 3, 9, "iOS");
    visit(3, 3, 16, "iOS");
    visit(4, 3, 10, "iOS");
    for (int round = 0; round < 2; round++) {
        ck_active("", "3days",
                  "{\"calculating\":false,\"data\":{"
                  "\"2026.3.15\":{\"d\":0,\"w\":2,\"m\":3},"
                  "\"2026.3.16\":{\"d\":1,\"w\":2,\"m\":2},"
                  "\"2026.3.17\":{\"d\":0,\"w\":1,\"m\":2}}}");
        scene_checkpoint();
    }
}
END_TEST

START_TEST(a_year_has_the_averages_of_its_months)
{
    for (int day = 1; day <= 16; day++)
        visit(1, 1, day, "iOS");
    visit(2, 3, 1, "iOS");
    for (int day = 1; day <= 17; day++)
        visit(3, 3, day, "iOS");
    /* January: 16/31, 22/31, 31/31; February: 0, 0, 14/28, which is rounded
     * up; March: 18/17, 24/17, 34/17. */
    ck_active("", "month",
              "{\"calculating\":false,\"data\":{"
              "\"2026.1\":{\"d\":1,\"w\":1,\"m\":1},"
              "\"2026.2\":{\"d\":0,\"w\":0,\"m\":1},"
              "\"2026.3\":{\"d\":1,\"w\":1,\"m\":2}}}");
}
END_TEST

START_TEST(a_filter_must_be_passed_within_each_window)
{
    visit(1, 3, 16, "iOS");
    visit(1, 3, 17, "Android");
    visit(2, 3, 1, "iOS");
    visit(2, 3, 17, "Android");
    visit(3, 3, 17, "iOS");
    ck_active("{\"os\":\"Android\"}", "hour",
              "{\"calculating\":false,\"data\":{"
              "\"2026.3.17\":{\"d\":2,\"w\":2,\"m\":2}}}");
    ck_active("{\"os\":\"Android\",\"p\":\"iOS\"}", "hour",
              "{\"calculating\":false,\"data\":{"
              "\"2026.3.17\":{\"d\":0,\"w\":1,\"m\":2}}}");
    ck_active("{\"os\":\"BeOS\",\"p\":\"iOS\"}", "hour",
              "{\"calculating\":false,\"data\":{"
              "\"2026.3.17\":{\"d\":0,\"w\":0,\"m\":0}}}");
}
END_TEST

static Suite *active_suite(void)
{
    Suite *suite = suite_create("active");
    TCase *tcase = tcase_create("active");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, days_weeks_and_months_end_with_the_day);
    tcase_add_test(tcase, a_year_has_the_averages_of_its_months);
    tcase_add_test(tcase, a_filter_must_be_passed_within_each_window);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(active_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
