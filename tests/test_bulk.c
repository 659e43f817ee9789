#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/bulk.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, HOUR = 3600 };

#define MISSING "{\"result\":\"Missing parameter \\\"requests\\\"\"}"
#define INVALID "{\"result\":\"Invalid parameter \\\"requests\\\"\"}"

static GString *body;

static void setup(void)
{
    intake_open(NULL);
    body = g_string_new("[");
}

static void teardown(void)
{
    g_string_free(body, TRUE);
    intake_audit();
    intake_close();
}

__attribute__((format(printf, 1, 2))) static void item(const char *format, ...)
{
    va_list list;

    if (body->len > 1)
        g_string_append_c(body, ',');
    va_start(list, format);
    g_string_append_vprintf(body, format, list);
    va_end(list);
}

/* Sessions of one device, a minute each. */
static void add_sessions(int count)
{
    for (int i = 0; i < count; i++)
        item("{\"device_id\":\"A\",\"timestamp\":%d,\"begin_session\":1"
             ",\"session_duration\":7,\"metrics\":{\"_os\":\"o%d\"}}",
             START - 100000 + i * 60, i % 7);
}

static void close_body(void)
{
    if (body->str[body->len - 1] != ']')
        g_string_append_c(body, ']');
}

static void send_body(void)
{
    close_body();
    ck_assert_str_eq(intake_bulk(START, body->str), INTAKE_SUCCESS);
    ck_assert_int_eq(intake_status, 200);
}

static int64_t requests_of(int first, int last)
{
    int64_t sum = 0;

    for (int day = first; day <= last; day++)
        sum += intake_day(SET_USERS, NULL, DAY + day, CELL_E);
    return sum;
}

static const int lengths[] = {1, 9, 20, 50};

START_TEST(a_body_sent_again_counts_nothing)
{
    add_sessions(lengths[_i]);
    send_body();
    char *before = intake_dump();
    send_body();
    intake_checkpoint();
    intake_reopen();
    send_body();
    char *after = intake_dump();
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(requests_of(-3, 0), 2 * lengths[_i]);
    g_free(before);
    g_free(after);
}
END_TEST

START_TEST(a_body_that_was_cut_short_goes_on_where_it_stopped)
{
    enum { ITEMS = 400 };
    struct intake_options options = {.overlay_bytes = 256 * 1024};
    int refused = 0;

    intake_close();
    intake_open(&options);
    for (int i = 0; i < ITEMS; i++)
        item("{\"device_id\":\"d%d\",\"begin_session\":1,\"metrics\":"
             "{\"_os\":\"o%d\"}}",
             i, i);
    g_string_append_c(body, ']');
    intake_never_turns = true;
    for (;; refused++) {
        int64_t before = requests_of(0, 0);
        intake_bulk(START, body->str);
        if (intake_status == 200)
            break;
        ck_assert_int_eq(intake_status, 503);
        ck_assert_int_gt(requests_of(0, 0), before);
        intake_audit();
        intake_checkpoint();
    }
    intake_never_turns = false;
    ck_assert_int_gt(refused, 0);
    ck_assert_int_eq(requests_of(0, 0), ITEMS);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_N), ITEMS);
}
END_TEST

static void put_user(uint32_t ordinal, struct text record)
{
    struct key key = key_user(INTAKE_APP, ordinal);

    batch_clear(&intake_tally->batch);
    effect_put(&intake_tally->batch, TABLE_USERS, key_text(&key), record);
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
}

START_TEST(an_item_that_fails_is_not_passed_over)
{
    uint8_t bytes[USER_RECORD_MAX];
    struct user user;

    intake_ok(START, "{\"app_key\":\"k1\",\"device_id\":\"A\"}");
    ck_assert(intake_user("A", &user));
    item("{\"device_id\":\"B\"}");
    item("{\"device_id\":\"A\"}");
    item("{\"device_id\":\"B\"}]");
    put_user(intake_ordinal("A"), TEXT("\xff"));
    intake_bulk(START, body->str);
    ck_assert_int_eq(intake_status, 503);
    ck_assert_int_eq(requests_of(0, 0), 2);
    put_user(intake_ordinal("A"), user_write(&user, bytes));
    send_body();
    ck_assert_int_eq(requests_of(0, 0), 4);
}
END_TEST

START_TEST(items_without_a_timestamp_sent_again_count_once)
{
    item("{\"device_id\":\"A\"}");
    item("{\"device_id\":\"A\"}");
    send_body();
    send_body();
    ck_assert_int_eq(requests_of(0, 0), 2);
}
END_TEST

START_TEST(an_item_repeated_in_another_body_is_a_duplicate)
{
    add_sessions(3);
    send_body();
    g_string_assign(body, "[");
    add_sessions(3);
    item("{\"device_id\":\"A\"}");
    send_body();
    ck_assert_int_eq(requests_of(-3, 0), 7);
}
END_TEST

static const char *const odd[] = {
    "null",
    "0",
    "1",
    "false",
    "true",
    "\"\"",
    "\"text\"",
    "[]",
    "[{\"device_id\":\"A\"}]",
    "{}",
    "{\"device_id\":\"\"}",
    "{\"device_id\":null}",
    "{\"app_key\":\"k1\"}",
    "{\"app_key\":\"none\",\"device_id\":\"A\"}",
    "{\"device_id\":\"00000000-0000-0000-0000-000000000000\"}",
};

START_TEST(an_odd_item_does_not_stall_the_rest)
{
    item("{\"device_id\":\"A\"}");
    item("%s", odd[_i]);
    item("{\"device_id\":\"A\",\"app_key\":\"k1\"}");
    send_body();
    ck_assert_int_eq(requests_of(0, 0), 2);
    send_body();
    ck_assert_int_eq(requests_of(0, 0), 2);
}
END_TEST

static const struct {
    const char *requests;
    int status;
    const char *answer;
} forms[] = {
    {"", 400, MISSING},          {"null", 400, MISSING},
    {"[", 400, MISSING},         {"[{]", 400, MISSING},
    {"[1,]", 400, MISSING},      {"[] x", 400, MISSING},
    {"{}", 400, INVALID},        {"1", 400, INVALID},
    {"\"[]\"", 400, INVALID},    {"true", 400, INVALID},
    {"[]", 200, INTAKE_SUCCESS}, {" [ ] ", 200, INTAKE_SUCCESS},
};

START_TEST(requests_must_be_an_array)
{
    ck_assert_str_eq(intake_bulk(START, forms[_i].requests), forms[_i].answer);
    ck_assert_int_eq(intake_status, forms[_i].status);
}
END_TEST

START_TEST(too_many_items_are_refused_as_a_whole)
{
    for (int i = 0; i < BULK_ITEMS_MAX; i++)
        item("0");
    item("{\"device_id\":\"A\"}");
    g_string_append_c(body, ']');
    ck_assert_str_eq(intake_bulk(START, body->str),
                     "{\"result\":\"Request entity too large\"}");
    ck_assert_int_eq(intake_status, 413);
    ck_assert_int_eq(requests_of(0, 0), 0);
}
END_TEST

/* Checksums. */

static const char *send_signed(const char *salt)
{
    close_body();
    char *text = g_strconcat(body->str, salt, NULL);
    char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    const char *answer = intake_bulk_signed(START, "salted", body->str, sum);

    g_free(text);
    g_free(sum);
    return answer;
}

START_TEST(a_checksum_covers_the_items_of_its_app)
{
    intake_add_app("5b0000000000000000000002", "salted", NULL,
                   ",\"salt\":\"s\"");
    intake_add_app("5b0000000000000000000003", "other", NULL,
                   ",\"salt\":\"o\"");
    item("{\"device_id\":\"A\"}");
    item("{\"device_id\":\"A\",\"app_key\":\"k1\"}");
    item("{\"device_id\":\"A\",\"app_key\":\"other\"}");
    ck_assert_str_eq(send_signed("s"), INTAKE_SUCCESS);
    ck_assert_uint_eq(intake_users(2), 1);
    ck_assert_uint_eq(intake_users(1), 1);
    ck_assert_uint_eq(intake_users(3), 0);
}
END_TEST

START_TEST(a_wrong_checksum_drops_the_items_of_its_app)
{
    intake_add_app("5b0000000000000000000002", "salted", NULL,
                   ",\"salt\":\"s\"");
    item("{\"device_id\":\"A\"}");
    item("{\"device_id\":\"A\",\"app_key\":\"k1\"}");
    ck_assert_str_eq(send_signed("wrong"), INTAKE_SUCCESS);
    ck_assert_uint_eq(intake_users(2), 0);
    ck_assert_uint_eq(intake_users(1), 1);
}
END_TEST

START_TEST(items_dropped_for_their_checksum_count_when_it_is_right)
{
    intake_add_app("5b0000000000000000000002", "salted", NULL,
                   ",\"salt\":\"s\"");
    item("{\"device_id\":\"A\"}");
    ck_assert_str_eq(send_signed("wrong"), INTAKE_SUCCESS);
    intake_bulk_signed(START, "salted", body->str, NULL);
    ck_assert_uint_eq(intake_users(2), 0);
    intake_app = 2;
    for (int i = 0; i < 2; i++) {
        ck_assert_str_eq(send_signed("s"), INTAKE_SUCCESS);
        ck_assert_int_eq(requests_of(0, 0), 1);
    }
}
END_TEST

START_TEST(without_a_checksum_each_item_needs_its_own)
{
    static const char unsigned_item[] =
        "{\"device_id\":\"B\",\"app_key\":\"salted\"}";
    char *text = g_strconcat(unsigned_item, "s", NULL);
    char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);

    intake_add_app("5b0000000000000000000002", "salted", NULL,
                   ",\"salt\":\"s\"");
    item("{\"device_id\":\"A\",\"app_key\":\"salted\"}");
    item("{\"device_id\":\"B\",\"app_key\":\"salted\",\"checksum\":\"%s\"}",
         sum);
    send_body();
    ck_assert_uint_eq(intake_users(2), 1);
    g_free(text);
    g_free(sum);
}
END_TEST

/* Expiry. */

START_TEST(a_body_is_forgotten_after_a_day)
{
    item("{\"device_id\":\"A\"}");
    send_body();
    intake_bulk(START + 23 * HOUR, body->str);
    ck_assert_int_eq(requests_of(0, 1), 1);
    intake_bulk(START + 26 * HOUR, body->str);
    ck_assert_int_eq(requests_of(0, 1), 2);
    intake_bulk(START + 26 * HOUR, body->str);
    ck_assert_int_eq(requests_of(0, 1), 2);
}
END_TEST

static void expire(int64_t now_s)
{
    ck_assert_int_eq(bulk_expire(intake_tally, now_s), TALLY_OK);
}

/* A record is looked at when a checkpoint has stored it. */
START_TEST(old_records_are_erased_some_at_a_time)
{
    enum { BODIES = 3 * BULK_EXPIRED_AT_ONCE / 2 };

    for (int i = 0; i < BODIES; i++) {
        char json[64];
        snprintf(json, sizeof(json), "[%d]", i);
        intake_bulk(START, json);
    }
    intake_checkpoint();
    expire(START + 23 * HOUR);
    expire(START + 23 * HOUR);
    ck_assert_uint_eq(intake_records(TABLE_BULKS), BODIES);
    expire(START + 26 * HOUR);
    ck_assert_uint_eq(intake_records(TABLE_BULKS),
                      BODIES - BULK_EXPIRED_AT_ONCE);
    expire(START + 26 * HOUR);
    ck_assert_uint_eq(intake_records(TABLE_BULKS), 0);
    intake_checkpoint();
    expire(START + 26 * HOUR);
}
END_TEST

START_TEST(a_record_renewed_since_the_checkpoint_stays)
{
    intake_bulk(START, "[1]");
    intake_bulk(START, "[2]");
    intake_checkpoint();
    intake_bulk(START + 26 * HOUR, "[2]");
    expire(START + 26 * HOUR);
    ck_assert_uint_eq(intake_records(TABLE_BULKS), 1);
    expire(START + 26 * HOUR); /* the erased one is not erased again */
    ck_assert_uint_eq(intake_records(TABLE_BULKS), 1);
    intake_checkpoint();
    ck_assert_uint_eq(intake_records(TABLE_BULKS), 1);
}
END_TEST

#define COUNT_OF(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *bulk_suite(void)
{
    Suite *suite = suite_create("bulk");
    TCase *tcase = tcase_create("bulk");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_body_sent_again_counts_nothing, 0,
                        COUNT_OF(lengths));
    tcase_add_test(tcase, a_body_that_was_cut_short_goes_on_where_it_stopped);
    tcase_add_test(tcase, an_item_that_fails_is_not_passed_over);
    tcase_add_test(tcase, items_without_a_timestamp_sent_again_count_once);
    tcase_add_test(tcase, an_item_repeated_in_another_body_is_a_duplicate);
    tcase_add_loop_test(tcase, an_odd_item_does_not_stall_the_rest, 0,
                        COUNT_OF(odd));
    tcase_add_loop_test(tcase, requests_must_be_an_array, 0, COUNT_OF(forms));
    tcase_add_test(tcase, too_many_items_are_refused_as_a_whole);
    tcase_add_test(tcase, a_checksum_covers_the_items_of_its_app);
    tcase_add_test(tcase, a_wrong_checksum_drops_the_items_of_its_app);
    tcase_add_test(tcase,
                   items_dropped_for_their_checksum_count_when_it_is_right);
    tcase_add_test(tcase, without_a_checksum_each_item_needs_its_own);
    tcase_add_test(tcase, a_body_is_forgotten_after_a_day);
    tcase_add_test(tcase, old_records_are_erased_some_at_a_time);
    tcase_add_test(tcase, a_record_renewed_since_the_checkpoint_stays);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(bulk_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
