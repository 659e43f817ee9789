#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "metrics/latest.h"
#include "metrics/profile.h"
#include "metrics/set.h"
#include "metrics/user.h"
#include "scene.h"

enum { HOUR = 490000 };

static const struct app app = {.number = SCENE_APP, .key = "key"};
static struct buffer out;

static void setup(void)
{
    scene_open();
    buffer_init(&out, 1 << 20);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

static void put(enum table table, uint32_t ordinal, struct text record)
{
    struct key key = key_user(SCENE_APP, ordinal);

    effect_put(scene_batch(), table, key_text(&key), record);
}

/* A user and the session that brought them up. */
static void add_user(uint32_t ordinal, const struct user *user,
                     const struct profile *profile)
{
    uint8_t bytes[USER_RECORD_MAX];
    struct scene_session session = {.ordinal = ordinal,
                                    .hour = (int32_t)(user->ls / 3600),
                                    .counts = HIT_T};
    struct buffer cold;

    buffer_init(&cold, 4096);
    profile_write(profile, &cold);
    put(TABLE_USERS, ordinal, user_write(user, bytes));
    put(TABLE_COLD, ordinal, buffer_text(&cold));
    buffer_finish(&cold);
    scene_session(&session);
}

static struct text write_latest(void)
{
    struct json json;

    buffer_clear(&out);
    json_init(&json, &out, JSON_DATA);
    ck_assert_int_eq(latest_write(scene_catalog(), scene_engine(), &app, &json),
                     TALLY_OK);
    return buffer_text(&out);
}

START_TEST(without_users_the_list_is_empty)
{
    scene_ck_json(write_latest(), "[]");
}
END_TEST

START_TEST(a_user_shows_times_counts_and_values)
{
    struct profile profile = {.did = TEXT("device-1")};
    struct user user = user_fresh();

    user.fs = (HOUR - 48) * 3600;
    user.ls = HOUR * 3600;
    user.lac = user.ls + 60;
    user.sc = 3;
    user.sd = 60;
    user.tsd = 470;
    user.is_open = true;
    user.has_tz = true;
    user.tz = -180;
    user_set_value(&user, SET_COUNTRIES,
                   scene_value(SET_COUNTRIES, TEXT("TR"), 2025));
    user_set_value(&user, SET_CARRIERS,
                   scene_value(SET_CARRIERS, TEXT("At&t"), 2025));
    user_set_value(&user, SET_CITIES, 0);
    profile_set_text(&profile, SET_CITIES, TEXT("Izmir"));
    user_set_value(&user, SET_OS, 0);
    add_user(62, &user, &profile);

    static const char expected[] =
        "[{\"_id\":\"4318074d91449b0aa42874ad0c516906418ddf05\","
        "\"did\":\"device-1\",\"uid\":\"10\","
        "\"fs\":1763827200,\"ls\":1764000000,\"lac\":1764000060,"
        "\"sc\":3,\"sd\":60,\"tsd\":470,\"hos\":true,\"tz\":-180,"
        "\"cc\":\"TR\",\"c\":\"At&amp;t\",\"cty\":\"Izmir\"}]";
    scene_ck_json(write_latest(), expected);
    scene_checkpoint();
    scene_ck_json(write_latest(), expected);
}
END_TEST

START_TEST(an_unknown_zone_is_left_out)
{
    struct profile profile = {.did = TEXT("d")};
    struct user user = user_fresh();

    user.ls = HOUR * 3600;
    add_user(1, &user, &profile);
    struct text answer = write_latest();
    cJSON *list = cJSON_ParseWithLength(answer.at, answer.len);
    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    ck_assert_ptr_null(cJSON_GetObjectItem(list->child, "tz"));
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItem(list->child, "hos")));
    cJSON_Delete(list);
}
END_TEST

/* Merging may leave `ls` higher than the begin that the engine knows of. */
START_TEST(the_fifty_with_the_highest_ls_come_in_order)
{
    enum { USERS = 70 };

    for (uint32_t i = 1; i <= USERS; i++) {
        struct profile profile = {.did = TEXT("d")};
        struct user user = user_fresh();
        user.ls = (HOUR + i * 37 % USERS) * 3600;
        add_user(i, &user, &profile);
    }
    struct user merged = user_fresh();
    uint8_t bytes[USER_RECORD_MAX];
    merged.ls = (HOUR + USERS) * 3600;
    put(TABLE_USERS, USERS, user_write(&merged, bytes));
    scene_apply();

    struct text answer = write_latest();
    cJSON *list = cJSON_ParseWithLength(answer.at, answer.len);
    ck_assert_int_eq(cJSON_GetArraySize(list), LATEST_MAX);
    int hour = HOUR + USERS;
    for (const cJSON *item = list->child; item; item = item->next)
        ck_assert_int_eq(cJSON_GetObjectItem(item, "ls")->valueint,
                         hour-- * 3600);
    cJSON_Delete(list);
}
END_TEST

START_TEST(a_user_who_is_gone_is_not_listed)
{
    struct profile profile = {.did = TEXT("d")};
    struct user user = user_fresh();
    struct key key = key_user(SCENE_APP, 1);

    user.ls = HOUR * 3600;
    add_user(1, &user, &profile);
    effect_erase(scene_batch(), TABLE_USERS, key_text(&key));
    effect_erase(scene_batch(), TABLE_COLD, key_text(&key));
    scene_apply();
    scene_ck_json(write_latest(), "[]");
}
END_TEST

static Suite *latest_suite(void)
{
    Suite *suite = suite_create("latest");
    TCase *tcase = tcase_create("latest");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_users_the_list_is_empty);
    tcase_add_test(tcase, a_user_shows_times_counts_and_values);
    tcase_add_test(tcase, an_unknown_zone_is_left_out);
    tcase_add_test(tcase, the_fifty_with_the_highest_ls_come_in_order);
    tcase_add_test(tcase, a_user_who_is_gone_is_not_listed);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(latest_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
