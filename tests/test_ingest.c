#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "intake.h"
#include "metrics/ingest.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514 };

static void setup(void)
{
    intake_open(NULL);
}

static void teardown(void)
{
    intake_audit();
    intake_close();
}

static int64_t requests(void)
{
    return intake_day(SET_USERS, NULL, DAY, CELL_E);
}

#define ANSWER(text) "{\"result\":\"" text "\"}"
#define ZERO "00000000-0000-0000-0000-000000000000"
#define MISSING ANSWER("Missing parameter \\\"app_key\\\" or \\\"device_id\\\"")

/* Each has all faults of the rows below it that can be had at once. */
static const struct {
    const char *json;
    int status;
    const char *answer;
} checks[] = {
    {"{}", 400, MISSING},
    {"{\"app_key\":\"k1\"}", 400, MISSING},
    {"{\"device_id\":\"A\"}", 400, MISSING},
    {"{\"app_key\":\"\",\"device_id\":\"A\"}", 400, MISSING},
    {"{\"app_key\":\"k1\",\"device_id\":\"\"}", 400, MISSING},
    {"{\"app_key\":\"k1\",\"device_id\":null}", 400, MISSING},
    {"{\"app_key\":\"k1\",\"device_id\":0}", 400, MISSING},
    {"{\"app_key\":\"none\",\"device_id\":\"" ZERO "\"}", 200,
     ANSWER("Ignoring device_id")},
    {"{\"app_key\":\"none\",\"device_id\":\"A\"}", 400,
     ANSWER("App does not exist")},
    {"{\"app_key\":\"paused\",\"device_id\":\"A\",\"populator\":1}", 400,
     ANSWER("App is currently not accepting data")},
    {"{\"app_key\":\"locked\",\"device_id\":\"A\",\"populator\":1}", 403,
     ANSWER("App is locked")},
    {"{\"app_key\":\"locked\",\"device_id\":\"A\"}", 200,
     ANSWER("Request does not have checksum")},
    {"{\"app_key\":\"locked\",\"device_id\":\"A\",\"checksum\":\"00\"}", 200,
     ANSWER("Request does not match checksum")},
    {"{\"app_key\":\"k1\",\"device_id\":12,\"metrics\":\"{\"}", 200,
     ANSWER("Success")},
    {"{\"app_key\":\"k1\",\"device_id\":\"A\",\"events\":\"{\"}", 200,
     ANSWER("Success")},
};

START_TEST(checks_are_made_in_their_order)
{
    intake_add_app("5b0000000000000000000002", "paused", NULL,
                   ",\"paused\":true,\"locked\":true,\"salt\":\"s\"");
    intake_add_app("5b0000000000000000000003", "locked", NULL,
                   ",\"locked\":true,\"salt\":\"s\"");
    ck_assert_str_eq(intake_send(START, checks[_i].json), checks[_i].answer);
    ck_assert_int_eq(intake_status, checks[_i].status);
    ck_assert_int_eq(requests(), text_has_prefix(text_of(checks[_i].answer),
                                                 "{\"result\":\"Success"));
}
END_TEST

static int64_t last_data(void)
{
    return registry_app_by_key(intake_tally->registry, TEXT("k1"))->last_data;
}

START_TEST(an_app_knows_the_day_of_its_last_data)
{
    intake_send(START, "{\"app_key\":\"k1\",\"device_id\":\"" ZERO "\"}");
    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\","
                     "\"populator\":\"true\",\"begin_session\":1}");
    ck_assert_int_eq(last_data(), 0);
    intake_ok(START + 1, "{\"app_key\":\"k1\",\"device_id\":\"A\","
                         "\"populator\":\"false\"}");
    intake_ok(START + 60, "{\"app_key\":\"k1\",\"device_id\":\"A\"}");
    ck_assert_int_eq(last_data(), START + 1);
    intake_reopen();
    ck_assert_int_eq(last_data(), START + 1);
    intake_ok(START + 86400,
              "{\"app_key\":\"k1\",\"device_id\":\"A\","
              "\"timestamp\":%d}",
              START);
    ck_assert_int_eq(last_data(), START + 86400);
}
END_TEST

START_TEST(data_that_is_not_stored_is_no_last_data)
{
    static const char json[] =
        "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":1772445600}";

    intake_ok(START, "%s", json);
    ck_assert_str_eq(intake_send(START + 86400, json), INTAKE_DUPLICATE);
    ck_assert_int_eq(last_data(), START);
}
END_TEST

/* Sends a body and its checksum the way clients do. */
static const char *send_signed(const char *key, const char *salt,
                               GChecksumType type, const char *name)
{
    char json[256];
    char signed_json[512];
    char text[300];

    snprintf(json, sizeof(json), "{\"app_key\":\"%s\",\"device_id\":\"A\"}",
             key);
    snprintf(text, sizeof(text), "%s%s", json, salt);
    char *sum = g_compute_checksum_for_string(type, text, -1);
    snprintf(signed_json, sizeof(signed_json), "%.*s,\"%s\":\"%s\"}",
             (int)strlen(json) - 1, json, name, sum);
    g_free(sum);
    return intake_send(START, signed_json);
}

START_TEST(a_right_checksum_is_accepted)
{
    intake_add_app("5b0000000000000000000002", "s1", NULL,
                   ",\"salt\":\"one\",\"checksum_salt\":\"two\"");
    intake_add_app("5b0000000000000000000003", "s2", NULL,
                   ",\"checksum_salt\":\"two\"");
    ck_assert_str_eq(send_signed("s1", "one", G_CHECKSUM_SHA1, "checksum"),
                     INTAKE_SUCCESS);
    ck_assert_str_eq(send_signed("s1", "one", G_CHECKSUM_SHA256, "checksum256"),
                     INTAKE_SUCCESS);
    ck_assert_str_eq(send_signed("s2", "two", G_CHECKSUM_SHA256, "checksum256"),
                     INTAKE_SUCCESS);
    ck_assert_str_eq(send_signed("s1", "two", G_CHECKSUM_SHA256, "checksum256"),
                     ANSWER("Request does not match checksum"));
    ck_assert_str_eq(send_signed("s1", "one", G_CHECKSUM_SHA256, "checksum"),
                     ANSWER("Request does not match checksum"));
}
END_TEST

/* Duplicates. */

static const char *send_at(int64_t seconds, const char *more)
{
    char json[512];

    snprintf(json, sizeof(json),
             "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":%lld%s}",
             (long long)seconds, more);
    return intake_send(START + 100, json);
}

START_TEST(a_request_with_a_timestamp_counts_once)
{
    ck_assert_str_eq(send_at(START, ",\"begin_session\":1"), INTAKE_SUCCESS);
    ck_assert_str_eq(send_at(START, ",\"begin_session\":1"), INTAKE_DUPLICATE);
    ck_assert_int_eq(intake_status, 200);
    intake_checkpoint();
    intake_reopen();
    ck_assert_str_eq(send_at(START, ",\"begin_session\":1"), INTAKE_DUPLICATE);
    ck_assert_int_eq(requests(), 1);
    ck_assert_str_eq(send_at(START + 1, ",\"begin_session\":1"),
                     INTAKE_SUCCESS);
    ck_assert_int_eq(requests(), 2);
}
END_TEST

START_TEST(the_last_eight_requests_are_known)
{
    for (int i = 0; i < 9; i++)
        ck_assert_str_eq(send_at(START + i, ""), INTAKE_SUCCESS);
    for (int i = 8; i > 0; i--)
        ck_assert_str_eq(send_at(START + i, ""), INTAKE_DUPLICATE);
    ck_assert_str_eq(send_at(START, ""), INTAKE_SUCCESS);
}
END_TEST

START_TEST(a_request_without_a_timestamp_is_never_a_duplicate)
{
    for (int i = 0; i < 3; i++)
        intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\"}");
    ck_assert_int_eq(requests(), 3);
}
END_TEST

START_TEST(another_device_may_send_the_same)
{
    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":1}");
    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"B\",\"timestamp\":1}");
    ck_assert_int_eq(requests(), 2);
}
END_TEST

START_TEST(duplicates_count_when_they_are_not_looked_for)
{
    intake_tally->settings.prevent_duplicate_requests = false;
    ck_assert_str_eq(send_at(START, ""), INTAKE_SUCCESS);
    ck_assert_str_eq(send_at(START, ""), INTAKE_SUCCESS);
    ck_assert_int_eq(requests(), 2);
}
END_TEST

/* What is known of a user. */

START_TEST(activity_and_properties_are_noted)
{
    struct user user;

    ck_assert_str_eq(send_at(START + 10, ",\"tz\":180,\"t\":0"),
                     INTAKE_SUCCESS);
    ck_assert_str_eq(send_at(START + 50, ""), INTAKE_SUCCESS);
    ck_assert_str_eq(send_at(START + 30, ""), INTAKE_SUCCESS);
    ck_assert_str_eq(send_at(START + 90, ",\"no_meta\":1"), INTAKE_SUCCESS);
    ck_assert(intake_user("A", &user));
    ck_assert_uint_eq(user.fac, START + 10);
    ck_assert_uint_eq(user.lac, START + 50);
    ck_assert(user.has_tz);
    ck_assert_int_eq(user.tz, 180);
    ck_assert(user.has_info);
    ck_assert_uint_eq(user.sc, 0);
    ck_assert_uint_eq(user.ls, 0);
}
END_TEST

START_TEST(apps_do_not_see_each_others_users)
{
    uint32_t number =
        intake_add_app("5b0000000000000000000002", "k2", NULL, NULL);

    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\""
                     ",\"begin_session\":1}");
    intake_ok(START, "{\"app_key\":\"k2\",\"device_id\":\"A\""
                     ",\"begin_session\":1}");
    ck_assert_uint_eq(number, 2);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_N), 1);
    ck_assert_uint_eq(intake_ordinal("A"), 1);
}
END_TEST

/* A full engine: nothing is turned over between the requests. */
START_TEST(a_request_that_finds_no_room_leaves_nothing)
{
    struct intake_options options = {.overlay_bytes = 256 * 1024};
    int sent = 0;
    char json[128];

    intake_close();
    intake_open(&options);
    intake_never_turns = true;
    do {
        snprintf(json, sizeof(json),
                 "{\"app_key\":\"k1\",\"device_id\":\"d%d\",\"timestamp\":%d"
                 ",\"begin_session\":1,\"metrics\":{\"_os\":\"o%d\"}}",
                 sent, START, sent);
        intake_send(START, json);
        sent++;
    } while (intake_status == 200 && sent < 10000);
    ck_assert_int_eq(intake_status, 503);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), sent - 1);
    snprintf(json, sizeof(json), "d%d", sent - 1);
    ck_assert_uint_eq(intake_ordinal(json), 0);
    intake_audit();
    intake_checkpoint();
    intake_never_turns = false;
    /* There is room again: the same request is no duplicate. */
    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"d%d\",\"timestamp\":%d"
              ",\"begin_session\":1,\"metrics\":{\"_os\":\"o%d\"}}",
              sent - 1, START, sent - 1);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), sent);
}
END_TEST

/* No room for the text of a country that the full set gives no id. */
START_TEST(a_request_that_is_too_large_leaves_nothing)
{
    static const char json[] =
        "{\"app_key\":\"k1\",\"device_id\":\"B\",\"begin_session\":1"
        ",\"session_duration\":9,\"country_code\":\"DE\"}";
    struct arena *enough = arena_create(64 * 1024);
    struct arena *small = arena_create(2);
    struct params params = {0};
    struct buffer out;
    struct user user;

    intake_tally->settings.metric_limit = 1;
    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\""
                     ",\"begin_session\":1,\"country_code\":\"TR\"}");
    ck_assert_int_eq(params_add_json(&params, enough, text_of(json)), TALLY_OK);
    struct ingest request = {.arena = small,
                             .params = &params,
                             .body = text_of(json),
                             .now = START * INT64_C(1000)};
    buffer_init(&out, 1024);
    batch_clear(&intake_tally->batch);
    effect_put_document(&intake_tally->batch, 200, TEXT("mine"), TEXT("kept"));
    ck_assert_int_eq(ingest_with_batch(intake_tally, &request, &out), 400);
    ck_assert(text_is(buffer_text(&out), ANSWER("Request is too large")));
    ck_assert(!intake_user("B", &user));
    ck_assert_int_eq(requests(), 1);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_D), 0);
    /* What the caller had brought is applied. */
    ck_assert_uint_eq(intake_records(TABLE_DOCUMENTS), 3);
    buffer_finish(&out);
    arena_destroy(small);
    arena_destroy(enough);
}
END_TEST

static Suite *ingest_suite(void)
{
    Suite *suite = suite_create("ingest");
    TCase *tcase = tcase_create("ingest");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, checks_are_made_in_their_order, 0,
                        (int)(sizeof(checks) / sizeof(checks[0])));
    tcase_add_test(tcase, an_app_knows_the_day_of_its_last_data);
    tcase_add_test(tcase, data_that_is_not_stored_is_no_last_data);
    tcase_add_test(tcase, a_right_checksum_is_accepted);
    tcase_add_test(tcase, a_request_with_a_timestamp_counts_once);
    tcase_add_test(tcase, the_last_eight_requests_are_known);
    tcase_add_test(tcase, a_request_without_a_timestamp_is_never_a_duplicate);
    tcase_add_test(tcase, another_device_may_send_the_same);
    tcase_add_test(tcase, duplicates_count_when_they_are_not_looked_for);
    tcase_add_test(tcase, activity_and_properties_are_noted);
    tcase_add_test(tcase, apps_do_not_see_each_others_users);
    tcase_add_test(tcase, a_request_that_finds_no_room_leaves_nothing);
    tcase_add_test(tcase, a_request_that_is_too_large_leaves_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(ingest_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
