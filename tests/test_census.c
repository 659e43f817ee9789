#include <check.h>
#include <stdlib.h>

#include "engine/key.h"
#include "metrics/census.h"
#include "metrics/set.h"
#include "metrics/user.h"
#include "scene.h"

enum { NOW = 1773741600, DAY_SECONDS = 86400 };

static struct census census;
static struct buffer out;
static struct json json;
static struct reader *reader;

static void setup(void)
{
    scene_open();
    census = (struct census){.app = SCENE_APP, .now = NOW};
    buffer_init(&out, 1 << 20);
    json_init(&json, &out, JSON_DATA);
}

static void teardown(void)
{
    buffer_finish(&out);
    scene_close();
}

/* A user of so many sessions, the last one and the last request so many days
 * ago. */
static void put_user(uint32_t app, uint32_t ordinal, uint32_t sessions,
                     int64_t days)
{
    struct user user = user_fresh();
    uint8_t bytes[USER_RECORD_MAX];
    struct key key = key_user(app, ordinal);

    user.fs = NOW - 200 * DAY_SECONDS;
    user.ls = (uint32_t)(NOW - days * DAY_SECONDS);
    user.lac = user.ls;
    user.sc = sessions;
    effect_put(scene_batch(), TABLE_USERS, key_text(&key),
               user_write(&user, bytes));
    scene_apply();
}

/* The same of a user with a value. */
static void put_user_with(uint32_t ordinal, uint32_t set, const char *name)
{
    struct user user = user_fresh();
    uint8_t bytes[USER_RECORD_MAX];
    struct key key = key_user(SCENE_APP, ordinal);

    user.sc = 1;
    ck_assert(user_set_value(&user, set,
                             name ? scene_value(set, text_of(name), 2026) : 0));
    effect_put(scene_batch(), TABLE_USERS, key_text(&key),
               user_write(&user, bytes));
    scene_apply();
}

static void open_reader(void)
{
    reader = scene_reader();
    census_capture(&census, reader);
}

START_TEST(users_are_counted_by_their_sessions)
{
    put_user(SCENE_APP, 1, 1, 1);
    put_user(SCENE_APP, 2, 4, 8);
    scene_checkpoint();
    put_user(SCENE_APP, 3, 600, 40);
    put_user(SCENE_APP, 4, 0, 1); /* was here without a session */
    put_user(SCENE_APP + 1, 1, 1, 1);
    open_reader();
    ck_assert_int_eq(census_write_loyalty(&census, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out),
                  "{\"all\":[{\"_id\":\"1\",\"count\":1,\"index\":\"0\"},"
                  "{\"_id\":\"3-5\",\"count\":1,\"index\":\"2\"},"
                  "{\"_id\":\"&gt; 500\",\"count\":1,\"index\":\"8\"}],"
                  "\"7days\":[{\"_id\":\"1\",\"count\":1,\"index\":\"0\"}],"
                  "\"30days\":[{\"_id\":\"1\",\"count\":1,\"index\":\"0\"},"
                  "{\"_id\":\"3-5\",\"count\":1,\"index\":\"2\"}]}");
}
END_TEST

START_TEST(users_slip_away_after_days_without_a_request)
{
    put_user(SCENE_APP, 1, 1, 7); /* not more than seven days */
    put_user(SCENE_APP, 2, 1, 8);
    put_user(SCENE_APP, 3, 1, 61);
    open_reader();
    ck_assert_int_eq(census_write_slipping(&census, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out),
                  "[{\"period\":7,\"count\":2,\"percentage\":\"66.67\","
                  "\"timeStamp\":1773136800},"
                  "{\"period\":14,\"count\":1,\"percentage\":\"33.33\","
                  "\"timeStamp\":1772532000},"
                  "{\"period\":30,\"count\":1,\"percentage\":\"33.33\","
                  "\"timeStamp\":1771149600},"
                  "{\"period\":60,\"count\":1,\"percentage\":\"33.33\","
                  "\"timeStamp\":1768557600},"
                  "{\"period\":90,\"count\":0,\"percentage\":\"0.00\","
                  "\"timeStamp\":1765965600}]");
}
END_TEST

START_TEST(a_filter_looks_at_the_values_that_users_have_now)
{
    enum tally_err err = TALLY_OK;

    put_user_with(1, SET_OS, "iOS");
    put_user_with(2, SET_OS, "Android");
    put_user_with(3, SET_OS, NULL);
    put_user_with(4, SET_DEVICES, "iOS");
    ck_assert_ptr_null(filter_read(scene_catalog(), scene_engine(), SCENE_APP,
                                   TEXT("{\"os\":[\"iOS\",\"none\"]}"),
                                   &census.filter, &err));
    ck_assert_int_eq(err, TALLY_OK);
    open_reader();
    ck_assert_int_eq(census_write_loyalty(&census, reader, &json), TALLY_OK);
    reader_close(reader);
    scene_ck_json(buffer_text(&out),
                  "{\"all\":[{\"_id\":\"1\",\"count\":1,\"index\":\"0\"}],"
                  "\"7days\":[],\"30days\":[]}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("census");
    TCase *tcase = tcase_create("census");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, users_are_counted_by_their_sessions);
    tcase_add_test(tcase, users_slip_away_after_days_without_a_request);
    tcase_add_test(tcase, a_filter_looks_at_the_values_that_users_have_now);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
