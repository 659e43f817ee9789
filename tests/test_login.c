#include "call.h"
#include "metrics/login.h"

#define PASSWORD "Aa1!aaaaaa"
#define WRONG "Aa1!aaaaab"

static struct call call;

static void open_stage(void)
{
    call_open(&call);
    stage_ask(&call.stage, STAGE_API_KEY,
              "{\"full_name\":\"Bob\",\"username\":\"bob\",\"password\":"
              "\"" PASSWORD "\",\"email\":\"bob@x.y\"}");
    ck_assert_int_eq(call_run(&call, manage_members, "create"), 200);
}

static void close_stage(void)
{
    call_close(&call);
}

static const struct member *bob(void)
{
    return registry_member_by_username(call.stage.registry, TEXT("bob"));
}

/* Asks for an api key from an address; whether a password was hashed for it
 * is in `hashed`. */
static bool hashed;

static int login(const char *username, const char *password,
                 const char *address, int64_t now)
{
    int status;

    stage_ask(&call.stage, NULL, NULL);
    batch_clear(&call.batch);
    buffer_clear(&call.out);
    call.manage = (struct manage){.claim = {.registry = call.stage.registry,
                                            .params = &call.stage.params},
                                  .logins = call.logins,
                                  .settings = &settings_default,
                                  .address = text_of(address),
                                  .username = text_of(username),
                                  .password = text_of(password),
                                  .now = now,
                                  .batch = &call.batch,
                                  .out = &call.out};
    status = manage_call(&call.manage, TEXT("/api-key"));
    hashed = status == MANAGE_WAITS;
    if (hashed) {
        password_run(&call.manage.job);
        status = manage_call(&call.manage, TEXT("/api-key"));
    }
    return status;
}

static void says(const char *text)
{
    ck_assert_uint_eq(call.out.len, strlen(text));
    ck_assert_mem_eq(call.out.at, text, call.out.len);
}

START_TEST(name_or_email_with_the_password_give_the_api_key)
{
    ck_assert_int_eq(login("bob", PASSWORD, "1", CALL_NOW), 200);
    says(bob()->api_key);
    ck_assert_int_eq(login("bob@x.y", PASSWORD, "1", CALL_NOW), 200);
    says(bob()->api_key);
}
END_TEST

static const struct {
    const char *username;
    const char *password;
    bool is_hashed; /* else both are so wrong that no account matters */
} wrongs[] = {
    {"bob", WRONG, true},      {"nobody", PASSWORD, true}, {"admin", "", false},
    {"admin", PASSWORD, true}, {"", PASSWORD, false},      {"bob", "", false},
};

START_TEST(anything_else_gives_minus_one_in_the_same_way)
{
    ck_assert_int_eq(
        login(wrongs[_i].username, wrongs[_i].password, "1", CALL_NOW), 401);
    says("-1");
    ck_assert(hashed == wrongs[_i].is_hashed);
}
END_TEST

START_TEST(a_locked_member_gets_no_key)
{
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    char args[128];

    snprintf(args, sizeof(args), "{\"user_id\":\"%s\",\"locked\":true}",
             bob()->id);
    stage_ask(&call.stage, STAGE_API_KEY, args);
    ck_assert_int_eq(call_run(&call, manage_members, "update"), 200);
    ck_assert_int_eq(login("bob", PASSWORD, "1", CALL_NOW), 401);
}
END_TEST

static void fails(const char *username, const char *address, int64_t now)
{
    ck_assert_int_eq(login(username, WRONG, address, now), 401);
}

static void waits(const char *username, const char *password,
                  const char *address, int64_t now, unsigned seconds)
{
    ck_assert_int_eq(login(username, password, address, now), 429);
    ck_assert(!hashed);
    ck_assert_uint_eq(call.manage.wait, seconds);
}

START_TEST(an_account_waits_whoever_tries)
{
    const char *name = _i ? "bob" : "nobody";

    fails(name, "1", CALL_NOW);
    fails(name, "2", CALL_NOW);
    fails(name, "3", CALL_NOW);
    waits(name, PASSWORD, "4", CALL_NOW + 100, 200);
    says("{\"result\":\"Too many tries, wait\"}");
    fails("other", "4", CALL_NOW);
    ck_assert_int_eq(login(name, PASSWORD, "4", CALL_NOW + 300),
                     _i ? 200 : 401);
}
END_TEST

START_TEST(an_address_waits_whatever_it_tries)
{
    fails("a", "1", CALL_NOW);
    fails("b", "1", CALL_NOW);
    fails("bob", "1", CALL_NOW);
    waits("bob", PASSWORD, "1", CALL_NOW, 300);
    ck_assert_int_eq(login("bob", PASSWORD, "2", CALL_NOW), 200);
}
END_TEST

START_TEST(a_success_is_no_try_and_does_not_wash_an_address)
{
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(login("bob", PASSWORD, "1", CALL_NOW), 200);
    fails("a", "1", CALL_NOW);
    fails("a", "1", CALL_NOW);
    ck_assert_int_eq(login("bob", PASSWORD, "1", CALL_NOW), 200);
    fails("b", "1", CALL_NOW);
    waits("bob", PASSWORD, "1", CALL_NOW, 300);
}
END_TEST

START_TEST(a_success_makes_the_tries_of_the_account_free)
{
    fails("bob", "1", CALL_NOW);
    fails("bob", "1", CALL_NOW);
    ck_assert_int_eq(login("bob", PASSWORD, "2", CALL_NOW), 200);
    fails("bob", "3", CALL_NOW);
    fails("bob", "3", CALL_NOW);
    ck_assert_int_eq(login("bob", PASSWORD, "2", CALL_NOW), 200);
}
END_TEST

START_TEST(tries_that_have_not_ended_count)
{
    struct manage calls[4];

    for (int i = 0; i < 4; i++) {
        buffer_clear(&call.out);
        stage_ask(&call.stage, NULL, NULL);
        calls[i] = (struct manage){.claim = {.registry = call.stage.registry,
                                             .params = &call.stage.params},
                                   .logins = call.logins,
                                   .settings = &settings_default,
                                   .address = TEXT("1"),
                                   .username = TEXT("bob"),
                                   .password = TEXT(PASSWORD),
                                   .now = CALL_NOW,
                                   .batch = &call.batch,
                                   .out = &call.out};
        ck_assert_int_eq(manage_call(&calls[i], TEXT("/api-key")),
                         i < 3 ? MANAGE_WAITS : 429);
    }
    manage_give_up(&calls[0]);
    buffer_clear(&call.out);
    ck_assert_int_eq(manage_call(&calls[3], TEXT("/api-key")), MANAGE_WAITS);
}
END_TEST

START_TEST(a_global_admin_ends_the_wait)
{
    char id[25];

    memcpy(id, bob()->id, sizeof(id));
    for (int i = 0; i < 3; i++)
        fails("bob", i ? "1" : "2", CALL_NOW);
    stage_ask(&call.stage, STAGE_API_KEY, NULL);
    call_run(&call, manage_member_reads, "all");
    ck_assert(cJSON_IsTrue(
        cJSON_GetObjectItem(cJSON_GetObjectItem(call.body, id), "blocked")));
    ck_assert_int_eq(call_run(&call, manage_member_reads, "reset_timeban"),
                     400);
    stage_param(&call.stage, "username", "bob@x.y");
    ck_assert_int_eq(call_run(&call, manage_member_reads, "reset_timeban"),
                     200);
    call_is(&call, "true");
    call_run(&call, manage_member_reads, "all");
    ck_assert(cJSON_IsFalse(
        cJSON_GetObjectItem(cJSON_GetObjectItem(call.body, id), "blocked")));
    ck_assert_int_eq(login("bob", PASSWORD, "3", CALL_NOW), 200);
}
END_TEST

START_TEST(the_password_of_an_own_account_is_guarded_as_well)
{
    for (int i = 0; i < 4; i++) {
        stage_ask(&call.stage, bob()->api_key, NULL);
        stage_param(&call.stage, "password", i < 3 ? WRONG : PASSWORD);
        ck_assert_int_eq(call_run(&call, manage_members, "deleteOwnAccount"),
                         i < 3 ? 400 : 429);
    }
    ck_assert_ptr_nonnull(bob());
    waits("bob", PASSWORD, "other", CALL_NOW, 300);
}
END_TEST

static Suite *login_suite(void)
{
    Suite *suite = suite_create("login");
    TCase *tcase = tcase_create("login");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, stage_open_zones, stage_close_zones);
    tcase_add_checked_fixture(tcase, open_stage, close_stage);
    tcase_add_test(tcase, name_or_email_with_the_password_give_the_api_key);
    tcase_add_loop_test(tcase, anything_else_gives_minus_one_in_the_same_way, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(tcase, a_locked_member_gets_no_key);
    tcase_add_loop_test(tcase, an_account_waits_whoever_tries, 0, 2);
    tcase_add_test(tcase, an_address_waits_whatever_it_tries);
    tcase_add_test(tcase, a_success_is_no_try_and_does_not_wash_an_address);
    tcase_add_test(tcase, a_success_makes_the_tries_of_the_account_free);
    tcase_add_test(tcase, tries_that_have_not_ended_count);
    tcase_add_test(tcase, a_global_admin_ends_the_wait);
    tcase_add_test(tcase, the_password_of_an_own_account_is_guarded_as_well);
    suite_add_tcase(suite, tcase);
    return suite;
}

STAGE_MAIN(login_suite)
