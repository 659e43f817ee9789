#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/consent.h"
#include "metrics/document.h"
#include "metrics/profile.h"
#include "metrics/property.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, HOUR = 10, ARENA = 1 << 20 };

static struct arena *arena;

static void setup(void)
{
    intake_open(NULL);
    arena = arena_create(ARENA);
}

static void teardown(void)
{
    arena_destroy(arena);
    intake_audit();
    intake_close();
}

#define SEND(at, did, members)    \
    intake_ok(START + (at), "%s", \
              "{\"app_key\":\"k1\",\"device_id\":\"" did "\"" members "}")
#define DETAILS(members) ",\"user_details\":{" members "}"
#define CUSTOM(members) DETAILS("\"custom\":{" members "}")
#define OLD(did) ",\"old_device_id\":\"" did "\""
#define CONSENT(members) ",\"consent\":{" members "}"

static struct profile profile_of(const char *did)
{
    struct key key = key_user(INTAKE_APP, intake_ordinal(did));
    struct text record;
    struct profile profile;

    arena_reset(arena);
    ck_assert_int_eq(
        engine_get(intake_engine, TABLE_COLD, key_text(&key), &record),
        TALLY_OK);
    record.at = arena_strndup(arena, record.at, record.len);
    ck_assert_int_eq(profile_read(record, arena, &profile), TALLY_OK);
    return profile;
}

static void ck_json(struct text json, const char *expected)
{
    cJSON *got = cJSON_ParseWithLength(json.at, json.len);
    cJSON *want = cJSON_Parse(expected);

    ck_assert_msg((json.len == 0 && expected[0] == '\0') ||
                      (want && cJSON_Compare(got, want, true)),
                  "got  %.*s\nwant %s", (int)json.len, json.at, expected);
    cJSON_Delete(got);
    cJSON_Delete(want);
}

static void ck_details(const char *did, const char *expected)
{
    ck_json(profile_of(did).details, expected);
}

START_TEST(standard_and_custom_properties_are_kept)
{
    struct user user;

    SEND(0, "A", "");
    ck_assert(intake_user("A", &user));
    ck_assert(!user.has_info);
    SEND(1, "A",
         DETAILS("\"name\":\"Ann\",\"username\":\"ann\",\"email\":\"a@b.c\","
                 "\"organization\":\"Org\",\"phone\":\"+1\",\"gender\":\"F\","
                 "\"byear\":\"1987\",\"picture\":\"http://x/y.png\","
                 "\"shoe\":43,\"custom\":{\"k\":1,\"tags\":[\"x\"],"
                 "\"b\":true}"));
    ck_details("A",
               "{\"name\":\"Ann\",\"username\":\"ann\",\"email\":\"a@b.c\","
               "\"organization\":\"Org\",\"phone\":\"+1\",\"gender\":\"F\","
               "\"byear\":1987,\"picture\":\"http://x/y.png\","
               "\"custom\":{\"k\":1,\"tags\":[\"x\"],\"b\":true}}");
    ck_assert(intake_user("A", &user));
    ck_assert(user.has_info);
    intake_reopen();
    ck_assert(text_is(profile_of("A").did, "A"));
}
END_TEST

START_TEST(null_and_empty_text_remove)
{
    SEND(0, "A",
         DETAILS("\"name\":\"Ann\",\"email\":\"e\",\"byear\":1987,"
                 "\"custom\":{\"a\":1,\"b\":2,\"c\":3}"));
    SEND(1, "A",
         DETAILS("\"name\":null,\"email\":\"\",\"custom\":{\"a\":null,"
                 "\"b\":\"\"}"));
    ck_details("A", "{\"byear\":1987,\"custom\":{\"c\":3}}");
    SEND(2, "A", DETAILS("\"byear\":\"\",\"custom\":{\"c\":{\"$unset\":1}}"));
    ck_details("A", "");
}
END_TEST

static const struct {
    const char *given;
    const char *kept; /* "" for left out */
} values[] = {
    {"\"12\"", "{\"custom\":{\"k\":12}}"},
    {"\"-1.5e3\"", "{\"custom\":{\"k\":-1500}}"},
    {"\"1234567890123456\"", "{\"custom\":{\"k\":1234567890123456}}"},
    {"\"12345678901234567\"", "{\"custom\":{\"k\":\"12345678901234567\"}}"},
    {"\"0x10\"", "{\"custom\":{\"k\":\"0x10\"}}"},
    {"\"nan\"", "{\"custom\":{\"k\":\"nan\"}}"},
    {"\"1e999\"", "{\"custom\":{\"k\":\"1e999\"}}"},
    {"\"e5\"", "{\"custom\":{\"k\":\"e5\"}}"},
    {"\" 5\"", "{\"custom\":{\"k\":\" 5\"}}"},
    {"[\"5\",6,true,null,{},[1]]", "{\"custom\":{\"k\":[\"5\",6,true]}}"},
    {"[1,2,3,4,5,6,7,8,9,10,11,12]",
     "{\"custom\":{\"k\":[1,2,3,4,5,6,7,8,9,10]}}"},
    {"{\"a\":1}", ""},
    {"{\"$inc\":1,\"a\":1}", "{\"custom\":{\"k\":1}}"},
};

enum { VALUES = sizeof(values) / sizeof(values[0]) };

START_TEST(values_are_converted_and_bounded)
{
    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"user_details\":"
              "{\"custom\":{\"k\":%s}}}",
              values[_i].given);
    ck_details("A", values[_i].kept);
}
END_TEST

static const struct {
    const char *before;
    const char *given;
    const char *after;
} operators[] = {
    {"null", "{\"$inc\":2}", "{\"k\":2}"},
    {"1", "{\"$inc\":\"2\"}", "{\"k\":3}"},
    {"\"x\"", "{\"$inc\":2}", "{\"k\":\"x\"}"},
    {"null", "{\"$mul\":2}", "{\"k\":0}"},
    {"3", "{\"$mul\":2}", "{\"k\":6}"},
    {"null", "{\"$min\":2}", "{\"k\":2}"},
    {"3", "{\"$min\":2}", "{\"k\":2}"},
    {"1", "{\"$min\":2}", "{\"k\":1}"},
    {"null", "{\"$max\":-2}", "{\"k\":-2}"},
    {"1", "{\"$max\":2}", "{\"k\":2}"},
    {"3", "{\"$max\":2}", "{\"k\":3}"},
    {"null", "{\"$setOnce\":\"7\"}", "{\"k\":7}"},
    {"1", "{\"$setOnce\":2}", "{\"k\":1}"},
    {"null", "{\"$push\":\"a\"}", "{\"k\":[\"a\"]}"},
    {"\"a\"", "{\"$push\":[\"a\",\"b\"]}", "{\"k\":[\"a\",\"a\",\"b\"]}"},
    {"[1,2,3,4,5,6,7,8,9,10]", "{\"$push\":[11,12]}",
     "{\"k\":[3,4,5,6,7,8,9,10,11,12]}"},
    {"[1,2,3,4,5,6,7,8,9]", "{\"$addToSet\":[9,10,11]}",
     "{\"k\":[1,2,3,4,5,6,7,8,9,10]}"},
    {"[\"a\"]", "{\"$addToSet\":\"a\"}", "{\"k\":[\"a\"]}"},
    {"[1,2,1,3]", "{\"$pull\":[1,3]}", "{\"k\":[2]}"},
    {"5", "{\"$pull\":5}", "{\"k\":5}"},
    {"5", "{\"$unset\":1}", NULL},
    {"5", "{\"$inc\":2,\"$mul\":3}", "{\"k\":21}"},
    {"5", "{\"$rename\":2}", "{\"k\":5}"},
    {"1e308", "{\"$mul\":10}", "{\"k\":1e308}"},
};

enum { OPERATORS = sizeof(operators) / sizeof(operators[0]) };

START_TEST(operators_change_what_is_there)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "{\"custom\":%s}",
             operators[_i].after ? operators[_i].after : "");
    for (int i = 0; i < 2; i++)
        intake_ok(START + i,
                  "{\"app_key\":\"k1\",\"device_id\":\"A\",\"user_details\":"
                  "{\"custom\":{\"k\":%s}}}",
                  i ? operators[_i].given : operators[_i].before);
    ck_details("A", operators[_i].after ? expected : "");
}
END_TEST

START_TEST(operators_do_not_touch_standard_properties)
{
    SEND(0, "A", DETAILS("\"byear\":1987,\"name\":{\"$set\":\"Ann\"}"));
    SEND(1, "A", DETAILS("\"byear\":{\"$inc\":1},\"name\":{\"$push\":\"b\"}"));
    ck_details("A", "{\"byear\":1987,\"name\":\"Ann\"}");
}
END_TEST

START_TEST(what_cannot_be_read_changes_nothing)
{
    SEND(0, "A", DETAILS("\"name\":\"Ann\""));
    SEND(1, "A", ",\"user_details\":\"{broken\"");
    SEND(2, "A", ",\"user_details\":[1]");
    SEND(3, "A", ",\"user_details\":null");
    SEND(4, "A", DETAILS("\"custom\":7,\"byear\":\"soon\""));
    SEND(5, "A", ",\"consent\":\"no\"");
    ck_details("A", "{\"name\":\"Ann\"}");
}
END_TEST

static void send_custom(int first, int count, size_t value_len)
{
    struct buffer body;

    buffer_init(&body, 1 << 20);
    buffer_add_string(&body, "{\"app_key\":\"k1\",\"device_id\":\"A\","
                             "\"user_details\":{\"custom\":{");
    for (int i = first; i < first + count; i++) {
        buffer_add_string(&body, i > first ? ",\"k" : "\"k");
        buffer_add_int(&body, i);
        buffer_add_string(&body, "\":\"");
        for (size_t j = 0; j < value_len; j++)
            buffer_add_byte(&body, 'x');
        buffer_add_byte(&body, '"');
    }
    buffer_add_string(&body, "}}}");
    buffer_add_byte(&body, '\0');
    ck_assert_str_eq(intake_send(START + first, body.at), INTAKE_SUCCESS);
    buffer_finish(&body);
}

static int custom_count(const char *did)
{
    struct text details = profile_of(did).details;
    cJSON *root = document_parse(details);
    int count = cJSON_GetArraySize(document_find(root, "custom"));

    cJSON_Delete(root);
    return count;
}

static void send_named(size_t len)
{
    char name[256];

    memset(name, 'k', len);
    name[len] = '\0';
    intake_ok(START,
              "{\"app_key\":\"k1\",\"device_id\":\"A\",\"user_details\":"
              "{\"custom\":{\"%s\":1,\"$x\":1,\"\":1}}}",
              name);
}

START_TEST(names_are_bounded)
{
    send_named(PROPERTY_KEY_MAX + 1);
    ck_details("A", "");
    send_named(PROPERTY_KEY_MAX);
    ck_assert_int_eq(custom_count("A"), 1);
}
END_TEST

START_TEST(what_is_too_much_is_left_out)
{
    SEND(0, "A", "");
    send_custom(1, 1, PROPERTY_VALUE_MAX + 1);
    ck_details("A", "");
    send_custom(1, 1, PROPERTY_VALUE_MAX);
    ck_assert_int_eq(custom_count("A"), 1);
    send_custom(1, PROPERTY_CUSTOM_MAX + 20, 1);
    ck_assert_int_eq(custom_count("A"), PROPERTY_CUSTOM_MAX);
    /* The object as a whole is bounded, too. */
    for (int i = 0; i < 4; i++)
        send_custom(1 + i * 25, 25, PROPERTY_VALUE_MAX);
    ck_assert_uint_le(profile_of("A").details.len, PROPERTY_BYTES_MAX);
    ck_assert_uint_gt(profile_of("A").details.len,
                      PROPERTY_BYTES_MAX - 2 * PROPERTY_VALUE_MAX);
    ck_assert_int_eq(custom_count("A"), PROPERTY_CUSTOM_MAX);
}
END_TEST

START_TEST(a_merge_fills_in_key_by_key)
{
    SEND(0, "A",
         ",\"begin_session\":1" DETAILS(
             "\"name\":\"Ann\",\"phone\":\"1\",\"custom\":{\"a\":1,"
             "\"b\":2,\"l\":[1,2]}") CONSENT("\"x\":true,\"y\":true"));
    SEND(9, "B",
         ",\"begin_session\":1" DETAILS(
             "\"name\":\"Bea\",\"custom\":{\"a\":7,\"l\":[2,3]}")
             CONSENT("\"x\":false"));
    uint32_t old = intake_ordinal("A");
    ck_assert_uint_eq(old, 1);
    SEND(10, "B", OLD("A"));
    ck_details("B", "{\"name\":\"Bea\",\"phone\":\"1\",\"custom\":{\"a\":7,"
                    "\"b\":2,\"l\":[2,3,1]}}");
    struct profile profile = profile_of("B");
    ck_json(profile.consent, "{\"x\":false,\"y\":true}");
    ck_json(profile.changes,
            "[{\"ts\":1772445600,\"feature\":\"x\",\"allowed\":true},"
            "{\"ts\":1772445600,\"feature\":\"y\",\"allowed\":true},"
            "{\"ts\":1772445609,\"feature\":\"x\",\"allowed\":false}]");
    ck_assert(text_is(profile.merged_did, "A"));
    ck_assert(text_is(profile.merged_uid, "1"));
}
END_TEST

START_TEST(a_rename_keeps_properties_and_consent)
{
    SEND(0, "A", DETAILS("\"name\":\"Ann\"") CONSENT("\"x\":true"));
    SEND(1, "B", OLD("A") DETAILS("\"phone\":\"2\""));
    ck_details("B", "{\"name\":\"Ann\",\"phone\":\"2\"}");
    ck_json(profile_of("B").consent, "{\"x\":true}");
}
END_TEST

START_TEST(a_merge_keeps_where_either_was)
{
    SEND(0, "A", ",\"location\":\"1,2\",\"region\":\"BE\"");
    SEND(1, "B", ",\"begin_session\":1,\"region\":\"HH\"");
    SEND(2, "B", OLD("A"));
    ck_assert(text_is(profile_of("B").loc, "1,2"));
    ck_assert(text_is(profile_of("B").rgn, "HH"));
}
END_TEST

START_TEST(bulk_items_carry_properties)
{
    intake_bulk(START, "[{\"device_id\":\"A\",\"user_details\":{\"name\":"
                       "\"Ann\"}},{\"device_id\":\"A\",\"user_details\":"
                       "\"{\\\"custom\\\":{\\\"k\\\":{\\\"$inc\\\":1}}}\"}]");
    ck_details("A", "{\"name\":\"Ann\",\"custom\":{\"k\":1}}");
}
END_TEST

static int64_t in(const char *feature)
{
    return intake_day(SET_CONSENT_IN, feature, DAY, CELL_T);
}

static int64_t out(const char *feature)
{
    return intake_day(SET_CONSENT_OUT, feature, DAY, CELL_T);
}

START_TEST(only_changes_of_consent_count)
{
    SEND(0, "A", CONSENT("\"sessions\":true,\"events\":true,\"x\":1"));
    SEND(1, "A", CONSENT("\"sessions\":true,\"events\":false"));
    SEND(2, "B", CONSENT("\"events\":false"));
    ck_assert_int_eq(in("sessions"), 1);
    ck_assert_int_eq(in("events"), 1);
    ck_assert_int_eq(out("events"), 2);
    ck_assert_int_eq(in(NULL), 2);
    ck_assert_int_eq(out(NULL), 2);
    ck_assert_int_eq(intake_year(SET_CONSENT_IN, "events", 2026, YEAR_T), 1);
    ck_json(profile_of("A").consent, "{\"sessions\":true,\"events\":false}");
}
END_TEST

START_TEST(the_latest_changes_of_consent_are_kept)
{
    for (int i = 0; i <= CONSENT_CHANGES_MAX; i++)
        intake_ok(START + i,
                  "{\"app_key\":\"k1\",\"device_id\":\"A\",\"consent\":"
                  "{\"x\":%s}}",
                  i % 2 ? "false" : "true");
    cJSON *changes = cJSON_Parse(profile_of("A").changes.at);
    ck_assert_int_eq(cJSON_GetArraySize(changes), CONSENT_CHANGES_MAX);
    ck_assert_int_eq(document_int(cJSON_GetArrayItem(changes, 0), "ts"),
                     START + 1);
    cJSON_Delete(changes);
}
END_TEST

static Suite *detail_suite(void)
{
    Suite *suite = suite_create("detail");
    TCase *tcase = tcase_create("detail");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, standard_and_custom_properties_are_kept);
    tcase_add_test(tcase, null_and_empty_text_remove);
    tcase_add_loop_test(tcase, values_are_converted_and_bounded, 0, VALUES);
    tcase_add_loop_test(tcase, operators_change_what_is_there, 0, OPERATORS);
    tcase_add_test(tcase, operators_do_not_touch_standard_properties);
    tcase_add_test(tcase, what_cannot_be_read_changes_nothing);
    tcase_add_test(tcase, names_are_bounded);
    tcase_add_test(tcase, what_is_too_much_is_left_out);
    tcase_add_test(tcase, a_merge_fills_in_key_by_key);
    tcase_add_test(tcase, a_rename_keeps_properties_and_consent);
    tcase_add_test(tcase, a_merge_keeps_where_either_was);
    tcase_add_test(tcase, bulk_items_carry_properties);
    tcase_add_test(tcase, only_changes_of_consent_count);
    tcase_add_test(tcase, the_latest_changes_of_consent_are_kept);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(detail_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
