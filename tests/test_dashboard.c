#include <check.h>
#include <stdlib.h>

#include "engine/effect.h"
#include "metrics/card.h"
#include "metrics/dashboard.h"
#include "metrics/spread.h"
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

static void visit(uint32_t ordinal, int month, int day, uint8_t counts)
{
    struct scene_session session = {.ordinal = ordinal,
                                    .hour = scene_hour(2026, month, day, 12),
                                    .counts = counts,
                                    .sets = {SET_OS},
                                    .values = {"Android"}};

    scene_session(&session);
}

static void spend(int month, int day, int64_t seconds)
{
    int64_t add[COUNT_FIELDS] = {0};

    add[CELL_D] = seconds;
    scene_count(SET_USERS, 0, scene_hour(2026, month, day, 12), add);
}

START_TEST(a_dashboard_has_cards_bars_and_its_days)
{
    struct dashboard dashboard = {.app = SCENE_APP, .count = 1};
    struct reader *reader;

    visit(1, 3, 10, SCENE_ALL);
    visit(1, 3, 16, SCENE_ALL & (uint8_t)~HIT_N);
    visit(1, 3, 17, SCENE_ALL & (uint8_t)~HIT_N);
    spend(3, 17, 470);
    dashboard.parts[0].key = TEXT("7days");
    dashboard.parts[0].period = scene_period("7days", 2026, 3, 17);
    reader = scene_reader();
    dashboard_capture(&dashboard, reader);
    ck_assert_int_eq(dashboard_write(&dashboard, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(
        buffer_text(&out),
        "{\"7days\":{\"dashboard\":{"
        "\"total_sessions\":{\"total\":2,\"change\":\"100%\",\"trend\":\"u\"},"
        "\"new_users\":{\"total\":0,\"change\":\"\xe2\x88\x9e\","
        "\"trend\":\"d\"},"
        "\"total_users\":{\"total\":1,\"change\":\"0%\",\"trend\":\"u\","
        "\"is_estimate\":false},"
        "\"total_time\":{\"total\":\"7.8 min\",\"change\":\"NA\","
        "\"trend\":\"u\"},"
        "\"avg_time\":{\"total\":\"3.9 min\",\"change\":\"NA\","
        "\"trend\":\"u\"},"
        "\"avg_requests\":{\"total\":\"2.0\",\"change\":\"100%\","
        "\"trend\":\"u\"}},"
        "\"top\":{\"platforms\":[{\"name\":\"Android\",\"value\":2,"
        "\"percent\":100}],\"resolutions\":[],\"carriers\":[],"
        "\"users\":[{\"name\":\"16 Mar\",\"value\":1,\"percent\":50},"
        "{\"name\":\"17 Mar\",\"value\":1,\"percent\":50}]},"
        "\"period\":\"11 Mar - 17 Mar\"}}");
}
END_TEST

static struct card_figures figures_of(const char *text)
{
    struct period period = scene_period(text, 2026, 3, 17);
    struct span days = card_days(&period);
    struct reader *reader = scene_reader();
    struct card_figures figures;

    card_capture(reader, SCENE_APP, &days);
    ck_assert_int_eq(card_read(reader, SCENE_APP, &period, &figures), TALLY_OK);
    reader_close(reader);
    return figures;
}

START_TEST(new_users_are_lowered_to_the_users_there_are)
{
    struct card_figures figures;

    visit(1, 3, 16, SCENE_ALL);
    visit(1, 3, 17, SCENE_ALL);
    figures = figures_of("7days");
    ck_assert_int_eq(figures.current[CELL_U], 1);
    ck_assert_int_eq(figures.current[CELL_N], 1);
}
END_TEST

START_TEST(a_month_is_compared_with_all_of_the_month_before)
{
    struct card_figures figures;

    visit(1, 1, 31, SCENE_ALL);
    visit(1, 2, 28, SCENE_ALL);
    visit(1, 3, 1, SCENE_ALL);
    figures = figures_of("day");
    ck_assert_int_eq(figures.current[CELL_T], 1);
    ck_assert_int_eq(figures.previous[CELL_T], 1);
    ck_assert_int_eq(figures.previous[CELL_U], 1);
}
END_TEST

static void count_bucket(int month, int day, unsigned bucket, uint8_t levels)
{
    struct hit hit = {.app = SCENE_APP,
                      .ordinal = 1,
                      .hour = scene_hour(2026, month, day, 12),
                      .set = SET_USERS,
                      .counts = HIT_T,
                      .item_count = 1,
                      .items = {{SET_LOYALTY, bucket + 1, levels}}};

    effect_hit(scene_batch(), &hit);
    scene_apply();
}

static void expect_spread(const char *text, const char *expected)
{
    struct period period = scene_period(text, 2026, 3, 17);
    struct spread spread = {SCENE_APP, SET_LOYALTY, "l", &period};
    struct reader *reader = scene_reader();

    spread_capture(&spread, reader);
    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    ck_assert_int_eq(spread_write(&spread, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), expected);
}

START_TEST(one_unit_has_its_own_buckets)
{
    enum { ALL = HIT_T | HIT_U_DAY | HIT_U_WEEK | HIT_U_MONTH | HIT_U_YEAR };

    count_bucket(1, 5, 0, ALL);
    count_bucket(3, 16, 1, HIT_T | HIT_U_DAY | HIT_U_MONTH);
    count_bucket(3, 17, 2, HIT_T | HIT_U_DAY);
    expect_spread("month", "[{\"l\":\"0\",\"t\":1,\"percent\":\"100.0\"}]");
    expect_spread("day", "[{\"l\":\"1\",\"t\":1,\"percent\":\"100.0\"}]");
    expect_spread("hour", "[{\"l\":\"2\",\"t\":1,\"percent\":\"100.0\"}]");
}
END_TEST

START_TEST(a_special_period_has_the_smaller_of_cover_and_bound)
{
    /* 12 to 18 March is week 11: seven days that end on the 17th take days,
     * their bound the weeks 10 and 11. */
    count_bucket(3, 11, 0, HIT_T | HIT_U_DAY | HIT_U_WEEK);
    count_bucket(3, 12, 0, HIT_T | HIT_U_DAY | HIT_U_WEEK);
    count_bucket(3, 13, 0, HIT_T | HIT_U_DAY);
    count_bucket(3, 14, 1, HIT_T | HIT_U_DAY | HIT_U_WEEK);
    count_bucket(3, 10, 2, HIT_T | HIT_U_DAY | HIT_U_WEEK);
    count_bucket(3, 16, 2, HIT_T | HIT_U_DAY | HIT_U_WEEK);
    expect_spread("7days", "[{\"l\":\"0\",\"t\":2,\"percent\":\"50.0\"},"
                           "{\"l\":\"1\",\"t\":1,\"percent\":\"25.0\"},"
                           "{\"l\":\"2\",\"t\":1,\"percent\":\"25.0\"}]");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dashboard");
    TCase *tcase = tcase_create("dashboard");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_dashboard_has_cards_bars_and_its_days);
    tcase_add_test(tcase, new_users_are_lowered_to_the_users_there_are);
    tcase_add_test(tcase, a_month_is_compared_with_all_of_the_month_before);
    tcase_add_test(tcase, one_unit_has_its_own_buckets);
    tcase_add_test(tcase, a_special_period_has_the_smaller_of_cover_and_bound);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
