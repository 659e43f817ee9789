#include "metrics/right.h"
#include "stage.h"

#define NOBODY "5c0000000000000000000001"
#define READER "5c0000000000000000000002"
#define OWNER "5c0000000000000000000003"
#define LOCKED "5c0000000000000000000004"
#define PARTLY "5c0000000000000000000005"

#define READS(app) ",\"permission\":{\"r\":{\"" app "\":{\"all\":true}}}"
#define OWNS(app) ",\"permission\":{\"_\":{\"a\":[\"" app "\"]}}"

static struct stage stage;

static void open_members(void)
{
    stage_open(&stage);
    stage_member(&stage, NOBODY, "nobody", "nobody", "");
    stage_member(&stage, READER, "reader", "reader", READS(STAGE_APP));
    stage_member(&stage, OWNER, "owner", "owner", OWNS(STAGE_APP));
    stage_member(&stage, LOCKED, "locked", "locked",
                 READS(STAGE_APP) ",\"locked\":true");
    stage_member(&stage, PARTLY, "partly", "partly",
                 ",\"permission\":{\"r\":{\"" STAGE_APP
                 "\":{\"allowed\":{\"core\":true}}},\"u\":{\"" STAGE_APP
                 "\":{\"allowed\":{\"events\":true}}}}");
}

static void close_members(void)
{
    stage_close(&stage);
}

static struct answer read_core(const struct claim *claim, struct pass *pass)
{
    return right_feature(claim, PERMISSION_READ, "core", pass);
}

static struct answer read_events(const struct claim *claim, struct pass *pass)
{
    return right_feature(claim, PERMISSION_READ, "events", pass);
}

static struct answer update_events(const struct claim *claim, struct pass *pass)
{
    return right_feature(claim, PERMISSION_UPDATE, "events", pass);
}

static struct answer managed_app(const struct claim *claim, struct pass *pass)
{
    return right_managed_app(claim, params_text(claim->params, "app_id"), pass);
}

static const struct {
    struct answer (*check)(const struct claim *claim, struct pass *pass);
    const char *api_key;
    const char *app_id;
    struct answer want;
} cases[] = {
    {read_core,
     NULL,
     STAGE_APP,
     {400, "Missing parameter \"api_key\" or \"auth_token\""}},
    {read_core,
     "",
     STAGE_APP,
     {400, "Missing parameter \"api_key\" or \"auth_token\""}},
    {read_core,
     "ffffffffffffffffffffffffffffffff",
     STAGE_APP,
     {401, "User does not exist"}},
    {read_core, "nobody", NULL, {401, "No app_id provided"}},
    {read_core, "nobody", STAGE_APP, {401, "User does not have right"}},
    {read_core, "nobody", STAGE_UNKNOWN, {401, "User does not have right"}},
    {read_core, "reader", STAGE_APP, {200, ""}},
    {read_core, "reader", STAGE_OTHER, {401, "User does not have right"}},
    {read_core, "owner", STAGE_APP, {200, ""}},
    {read_core, "locked", STAGE_APP, {401, "User is locked"}},
    {read_core, "locked", STAGE_OTHER, {401, "User does not have right"}},
    {read_core, STAGE_API_KEY, STAGE_OTHER, {200, ""}},
    {read_core, STAGE_API_KEY, STAGE_UNKNOWN, {401, "App does not exist"}},
    {read_core, "partly", STAGE_APP, {200, ""}},
    {read_events, "partly", STAGE_APP, {401, "User does not have right"}},
    {update_events, "partly", STAGE_APP, {200, ""}},
    {update_events, "reader", STAGE_APP, {401, "User does not have right"}},
    {update_events, "owner", STAGE_APP, {200, ""}},
    {right_user, "nobody", NULL, {200, ""}},
    {right_user, "locked", NULL, {401, "User is locked"}},
    {right_user, "unknown", NULL, {401, "User does not exist"}},
    {right_global_admin, "owner", NULL, {401, "User does not have right"}},
    {right_global_admin, "locked", NULL, {401, "User does not have right"}},
    {right_global_admin, STAGE_API_KEY, NULL, {200, ""}},
    {right_app_admin, "reader", STAGE_APP, {401, "User does not have right"}},
    {right_app_admin, "owner", NULL, {401, "No app_id provided"}},
    {right_app_admin, "owner", STAGE_APP, {200, ""}},
    {right_app_admin,
     STAGE_API_KEY,
     STAGE_UNKNOWN,
     {401, "App does not exist"}},
    {managed_app,
     "reader",
     STAGE_APP,
     {401, "User does not have admin rights for this app"}},
    {managed_app, "owner", STAGE_APP, {200, ""}},
    {managed_app,
     "owner",
     STAGE_OTHER,
     {401, "User does not have admin rights for this app"}},
    {managed_app, STAGE_API_KEY, STAGE_UNKNOWN, {404, "App not found"}},
    {managed_app, STAGE_API_KEY, NULL, {401, "No app_id provided"}},
};

static struct claim claim(void)
{
    return (struct claim){.registry = stage.registry, .params = &stage.params};
}

START_TEST(the_first_check_that_fails_answers)
{
    struct claim asked = claim();
    struct pass pass = {0};

    stage_ask(&stage, cases[_i].api_key, NULL);
    if (cases[_i].app_id)
        stage_param(&stage, "app_id", cases[_i].app_id);

    struct answer answer = cases[_i].check(&asked, &pass);

    ck_assert_int_eq(answer.status, cases[_i].want.status);
    ck_assert_str_eq(answer.message, cases[_i].want.message);
    ck_assert_int_eq(pass.member != NULL, answer.status == 200);
    if (answer.status == 200) {
        ck_assert_str_eq(pass.member->api_key, cases[_i].api_key);
        ck_assert_int_eq(pass.app != NULL, cases[_i].app_id != NULL);
    }
}
END_TEST

static struct {
    unsigned asked;
    bool reads;
    bool answer;
} permit;

static bool ask_permit(const struct claim *claim, const struct pass *pass,
                       bool reads)
{
    ck_assert_ptr_eq(claim->permit_user, &permit);
    ck_assert_ptr_nonnull(pass->member);
    permit.asked++;
    permit.reads = reads;
    return permit.answer;
}

START_TEST(who_has_the_right_needs_the_permit_too)
{
    bool has_right = cases[_i].want.status == ANSWER_OK;
    struct claim asking = claim();
    struct pass pass;

    stage_ask(&stage, cases[_i].api_key, NULL);
    if (cases[_i].app_id)
        stage_param(&stage, "app_id", cases[_i].app_id);
    asking.permit = ask_permit;
    asking.permit_user = &permit;
    permit.asked = 0;
    permit.answer = true;
    ck_assert_int_eq(cases[_i].check(&asking, &pass).status,
                     cases[_i].want.status);
    ck_assert_uint_eq(permit.asked, has_right);
    if (!has_right)
        return;
    ck_assert_int_eq(permit.reads, cases[_i].check == read_core ||
                                       cases[_i].check == read_events);
    permit.answer = false;
    struct answer answer = cases[_i].check(&asking, &pass);
    ck_assert_int_eq(answer.status, 401);
    ck_assert_str_eq(answer.message, "User does not have permission");
}
END_TEST

START_TEST(a_token_alone_is_not_valid_and_an_api_key_helps)
{
    struct claim asked = claim();
    struct pass pass;

    stage_ask(&stage, NULL, NULL);
    stage_param(&stage, "auth_token", "t");
    ck_assert_int_eq(right_user(&asked, &pass).status, 400);
    ck_assert_str_eq(right_user(&asked, &pass).message, "Token not valid");
    stage_param(&stage, "api_key", "nobody");
    ck_assert_int_eq(right_user(&asked, &pass).status, 200);

    stage_ask(&stage, NULL, NULL);
    asked.token = TEXT("t");
    ck_assert_str_eq(right_user(&asked, &pass).message, "Token not valid");
}
END_TEST

START_TEST(a_locked_app_can_be_read_but_not_written)
{
    struct claim asked = claim();
    struct pass pass;

    stage_load(&stage, KIND_APP, STAGE_APP,
               "{\"_number\":1,\"_id\":\"" STAGE_APP
               "\",\"name\":\"n\",\"key\":\"k1\",\"country\":\"TR\","
               "\"timezone\":\"UTC\",\"category\":\"6\","
               "\"type\":\"mobile\",\"locked\":true}");
    stage_ask(&stage, "owner", NULL);
    stage_param(&stage, "app_id", STAGE_APP);
    ck_assert_int_eq(read_core(&asked, &pass).status, 200);
    ck_assert_int_eq(update_events(&asked, &pass).status, 403);
    ck_assert_str_eq(update_events(&asked, &pass).message, "App is locked");
}
END_TEST

static const struct {
    const char *name;
    const char *value;
    const char *message;
} ids[] = {
    {"app_id", STAGE_UNKNOWN, ""},
    {"app_id", "", ""},
    {"app_id", "1234", "Invalid parameter \"app_id\""},
    {"app_id", "zzzzzzzzzzzzzzzzzzzzzzzz", "Invalid parameter \"app_id\""},
    {"app_id", STAGE_APP "0", "Invalid parameter \"app_id\""},
    {"user_id", STAGE_UNKNOWN, ""},
    {"user_id", "short", "Invalid parameter \"user_id\""},
};

START_TEST(ids_have_their_form_or_are_absent)
{
    stage_ask(&stage, NULL, NULL);
    stage_param(&stage, ids[_i].name, ids[_i].value);

    struct answer answer = right_ids(&stage.params);

    ck_assert_str_eq(answer.message, ids[_i].message);
    ck_assert_int_eq(answer.status, ids[_i].message[0] ? 400 : 200);
}
END_TEST

START_TEST(the_operator_is_a_global_admin_without_api_key)
{
    struct claim asked = claim();
    struct pass pass;

    asked.is_operator = true;
    stage_ask(&stage, NULL, NULL);
    stage_param(&stage, "app_id", STAGE_APP);
    ck_assert_int_eq(right_global_admin(&asked, &pass).status, 200);
    ck_assert_str_eq(pass.member->id, "000000000000000000000000");
    ck_assert(pass.member->global_admin);
    ck_assert_int_eq(read_core(&asked, &pass).status, 200);
    ck_assert_int_eq(managed_app(&asked, &pass).status, 200);
    ck_assert_ptr_eq(pass.app, registry_app(stage.registry, TEXT(STAGE_APP)));
    ck_assert_ptr_null(
        registry_member(stage.registry, text_of(pass.member->id)));
    ck_assert_ptr_null(registry_member_by_username(
        stage.registry, text_of(pass.member->username)));
}
END_TEST

START_TEST(the_operator_does_not_depend_on_what_is_sent)
{
    struct claim asked = claim();
    struct pass pass;

    asked.is_operator = true;
    asked.token = TEXT("t");
    stage_ask(&stage, "nobody", NULL);
    ck_assert_int_eq(right_global_admin(&asked, &pass).status, 200);
    asked.is_operator = false;
    ck_assert_int_eq(right_global_admin(&asked, &pass).status, 401);
}
END_TEST

static Suite *right_suite(void)
{
    Suite *suite = suite_create("right");
    TCase *tcase = tcase_create("right");

    tcase_add_unchecked_fixture(tcase, stage_open_zones, stage_close_zones);
    tcase_add_checked_fixture(tcase, open_members, close_members);
    tcase_add_loop_test(tcase, the_first_check_that_fails_answers, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tcase, who_has_the_right_needs_the_permit_too, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, a_token_alone_is_not_valid_and_an_api_key_helps);
    tcase_add_test(tcase, a_locked_app_can_be_read_but_not_written);
    tcase_add_test(tcase, the_operator_is_a_global_admin_without_api_key);
    tcase_add_test(tcase, the_operator_does_not_depend_on_what_is_sent);
    tcase_add_loop_test(tcase, ids_have_their_form_or_are_absent, 0,
                        sizeof(ids) / sizeof(ids[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

STAGE_MAIN(right_suite)
