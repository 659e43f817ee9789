#include <check.h>
#include <stdlib.h>

#include "engine/counter.h"
#include "metrics/breakdown.h"
#include "metrics/countries.h"
#include "metrics/keywords.h"
#include "metrics/tops.h"
#include "scene.h"

static struct buffer out;
static struct json json;

static void setup(void)
{
    scene_open();
    buffer_init(&out, 1 << 20);
    json_init(&json, &out, JSON_DATA);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

static void visit_as(uint32_t ordinal, int day, uint32_t set, const char *value,
                     uint8_t counts)
{
    struct scene_session session = {.ordinal = ordinal,
                                    .hour = scene_hour(2026, 3, day, 12),
                                    .counts = counts,
                                    .sets = {set},
                                    .values = {value}};

    scene_session(&session);
}

static void visit(uint32_t ordinal, int day, uint32_t set, const char *value)
{
    visit_as(ordinal, day, set, value, SCENE_ALL & (uint8_t)~HIT_N);
}

static struct breakdown read_set(enum set set, const char *text)
{
    struct period period = scene_period(text, 2026, 3, 17);
    struct breakdown_question question = {SCENE_APP, set, &period, true};
    struct reader *reader = scene_reader();
    struct breakdown breakdown;

    breakdown_capture(&question, reader);
    ck_assert_int_eq(breakdown_read(&question, reader, &breakdown), TALLY_OK);
    reader_close(reader);
    return breakdown;
}

static void expect_metric(enum set set, const char *text, const char *expected)
{
    struct breakdown breakdown = read_set(set, text);

    breakdown_sort(&breakdown, BREAKDOWN_U);
    breakdown_write(&breakdown, &json);
    breakdown_finish(&breakdown);
    scene_ck_json(buffer_text(&out), expected);
}

START_TEST(users_of_a_value_are_exact_and_not_raised_to_new_ones)
{
    visit_as(1, 16, SET_OS, "Android", SCENE_ALL);
    visit_as(1, 17, SET_OS, "Android", SCENE_ALL); /* n twice */
    visit(2, 17, SET_OS, "iOS");
    scene_checkpoint();
    visit(3, 17, SET_OS, "iOS");
    expect_metric(SET_OS, "7days",
                  "[{\"_id\":\"iOS\",\"t\":2,\"n\":0,\"u\":2},"
                  "{\"_id\":\"Android\",\"t\":2,\"n\":2,\"u\":1}]");
}
END_TEST

START_TEST(users_are_no_more_than_sessions)
{
    int64_t less[COUNT_FIELDS] = {[CELL_T] = -1};

    visit(1, 17, SET_OS, "iOS");
    visit(2, 17, SET_OS, "iOS");
    scene_count(SET_OS, scene_value(SET_OS, TEXT("iOS"), 2026),
                scene_hour(2026, 3, 17, 12), less);
    expect_metric(SET_OS, "hour",
                  "[{\"_id\":\"iOS\",\"t\":1,\"n\":0,\"u\":1}]");
}
END_TEST

START_TEST(values_without_a_session_in_the_period_are_left_out)
{
    visit(1, 2, SET_OS, "Windows");
    visit(2, 17, SET_OS, "iOS");
    expect_metric(SET_OS, "hour",
                  "[{\"_id\":\"iOS\",\"t\":1,\"n\":0,\"u\":1}]");
}
END_TEST

START_TEST(nothing_counted_is_an_empty_array)
{
    expect_metric(SET_CARRIERS, "30days", "[]");
}
END_TEST

START_TEST(bars_show_dots_for_colons)
{
    struct breakdown breakdown;

    visit(1, 17, SET_APP_VERSIONS, "1:0:2");
    breakdown = read_set(SET_APP_VERSIONS, "7days");
    breakdown_write_bars(&breakdown, BREAKDOWN_T, &json);
    breakdown_finish(&breakdown);
    scene_ck_json(buffer_text(&out),
                  "[{\"name\":\"1.0.2\",\"value\":1,\"percent\":100}]");
}
END_TEST

static void write_tops(struct tops *tops)
{
    struct reader *reader = scene_reader();

    tops_capture(tops, reader);
    ck_assert_int_eq(tops_write(tops, reader, &json), TALLY_OK);
    reader_close(reader);
}

START_TEST(tops_rank_os_by_users_and_platforms_by_sessions)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct tops tops = {
        .catalog = scene_catalog(), .app = SCENE_APP, .period = &period};
    struct arena *arena = arena_create(4096);

    visit(1, 16, SET_OS, "Android");
    visit(1, 17, SET_OS, "Android");
    visit(1, 17, SET_OS, "Android");
    visit(2, 17, SET_OS, "iOS");
    visit(3, 17, SET_OS, "iOS");
    ck_assert_int_eq(
        tops_add_list(&tops, TEXT("[\"os\",\"platforms\",\"os\",\"no\",7]"),
                      arena),
        TALLY_OK);
    write_tops(&tops);
    scene_ck_json(
        buffer_text(&out),
        "{\"os\":[{\"name\":\"iOS\",\"value\":2,\"percent\":66.7},"
        "{\"name\":\"Android\",\"value\":1,\"percent\":33.3}],"
        "\"platforms\":[{\"name\":\"Android\",\"value\":3,\"percent\":60},"
        "{\"name\":\"iOS\",\"value\":2,\"percent\":40}]}");
    arena_destroy(arena);
}
END_TEST

START_TEST(a_list_of_metrics_that_is_none_asks_for_nothing)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct tops tops = {
        .catalog = scene_catalog(), .app = SCENE_APP, .period = &period};

    ck_assert_int_eq(tops_add_list(&tops, TEXT("bad"), NULL), TALLY_OK);
    write_tops(&tops);
    scene_ck_json(buffer_text(&out), "{}");
}
END_TEST

START_TEST(a_metric_that_is_none_has_no_bars)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct tops tops = {
        .catalog = scene_catalog(), .app = SCENE_APP, .period = &period};

    tops_add_single(&tops, TEXT("colour"));
    write_tops(&tops);
    scene_ck_json(buffer_text(&out), "[]");
}
END_TEST

START_TEST(countries_have_names_and_go_by_new_users)
{
    struct countries countries = {
        .app = SCENE_APP,
        .count = 2,
        .parts = {{"7days", scene_period("7days", 2026, 3, 17)},
                  {"today", scene_period("hour", 2026, 3, 17)}}};
    struct reader *reader;

    visit(1, 16, SET_COUNTRIES, "DE");
    visit(2, 16, SET_COUNTRIES, "DE");
    visit_as(3, 17, SET_COUNTRIES, "USA", SCENE_ALL);
    reader = scene_reader();
    countries_capture(&countries, reader);
    ck_assert_int_eq(countries_write(&countries, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(
        buffer_text(&out),
        "{\"7days\":[{\"country\":\"Unknown\",\"code\":\"usa\",\"t\":1,"
        "\"u\":1,\"n\":1},{\"country\":\"Germany\",\"code\":\"de\",\"t\":2,"
        "\"u\":2,\"n\":0}],\"today\":[{\"country\":\"Unknown\","
        "\"code\":\"usa\",\"t\":1,\"u\":1,\"n\":1}]}");
}
END_TEST

START_TEST(keywords_of_different_pages_are_one)
{
    struct period period = scene_period("7days", 2026, 3, 17);
    struct keywords keywords = {SCENE_APP, &period};
    struct reader *reader;

    visit(1, 16, SET_SOURCES, "https://bing&#46;com/?q=other");
    visit(2, 16, SET_SOURCES, "https://google&#46;de/?q=an+app");
    visit(3, 17, SET_SOURCES, "https://google&#46;com/?q=an%20app");
    visit(4, 17, SET_SOURCES, "com&#46;android&#46;vending");
    reader = scene_reader();
    keywords_capture(&keywords, reader);
    ck_assert_int_eq(keywords_write(&keywords, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), "[{\"_id\":\"an app\",\"t\":2},"
                                     "{\"_id\":\"other\",\"t\":1}]");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("breakdown");
    TCase *tcase = tcase_create("breakdown");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase,
                   users_of_a_value_are_exact_and_not_raised_to_new_ones);
    tcase_add_test(tcase, users_are_no_more_than_sessions);
    tcase_add_test(tcase, values_without_a_session_in_the_period_are_left_out);
    tcase_add_test(tcase, nothing_counted_is_an_empty_array);
    tcase_add_test(tcase, bars_show_dots_for_colons);
    tcase_add_test(tcase, tops_rank_os_by_users_and_platforms_by_sessions);
    tcase_add_test(tcase, a_list_of_metrics_that_is_none_asks_for_nothing);
    tcase_add_test(tcase, a_metric_that_is_none_has_no_bars);
    tcase_add_test(tcase, countries_have_names_and_go_by_new_users);
    tcase_add_test(tcase, keywords_of_different_pages_are_one);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
