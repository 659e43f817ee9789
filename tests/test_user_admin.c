#include <stdio.h>
#include <stdlib.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "intake.h"
#include "metrics/departure.h"
#include "metrics/document.h"
#include "metrics/portrait.h"
#include "metrics/user_admin.h"
#include "metrics/user_export.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, ARENA = 1 << 20 };

static struct user_admin admin;
static struct arena *arena;

static void setup(void)
{
    intake_open(NULL);
    arena = arena_create(ARENA);
    admin = (struct user_admin){
        .tally = intake_tally,
        .app = registry_app_by_key(intake_tally->registry, TEXT("k1")),
        .now = START};
}

static void teardown(void)
{
    arena_destroy(arena);
    intake_audit();
    intake_checkpoint();
    intake_audit();
    intake_close();
}

#define SEND(at, did, members)    \
    intake_ok(START + (at), "%s", \
              "{\"app_key\":\"k1\",\"device_id\":\"" did "\"" members "}")
#define BEGIN ",\"begin_session\":1"
#define NAMED(name) ",\"user_details\":{\"name\":\"" name "\"}"

static uint32_t create(const char *did, const char *data)
{
    cJSON *tree = cJSON_Parse(data);
    uint32_t ordinal = 0;

    ck_assert_int_eq(user_admin_create(&admin, text_of(did), tree, &ordinal),
                     TALLY_OK);
    cJSON_Delete(tree);
    return ordinal;
}

static void ck_user(uint32_t ordinal, const char *key, const char *expected)
{
    struct portrait portrait = {.engine = intake_engine,
                                .catalog = intake_tally->catalog,
                                .app = INTAKE_APP,
                                .app_key = TEXT("k1"),
                                .arena = arena};
    struct buffer out;
    struct json json;

    buffer_init(&out, 1 << 16);
    json_init(&json, &out, JSON_PLAIN);
    ck_assert_int_eq(portrait_turn(&portrait, ordinal), TALLY_OK);
    ck_assert_int_eq(portrait_write(&portrait, &json), TALLY_OK);
    cJSON *tree = document_parse(buffer_text(&out));
    cJSON *wanted = cJSON_Parse(expected);
    const cJSON *got = document_find(tree, key);
    ck_assert_msg(expected[0] ? cJSON_Compare(got, wanted, true) : !got,
                  "%s in %.*s", key, (int)out.len, out.at);
    cJSON_Delete(tree);
    cJSON_Delete(wanted);
    buffer_finish(&out);
}

START_TEST(a_user_is_created_once)
{
    struct user user;
    uint32_t ordinal = create("A", "{\"did\":\"A\",\"name\":\"Ann\","
                                   "\"custom\":{\"k\":\"5\"}}");

    ck_assert_uint_eq(ordinal, 1);
    ck_user(ordinal, "name", "\"Ann\"");
    ck_user(ordinal, "custom", "{\"k\":5}");
    ck_user(ordinal, "did", "\"A\"");
    ck_assert_int_eq(user_admin_create(&admin, TEXT("A"), NULL, &ordinal),
                     TALLY_ERR_EXISTS);
    SEND(1, "A", BEGIN);
    ck_assert(intake_user("A", &user));
    ck_assert(user.has_info);
    ck_assert_uint_eq(intake_ordinal("A"), 1);
}
END_TEST

static void update(uint32_t ordinal, const char *json, enum tally_err expected)
{
    cJSON *tree = cJSON_Parse(json);
    struct user_admin_fault fault = user_admin_check(tree);

    ck_assert_ptr_null(fault.modifier);
    ck_assert_ptr_null(fault.path);
    ck_assert_int_eq(user_admin_update(&admin, ordinal, tree), expected);
    cJSON_Delete(tree);
}

START_TEST(updates_have_the_operators_of_the_sdks)
{
    uint32_t ordinal = create("A", "{\"name\":\"Ann\"}");

    update(ordinal,
           "{\"$set\":{\"email\":\"a@b\",\"custom.n\":1,"
           "\"custom\":{\"x\":1,\"y\":2}},\"$unset\":{\"name\":\"\"}}",
           TALLY_OK);
    update(ordinal,
           "{\"$inc\":{\"custom.n\":2},\"$push\":{\"custom.t\":\"a\"},"
           "\"$unset\":{\"custom.y\":1}}",
           TALLY_OK);
    ck_user(ordinal, "name", "");
    ck_user(ordinal, "email", "\"a@b\"");
    ck_user(ordinal, "custom", "{\"n\":3,\"x\":1,\"t\":[\"a\"]}");
    update(ordinal + 1, "{\"$set\":{\"name\":\"x\"}}", TALLY_ERR_NOT_FOUND);
}
END_TEST

START_TEST(faults_of_an_update_are_named)
{
    cJSON *unknown = cJSON_Parse("{\"$rename\":{\"name\":\"x\"}}");
    cJSON *bare = cJSON_Parse("{\"name\":\"x\"}");
    cJSON *path = cJSON_Parse("{\"$set\":{\"name\":\"x\",\"tsd\":5}}");

    ck_assert_str_eq(user_admin_check(unknown).modifier, "$rename");
    ck_assert_str_eq(user_admin_check(bare).modifier, "name");
    ck_assert_str_eq(user_admin_check(path).path, "tsd");
    cJSON_Delete(unknown);
    cJSON_Delete(bare);
    cJSON_Delete(path);
}
END_TEST

static void delete_user(const char *did)
{
    ck_assert_int_eq(user_admin_delete(&admin, intake_ordinal(did)), TALLY_OK);
}

static struct departure departed(void)
{
    struct departure departure;

    ck_assert_int_eq(departure_read(intake_engine, INTAKE_APP, &departure),
                     TALLY_OK);
    return departure;
}

static int64_t whole(enum cell_field field)
{
    return intake_day(SET_USERS, NULL, DAY, field);
}

START_TEST(a_deleted_user_leaves_counters_and_nothing_else)
{
    struct recent_user list[RECENT_MAX];

    SEND(0, "A", BEGIN NAMED("Ann") ",\"session_duration\":7");
    SEND(1, "B", BEGIN);
    if (_i)
        intake_checkpoint();
    delete_user("A");
    ck_assert_uint_eq(intake_records(TABLE_USERS), 1);
    ck_assert_uint_eq(intake_records(TABLE_COLD), 1);
    ck_assert_uint_eq(intake_records(TABLE_IDS), 1);
    ck_assert_uint_eq(engine_recent(intake_engine, INTAKE_APP, list), 1);
    ck_assert_uint_eq(list[0].ordinal, intake_ordinal("B"));
    ck_assert_int_eq(whole(CELL_N), 2);
    ck_assert_int_eq(intake_active(SET_USERS, NULL, DAY), 2);
    ck_assert_int_eq(departed().users, 1);
    ck_assert_int_eq(departed().pending, 1);
    ck_assert_int_eq(departed().seconds, 7);
    intake_audit();
    intake_reopen();
    admin.tally = intake_tally;
    ck_assert_uint_eq(engine_recent(intake_engine, INTAKE_APP, list), 1);
    ck_assert_int_eq(departed().users, 1);
}
END_TEST

START_TEST(a_deleted_user_who_comes_back_is_new)
{
    struct user user;

    SEND(0, "A", BEGIN NAMED("Ann"));
    delete_user("A");
    SEND(60, "A", BEGIN);
    ck_assert_uint_eq(intake_ordinal("A"), 2);
    ck_user(2, "name", "");
    ck_assert(intake_user("A", &user));
    ck_assert_uint_eq(user.sc, 1);
    ck_assert_int_eq(whole(CELL_N), 2);
}
END_TEST

START_TEST(a_merged_user_can_be_deleted)
{
    SEND(0, "A", BEGIN);
    SEND(1, "B", BEGIN);
    SEND(2, "B", ",\"old_device_id\":\"A\"");
    delete_user("B");
    ck_assert_uint_eq(intake_records(TABLE_USERS), 0);
    ck_assert_int_eq(departed().merges, 1);
    ck_assert_int_eq(departed().new_most, 2);
    ck_assert_int_eq(user_admin_delete(&admin, 2), TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(departed().users, 1);
}
END_TEST

START_TEST(deletions_are_pending_until_they_are_settled)
{
    int64_t pending;

    SEND(0, "A", BEGIN);
    SEND(1, "B", "");
    delete_user("A");
    delete_user("B");
    ck_assert_int_eq(departure_pending(intake_engine, &pending), TALLY_OK);
    ck_assert_int_eq(pending, 2);
    ck_assert_int_eq(departure_settle(intake_tally), TALLY_OK);
    ck_assert_int_eq(departure_pending(intake_engine, &pending), TALLY_OK);
    ck_assert_int_eq(pending, 0);
    ck_assert_int_eq(departed().users, 2);
}
END_TEST

static enum tally_err get(const char *name, int64_t now, struct text *content)
{
    return user_export_get(intake_tally, admin.app, text_of(name), now, arena,
                           content);
}

START_TEST(an_export_lives_for_a_day)
{
    char name[USER_EXPORT_NAME_SIZE];
    struct text content;

    SEND(0, "A", BEGIN NAMED("Ann"));
    ck_assert_int_eq(user_admin_export(&admin, 1), TALLY_OK);
    user_export_name(admin.app, 1, name);
    ck_assert_str_eq(name, "appUser_5b0000000000000000000001_1.json");
    ck_assert_int_eq(get(name, START + USER_EXPORT_SECONDS - 1, &content),
                     TALLY_OK);
    cJSON *tree = document_parse(content);
    ck_assert_str_eq(document_string(tree, "name"), "Ann");
    cJSON_Delete(tree);
    ck_assert_int_eq(get(name, START + USER_EXPORT_SECONDS, &content),
                     TALLY_ERR_NOT_FOUND);
    unsigned before = intake_records(TABLE_DOCUMENTS);
    ck_assert_int_eq(
        user_export_expire(intake_tally, START + USER_EXPORT_SECONDS),
        TALLY_OK);
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
    ck_assert_uint_eq(intake_records(TABLE_DOCUMENTS), before - 1);
}
END_TEST

START_TEST(an_export_goes_with_its_user)
{
    char name[USER_EXPORT_NAME_SIZE];
    struct text content;

    SEND(0, "A", BEGIN);
    ck_assert_int_eq(user_admin_export(&admin, 1), TALLY_OK);
    user_export_name(admin.app, 1, name);
    delete_user("A");
    ck_assert_int_eq(get(name, START, &content), TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(user_admin_export(&admin, 1), TALLY_ERR_NOT_FOUND);
}
END_TEST

START_TEST(what_requests_of_a_deleted_user_said_is_forgotten)
{
    struct buffer out;
    struct json json;

    SEND(0, "secret-1", BEGIN ",\"metrics\":{\"_odd\":\"hidden\"}");
    SEND(1, "other", BEGIN ",\"metrics\":{\"_odd\":\"shown\"}");
    ck_assert_int_eq(user_admin_delete(&admin, 1), TALLY_OK);
    buffer_init(&out, ARENA);
    json_init(&json, &out, JSON_PLAIN);
    docket_write(intake_tally->docket, INTAKE_APP, &json);
    buffer_add_byte(&out, '\0');
    ck_assert_ptr_nonnull(strstr(out.at, "shown"));
    ck_assert_msg(!strstr(out.at, "hidden"), "%s", out.at);
    ck_assert_ptr_null(strstr(out.at, "secret"));
    ck_assert_ptr_null(strstr(out.at, "\"uid\":\"1\""));
    ck_assert_ptr_nonnull(strstr(out.at, "\"accepted\":2"));
    buffer_finish(&out);
}
END_TEST

START_TEST(what_a_merged_user_said_goes_with_the_other)
{
    struct buffer out;
    struct json json;

    SEND(0, "secret-1", BEGIN ",\"metrics\":{\"_odd\":\"hidden\"}");
    SEND(1, "b", BEGIN);
    SEND(2, "b", ",\"old_device_id\":\"secret-1\"");
    ck_assert_int_eq(user_admin_delete(&admin, 2), TALLY_OK);
    buffer_init(&out, ARENA);
    json_init(&json, &out, JSON_PLAIN);
    docket_write(intake_tally->docket, INTAKE_APP, &json);
    buffer_add_byte(&out, '\0');
    ck_assert_msg(!strstr(out.at, "hidden"), "%s", out.at);
    ck_assert_ptr_null(strstr(out.at, "secret"));
    buffer_finish(&out);
}
END_TEST

START_TEST(an_export_is_of_the_app_before_it_was_reset)
{
    char name[USER_EXPORT_NAME_SIZE];
    struct app reset = *admin.app;
    struct text content;

    SEND(0, "a", BEGIN);
    ck_assert_int_eq(user_admin_export(&admin, 1), TALLY_OK);
    user_export_name(admin.app, 1, name);
    ck_assert_int_eq(user_export_get(intake_tally, &reset, text_of(name), START,
                                     arena, &content),
                     TALLY_OK);
    reset.number++;
    ck_assert_int_eq(user_export_get(intake_tally, &reset, text_of(name), START,
                                     arena, &content),
                     TALLY_ERR_NOT_FOUND);
}
END_TEST

static Suite *user_admin_suite(void)
{
    Suite *suite = suite_create("user_admin");
    TCase *tcase = tcase_create("user_admin");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, what_a_merged_user_said_goes_with_the_other);
    tcase_add_test(tcase, what_requests_of_a_deleted_user_said_is_forgotten);
    tcase_add_test(tcase, an_export_is_of_the_app_before_it_was_reset);
    tcase_add_test(tcase, a_user_is_created_once);
    tcase_add_test(tcase, updates_have_the_operators_of_the_sdks);
    tcase_add_test(tcase, faults_of_an_update_are_named);
    tcase_add_loop_test(tcase, a_deleted_user_leaves_counters_and_nothing_else,
                        0, 2);
    tcase_add_test(tcase, a_deleted_user_who_comes_back_is_new);
    tcase_add_test(tcase, a_merged_user_can_be_deleted);
    tcase_add_test(tcase, deletions_are_pending_until_they_are_settled);
    tcase_add_test(tcase, an_export_lives_for_a_day);
    tcase_add_test(tcase, an_export_goes_with_its_user);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(user_admin_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
