#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/arena.h"
#include "engine/documents.h"
#include "engine/engine.h"
#include "metrics/manage.h"
#include "metrics/member_admin.h"
#include "scratch.h"

#define API_KEY "0123456789abcdef0123456789abcdef"

enum { NOW = 1684317600 };

typedef int (*manage_fn)(struct manage *call, struct text action);

static struct zones *zones;
static const char *dir;
static struct engine *engine;
static struct registry *registry;
static struct logins *logins;
static struct arena *arena;
static struct batch batch;
static struct buffer out;

static bool load_app(void *user, struct text name, struct text json)
{
    return registry_load(user, KIND_APP, name, json) == TALLY_OK;
}

static bool load_member(void *user, struct text name, struct text json)
{
    return registry_load(user, KIND_MEMBER, name, json) == TALLY_OK;
}

static void start(void)
{
    struct engine_options options = {.dir = dir, .slot_bytes = 1 << 20};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
    registry = registry_create(zones);
    ck_assert_int_eq(documents_each(engine, KIND_APP, load_app, registry),
                     TALLY_OK);
    ck_assert_int_eq(documents_each(engine, KIND_MEMBER, load_member, registry),
                     TALLY_OK);
}

static void stop(void)
{
    registry_destroy(registry);
    engine_close(engine);
}

static void apply(void)
{
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    ck_assert_int_eq(registry_accept(registry, &batch), TALLY_OK);
    batch_clear(&batch);
}

static void setup(void)
{
    zones = zones_create();
    logins = logins_create();
    dir = scratch_create();
    arena = arena_create(1 << 20);
    batch_init(&batch);
    buffer_init(&out, 1 << 20);
    start();
    ck_assert_int_eq(
        member_admin_found(registry, "admin", API_KEY, NOW, &batch), TALLY_OK);
    apply();
}

static void teardown(void)
{
    stop();
    logins_destroy(logins);
    buffer_finish(&out);
    batch_finish(&batch);
    arena_destroy(arena);
    scratch_remove();
    zones_destroy(zones);
}

static void manage(manage_fn fn, const char *action, const char *args)
{
    struct params params = {0};
    struct param list[] = {
        {.name = TEXT("api_key"), .value = TEXT(API_KEY)},
        {.name = TEXT("args"), .value = text_of(args)},
    };

    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(params_set(&params, arena, list[i]), TALLY_OK);

    struct manage call = {
        .claim = {.registry = registry, .params = &params},
        .engine = engine,
        .logins = logins,
        .settings = &settings_default,
        .now = NOW,
        .batch = &batch,
        .out = &out,
    };

    buffer_clear(&out);

    int status = fn(&call, text_of(action));

    if (status == MANAGE_WAITS) {
        password_run(&call.job);
        status = fn(&call, text_of(action));
    }
    ck_assert_int_eq(status, ANSWER_OK);
    apply();
}

static cJSON *read_list(manage_fn fn)
{
    manage(fn, "all", "");
    return cJSON_ParseWithLength(out.at, out.len);
}

static const struct app *find_app(const char *key)
{
    const struct app *app = registry_app_by_key(registry, text_of(key));

    ck_assert_ptr_nonnull(app);
    return app;
}

START_TEST(apps_and_members_are_the_same_after_a_restart)
{
    manage(manage_apps, "create",
           "{\"name\":\"One\",\"key\":\"k1\",\"extra\":\"\xc3\xa9<>\"}");
    manage(manage_apps, "create", "{\"name\":\"Two\",\"key\":\"k2\"}");
    manage(manage_members, "create",
           "{\"full_name\":\"Bob\",\"username\":\"bob\","
           "\"password\":\"Aa1!aaaaaa\",\"email\":\"bob@x.y\","
           "\"user_of\":[\"5b0000000000000000000001\"]}");

    cJSON *apps = read_list(manage_app_reads);
    cJSON *members = read_list(manage_member_reads);

    stop();
    start();

    cJSON *same_apps = read_list(manage_app_reads);
    cJSON *same_members = read_list(manage_member_reads);

    ck_assert(cJSON_Compare(apps, same_apps, 1));
    ck_assert(cJSON_Compare(members, same_members, 1));
    ck_assert_int_eq(cJSON_GetArraySize(members), 2);
    ck_assert_uint_ne(find_app("k1")->number, find_app("k2")->number);
    cJSON_Delete(same_members);
    cJSON_Delete(same_apps);
    cJSON_Delete(members);
    cJSON_Delete(apps);
}
END_TEST

START_TEST(a_reset_app_gets_a_number_that_none_ever_had)
{
    char args[64];

    manage(manage_apps, "create", "{\"name\":\"One\",\"key\":\"k1\"}");

    uint32_t first = find_app("k1")->number;

    snprintf(args, sizeof(args), "{\"app_id\":\"%s\"}", find_app("k1")->id);
    manage(manage_apps, "reset", args);

    uint32_t second = find_app("k1")->number;

    ck_assert_uint_gt(second, first);
    manage(manage_apps, "delete", args);
    stop();
    start();
    manage(manage_apps, "create", "{\"name\":\"One\",\"key\":\"k1\"}");
    ck_assert_uint_gt(find_app("k1")->number, second);
}
END_TEST

static Suite *manage_suite(void)
{
    Suite *suite = suite_create("manage");
    TCase *tcase = tcase_create("manage");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, apps_and_members_are_the_same_after_a_restart);
    tcase_add_test(tcase, a_reset_app_gets_a_number_that_none_ever_had);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(manage_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
