#include "call.h"
#include "metrics/member_admin.h"

#define BOB "5c0000000000000000000001"
#define EVE "5c0000000000000000000002"
#define NEW_BOB                                                    \
    "\"full_name\":\"Bob B\",\"username\":\" bob \",\"password\":" \
    "\"Aa1!aaaaaa\",\"email\":\"Bob@X.y\""

static struct call call;

static void open_stage(void)
{
    call_open(&call);
}

static void close_stage(void)
{
    call_close(&call);
}

static int ask(const char *action, const char *args)
{
    stage_ask(&call.stage, STAGE_API_KEY, args);
    return call_run(&call, manage_members, action);
}

static int read_members(const char *action, const char *api_key)
{
    stage_ask(&call.stage, api_key, NULL);
    return call_run(&call, manage_member_reads, action);
}

static const struct member *bob(void)
{
    return registry_member_by_username(call.stage.registry, TEXT("bob"));
}

static void create_bob(void)
{
    ck_assert_int_eq(
        ask("create", "{" NEW_BOB ",\"user_of\":[\"" STAGE_APP "\"]}"), 200);
    ck_assert_ptr_nonnull(bob());
}

START_TEST(create_answers_with_the_member_but_not_the_password)
{
    create_bob();
    call_has(&call,
             "{\"admin_of\":[],\"user_of\":[\"" STAGE_APP "\"],"
             "\"global_admin\":false,\"full_name\":\"Bob B\","
             "\"username\":\"bob\",\"email\":\"bob@x.y\",\"locked\":false,"
             "\"created_at\":1684317600,\"password_changed\":0}");
    ck_assert_str_eq(call_text(&call, "_id"), bob()->id);
    ck_assert_uint_eq(strlen(call_text(&call, "api_key")), 32);
    ck_assert_ptr_eq(
        registry_member_by_api_key(call.stage.registry,
                                   text_of(call_text(&call, "api_key"))),
        bob());
    ck_assert_ptr_null(cJSON_GetObjectItem(call.body, "password"));
    ck_assert_ptr_eq(
        registry_member_by_email(call.stage.registry, TEXT("bob@x.y")), bob());
}
END_TEST

START_TEST(create_stores_a_hash_of_the_password)
{
    struct password_job job = {0};

    create_bob();
    password_want_match(&job, TEXT("Aa1!aaaaaa"), bob()->password);
    password_run(&job);
    ck_assert(job.matches);
}
END_TEST

START_TEST(both_forms_of_the_rights_are_answered)
{
    ask("create",
        "{" NEW_BOB ",\"permission\":{\"r\":{\"" STAGE_APP
        "\":{\"all\":false,\"allowed\":{\"core\":true}}},"
        "\"_\":{\"a\":[\"" STAGE_OTHER "\",\"" STAGE_UNKNOWN "\"],\"u\":[]}}}");
    call_has(&call, "{\"admin_of\":[\"" STAGE_OTHER "\"],"
                    "\"user_of\":[\"" STAGE_APP "\",\"" STAGE_OTHER "\"],"
                    "\"permission\":{\"r\":{\"" STAGE_APP
                    "\":{\"all\":false,\"allowed\":{\"core\":true}}}}}");
    ck_assert(permission_allows(bob()->permission, PERMISSION_READ,
                                TEXT(STAGE_APP), "core"));
    ck_assert(!permission_allows(bob()->permission, PERMISSION_READ,
                                 TEXT(STAGE_APP), "events"));
    ck_assert(permission_is_admin(bob()->permission, TEXT(STAGE_OTHER)));
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
    {"create", "eve", "{}", 401, RESULT("User does not have right")},
    {"create", STAGE_API_KEY, NULL, 400,
     "{\"result\":[\"Missing full_name argument\","
     "\"Missing username argument\",\"Missing email argument\","
     "\"Missing password argument\"]}"},
    {"create", STAGE_API_KEY,
     "{\"full_name\":1,\"username\":\"\",\"email\":\"none\","
     "\"password\":\"a\",\"global_admin\":1,\"admin_of\":{}}",
     400,
     "{\"result\":[\"Invalid type for full_name\",\"Invalid username\","
     "\"Invalid email\",\"Password must have at least 8 characters\","
     "\"Password must have an upper-case letter\","
     "\"Password must have a digit\","
     "\"Password must have a special character\","
     "\"Invalid type for global_admin\",\"Invalid permission\"]}"},
    {"create", STAGE_API_KEY,
     "{\"full_name\":\"f\",\"username\":\" eve \",\"email\":\"new@x.y\","
     "\"password\":\"Aa1!aaaaaa\"}",
     400, "{\"result\":[\"Email or username already exists\"]}"},
    {"create", STAGE_API_KEY,
     "{\"full_name\":\"f\",\"username\":\"new\",\"email\":\"EVE@x.y\","
     "\"password\":\"short\"}",
     400,
     "{\"result\":[\"Password must have at least 8 characters\","
     "\"Password must have an upper-case letter\","
     "\"Password must have a digit\","
     "\"Password must have a special character\","
     "\"Email or username already exists\"]}"},
    /* Nobody may be called what someone else logs in with. */
    {"create", STAGE_API_KEY,
     "{\"full_name\":\"f\",\"username\":\"eve@x.y\",\"email\":\"new@x.y\","
     "\"password\":\"Aa1!aaaaaa\"}",
     400, "{\"result\":[\"Email or username already exists\"]}"},
    {"update", "eve", "{\"user_id\":\"" EVE "\",\"global_admin\":true}", 401,
     RESULT("User does not have right")},
    {"update", STAGE_API_KEY, "{}", 400, RESULT("Not enough args")},
    {"update", STAGE_API_KEY, "{\"user_id\":\"" STAGE_UNKNOWN "\"}", 404,
     RESULT("User not found")},
    {"update", STAGE_API_KEY, "{\"user_id\":\"" EVE "\",\"locked\":1}", 400,
     "{\"result\":[\"Invalid type for locked\"]}"},
    {"update", STAGE_API_KEY,
     "{\"user_id\":\"" EVE "\",\"username\":\"admin\"}", 400,
     "{\"result\":[\"Email or username already exists\"]}"},
    {"update", STAGE_API_KEY, "{\"user_id\":\"" EVE "\",\"password\":\"Aa1!\"}",
     400, "{\"result\":[\"Password must have at least 8 characters\"]}"},
    {"delete", "eve", "{\"user_ids\":[\"" EVE "\"]}", 401,
     RESULT("User does not have right")},
    {"delete", STAGE_API_KEY, "{\"user_ids\":\"" EVE "\"}", 400,
     RESULT("Not enough args")},
    {"deleteOwnAccount", "eve", NULL, 400, RESULT("password mandatory")},
    {"deleteOwnAccount", "eve", "{\"password\":\"x\"}", 400,
     RESULT("password not valid")},
    {"remove", STAGE_API_KEY, NULL, 400,
     RESULT("Invalid path, must be one of /create, /update, "
            "/deleteOwnAccount or /delete")},
};

START_TEST(what_is_refused_changes_nothing)
{
    stage_member(&call.stage, EVE, "eve", "eve", "");
    stage_ask(&call.stage, refusals[_i].api_key, refusals[_i].args);
    ck_assert_int_eq(call_decide(&call, manage_members, refusals[_i].action),
                     refusals[_i].status);
    call_is(&call, refusals[_i].body);
    ck_assert(batch_is_empty(&call.batch));
}
END_TEST

START_TEST(update_changes_only_what_is_sent)
{
    char args[256];

    create_bob();
    snprintf(args, sizeof(args),
             "{\"user_id\":\"%s\",\"full_name\":\"Bobby\","
             "\"admin_of\":[\"" STAGE_OTHER "\"]}",
             bob()->id);
    ck_assert_int_eq(ask("update", args), 200);
    call_is(&call, RESULT("Success"));
    ck_assert_str_eq(bob()->full_name, "Bobby");
    ck_assert_str_eq(bob()->email, "bob@x.y");
    ck_assert_int_eq(bob()->password_changed, 0);
    ck_assert_int_eq(bob()->created_at, CALL_NOW);
    ck_assert(permission_is_admin(bob()->permission, TEXT(STAGE_OTHER)));
    ck_assert(permission_allows(bob()->permission, PERMISSION_READ,
                                TEXT(STAGE_APP), "core"));
}
END_TEST

START_TEST(update_of_the_password_replaces_its_hash)
{
    struct password_job job = {0};

    stage_member(&call.stage, BOB, "bob", "bob", "");
    ck_assert_int_eq(
        ask("update", "{\"user_id\":\"" BOB "\",\"password\":\"Bb2!bbbbbb\"}"),
        200);
    password_want_match(&job, TEXT("Bb2!bbbbbb"), bob()->password);
    password_run(&job);
    ck_assert(job.matches);
    ck_assert_int_eq(bob()->password_changed, CALL_NOW);
}
END_TEST

START_TEST(a_member_keeps_its_own_name_and_email)
{
    stage_member(&call.stage, BOB, "bob", "bob", "");
    ck_assert_int_eq(ask("update",
                         "{\"user_id\":\"" BOB "\",\"username\":\"bob\","
                         "\"email\":\"BOB@x.y\"}"),
                     200);
    ck_assert_str_eq(bob()->email, "bob@x.y");
}
END_TEST

START_TEST(a_locked_member_can_do_nothing)
{
    stage_member(&call.stage, BOB, "bob", "bob", "");
    ck_assert_int_eq(ask("update", "{\"user_id\":\"" BOB "\",\"locked\":true}"),
                     200);
    ck_assert_int_eq(read_members("me", "bob"), 401);
    call_is(&call, RESULT("User is locked"));
}
END_TEST

static const char *const demotions[] = {"\"global_admin\":false",
                                        "\"locked\":true"};

START_TEST(the_last_global_admin_stays_one)
{
    char args[128];
    const char *id = STAGE_ADMIN;

    stage_member(&call.stage, BOB, "bob", "bob",
                 ",\"global_admin\":true,\"locked\":true");
    snprintf(args, sizeof(args), "{\"user_id\":\"%s\",%s}", id, demotions[_i]);
    ck_assert_int_eq(ask("update", args), 400);
    call_is(&call, RESULT("global admin limit"));
    stage_member(&call.stage, BOB, "bob", "bob", ",\"global_admin\":true");
    ck_assert_int_eq(ask("update", args), 200);
}
END_TEST

START_TEST(delete_takes_all_but_who_asks_and_who_is_unknown)
{
    char args[128];

    stage_member(&call.stage, BOB, "bob", "bob", "");
    stage_member(&call.stage, EVE, "eve", "eve", "");
    ck_assert_int_eq(ask("delete", "{\"user_ids\":[\"" BOB "\"]}"), 200);
    call_is(&call, RESULT("Success"));
    ck_assert_ptr_null(bob());

    snprintf(args, sizeof(args), "{\"user_ids\":[\"%s\",1,\"" EVE "\"]}",
             STAGE_ADMIN);
    ck_assert_int_eq(ask("delete", args), 200);
    call_is(&call, RESULT("Some users cannot be deleted, please see logs "
                          "for more detail"));
    ck_assert_ptr_null(registry_member(call.stage.registry, TEXT(EVE)));
    ck_assert_ptr_nonnull(
        registry_member(call.stage.registry, TEXT(STAGE_ADMIN)));
    ck_assert_int_eq(read_members("me", "eve"), 401);
    call_is(&call, RESULT("User does not exist"));
}
END_TEST

static int delete_own(const char *api_key, const char *password)
{
    stage_ask(&call.stage, api_key, NULL);
    stage_param(&call.stage, "password", password);
    return call_run(&call, manage_members, "deleteOwnAccount");
}

START_TEST(an_account_goes_with_its_own_password_only)
{
    char api_key[MEMBER_API_KEY_LEN + 1];

    create_bob();
    snprintf(api_key, sizeof(api_key), "%s", bob()->api_key);
    ck_assert_int_eq(delete_own(api_key, "Aa1!aaaaab"), 400);
    call_is(&call, RESULT("password not valid"));
    ck_assert_ptr_nonnull(bob());
    ck_assert_int_eq(delete_own(api_key, "Aa1!aaaaaa"), 200);
    call_is(&call, RESULT("Success"));
    ck_assert_ptr_null(bob());
}
END_TEST

START_TEST(the_last_global_admins_account_stays)
{
    char args[128];

    snprintf(args, sizeof(args),
             "{\"user_id\":\"%s\",\"password\":\"Aa1!aaaaaa\"}", STAGE_ADMIN);
    ck_assert_int_eq(ask("update", args), 200);
    ck_assert_int_eq(delete_own(STAGE_API_KEY, "Aa1!aaaaaa"), 400);
    call_is(&call, RESULT("global admin limit"));
    ck_assert_ptr_nonnull(
        registry_member(call.stage.registry, TEXT(STAGE_ADMIN)));
}
END_TEST

START_TEST(a_comparison_with_a_former_password_does_not_count)
{
    struct manage *manage = &call.manage;

    create_bob();
    stage_ask(&call.stage, bob()->api_key, NULL);
    stage_param(&call.stage, "password", "Aa1!aaaaaa");
    batch_clear(&call.batch);
    buffer_clear(&call.out);
    *manage = (struct manage){
        .claim = {.registry = call.stage.registry,
                  .params = &call.stage.params},
        .logins = call.logins,
        .settings = &settings_default,
        .batch = &call.batch,
        .out = &call.out,
    };
    ck_assert_int_eq(manage_members(manage, TEXT("deleteOwnAccount")),
                     MANAGE_WAITS);
    password_run(&manage->job);
    ck_assert(manage->job.matches);
    manage->job.hash[10] ^= 1;
    ck_assert_int_eq(manage_members(manage, TEXT("deleteOwnAccount")),
                     MANAGE_WAITS);
}
END_TEST

START_TEST(lists_show_members_without_passwords)
{
    const cJSON *member;

    create_bob();
    ck_assert_int_eq(read_members("all", STAGE_API_KEY), 200);
    ck_assert_int_eq(cJSON_GetArraySize(call.body), 2);
    cJSON_ArrayForEach(member, call.body)
    {
        bool is_admin = strcmp(member->string, bob()->id) != 0;

        ck_assert_ptr_null(cJSON_GetObjectItem(member, "password"));
        ck_assert_int_eq(
            cJSON_IsTrue(cJSON_GetObjectItem(member, "is_current_user")),
            is_admin);
        ck_assert_str_eq(
            cJSON_GetStringValue(cJSON_GetObjectItem(member, "api_key")),
            is_admin ? STAGE_API_KEY : bob()->api_key);
    }
}
END_TEST

static const struct {
    const char *action;
    const char *api_key;
    int status;
    const char *body;
} reads[] = {
    {"me", "bob", 200,
     "{\"_id\":\"" BOB "\",\"full_name\":\"bob\",\"username\":\"bob\","
     "\"email\":\"bob@x.y\",\"api_key\":\"bob\",\"global_admin\":false,"
     "\"locked\":false,\"created_at\":0,\"password_changed\":0,"
     "\"admin_of\":[],\"user_of\":[],\"permission\":null}"},
    {"all", "bob", 401, RESULT("User does not have right")},
    {"id", "bob", 401, RESULT("User does not have right")},
    {"id", STAGE_API_KEY, 401, RESULT("Missing user id parameter")},
    {"permissions", "bob", 401, RESULT("User does not have right")},
    {"you", STAGE_API_KEY, 400,
     RESULT("Invalid path, must be one of /all or /me")},
};

START_TEST(reads_give_each_member_what_it_may_see)
{
    stage_member(&call.stage, BOB, "bob", "bob", "");
    ck_assert_int_eq(read_members(reads[_i].action, reads[_i].api_key),
                     reads[_i].status);
    call_is(&call, reads[_i].body);
}
END_TEST

START_TEST(one_member_is_read_by_its_id)
{
    stage_member(&call.stage, BOB, "bob", "bob", "");
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    stage_param(&call.stage, "id", BOB);
    ck_assert_int_eq(call_run(&call, manage_member_reads, "id"), 200);
    ck_assert_int_eq(cJSON_GetArraySize(call.body), 1);
    call_has(&call, "{\"" BOB "\":{\"username\":\"bob\"}}");
    stage_param(&call.stage, "id", STAGE_UNKNOWN);
    ck_assert_int_eq(call_run(&call, manage_member_reads, "id"), 200);
    call_is(&call, "{}");
}
END_TEST

START_TEST(features_can_be_listed)
{
    ck_assert_int_eq(read_members("permissions", STAGE_API_KEY), 200);
    call_has(&call, "{\"featuresPermissionDependency\":{}}");
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(
                         cJSON_GetObjectItem(call.body, "features"), 0)),
                     "core");
}
END_TEST

static const struct {
    const char *username;
    const char *api_key;
    enum tally_err want;
} founders[] = {
    {"root", "ABCDEF6789abcdef0123456789abcdef", TALLY_OK},
    {"root", "short", TALLY_ERR_INVALID},
    {"root", "g123456789abcdef0123456789abcdef", TALLY_ERR_INVALID},
    {"", "ABCDEF6789abcdef0123456789abcdef", TALLY_ERR_INVALID},
    {"admin", "ABCDEF6789abcdef0123456789abcdef", TALLY_ERR_EXISTS},
    {"root", STAGE_API_KEY, TALLY_ERR_EXISTS},
};

START_TEST(founding_adds_a_global_admin_with_a_key_of_its_own)
{
    batch_clear(&call.batch);
    ck_assert_int_eq(
        member_admin_found(call.stage.registry, founders[_i].username,
                           founders[_i].api_key, CALL_NOW, &call.batch),
        founders[_i].want);
    ck_assert_int_eq(batch_is_empty(&call.batch), founders[_i].want != 0);
    if (founders[_i].want != TALLY_OK)
        return;
    ck_assert_int_eq(registry_accept(call.stage.registry, &call.batch),
                     TALLY_OK);

    const struct member *root = registry_member_by_api_key(
        call.stage.registry, text_of(founders[_i].api_key));

    ck_assert(root->global_admin);
    ck_assert_str_eq(root->username, "root");
}
END_TEST

#define CHOSEN "00112233445566778899AABBCCDDEEFF"

static const struct {
    bool is_operator;
    const char *api_key; /* JSON */
    int status;
    const char *body; /* NULL: the member has the key if chosen */
    bool is_taken_over;
} chosen_keys[] = {
    {true, "\"" CHOSEN "\"", 200, NULL, true},
    {false, "\"" CHOSEN "\"", 200, NULL, false},
    {false, "17", 200, NULL, false},
    {true, "null", 200, NULL, false},
    {true, "17", 400, RESULT("Invalid api_key, must be 32 hexadecimal digits"),
     false},
    {true, "\"\"", 400,
     RESULT("Invalid api_key, must be 32 hexadecimal digits"), false},
    {true, "\"" CHOSEN "0\"", 400,
     RESULT("Invalid api_key, must be 32 hexadecimal digits"), false},
    {true, "\"x0112233445566778899AABBCCDDEEFF\"", 400,
     RESULT("Invalid api_key, must be 32 hexadecimal digits"), false},
    {true, "\"" STAGE_API_KEY "\"", 400, RESULT("api_key already exists"),
     false},
};

START_TEST(only_the_operator_chooses_an_api_key)
{
    char args[512];

    snprintf(args, sizeof(args), "{" NEW_BOB ",\"api_key\":%s}",
             chosen_keys[_i].api_key);
    call.is_operator = chosen_keys[_i].is_operator;
    ck_assert_int_eq(ask("create", args), chosen_keys[_i].status);
    if (chosen_keys[_i].body) {
        call_is(&call, chosen_keys[_i].body);
        ck_assert_ptr_null(bob());
        return;
    }
    ck_assert_uint_eq(strlen(bob()->api_key), 32);
    ck_assert_int_eq(strcmp(bob()->api_key, CHOSEN) == 0,
                     chosen_keys[_i].is_taken_over);
    ck_assert_ptr_eq(registry_member_by_api_key(call.stage.registry,
                                                text_of(bob()->api_key)),
                     bob());
}
END_TEST

START_TEST(the_operator_needs_no_member_and_cannot_delete_itself)
{
    call.is_operator = true;
    stage_ask(&call.stage, NULL, "{\"password\":\"Aa1!aaaaaa\"}");
    ck_assert_int_eq(call_run(&call, manage_members, "deleteOwnAccount"), 400);
    call_is(&call, RESULT("password not valid"));
    stage_ask(&call.stage, NULL, NULL);
    ck_assert_int_eq(call_run(&call, manage_member_reads, "me"), 200);
    call_has(&call, "{\"_id\":\"000000000000000000000000\","
                    "\"global_admin\":true}");
}
END_TEST

static const struct {
    const char *path;
    int status;
} paths[] = {
    {"/o/users/all", 200},
    {"/o/apps/all", 200},
    {"/o/users/me/", 200},
    {"/o/users/me/x", 200},
    {"/i/apps/create", 400},
    {"/i/users/create", 400},
    {"/o/apps/create", 400},
    {"/o/apps", 400},
    {"/o/apps/", 400},
    {"/o/users//all", 400},
    {"/o/appsall", -1},
    {"/o/app", -1},
    {"/i", -1},
    {"/o/users2/all", -1},
    {"", -1},
    {"x/o/users/all", -1},
};

START_TEST(a_path_names_a_call)
{
    call.is_operator = true;
    stage_ask(&call.stage, NULL, NULL);
    batch_clear(&call.batch);
    buffer_clear(&call.out);

    struct manage manage = {
        .claim = {.registry = call.stage.registry,
                  .params = &call.stage.params,
                  .is_operator = true},
        .engine = call.engine,
        .logins = call.logins,
        .settings = &settings_default,
        .batch = &call.batch,
        .out = &call.out,
    };

    ck_assert_int_eq(manage_call(&manage, text_of(paths[_i].path)),
                     paths[_i].status);
    ck_assert_int_eq(call.out.len > 0, paths[_i].status > 0);
}
END_TEST

static Suite *member_admin_suite(void)
{
    Suite *suite = suite_create("member_admin");
    TCase *tcase = tcase_create("member_admin");

    tcase_add_unchecked_fixture(tcase, stage_open_zones, stage_close_zones);
    tcase_add_checked_fixture(tcase, open_stage, close_stage);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, create_answers_with_the_member_but_not_the_password);
    tcase_add_test(tcase, create_stores_a_hash_of_the_password);
    tcase_add_test(tcase, both_forms_of_the_rights_are_answered);
    tcase_add_loop_test(tcase, what_is_refused_changes_nothing, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tcase, update_changes_only_what_is_sent);
    tcase_add_test(tcase, update_of_the_password_replaces_its_hash);
    tcase_add_test(tcase, a_member_keeps_its_own_name_and_email);
    tcase_add_test(tcase, a_locked_member_can_do_nothing);
    tcase_add_loop_test(tcase, the_last_global_admin_stays_one, 0,
                        sizeof(demotions) / sizeof(demotions[0]));
    tcase_add_test(tcase, delete_takes_all_but_who_asks_and_who_is_unknown);
    tcase_add_test(tcase, an_account_goes_with_its_own_password_only);
    tcase_add_test(tcase, the_last_global_admins_account_stays);
    tcase_add_test(tcase, a_comparison_with_a_former_password_does_not_count);
    tcase_add_test(tcase, lists_show_members_without_passwords);
    tcase_add_loop_test(tcase, reads_give_each_member_what_it_may_see, 0,
                        sizeof(reads) / sizeof(reads[0]));
    tcase_add_test(tcase, one_member_is_read_by_its_id);
    tcase_add_test(tcase, features_can_be_listed);
    tcase_add_loop_test(tcase,
                        founding_adds_a_global_admin_with_a_key_of_its_own, 0,
                        sizeof(founders) / sizeof(founders[0]));
    tcase_add_loop_test(tcase, only_the_operator_chooses_an_api_key, 0,
                        sizeof(chosen_keys) / sizeof(chosen_keys[0]));
    tcase_add_test(tcase,
                   the_operator_needs_no_member_and_cannot_delete_itself);
    tcase_add_loop_test(tcase, a_path_names_a_call, 0,
                        sizeof(paths) / sizeof(paths[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

STAGE_MAIN(member_admin_suite)
