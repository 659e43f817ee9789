#include "call.h"
#include "metrics/token_admin.h"

#define BOB "5c0000000000000000000001"

static struct call call;

static void open_stage(void)
{
    call_open(&call);
    stage_member(&call.stage, BOB, "bob", "bob",
                 ",\"permission\":{\"r\":{\"" STAGE_APP
                 "\":{\"all\":true},\"" STAGE_OTHER "\":{\"all\":true}}}");
}

static void close_stage(void)
{
    call_close(&call);
}

/* Creates a token of bob's with parameters `NAME=VALUE` at most two. */
static int create(const char *name, const char *value, const char *other,
                  const char *other_value)
{
    stage_ask(&call.stage, "bob", NULL);
    if (name)
        stage_param(&call.stage, name, value);
    if (other)
        stage_param(&call.stage, other, other_value);
    return call_run(&call, manage_tokens, "create");
}

static const char *created(const char *name, const char *value,
                           const char *other, const char *other_value)
{
    static char token[TOKEN_LEN + 1];

    ck_assert_int_eq(create(name, value, other, other_value), 200);
    ck_assert_uint_eq(strlen(call_text(&call, "result")), TOKEN_LEN);
    memcpy(token, call_text(&call, "result"), sizeof(token));
    return token;
}

/* Asks with a token for what bob may read of an app. */
static struct answer ask(const char *token, const char *path,
                         const char *app_id, int64_t now)
{
    struct pass pass;

    stage_ask(&call.stage, NULL, NULL);
    stage_param(&call.stage, "auth_token", token);
    if (app_id)
        stage_param(&call.stage, "app_id", app_id);
    batch_clear(&call.batch);
    struct claim claim = {.registry = call.stage.registry,
                          .params = &call.stage.params,
                          .path = text_of(path),
                          .now = now,
                          .batch = &call.batch};
    struct answer answer =
        app_id ? right_feature(&claim, PERMISSION_READ, "core", &pass)
               : right_user(&claim, &pass);

    if (!batch_is_empty(&call.batch))
        ck_assert_int_eq(registry_accept(call.stage.registry, &call.batch),
                         TALLY_OK);
    return answer;
}

static void is_valid(const char *token, const char *path, const char *app_id)
{
    ck_assert_int_eq(ask(token, path, app_id, CALL_NOW).status, 200);
}

static void is_not_valid(struct answer answer)
{
    ck_assert_int_eq(answer.status, 400);
    ck_assert_str_eq(answer.message, "Token not valid");
}

START_TEST(a_token_stands_for_its_owner_until_it_ends)
{
    const char *token = created(NULL, NULL, NULL, NULL);

    is_valid(token, "/o", STAGE_APP);
    is_valid(token, "/o", NULL);
    ck_assert_int_eq(ask(token, "/o", STAGE_APP, CALL_NOW + 1799).status, 200);
    is_not_valid(ask(token, "/o", STAGE_APP, CALL_NOW + 1800));
    ck_assert_str_eq(ask(token, "/o", STAGE_UNKNOWN, CALL_NOW).message,
                     "User does not have right");
    is_not_valid(ask("bob", "/o", STAGE_APP, CALL_NOW));
}
END_TEST

START_TEST(without_a_ttl_it_never_ends)
{
    const char *token = created("ttl", "0", NULL, NULL);

    ck_assert_int_eq(ask(token, "/o", NULL, INT64_MAX).status, 200);
    stage_ask(&call.stage, "bob", NULL);
    stage_param(&call.stage, "token", token);
    ck_assert_int_eq(call_run(&call, manage_token_reads, "check"), 200);
    call_is(&call, "{\"result\":{\"valid\":true,\"time\":-1}}");
}
END_TEST

START_TEST(one_for_one_use_is_used_up_even_by_a_refusal)
{
    const char *token = created("multi", "false", NULL, NULL);

    is_valid(token, "/o", STAGE_APP);
    is_not_valid(ask(token, "/o", STAGE_APP, CALL_NOW));

    token = created("multi", "false", NULL, NULL);
    ck_assert_int_eq(ask(token, "/o", STAGE_UNKNOWN, CALL_NOW).status, 401);
    is_not_valid(ask(token, "/o", STAGE_APP, CALL_NOW));
}
END_TEST

START_TEST(a_refused_call_costs_the_token_and_nothing_else)
{
    const char *token = created("multi", "false", NULL, NULL);

    stage_ask(&call.stage, NULL, "{\"user_ids\":7}");
    stage_param(&call.stage, "auth_token", token);
    ck_assert_int_eq(call_run(&call, manage_members, "delete"), 401);
    is_not_valid(ask(token, "/o", NULL, CALL_NOW));
}
END_TEST

START_TEST(a_caller_that_cannot_pay_for_it_gets_no_token_accepted)
{
    struct pass pass;
    const char *token = created("multi", "false", NULL, NULL);

    stage_ask(&call.stage, NULL, NULL);
    stage_param(&call.stage, "auth_token", token);
    struct claim claim = {.registry = call.stage.registry,
                          .params = &call.stage.params,
                          .now = CALL_NOW};
    is_not_valid(right_user(&claim, &pass));
    is_valid(token, "/o", NULL);
}
END_TEST

START_TEST(one_for_some_apps_is_for_no_other)
{
    const char *token =
        created("apps", STAGE_UNKNOWN "," STAGE_APP, NULL, NULL);

    is_valid(token, "/o", STAGE_APP);
    is_valid(token, "/o", NULL);
    is_not_valid(ask(token, "/o", STAGE_OTHER, CALL_NOW));
}
END_TEST

START_TEST(an_app_that_args_name_counts_too)
{
    const char *token;

    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    stage_param(&call.stage, "apps", STAGE_APP);
    ck_assert_int_eq(call_run(&call, manage_tokens, "create"), 200);
    token = call_text(&call, "result");
    stage_ask(&call.stage, NULL, "{\"app_id\":\"" STAGE_OTHER "\"}");
    stage_param(&call.stage, "auth_token", token);
    ck_assert_int_eq(call_decide(&call, manage_apps, "delete"), 400);
    call_is(&call, RESULT("Token not valid"));
}
END_TEST

START_TEST(one_for_some_paths_is_for_no_other)
{
    const char *token = created("endpoint", "/o/users/.*,/o", NULL, NULL);

    is_valid(token, "/o/users/me", NULL);
    is_valid(token, "/o", NULL);
    is_not_valid(ask(token, "/o/apps/mine", NULL, CALL_NOW));
    is_not_valid(ask(token, "/i/o/users/me", NULL, CALL_NOW));
}
END_TEST

START_TEST(one_for_some_parameters_is_for_no_other)
{
    const char *token =
        created("endpointquery",
                "[{\"endpoint\":\"/o\",\"params\":{\"app_id\":\"5b.*1\"}},"
                "\"/o/users/me\"]",
                "endpoint", "/o/apps/mine");

    is_valid(token, "/o", STAGE_APP);
    is_valid(token, "/o/users/me", NULL);
    is_not_valid(ask(token, "/o", STAGE_OTHER, CALL_NOW));
    is_not_valid(ask(token, "/o", NULL, CALL_NOW));
    is_not_valid(ask(token, "/o/apps/mine", NULL, CALL_NOW));
}
END_TEST

START_TEST(it_dies_with_its_owner)
{
    struct claim claim = {.registry = call.stage.registry,
                          .params = &call.stage.params,
                          .now = CALL_NOW,
                          .batch = &call.batch};
    struct pass pass;
    const char *token = created(NULL, NULL, NULL, NULL);

    stage_member(&call.stage, BOB, "bob", "bob", ",\"locked\":true");
    is_not_valid(ask(token, "/o", NULL, CALL_NOW));
    stage_param(&call.stage, "api_key", STAGE_API_KEY);
    ck_assert_int_eq(right_user(&claim, &pass).status, 200);
    ck_assert_str_eq(pass.member->username, "admin");
    stage_ask(&call.stage, STAGE_API_KEY, "{\"user_ids\":[\"" BOB "\"]}");
    ck_assert_int_eq(call_run(&call, manage_members, "delete"), 200);
    is_not_valid(ask(token, "/o", NULL, CALL_NOW));
}
END_TEST

START_TEST(a_valid_token_wins_over_an_api_key)
{
    struct claim claim = {.registry = call.stage.registry,
                          .params = &call.stage.params,
                          .now = CALL_NOW,
                          .batch = &call.batch};
    struct pass pass;
    const char *token = created(NULL, NULL, NULL, NULL);

    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    stage_param(&call.stage, "auth_token", token);
    ck_assert_int_eq(right_user(&claim, &pass).status, 200);
    ck_assert_str_eq(pass.member->username, "bob");
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    claim.token = text_of(token);
    ck_assert_int_eq(right_user(&claim, &pass).status, 200);
    ck_assert_str_eq(pass.member->username, "bob");
}
END_TEST

START_TEST(members_list_and_delete_their_own)
{
    char want[512];
    const char *token = created("purpose", "a b", "apps", STAGE_APP);

    stage_ask(&call.stage, "bob", NULL);
    ck_assert_int_eq(call_run(&call, manage_token_reads, "list"), 200);
    snprintf(want, sizeof(want),
             "{\"result\":[{\"_id\":\"%s\",\"ttl\":1800,\"ends\":%d,"
             "\"multi\":true,\"owner\":\"" BOB "\",\"app\":[\"" STAGE_APP
             "\"],\"endpoint\":\"\",\"purpose\":\"a b\","
             "\"temporary\":false}]}",
             token, CALL_NOW + 1800);
    call_is(&call, want);

    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    stage_param(&call.stage, "tokenid", token);
    ck_assert_int_eq(call_run(&call, manage_token_reads, "list"), 200);
    call_is(&call, "{\"result\":[]}");
    ck_assert_int_eq(call_run(&call, manage_tokens, "delete"), 200);
    call_is(&call, "{\"result\":{\"n\":0,\"ok\":1,\"deletedCount\":0}}");
    is_valid(token, "/o", NULL);

    stage_ask(&call.stage, "bob", NULL);
    stage_param(&call.stage, "tokenid", token);
    ck_assert_int_eq(call_run(&call, manage_tokens, "delete"), 200);
    call_is(&call, "{\"result\":{\"n\":1,\"ok\":1,\"deletedCount\":1}}");
    is_not_valid(ask(token, "/o", NULL, CALL_NOW));
}
END_TEST

/* A restriction that is not understood must never be dropped. */
static const struct {
    const char *name;
    const char *value;
} flaws[] = {
    {"ttl", "x"},
    {"ttl", "-1"},
    {"ttl", "1.5"},
    {"ttl", "315360001"},
    {"ttl", "99999999999999999999"},
    {"apps", "short"},
    {"apps", STAGE_APP ","},
    {"apps", STAGE_APP "," STAGE_APP "x"},
    {"endpoint", "(a"},
    {"endpoint", "/o,,/i"},
    {"endpoint", "/o{2}"},
    {"endpoint",
     "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a"}, /* one more than there may be */
    {"endpointquery", "{"},
    {"endpointquery", "[]"},
    {"endpointquery", "7"},
    {"endpointquery", "[7]"},
    {"endpointquery", "[\"/o\"],\"x\":1"},
    {"endpointquery", "{\"params\":{\"a\":\"b\"}}"},
    {"endpointquery", "{\"endpoint\":\"/o\",\"params\":{\"a\":\"(\"}}"},
    {"endpointquery", "{\"endpoint\":\"/o\",\"params\":[]}"},
};

START_TEST(what_is_not_understood_makes_no_token)
{
    char want[64];

    ck_assert_int_eq(create(flaws[_i].name, flaws[_i].value, NULL, NULL), 400);
    snprintf(want, sizeof(want), "Invalid parameter \"%s\"", flaws[_i].name);
    ck_assert_str_eq(call_text(&call, "result"), want);
    ck_assert_ptr_null(keyring_at(registry_keyring(call.stage.registry), 0));
}
END_TEST

START_TEST(a_member_has_so_many_tokens_at_most)
{
    const struct keyring *keyring = registry_keyring(call.stage.registry);

    for (unsigned i = 0; i < TOKENS_MAX; i++)
        created("ttl", "100", NULL, NULL);
    ck_assert_int_eq(create("ttl", "0", NULL, NULL), 400);
    ck_assert_str_eq(call_text(&call, "result"),
                     "Too many tokens, delete some first");
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    ck_assert_int_eq(call_run(&call, manage_tokens, "create"), 200);
    ck_assert_uint_eq(keyring_count(keyring, BOB), TOKENS_MAX);
}
END_TEST

START_TEST(those_that_have_ended_make_room_and_are_erased)
{
    const struct keyring *keyring = registry_keyring(call.stage.registry);
    char json[256];
    unsigned at = 0, rounds = 0;

    for (unsigned i = 0; i < TOKENS_MAX; i++) {
        char name[TOKEN_LEN + 1];

        snprintf(name, sizeof(name), "%040u", i);
        snprintf(json, sizeof(json),
                 "{\"_id\":\"%s\",\"owner\":\"" BOB "\",\"purpose\":\"\","
                 "\"ttl\":5,\"ends\":%d,\"multi\":true}",
                 name, CALL_NOW + (i % 2 ? -1 : 1));
        stage_load(&call.stage, KIND_TOKEN, name, json);
    }
    created(NULL, NULL, NULL, NULL);
    ck_assert_uint_eq(keyring_count(keyring, BOB), TOKENS_MAX + 1 - 8);
    for (bool is_done = false; !is_done; rounds++) {
        batch_clear(&call.batch);
        is_done =
            token_admin_expire(call.stage.registry, CALL_NOW, &at, &call.batch);
        ck_assert_int_eq(registry_accept(call.stage.registry, &call.batch),
                         TALLY_OK);
    }
    ck_assert_uint_eq(keyring_count(keyring, BOB), TOKENS_MAX / 2 + 1);
    ck_assert_uint_gt(rounds, 5);
}
END_TEST

static const struct {
    call_fn fn;
    const char *action;
    int status;
    const char *body;
} refusals[] = {
    {manage_tokens, "delete", 404, RESULT("Token id not provided")},
    {manage_tokens, "", 400,
     RESULT("Invalid path, must be one of /delete or /create")},
    {manage_token_reads, "check", 400,
     RESULT("Missing parameter \\\"token\\\"")},
    {manage_token_reads, "x", 400,
     RESULT("Invalid path, must be one of /list")},
};

START_TEST(refusals_have_countlys_texts)
{
    stage_ask(&call.stage, "bob", NULL);
    ck_assert_int_eq(call_run(&call, refusals[_i].fn, refusals[_i].action),
                     refusals[_i].status);
    call_is(&call, refusals[_i].body);
}
END_TEST

static Suite *token_admin_suite(void)
{
    Suite *suite = suite_create("token_admin");
    TCase *tcase = tcase_create("token_admin");

    tcase_add_unchecked_fixture(tcase, stage_open_zones, stage_close_zones);
    tcase_add_checked_fixture(tcase, open_stage, close_stage);
    tcase_add_test(tcase, a_token_stands_for_its_owner_until_it_ends);
    tcase_add_test(tcase, without_a_ttl_it_never_ends);
    tcase_add_test(tcase, one_for_one_use_is_used_up_even_by_a_refusal);
    tcase_add_test(tcase, a_refused_call_costs_the_token_and_nothing_else);
    tcase_add_test(tcase,
                   a_caller_that_cannot_pay_for_it_gets_no_token_accepted);
    tcase_add_test(tcase, one_for_some_apps_is_for_no_other);
    tcase_add_test(tcase, an_app_that_args_name_counts_too);
    tcase_add_test(tcase, one_for_some_paths_is_for_no_other);
    tcase_add_test(tcase, one_for_some_parameters_is_for_no_other);
    tcase_add_test(tcase, it_dies_with_its_owner);
    tcase_add_test(tcase, a_valid_token_wins_over_an_api_key);
    tcase_add_test(tcase, members_list_and_delete_their_own);
    tcase_add_loop_test(tcase, what_is_not_understood_makes_no_token, 0,
                        sizeof(flaws) / sizeof(flaws[0]));
    tcase_add_test(tcase, a_member_has_so_many_tokens_at_most);
    tcase_add_test(tcase, those_that_have_ended_make_room_and_are_erased);
    tcase_add_loop_test(tcase, refusals_have_countlys_texts, 0,
                        sizeof(refusals) / sizeof(refusals[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

STAGE_MAIN(token_admin_suite)
