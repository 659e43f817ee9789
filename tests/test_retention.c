#include <check.h>
#include <stdlib.h>

#include "engine/date.h"
#include "metrics/retention.h"
#include "metrics/set.h"
#include "scene.h"

static struct buffer out;
static struct zones *zones;
static struct zone *zone;

static void setup(void)
{
    scene_open();
    buffer_init(&out, 1 << 20);
    zones = zones_create();
    ck_assert_int_eq(zone_open(zones, "Europe/Berlin", &zone), TALLY_OK);
}

static void teardown(void)
{
    zones_destroy(zones);
    buffer_finish(&out);
    scene_close();
}

/* Noon UTC of a day of 2026. */
static int64_t noon(int month, int day)
{
    return (int64_t)date_to_day(2026, month, day) * 86400 + 43200;
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

/* The answer on March 17th, a Tuesday. */
static void ck_rows(const char *period, const char *type, const char *span,
                    const char *filter, const char *expected)
{
    struct retention_request request = {.period = text_of(period),
                                        .type = text_of(type),
                                        .span = text_of(span)};
    struct filter read;
    struct retention retention = {.filter = &read};
    struct reader *reader = scene_reader();
    enum tally_err err;
    struct json json;

    ck_assert_ptr_null(filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                                   text_of(filter), &read, &err));
    ck_assert_ptr_null(retention_read(&request, zone, noon(3, 17), &retention));
    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    retention_capture(&retention, reader);
    ck_assert_int_eq(retention_write(&retention, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out), expected);
}

static void come(void)
{
    visit(1, 3, 1, "iOS");
    visit(1, 3, 15, "iOS");
    visit(2, 3, 15, "iOS");
    visit(2, 3, 16, "Android");
    visit(3, 3, 15, "Android");
    visit(3, 3, 17, "Android");
    visit(4, 3, 16, "iOS");
    visit(4, 3, 17, "iOS");
}

START_TEST(users_come_back_day_by_day)
{
    come();
    for (int round = 0; round < 2; round++) {
        ck_rows("adaily", "", "3", "",
                "[{\"_id\":\"20260315\",\"tu\":3,\"1\":1,\"2\":1},"
                "{\"_id\":\"20260316\",\"tu\":2,\"1\":1},"
                "{\"_id\":\"20260317\",\"tu\":2}]");
        ck_rows("adaily", "classic", "3", "",
                "[{\"_id\":\"20260315\",\"tu\":2,\"1\":1,\"2\":1},"
                "{\"_id\":\"20260316\",\"tu\":1,\"1\":1},"
                "{\"_id\":\"20260317\",\"tu\":0}]");
        ck_rows("adaily", "unbounded", "3", "",
                "[{\"_id\":\"20260315\",\"tu\":3,\"1\":2,\"2\":1},"
                "{\"_id\":\"20260316\",\"tu\":2,\"1\":1},"
                "{\"_id\":\"20260317\",\"tu\":2}]");
        scene_checkpoint();
    }
}
END_TEST

START_TEST(weeks_begin_on_monday_and_months_on_the_first)
{
    visit(1, 3, 8, "iOS"); /* a Sunday */
    visit(2, 3, 9, "iOS");
    visit(1, 3, 15, "iOS");
    visit(1, 3, 16, "iOS");
    visit(2, 2, 28, "iOS");
    visit(3, 2, 1, "iOS");
    ck_rows("aweekly", "full", "3", "",
            "[{\"_id\":\"20260302\",\"tu\":1,\"1\":1,\"2\":1},"
            "{\"_id\":\"20260309\",\"tu\":2,\"1\":1},"
            "{\"_id\":\"20260316\",\"tu\":1}]");
    ck_rows("amonthly", "full", "3", "",
            "[{\"_id\":\"20260101\",\"tu\":0,\"1\":0,\"2\":0},"
            "{\"_id\":\"20260201\",\"tu\":2,\"1\":1},"
            "{\"_id\":\"20260301\",\"tu\":2}]");
}
END_TEST

START_TEST(cohort_and_return_pass_the_filter_each_in_its_unit)
{
    come();
    ck_rows("adaily", "full", "3", "{\"os\":\"Android\"}",
            "[{\"_id\":\"20260315\",\"tu\":1,\"1\":0,\"2\":1},"
            "{\"_id\":\"20260316\",\"tu\":1,\"1\":0},"
            "{\"_id\":\"20260317\",\"tu\":1}]");
    /* User 1 has been here before; user 2 was there with both in the week. */
    ck_rows("aweekly", "classic", "2", "{\"os\":\"iOS\"}",
            "[{\"_id\":\"20260309\",\"tu\":1,\"1\":0},"
            "{\"_id\":\"20260316\",\"tu\":1}]");
}
END_TEST

START_TEST(an_event_may_stand_for_the_session)
{
    struct mark mark = {.app = SCENE_APP,
                        .set = SET_EVENTS,
                        .value = scene_value(SET_EVENTS, TEXT("buy"), 2026)};
    struct filter filter = {.app = SCENE_APP};
    struct retention retention = {.unit = RETENTION_DAY,
                                  .today = date_to_day(2026, 3, 17),
                                  .first = date_to_day(2026, 3, 15),
                                  .count = 3,
                                  .filter = &filter};
    struct json json;

    come();
    for (int day = 15; day <= 17; day++) {
        for (mark.ordinal = 2; mark.ordinal <= 3; mark.ordinal++) {
            mark.day = date_to_day(2026, 3, day);
            effect_mark(scene_batch(), &mark);
        }
    }
    scene_apply();
    ck_assert_int_eq(
        filter_require(scene_engine(), &filter, SET_EVENTS, TEXT("buy")),
        TALLY_OK);
    for (retention.type = 0; retention.type <= RETENTION_CLASSIC;
         retention.type++) {
        struct reader *reader = scene_reader();
        buffer_clear(&out);
        json_init(&json, &out, JSON_DATA);
        retention_capture(&retention, reader);
        ck_assert_int_eq(retention_write(&retention, reader, &json), TALLY_OK);
        reader_close(reader);
        scene_ck_json(buffer_text(&out),
                      retention.type == RETENTION_FULL
                          ? "[{\"_id\":\"20260315\",\"tu\":2,\"1\":2,\"2\":2},"
                            "{\"_id\":\"20260316\",\"tu\":2,\"1\":2},"
                            "{\"_id\":\"20260317\",\"tu\":2}]"
                          : "[{\"_id\":\"20260315\",\"tu\":2,\"1\":2,\"2\":2},"
                            "{\"_id\":\"20260316\",\"tu\":0,\"1\":0},"
                            "{\"_id\":\"20260317\",\"tu\":0}]");
    }
}
END_TEST

START_TEST(units_are_placed_as_asked)
{
    static const struct {
        const char *period, *range, *span;
        int year, month, day; /* of the first unit */
        unsigned count;
    } cases[] = {
        {"adaily", "", "", 2026, 2, 16, 30},
        {"aweekly", "", "12", 2025, 12, 29, 12},
        {"amonthly", "", "", 2025, 4, 1, 12},
        {"adaily", "", "365", 2025, 3, 18, 365},
        {"adaily", "[\"01-02-2026\",\"03-02-2026\"]", "", 2026, 2, 1, 3},
        {"adaily", "[\"16-03-2026\",\"03-05-2026\"]", "9", 2026, 3, 16, 2},
        {"aweekly", "[\"01-02-2026\",\"02-02-2026\"]", "", 2026, 1, 26, 2},
        {"amonthly", "[\"31-01-2026\",\"01-03-2026\"]", "", 2026, 1, 1, 3},
        {"adaily", "[\"01-02-2026\",\"01-02-2026\"]", "", 2026, 2, 1, 1},
        /* Midnight in Berlin, and a second before. */
        {"adaily", "[1772319600000,1772319600001]", "", 2026, 3, 1, 1},
        {"adaily", "[1772319599,1772319600]", "", 2026, 2, 28, 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct retention_request request = {.period = text_of(cases[i].period),
                                            .range = text_of(cases[i].range),
                                            .span = text_of(cases[i].span)};
        struct retention retention = {0};
        int32_t first =
            date_to_day(cases[i].year, cases[i].month, cases[i].day);
        ck_assert_ptr_null(
            retention_read(&request, zone, noon(3, 17), &retention));
        ck_assert_uint_eq(retention.count, cases[i].count);
        ck_assert_msg(retention.first == first, "case %zu", i);
    }
}
END_TEST

START_TEST(a_range_in_the_future_has_no_units)
{
    struct retention_request request = {
        .period = TEXT("adaily"), .range = TEXT("[1900000000,1900000001]")};
    struct filter filter = {.app = SCENE_APP};
    struct retention retention = {.filter = &filter};
    struct reader *reader = scene_reader();
    struct json json;

    ck_assert_ptr_null(retention_read(&request, zone, noon(3, 17), &retention));
    json_init(&json, &out, JSON_DATA);
    retention_capture(&retention, reader);
    ck_assert_int_eq(retention_write(&retention, reader, &json), TALLY_OK);
    reader_close(reader);
    ck_assert(text_is(buffer_text(&out), "[]"));
}
END_TEST

START_TEST(a_bad_request_is_told)
{
    static const struct {
        const char *period, *type, *range, *span, *query, *wrong;
    } cases[] = {
        {"", "", "", "", "", "Missing parameter \"period\""},
        {"30days", "", "", "", "", "adaily"},
        {"adaily", "fuller", "", "", "", "rettype"},
        {"adaily", "", "", "366", "", "span"},
        {"adaily", "", "", "0", "", "span"},
        {"adaily", "", "", "-1", "", "span"},
        {"aweekly", "", "", "105", "", "span"},
        {"amonthly", "", "", "37", "", "span"},
        {"adaily", "", "", "99999999999", "", "span"},
        {"adaily", "", "[1,", "", "", "range"},
        {"adaily", "", "7days", "", "", "range"},
        {"adaily", "", "[1772319600,1772319599]", "", "", "range"},
        {"adaily", "", "[1740000000,1773700000]", "", "", "at most"},
        {"amonthly", "", "[1600000000,1773700000]", "", "", "at most"},
        {"adaily", "", "", "", "{\"p\":1}", "query"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct retention_request request = {
            text_of(cases[i].period), text_of(cases[i].type),
            text_of(cases[i].range), text_of(cases[i].span),
            text_of(cases[i].query)};
        struct retention retention = {0};
        const char *wrong =
            retention_read(&request, zone, noon(3, 17), &retention);
        ck_assert_msg(wrong && strstr(wrong, cases[i].wrong), "case %zu: %s", i,
                      wrong ? wrong : "fine");
    }
}
END_TEST

static Suite *retention_suite(void)
{
    Suite *suite = suite_create("retention");
    TCase *tcase = tcase_create("retention");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, users_come_back_day_by_day);
    tcase_add_test(tcase, weeks_begin_on_monday_and_months_on_the_first);
    tcase_add_test(tcase, cohort_and_return_pass_the_filter_each_in_its_unit);
    tcase_add_test(tcase, an_event_may_stand_for_the_session);
    tcase_add_test(tcase, units_are_placed_as_asked);
    tcase_add_test(tcase, a_range_in_the_future_has_no_units);
    tcase_add_test(tcase, a_bad_request_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(retention_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
