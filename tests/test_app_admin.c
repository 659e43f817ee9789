#include "call.h"
#include "engine/key.h"

#define OWNER "5c0000000000000000000003"
#define READER "5c0000000000000000000002"

static struct call call;

static void open_members(void)
{
    call_open(&call);
    stage_member(&call.stage, OWNER, "owner", "owner",
                 ",\"permission\":{\"_\":{\"a\":[\"" STAGE_APP "\"]}}");
    stage_member(&call.stage, READER, "reader", "reader",
                 ",\"permission\":{\"r\":{\"" STAGE_APP
                 "\":{\"all\":true},\"" STAGE_UNKNOWN "\":{\"all\":true}}}");
}

static void close_members(void)
{
    call_close(&call);
}

static int ask(const char *action, const char *args)
{
    stage_ask(&call.stage, STAGE_API_KEY, args);
    return call_run(&call, manage_apps, action);
}

static int read_apps(const char *action, const char *api_key)
{
    stage_ask(&call.stage, api_key, NULL);
    return call_run(&call, manage_app_reads, action);
}

static const struct app *found(void)
{
    return registry_app(call.stage.registry, TEXT(STAGE_APP));
}

START_TEST(create_answers_with_the_app_and_keeps_plain_extras)
{
    ck_assert_int_eq(ask("create",
                         "{\"name\":\"Salted\",\"country\":\"GB\","
                         "\"timezone\":\"Europe/London\",\"category\":\"1\","
                         "\"type\":\"web\",\"checksum_salt\":\"s\","
                         "\"extra\":\"kept\"}"),
                     200);
    call_has(&call,
             "{\"name\":\"Salted\",\"country\":\"GB\","
             "\"timezone\":\"Europe/London\",\"category\":\"1\","
             "\"type\":\"web\",\"checksum_salt\":\"s\",\"extra\":\"kept\","
             "\"created_at\":1684317600,\"edited_at\":1684317600,"
             "\"seq\":0}");
    ck_assert_str_eq(call_text(&call, "owner"), STAGE_ADMIN);
    ck_assert_uint_eq(strlen(call_text(&call, "_id")), 24);
    ck_assert_uint_eq(strlen(call_text(&call, "key")), 40);
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "_number"));

    const struct app *app = registry_app_by_key(
        call.stage.registry, text_of(call_text(&call, "key")));

    ck_assert_ptr_nonnull(app);
    ck_assert_str_eq(app->id, call_text(&call, "_id"));
    ck_assert_uint_eq(app->number, 3);
    ck_assert_str_eq(app->checksum_salt, "s");
    ck_assert_str_eq(zone_name(app->zone), "Europe/London");
}
END_TEST

START_TEST(create_falls_back_where_values_are_not_understood)
{
    ck_assert_int_eq(ask("create", "{\"name\":\"n\",\"country\":\"??\","
                                   "\"timezone\":\"Nowhere/City\","
                                   "\"category\":\"21\",\"type\":\"\","
                                   "\"key\":\"\",\"salt\":\"\"}"),
                     200);
    call_has(&call, "{\"country\":\"TR\",\"timezone\":\"Etc/UTC\","
                    "\"category\":\"6\",\"type\":\"mobile\"}");
    ck_assert_uint_eq(strlen(call_text(&call, "key")), 40);
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "salt"));
}
END_TEST

START_TEST(create_takes_nothing_that_is_not_the_creators)
{
    ck_assert_int_eq(ask("create",
                         "{\"name\":\"n\",\"_id\":\"" STAGE_APP
                         "\",\"_number\":1,\"locked\":true,\"seq\":9,"
                         "\"owner\":\"x\",\"created_at\":1,\"plugins\":\"p\","
                         "\"nested\":{\"a\":1},\"endless\":1e999}"),
                     200);
    call_has(&call, "{\"locked\":false,\"seq\":0,"
                    "\"created_at\":1684317600}");
    ck_assert_str_ne(call_text(&call, "_id"), STAGE_APP);
    ck_assert_str_ne(call_text(&call, "owner"), "x");
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "_number"));
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "plugins"));
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "nested"));
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "endless"));
    ck_assert_uint_eq(found()->number, 1);
}
END_TEST

/* What is refused to whom, and how. */
static const struct {
    const char *action;
    const char *api_key;
    const char *args;
    int status;
    const char *body;
} refusals[] = {
    {"create", "owner", "{\"name\":\"no\"}", 401,
     RESULT("User does not have right")},
    {"create", "owner", NULL, 401, RESULT("User does not have right")},
    {"create", STAGE_API_KEY, "{\"country\":5,\"type\":[]}", 400,
     RESULT("Error: Missing name argument,Invalid type for country,"
            "Invalid type for type")},
    {"create", STAGE_API_KEY, "not JSON", 400,
     RESULT("Error: Missing 'args' parameter")},
    {"create", STAGE_API_KEY, "{\"name\":\"a\\u0000b\"}", 400,
     RESULT("Error: Missing 'args' parameter")},
    {"create", STAGE_API_KEY, "{\"name\":\"\"}", 400,
     RESULT("Invalid app name")},
    {"create", STAGE_API_KEY, "{\"name\":\"n\",\"key\":\"a\\nb\"}", 400,
     RESULT("Error: Invalid value for key")},
    {"create", STAGE_API_KEY, "{\"name\":\"n\",\"key\":\"k1\"}", 400,
     RESULT("App key already in use")},
    {"update", "reader", "{\"app_id\":\"" STAGE_APP "\",\"name\":\"n\"}", 401,
     RESULT("User does not have admin rights for this app")},
    {"update", STAGE_API_KEY, "{\"name\":\"n\"}", 401,
     RESULT("No app_id provided")},
    {"update", STAGE_API_KEY, "{\"app_id\":\"" STAGE_UNKNOWN "\"}", 404,
     RESULT("App not found")},
    {"update", STAGE_API_KEY,
     "{\"app_id\":\"" STAGE_APP
     "\",\"timezone\":\"Nowhere/City\",\"country\":\"??\"}",
     400, RESULT("Invalid props: country,timezone")},
    {"update", STAGE_API_KEY,
     "{\"app_id\":\"" STAGE_APP "\",\"paused\":1,\"category\":6}", 400,
     RESULT("Invalid props: category,paused")},
    {"update", STAGE_API_KEY, "{\"app_id\":\"" STAGE_APP "\",\"name\":\" \"}",
     400, RESULT("Invalid app name")},
    {"update", STAGE_API_KEY, "{\"app_id\":\"" STAGE_APP "\",\"key\":\"\"}",
     400, RESULT("Invalid app key")},
    {"update", STAGE_API_KEY, "{\"app_id\":\"" STAGE_APP "\",\"key\":\"k2\"}",
     400, RESULT("App key already in use")},
    {"update", "owner", "{\"app_id\":\"" STAGE_APP "\",\"locked\":true}", 401,
     RESULT("User does not have right")},
    {"reset", "owner", "{\"app_id\":\"" STAGE_APP "\"}", 401,
     RESULT("User does not have right")},
    {"reset", "reader", "{\"app_id\":\"" STAGE_APP "\"}", 401,
     RESULT("User does not have admin rights for this app")},
    {"reset", STAGE_API_KEY,
     "{\"app_id\":\"" STAGE_UNKNOWN "\",\"period\":\"all\"}", 404,
     RESULT("App not found")},
    {"reset", STAGE_API_KEY,
     "{\"app_id\":\"" STAGE_APP "\",\"period\":\"1day\"}", 400,
     RESULT("Invalid period, must be 1month, 3month, 6month, 1year, "
            "2year, all or reset")},
    {"reset", STAGE_API_KEY, "{\"app_id\":\"" STAGE_APP "\",\"period\":1}", 400,
     RESULT("Invalid period, must be 1month, 3month, 6month, 1year, "
            "2year, all or reset")},
    {"delete", "owner", "{\"app_id\":\"" STAGE_APP "\"}", 401,
     RESULT("User does not have right")},
    {"delete", "reader", "{\"app_id\":\"" STAGE_APP "\"}", 401,
     RESULT("User does not have admin rights for this app")},
    {"plugins", STAGE_API_KEY, NULL, 400,
     RESULT("Invalid path, must be one of /create, /update, /delete or "
            "/reset")},
};

START_TEST(what_is_refused_changes_nothing)
{
    stage_ask(&call.stage, refusals[_i].api_key, refusals[_i].args);
    ck_assert_int_eq(call_decide(&call, manage_apps, refusals[_i].action),
                     refusals[_i].status);
    call_is(&call, refusals[_i].body);
    ck_assert(batch_is_empty(&call.batch));
}
END_TEST

START_TEST(update_changes_only_what_is_sent)
{
    ck_assert_int_eq(ask("update", "{\"app_id\":\"" STAGE_APP
                                   "\",\"timezone\":\"Asia/Kathmandu\","
                                   "\"country\":\"TR\",\"extra\":\"no\"}"),
                     200);
    call_is(&call, "{\"timezone\":\"Asia/Kathmandu\","
                   "\"edited_at\":1684317600}");
    ck_assert_str_eq(found()->name, "Vector App");
    ck_assert_str_eq(found()->country, "TR");
    ck_assert_str_eq(zone_name(found()->zone), "Asia/Kathmandu");
    ck_assert_int_eq(found()->edited_at, CALL_NOW);
    ck_assert_uint_eq(found()->number, 1);
}
END_TEST

START_TEST(update_of_nothing_says_so_and_stores_nothing)
{
    ck_assert_int_eq(ask("update", "{\"app_id\":\"" STAGE_APP "\"}"), 200);
    call_is(&call, RESULT("Nothing changed"));
    ck_assert(batch_is_empty(&call.batch));
    ck_assert_int_eq(
        ask("update", "{\"app_id\":\"" STAGE_APP "\",\"name\":\"Vector App\"}"),
        200);
    call_is(&call, RESULT("Nothing changed"));
}
END_TEST

START_TEST(update_of_the_key_moves_the_app)
{
    ck_assert_int_eq(
        ask("update", "{\"app_id\":\"" STAGE_APP "\",\"key\":\"my-own\"}"),
        200);
    call_is(&call, "{\"key\":\"my-own\",\"edited_at\":1684317600}");
    ck_assert_ptr_eq(registry_app_by_key(call.stage.registry, TEXT("my-own")),
                     found());
    ck_assert_ptr_null(registry_app_by_key(call.stage.registry, TEXT("k1")));
}
END_TEST

START_TEST(update_by_the_apps_own_admin_is_allowed)
{
    stage_ask(&call.stage, "owner",
              "{\"app_id\":\"" STAGE_APP "\",\"name\":\"By Owner\"}");
    ck_assert_int_eq(call_run(&call, manage_apps, "update"), 200);
    ck_assert_str_eq(found()->name, "By Owner");
}
END_TEST

START_TEST(an_empty_salt_takes_the_salt_away)
{
    ask("update", "{\"app_id\":\"" STAGE_APP "\",\"checksum_salt\":\"s\"}");
    ck_assert_str_eq(found()->checksum_salt, "s");
    ask("update", "{\"app_id\":\"" STAGE_APP "\",\"checksum_salt\":\"\"}");
    ck_assert_ptr_null(found()->checksum_salt);
}
END_TEST

START_TEST(a_locked_app_is_only_unlocked)
{
    static const char lock[] = "{\"app_id\":\"" STAGE_APP "\",\"locked\":true}";

    ck_assert_int_eq(ask("update", lock), 200);
    ck_assert(found()->locked);
    ck_assert_int_eq(
        ask("update", "{\"app_id\":\"" STAGE_APP "\",\"name\":\"n\"}"), 403);
    call_is(&call, RESULT("Application is locked"));
    ck_assert_int_eq(ask("delete", "{\"app_id\":\"" STAGE_APP "\"}"), 403);
    call_is(&call, RESULT("Application is locked"));
    ck_assert_int_eq(ask("reset", "{\"app_id\":\"" STAGE_APP "\"}"), 403);
    ck_assert_int_eq(
        ask("update", "{\"app_id\":\"" STAGE_APP "\",\"locked\":false}"), 200);
    ck_assert(!found()->locked);
}
END_TEST

/* The app number that the batch drops; 0 for none. */
static uint32_t dropped(void)
{
    struct text bytes = buffer_text(&call.batch.bytes);
    struct effect effect;
    uint32_t app = 0;
    size_t at = 0;

    while (at < bytes.len) {
        ck_assert_int_eq(effect_read(bytes, &at, &effect), TALLY_OK);
        if (effect.kind == EFFECT_DROP)
            app = effect.app;
    }
    return app;
}

static const char *const periods[] = {
    "{\"app_id\":\"" STAGE_APP "\"}",
    "{\"app_id\":\"" STAGE_APP "\",\"period\":\"all\"}",
    "{\"app_id\":\"" STAGE_APP "\",\"period\":\"reset\"}",
};

START_TEST(reset_goes_on_under_a_new_number)
{
    ck_assert_int_eq(ask("reset", periods[_i]), 200);
    call_is(&call, RESULT("Success"));
    ck_assert_uint_eq(dropped(), 1);
    ck_assert_uint_eq(found()->number, 3);
    ck_assert_str_eq(found()->key, "k1");
}
END_TEST

START_TEST(delete_drops_the_data_and_the_app)
{
    ck_assert_int_eq(ask("delete", "{\"app_id\":\"" STAGE_APP "\"}"), 200);
    call_is(&call, RESULT("Success"));
    ck_assert_uint_eq(dropped(), 1);
    ck_assert_ptr_null(found());
    ck_assert_ptr_null(registry_app_by_key(call.stage.registry, TEXT("k1")));
}
END_TEST

START_TEST(nothing_is_seen_of_a_decision_that_was_not_applied)
{
    stage_ask(&call.stage, STAGE_API_KEY, "{\"app_id\":\"" STAGE_APP "\"}");
    ck_assert_int_eq(call_decide(&call, manage_apps, "delete"), 200);
    ck_assert_ptr_nonnull(found());
}
END_TEST

START_TEST(an_engine_that_cannot_be_read_fails_the_call)
{
    struct key key = key_sequence(0, 0, 0);

    effect_put(&call.batch, TABLE_SEQUENCES, key_text(&key), TEXT("?"));
    call_apply(&call);
    ck_assert_int_eq(ask("create", "{\"name\":\"n\"}"), 500);
    call_is(&call, RESULT("Error creating App: stored data is damaged"));
    ck_assert_int_eq(ask("reset", "{\"app_id\":\"" STAGE_APP "\"}"), 500);
}
END_TEST

START_TEST(args_may_come_as_real_json_too)
{
    stage_ask(&call.stage, STAGE_API_KEY, NULL);

    struct param args = {
        .name = TEXT("args"),
        .value = TEXT("{\"app_id\":\"" STAGE_APP "\",\"name\":\"R\"}"),
        .kind = PARAM_JSON};

    ck_assert_int_eq(params_set(&call.stage.params, call.stage.arena, args),
                     TALLY_OK);
    ck_assert_int_eq(call_run(&call, manage_apps, "update"), 200);
    ck_assert_str_eq(found()->name, "R");
}
END_TEST

#define LISTED(id, name, key)                                             \
    "\"" id "\":{\"_id\":\"" id "\",\"name\":\"" name "\",\"key\":\"" key \
    "\",\"country\":\"TR\",\"timezone\":\"Etc/GMT\",\"category\":\"6\","  \
    "\"type\":\"mobile\"}"
#define FIRST LISTED(STAGE_APP, "Vector App", "k1")
#define BOTH FIRST "," LISTED(STAGE_OTHER, "Second", "k2")

static const struct {
    const char *action;
    const char *api_key;
    int status;
    const char *body;
} lists[] = {
    {"all", STAGE_API_KEY, 200,
     "{\"admin_of\":{" BOTH "},\"user_of\":{" BOTH "}}"},
    {"mine", STAGE_API_KEY, 200,
     "{\"admin_of\":{" BOTH "},\"user_of\":{" BOTH "}}"},
    {"mine", "owner", 200,
     "{\"admin_of\":{" FIRST "},\"user_of\":{" FIRST "}}"},
    {"mine", "reader", 200, "{\"admin_of\":{},\"user_of\":{" FIRST "}}"},
    {"all", "owner", 401, RESULT("User does not have right")},
    {"details", "owner", 401, RESULT("No app_id provided")},
    {"other", "owner", 400,
     RESULT("Invalid path, must be one of /all, /mine, /details or "
            "/plugins")},
};

START_TEST(lists_give_each_member_its_own_apps)
{
    ck_assert_int_eq(read_apps(lists[_i].action, lists[_i].api_key),
                     lists[_i].status);
    call_is(&call, lists[_i].body);
}
END_TEST

START_TEST(lists_escape_what_people_wrote_unless_raw)
{
    ask("update", "{\"app_id\":\"" STAGE_APP "\",\"name\":\"<b>\"}");
    read_apps("mine", "reader");
    call_has(&call,
             "{\"user_of\":{\"" STAGE_APP "\":{\"name\":\"&lt;b&gt;\"}}}");
    stage_param(&call.stage, "raw", "1");
    call_run(&call, manage_app_reads, "mine");
    call_has(&call, "{\"user_of\":{\"" STAGE_APP "\":{\"name\":\"<b>\"}}}");
}
END_TEST

START_TEST(details_tell_who_may_do_what)
{
    stage_ask(&call.stage, "owner", NULL);
    stage_param(&call.stage, "app_id", STAGE_APP);
    ck_assert_int_eq(call_run(&call, manage_app_reads, "details"), 200);
    call_is(&call,
            "{\"app\":{\"owner\":\"\",\"owner_id\":\"\",\"created_at\":0,"
            "\"edited_at\":0,\"plugins\":{},\"last_data\":0,"
            "\"last_data_users\":0},"
            "\"global_admin\":[{\"full_name\":\"admin\","
            "\"username\":\"admin\"}],"
            "\"admin\":[{\"full_name\":\"owner\",\"username\":\"owner\"}],"
            "\"user\":[{\"full_name\":\"reader\",\"username\":\"reader\"}]"
            "}");
}
END_TEST

START_TEST(details_of_an_unknown_app_are_refused)
{
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    stage_param(&call.stage, "app_id", STAGE_UNKNOWN);
    ck_assert_int_eq(call_run(&call, manage_app_reads, "details"), 401);
    call_is(&call, RESULT("App does not exist"));
    stage_param(&call.stage, "app_id", "short");
    ck_assert_int_eq(call_run(&call, manage_app_reads, "details"), 400);
    call_is(&call, RESULT("Invalid parameter \\\"app_id\\\""));
}
END_TEST

START_TEST(the_operator_is_told_what_is_not_understood)
{
    call.is_operator = true;
    ck_assert_int_eq(ask("create", "{\"name\":\"n\",\"country\":\"de\","
                                   "\"timezone\":\"Nowhere\"}"),
                     400);
    call_is(&call, RESULT("Error: Invalid value for country,"
                          "Invalid value for timezone"));
}
END_TEST

static Suite *app_admin_suite(void)
{
    Suite *suite = suite_create("app_admin");
    TCase *tcase = tcase_create("app_admin");

    tcase_add_unchecked_fixture(tcase, stage_open_zones, stage_close_zones);
    tcase_add_checked_fixture(tcase, open_members, close_members);
    tcase_add_test(tcase, create_answers_with_the_app_and_keeps_plain_extras);
    tcase_add_test(tcase, create_falls_back_where_values_are_not_understood);
    tcase_add_test(tcase, the_operator_is_told_what_is_not_understood);
    tcase_add_test(tcase, create_takes_nothing_that_is_not_the_creators);
    tcase_add_loop_test(tcase, what_is_refused_changes_nothing, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tcase, update_changes_only_what_is_sent);
    tcase_add_test(tcase, update_of_nothing_says_so_and_stores_nothing);
    tcase_add_test(tcase, update_of_the_key_moves_the_app);
    tcase_add_test(tcase, update_by_the_apps_own_admin_is_allowed);
    tcase_add_test(tcase, an_empty_salt_takes_the_salt_away);
    tcase_add_test(tcase, a_locked_app_is_only_unlocked);
    tcase_add_loop_test(tcase, reset_goes_on_under_a_new_number, 0,
                        sizeof(periods) / sizeof(periods[0]));
    tcase_add_test(tcase, delete_drops_the_data_and_the_app);
    tcase_add_test(tcase, nothing_is_seen_of_a_decision_that_was_not_applied);
    tcase_add_test(tcase, an_engine_that_cannot_be_read_fails_the_call);
    tcase_add_test(tcase, args_may_come_as_real_json_too);
    tcase_add_loop_test(tcase, lists_give_each_member_its_own_apps, 0,
                        sizeof(lists) / sizeof(lists[0]));
    tcase_add_test(tcase, lists_escape_what_people_wrote_unless_raw);
    tcase_add_test(tcase, details_tell_who_may_do_what);
    tcase_add_test(tcase, details_of_an_unknown_app_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

STAGE_MAIN(app_admin_suite)
