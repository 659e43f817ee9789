#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"
#include "metrics/docket.h"
#include "metrics/explain.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, ARENA = 1 << 20, OUT = 1 << 20 };

static struct arena *arena;
static struct buffer out;
static cJSON *told;

static void setup(void)
{
    intake_open(NULL);
    arena = arena_create(ARENA);
    buffer_init(&out, OUT);
    told = NULL;
}

static void teardown(void)
{
    cJSON_Delete(told);
    buffer_finish(&out);
    arena_destroy(arena);
    intake_audit();
    intake_close();
}

/* What the request would do; until the next call. */
static const cJSON *explain_request(int64_t now, const char *json)
{
    struct params params = {0};
    struct ingest request = {.arena = arena,
                             .params = &params,
                             .query = TEXT("explain=1&api_key=secret"),
                             .body = text_of(json),
                             .now = now * 1000};

    arena_reset(arena);
    buffer_clear(&out);
    ck_assert_int_eq(params_add_json(&params, arena, text_of(json)), TALLY_OK);
    ck_assert_int_eq(explain(intake_tally, &request, &out), 200);
    cJSON_Delete(told);
    told = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_msg(told != NULL, "%.*s", (int)out.len, out.at);
    return told;
}

/* A member by its path, names parted by dots. */
static const cJSON *at(const char *path)
{
    const cJSON *found = told;
    char copy[128];
    char *rest;

    snprintf(copy, sizeof(copy), "%s", path);
    for (char *name = strtok_r(copy, ".", &rest); name;
         name = strtok_r(NULL, ".", &rest))
        found = cJSON_IsArray(found)
                    ? cJSON_GetArrayItem(found, atoi(name))
                    : cJSON_GetObjectItemCaseSensitive(found, name);
    return found;
}

static const char *text_at(const char *path)
{
    const char *text = cJSON_GetStringValue(at(path));

    return text ? text : "";
}

static int number_at(const char *path)
{
    const cJSON *number = at(path);

    return cJSON_IsNumber(number) ? number->valueint : -1;
}

/* The sum of what is added at the day to a counter of a set. */
static int added(const char *set, const char *value, const char *field)
{
    const cJSON *counter;
    int sum = 0;

    cJSON_ArrayForEach(counter, at("counters"))
    {
        const char *name = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(counter, "value"));
        const cJSON *add = cJSON_GetObjectItemCaseSensitive(counter, "add");
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(add, field);
        if (strcmp(cJSON_GetStringValue(
                       cJSON_GetObjectItemCaseSensitive(counter, "set")),
                   set) == 0 &&
            (value == NULL) == (name == NULL) &&
            (!value || strcmp(name, value) == 0) && number)
            sum += number->valueint;
    }
    return sum;
}

#define BEGIN                                                           \
    "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":1772445600," \
    "\"begin_session\":1,\"metrics\":{\"_os\":\"Android\",\"_mine\":\"x\"}}"

START_TEST(what_is_told_happens_and_nothing_before)
{
    char *before = intake_dump();

    explain_request(START, BEGIN);
    char *after = intake_dump();
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(intake_users(INTAKE_APP), 0);
    ck_assert_uint_eq(intake_records(TABLE_STRINGS), 0);
    ck_assert_uint_eq(intake_records(TABLE_USERS), 0);
    ck_assert_str_eq(text_at("outcome"), "accepted");
    ck_assert_str_eq(text_at("session"), "new");
    ck_assert(cJSON_IsTrue(at("user.is_new")));
    ck_assert_int_eq(number_at("user.after.sc"), 1);
    ck_assert_str_eq(text_at("time.day"), "2026-03-02");
    ck_assert_int_eq(number_at("time.hour"), 10);
    ck_assert_int_eq(number_at("counters.0.unique.year"), 1);
    ck_assert_int_eq(number_at("lost.unknown_metric"), 1);
    ck_assert_str_eq(text_at("unknown_metrics.0"), "_mine");
    int sessions = added("users", NULL, "t");
    int systems = added("os", "Android", "t");

    intake_ok(START, BEGIN);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), sessions);
    ck_assert_int_eq(intake_day(SET_OS, "Android", DAY, CELL_T), systems);
    ck_assert_int_eq(sessions, 1);
    ck_assert_int_eq(systems, 1);
    ck_assert_uint_eq(intake_ordinal("A"), 1);
    free(before);
    free(after);
}
END_TEST

#define EVENTS                                                                 \
    "{\"app_key\":\"k1\",\"device_id\":\"A\",\"events\":[null,{\"key\":\"e\"," \
    "\"count\":3,\"dur\":2,\"segmentation\":{\"s\":\"v\"}},"                   \
    "{\"key\":\"[CLY]_view\",\"segmentation\":{\"name\":\"Home\","             \
    "\"visit\":1,\"exit\":1}}]}"

START_TEST(events_are_told_by_their_names)
{
    for (int round = 0; round < 2; round++) {
        explain_request(START, EVENTS);
        ck_assert_int_eq(number_at("lost.no_event"), 1);
        ck_assert_int_eq(added("events", "e", "e"), 3);
        ck_assert_int_eq(added("event", "v", "e"), 3);
        ck_assert_int_eq(added("event durations", "v", "d"), 200000);
        ck_assert_int_eq(added("views", "Home", "t"), 1);
        ck_assert_int_eq(added("view ends", "Home", "n"), 1);
        char *text = strndup(out.at, out.len);
        ck_assert_ptr_nonnull(
            strstr(text, "\"event\":\"e\",\"segment\":\"s\",\"value\":\"v\""));
        free(text);
        intake_ok(START, EVENTS);
    }
}
END_TEST

START_TEST(a_request_is_a_duplicate_of_itself)
{
    intake_ok(START, BEGIN);
    explain_request(START, BEGIN);
    ck_assert_str_eq(text_at("outcome"), "ignored");
    ck_assert_str_eq(text_at("answer"), "Request ignored: Duplicate request");
    ck_assert_int_eq(number_at("user.before.sc"), 1);
    ck_assert_ptr_null(at("counters"));
}
END_TEST

START_TEST(a_value_past_the_limit_is_told)
{
    intake_tally->settings.metric_limit = 1;
    intake_ok(START, BEGIN);
    explain_request(START + 60,
                    "{\"app_key\":\"k1\",\"device_id\":\"B\","
                    "\"begin_session\":1,\"metrics\":{\"_os\":\"iOS\"}}");
    ck_assert_int_eq(number_at("lost.metric_limit"), 2); /* and a source */
    ck_assert_int_eq(added("os", "iOS", "t"), 0);
    ck_assert_int_eq(added("users", NULL, "t"), 1);
}
END_TEST

START_TEST(late_data_and_ends_are_told)
{
    intake_ok(START, BEGIN);
    explain_request(START, "{\"app_key\":\"k1\",\"device_id\":\"A\","
                           "\"timestamp\":1772345600,\"begin_session\":1}");
    ck_assert_int_eq(number_at("lost.late"), 1);
    explain_request(START + 30, "{\"app_key\":\"k1\",\"device_id\":\"A\","
                                "\"end_session\":1}");
    ck_assert_str_eq(text_at("session"), "ended");
    ck_assert(cJSON_IsTrue(at("user.before.hos")));
    ck_assert(cJSON_IsFalse(at("user.after.hos")));
}
END_TEST

static const struct {
    const char *json;
    const char *outcome;
    int status;
} refusals[] = {
    {"{\"app_key\":\"none\",\"device_id\":\"A\"}", "rejected", 400},
    {"{\"app_key\":\"k1\"}", "rejected", 400},
    {"{\"app_key\":\"salted\",\"device_id\":\"A\"}", "ignored", 200},
    {"{\"app_key\":\"paused\",\"device_id\":\"A\"}", "rejected", 400},
};

START_TEST(refusals_are_told)
{
    intake_add_app("5b0000000000000000000002", "paused", NULL,
                   ",\"paused\":true");
    intake_add_app("5b0000000000000000000003", "salted", NULL,
                   ",\"salt\":\"s\"");
    explain_request(START, refusals[_i].json);
    ck_assert_str_eq(text_at("outcome"), refusals[_i].outcome);
    ck_assert_int_eq(number_at("status"), refusals[_i].status);
}
END_TEST

static void list(uint32_t app)
{
    struct json json;

    buffer_clear(&out);
    json_init(&json, &out, JSON_PLAIN);
    docket_write(intake_tally->docket, app, &json);
    cJSON_Delete(told);
    told = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_ptr_nonnull(told);
}

START_TEST(the_last_requests_are_listed_with_what_became_of_them)
{
    intake_ok(START, BEGIN);
    ck_assert_str_eq(intake_send(START + 1, BEGIN), INTAKE_DUPLICATE);
    intake_ok(START + 2, "{\"app_key\":\"k1\",\"device_id\":\"0123456789\","
                         "\"api_key\":\"secret\"}");
    list(INTAKE_APP);
    ck_assert_int_eq(number_at("accepted"), 2);
    ck_assert_int_eq(number_at("ignored"), 1);
    ck_assert_int_eq(number_at("drops.duplicate"), 1);
    ck_assert_int_eq(number_at("drops.unknown_metric"), 1);
    ck_assert_int_eq(cJSON_GetArraySize(at("requests")), 3);
    ck_assert_str_eq(text_at("requests.0.device"), "01234567...");
    ck_assert_ptr_null(at("requests.0.request"));
    ck_assert_str_eq(text_at("requests.1.reason"),
                     "Request ignored: Duplicate request");
    ck_assert_str_eq(text_at("requests.1.lost.0"), "duplicate");
    ck_assert_str_eq(text_at("requests.1.uid"), "1");
    ck_assert_ptr_nonnull(
        strstr(text_at("requests.1.request"), "begin_session=1"));
    ck_assert_ptr_null(memmem(out.at, out.len, "secret", 6));
    ck_assert_ptr_null(memmem(out.at, out.len, "k1", 2));
}
END_TEST

START_TEST(as_many_requests_are_kept_as_is_set)
{
    intake_tally->settings.requests_kept = 3;
    for (int i = 0; i < 5; i++)
        intake_ok(START + i, "{\"app_key\":\"k1\",\"device_id\":\"A\"}");
    list(INTAKE_APP);
    ck_assert_int_eq(number_at("accepted"), 5);
    ck_assert_int_eq(cJSON_GetArraySize(at("requests")), 3);
    ck_assert_int_eq(number_at("requests.0.time"), START + 4);
    ck_assert_int_eq(number_at("requests.2.time"), START + 2);
    intake_tally->settings.requests_kept = 0;
    intake_ok(START + 9, "{\"app_key\":\"k1\",\"device_id\":\"A\"}");
    list(INTAKE_APP);
    ck_assert_int_eq(number_at("accepted"), 0);
}
END_TEST

START_TEST(apps_have_rings_of_their_own_within_a_bound)
{
    struct docket *docket = docket_create();
    struct losses none = {0};
    struct params params = {0};
    struct json json;

    for (uint32_t app = 1; app <= 2 * DOCKET_APPS_MAX; app++)
        docket_note(docket, 1000,
                    &(struct docket_request){.seconds = START,
                                             .app = app,
                                             .losses = &none,
                                             .params = &params});
    json_init(&json, &out, JSON_PLAIN);
    docket_write(docket, 2 * DOCKET_APPS_MAX, &json);
    told = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_int_eq(number_at("accepted"), 1);
    buffer_clear(&out);
    json_init(&json, &out, JSON_PLAIN);
    docket_write(docket, 1, &json);
    cJSON_Delete(told);
    told = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_int_eq(number_at("accepted"), 0);
    docket_destroy(docket);
}
END_TEST

START_TEST(a_request_that_is_too_large_is_explained_as_refused)
{
    enum { COUNT = 12000, BYTES = 1 << 18 };
    char *json = malloc(BYTES);
    int len = snprintf(json, BYTES,
                       "{\"app_key\":\"k1\",\"device_id\":\"d\","
                       "\"events\":[{\"key\":\"a\"}");

    for (int i = 1; i < COUNT; i++)
        len += snprintf(json + len, BYTES - (size_t)len, ",{\"key\":\"a\"}");
    snprintf(json + len, BYTES - (size_t)len, "]}");
    explain_request(START, json);
    ck_assert_str_eq(text_at("outcome"), "rejected");
    ck_assert_str_eq(text_at("answer"), "Request is too large");
    ck_assert_int_eq(number_at("status"), 400);
    free(json);
}
END_TEST

static Suite *explain_suite(void)
{
    Suite *suite = suite_create("explain");
    TCase *tcase = tcase_create("explain");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_request_that_is_too_large_is_explained_as_refused);
    tcase_add_test(tcase, what_is_told_happens_and_nothing_before);
    tcase_add_test(tcase, events_are_told_by_their_names);
    tcase_add_test(tcase, a_request_is_a_duplicate_of_itself);
    tcase_add_test(tcase, a_value_past_the_limit_is_told);
    tcase_add_test(tcase, late_data_and_ends_are_told);
    tcase_add_loop_test(tcase, refusals_are_told, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tcase,
                   the_last_requests_are_listed_with_what_became_of_them);
    tcase_add_test(tcase, as_many_requests_are_kept_as_is_set);
    tcase_add_test(tcase, apps_have_rings_of_their_own_within_a_bound);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(explain_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
