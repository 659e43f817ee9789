#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/inventory.h"
#include "engine/key.h"
#include "intake.h"
#include "metrics/keeping.h"
#include "metrics/timeobject.h"

/* 2026-03-02 10:00 UTC, and a moment in July, from which details are kept. */
enum {
    START = 1772445600,
    DAY_S = 86400,
    DAYS = 120,
    NOW = START + DAYS * DAY_S,
    DEVICES = 7,
    STEPS_MAX = 100000,
};

static void setup(void)
{
    intake_open(&(struct intake_options){
        .more = ",\"retention\":{\"hours\":20,\"days\":1}"});
}

static void teardown(void)
{
    intake_audit();
    intake_close();
}

/* Sessions of some devices with changing values, on every day from March on. */
static void send_sessions(void)
{
    static const char *const systems[] = {"Android", "iOS", "Windows"};

    for (int i = 0; i < DAYS * 2; i++) {
        int64_t now = START + (int64_t)i * (DAY_S / 2) + i * 61 % 7200;
        const char *system = systems[i / 5 % 3];
        intake_ok(now,
                  "{\"app_key\":\"k1\",\"device_id\":\"d%d\","
                  "\"timestamp\":%lld,\"begin_session\":1,"
                  "\"country_code\":\"%s\",\"metrics\":{\"_os\":\"%s\","
                  "\"_os_version\":\"%d\"}}",
                  i * i % DEVICES, (long long)now, i % 3 ? "DE" : "TR", system,
                  i % 11);
        if (i % 2)
            intake_ok(now + 60,
                      "{\"app_key\":\"k1\",\"device_id\":\"d%d\","
                      "\"timestamp\":%lld,\"session_duration\":%d,"
                      "\"end_session\":1}",
                      i * i % DEVICES, (long long)now + 60, i);
    }
    intake_checkpoint();
}

/* The time object of 2026, with or without its days. */
static cJSON *read_object(const char *collection, enum timeobject_mode mode,
                          bool with_days)
{
    const struct app *app =
        registry_app_by_key(intake_tally->registry, TEXT("k1"));
    struct period period =
        period_parse(TEXT("[1767225600000,1798675200000]"), app->zone, NOW);
    struct timeobject object = {
        .app = INTAKE_APP,
        .collection = collection,
        .metrics = catalog_list(intake_tally->catalog, collection),
        .mode = mode,
        .period = &period};
    struct reader *reader;
    struct buffer out;
    struct json json;

    buffer_init(&out, 1 << 22);
    json_init(&json, &out, JSON_PLAIN);
    ck_assert_int_eq(reader_open(intake_engine, &reader), TALLY_OK);
    timeobject_capture(&object, reader);
    ck_assert_int_eq(timeobject_write(&object, reader, &json), TALLY_OK);
    reader_close(reader);
    cJSON *tree = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_ptr_nonnull(tree);
    buffer_finish(&out);
    for (int month = 1; month <= 12 && !with_days; month++) {
        char name[4];
        snprintf(name, sizeof(name), "%d", month);
        cJSON *object_of_month = cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(tree, "2026"), name);
        for (int day = 1; day <= 31; day++) {
            snprintf(name, sizeof(name), "%d", day);
            cJSON_DeleteItemFromObjectCaseSensitive(object_of_month, name);
        }
    }
    return tree;
}

static const cJSON *at(const cJSON *tree, const char *month, const char *day)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(tree, "2026"), month);

    return day ? cJSON_GetObjectItemCaseSensitive(found, day) : found;
}

static int count(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNumber(number) ? number->valueint : 0;
}

/* How many steps a run took; it is cut short after `steps`. */
static int run_steps(int64_t now, int steps)
{
    struct keeping run;
    bool over = false;
    int made = 0;

    keeping_start(&run, intake_tally, now);
    while (!over && made < steps) {
        ck_assert_int_eq(keeping_step(&run, &over), TALLY_OK);
        engine_turn(intake_engine);
        made++;
    }
    return made;
}

static unsigned records_of(enum table table)
{
    struct inventory_extent extent;

    ck_assert_int_eq(inventory_extent(intake_engine, table, &extent), TALLY_OK);
    return (unsigned)extent.records;
}

static void check_equal(cJSON *a, cJSON *b)
{
    char *x = cJSON_Print(a);
    char *y = cJSON_Print(b);

    ck_assert_msg(cJSON_Compare(a, b, true), "%s\n%s", x, y);
    cJSON_free(x);
    cJSON_free(y);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

static const char *const collections[] = {"users", "device_details"};

START_TEST(months_and_years_stay_and_old_days_go)
{
    cJSON *before[2];

    send_sessions();
    for (int i = 0; i < 2; i++)
        before[i] = read_object(collections[i], TIMEOBJECT_PERIOD, false);
    unsigned days = records_of(TABLE_DAYS);
    ck_assert_int_gt(run_steps(NOW, STEPS_MAX), 100);
    intake_audit();
    intake_checkpoint();
    intake_audit();
    ck_assert_uint_lt(records_of(TABLE_DAYS), days * 2 / 3);
    for (int i = 0; i < 2; i++) {
        cJSON *after = read_object(collections[i], TIMEOBJECT_PERIOD, true);
        for (int day = 1; day <= 31; day++) {
            char name[4];
            snprintf(name, sizeof(name), "%d", day);
            ck_assert_ptr_null(at(after, "3", name));
            ck_assert_ptr_null(at(after, "4", name));
        }
        ck_assert_ptr_nonnull(at(after, "6", "1"));
        cJSON_Delete(after);
        check_equal(before[i],
                    read_object(collections[i], TIMEOBJECT_PERIOD, false));
    }
}
END_TEST

static void send_events(void)
{
    for (int i = 0; i < DAYS; i++)
        intake_ok(START + i * DAY_S,
                  "{\"app_key\":\"k1\",\"device_id\":\"d%d\",\"events\":["
                  "{\"key\":\"buy\",\"count\":2,\"sum\":0.5,\"dur\":3,"
                  "\"segmentation\":{\"size\":\"%d\"}},{\"key\":\"e%d\"}]}",
                  i % DEVICES, i % 3, i % 5);
}

START_TEST(nothing_is_moved_twice_when_runs_are_cut_short)
{
    cJSON *before = NULL;

    send_sessions();
    send_events();
    before = read_object("users", TIMEOBJECT_PERIOD, false);
    for (int i = 1; i < 200; i += 9) {
        run_steps(NOW, i);
        if (i % 2)
            intake_checkpoint();
        intake_reopen();
        intake_audit();
        cJSON *now = read_object("users", TIMEOBJECT_PERIOD, false);
        ck_assert(cJSON_Compare(before, now, true));
        cJSON_Delete(now);
    }
    run_steps(NOW, STEPS_MAX);
    check_equal(before, read_object("users", TIMEOBJECT_PERIOD, false));
}
END_TEST

START_TEST(hours_go_after_their_days_and_keep_the_days)
{
    int32_t last = START / DAY_S + DAYS - 1;
    int64_t t = 0;

    send_sessions();
    int32_t bound = NOW / DAY_S - 20;
    int64_t before = intake_day(SET_USERS, NULL, bound - 1, CELL_T);
    run_steps(NOW, STEPS_MAX);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, bound - 1, CELL_T), before);
    for (unsigned hour = 0; hour < 24; hour++) {
        ck_assert_int_eq(intake_hour(bound - 1, hour, CELL_T), 0);
        t += intake_hour(last, hour, CELL_T);
    }
    ck_assert_int_eq(t, intake_day(SET_USERS, NULL, last, CELL_T));
}
END_TEST

/* Deleting happens behind sweeps, on another thread. */
static void wait_for(enum table table, unsigned records)
{
    for (int i = 0; i < 200 && records_of(table) > records; i++) {
        intake_ok(NOW + i, "{\"app_key\":\"k1\",\"device_id\":\"d0\"}");
        intake_checkpoint();
        usleep(10000);
        engine_turn(intake_engine);
    }
    ck_assert_uint_le(records_of(table), records);
}

START_TEST(what_is_hidden_is_deleted_from_the_base)
{
    send_sessions();
    ck_assert_uint_ge(records_of(TABLE_HOURS), DAYS);
    ck_assert_uint_ge(records_of(TABLE_ACTIVE), DAYS);
    run_steps(NOW, STEPS_MAX);
    intake_checkpoint();
    wait_for(TABLE_HOURS, 22);
    wait_for(TABLE_ACTIVE, 62);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, START / DAY_S), 0);
    ck_assert_int_gt(intake_active(SET_USERS, NULL, NOW / DAY_S - 1), 0);
}
END_TEST

START_TEST(late_data_of_an_old_day_counts_in_its_month)
{
    send_sessions();
    run_steps(NOW, STEPS_MAX);
    cJSON *before = read_object("users", TIMEOBJECT_PERIOD, true);
    intake_ok(NOW,
              "{\"app_key\":\"k1\",\"device_id\":\"d1\","
              "\"timestamp\":%d,\"begin_session\":1}",
              START + 5 * DAY_S);
    for (int i = 0; i < 2; i++) {
        cJSON *after = read_object("users", TIMEOBJECT_PERIOD, true);
        ck_assert_int_eq(count(at(after, "3", NULL), "t"),
                         count(at(before, "3", NULL), "t") + 1);
        ck_assert_ptr_null(at(after, "3", "7"));
        cJSON_Delete(after);
        intake_audit();
        intake_checkpoint();
        run_steps(NOW + DAY_S, STEPS_MAX);
    }
    ck_assert_int_eq(intake_day(SET_USERS, NULL, START / DAY_S + 5, CELL_T), 0);
    cJSON_Delete(before);
}
END_TEST

START_TEST(a_read_of_everything_has_the_sums_of_months_without_days)
{
    send_sessions();
    cJSON *before = read_object("users", TIMEOBJECT_PERIOD, false);
    run_steps(NOW, STEPS_MAX);
    cJSON *after = read_object("users", TIMEOBJECT_FULL, true);
    ck_assert_int_eq(count(at(after, "3", NULL), "t"),
                     count(at(before, "3", NULL), "t"));
    ck_assert_int_eq(count(at(after, "6", NULL), "t"), 0);
    ck_assert_ptr_nonnull(at(after, "6", "1"));
    cJSON_Delete(before);
    cJSON_Delete(after);
}
END_TEST

START_TEST(events_are_moved_as_well)
{
    int32_t first = date_to_day(2026, 3, 1);
    int64_t e = 0;
    int64_t d = 0;

    for (int i = 0; i < 30; i++)
        intake_ok(START + i * DAY_S,
                  "{\"app_key\":\"k1\",\"device_id\":\"d1\",\"events\":["
                  "{\"key\":\"buy\",\"count\":%d,\"sum\":10000.25,"
                  "\"segmentation\":{\"size\":\"%d\"}}]}",
                  i + 1, i % 3);
    intake_checkpoint();
    for (int i = 0; i < 31; i++) {
        e += intake_day(SET_EVENTS, "buy", first + i, CELL_E);
        d += intake_day(SET_EVENTS, "buy", first + i, CELL_D);
    }
    ck_assert_int_eq(e, 30 * 31 / 2);
    ck_assert_int_eq(d, INT64_C(30000750000));
    run_steps(NOW, STEPS_MAX);
    ck_assert_int_eq(intake_day(SET_EVENTS, "buy", first, CELL_E), e);
    ck_assert_int_eq(intake_day(SET_EVENTS, "buy", first, CELL_D), d);
    ck_assert_int_eq(intake_day(SET_EVENTS, "buy", first + 1, CELL_E), 0);
}
END_TEST

START_TEST(an_app_without_a_setting_keeps_everything)
{
    intake_app = intake_add_app("5b0000000000000000000002", "k2", NULL, NULL);
    intake_ok(START, "{\"app_key\":\"k2\",\"device_id\":\"A\","
                     "\"begin_session\":1}");
    intake_checkpoint();
    char *before = intake_dump();
    run_steps(NOW, STEPS_MAX);
    char *after = intake_dump();
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(intake_records(TABLE_HORIZONS), 1); /* of k1 */

    /* Until the default says otherwise. */
    intake_tally->settings.retention_hours = 10;
    run_steps(NOW, STEPS_MAX);
    ck_assert_uint_eq(intake_records(TABLE_HORIZONS), 2);
    ck_assert_int_eq(intake_hour(START / DAY_S, 10, CELL_T), 0);
    free(before);
    free(after);
}
END_TEST

START_TEST(what_is_hidden_stays_so_when_more_is_to_be_kept)
{
    struct horizon first;
    struct horizon second;

    send_sessions();
    run_steps(NOW, STEPS_MAX);
    ck_assert_int_eq(horizon_get(intake_engine, INTAKE_APP, &first), TALLY_OK);
    run_steps(NOW - 40 * DAY_S, STEPS_MAX);
    ck_assert_int_eq(horizon_get(intake_engine, INTAKE_APP, &second), TALLY_OK);
    ck_assert_int_eq(first.hours, NOW / DAY_S - 20);
    ck_assert_int_eq(first.days, date_to_day(2026, 5, 1));
    ck_assert_int_eq(second.hours, first.hours);
    ck_assert_int_eq(second.days, first.days);
}
END_TEST

START_TEST(a_report_says_what_would_go)
{
    struct keeping_report *report;
    struct reader *reader;
    struct buffer out;
    struct json json;

    send_sessions();
    char *before = intake_dump();
    buffer_init(&out, 1 << 16);
    json_init(&json, &out, JSON_PLAIN);
    ck_assert_int_eq(reader_open(intake_engine, &reader), TALLY_OK);
    report = keeping_plan(intake_tally, reader, NOW);
    ck_assert_int_eq(keeping_measure(report), TALLY_OK);
    keeping_write(report, true, &json);
    keeping_report_destroy(report);
    reader_close(reader);
    cJSON *tree = cJSON_ParseWithLength(out.at, out.len);
    const cJSON *app =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "apps"), 0);
    ck_assert_str_eq(cJSON_GetStringValue(
                         cJSON_GetObjectItemCaseSensitive(app, "days_from")),
                     "2026-05-01");
    ck_assert_int_eq(
        count(cJSON_GetObjectItemCaseSensitive(app, "hours"), "records"),
        DAYS - 20);
    ck_assert_int_gt(
        count(cJSON_GetObjectItemCaseSensitive(app, "days"), "records"), 300);
    ck_assert_int_gt(
        count(cJSON_GetObjectItemCaseSensitive(app, "activity"), "bytes"), 300);
    char *after = intake_dump();
    ck_assert_str_eq(before, after);
    cJSON_Delete(tree);
    buffer_finish(&out);
    free(before);
    free(after);
}
END_TEST

static Suite *keeping_suite(void)
{
    Suite *suite = suite_create("keeping");
    TCase *tcase = tcase_create("keeping");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, months_and_years_stay_and_old_days_go);
    tcase_add_test(tcase, nothing_is_moved_twice_when_runs_are_cut_short);
    tcase_add_test(tcase, hours_go_after_their_days_and_keep_the_days);
    tcase_add_test(tcase, what_is_hidden_is_deleted_from_the_base);
    tcase_add_test(tcase, late_data_of_an_old_day_counts_in_its_month);
    tcase_add_test(tcase,
                   a_read_of_everything_has_the_sums_of_months_without_days);
    tcase_add_test(tcase, events_are_moved_as_well);
    tcase_add_test(tcase, an_app_without_a_setting_keeps_everything);
    tcase_add_test(tcase, what_is_hidden_stays_so_when_more_is_to_be_kept);
    tcase_add_test(tcase, a_report_says_what_would_go);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(keeping_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
