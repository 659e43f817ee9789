/* The hooks of SDK requests: order, payloads, what handlers may change, and
 * that what they leave is stored with the request. */
#include <check.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/bulk.h"
#include "metrics/call.h"
#include "metrics/due.h"
#include "metrics/ingest.h"
#include "metrics/plugins.h"
#include "metrics/visit.h"
#include "puppet.h"

enum { NOW = 1772445600 /* Monday 2026-03-02 10:00 UTC */ };

static void setup(void)
{
    intake_open(NULL);
    puppet_open();
}

static void teardown(void)
{
    puppet_close();
    intake_close();
}

static int put_it(struct tally_call *call, void *user)
{
    puppet_put(call, user);
    return TALLY_PASS;
}

/* --- order --- */

START_TEST(a_new_session_fires_its_hooks_in_order)
{
    puppet_note_all();
    intake_ok(NOW,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"begin_session\":1,"
              "\"metrics\":{\"_os\":\"iOS\"},"
              "\"events\":[{\"key\":\"buy\",\"count\":1}]}");
    ck_assert_str_eq(puppet_hooks(),
                     "/sdk /session/user /session/metrics /session/begin "
                     "/session/retention /i/events /i /sdk/end ");
}
END_TEST

START_TEST(an_end_and_an_extension_have_hooks_of_their_own)
{
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    puppet_note_all();
    intake_ok(NOW + 30,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"end_session\":1,"
              "\"session_duration\":30}");
    ck_assert_str_eq(puppet_hooks(),
                     "/sdk /session/duration /session/end /i /sdk/end ");
    intake_ok(NOW + 40,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"begin_session\":1}");
    ck_assert_str_eq(puppet_hooks(),
                     "/sdk /session/extend /session/retention /i /sdk/end ");
    intake_ok(NOW + 50,
              "{\"app_key\":\"k1\",\"device_id\":\"a\",\"end_session\":1}");
    puppet_hooks();
    intake_ok(NOW + 60, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"end_session\":1}");
    ck_assert_str_eq(puppet_hooks(), "/sdk /i /sdk/end ");
}
END_TEST

START_TEST(a_begin_that_closes_a_session_tells_so_before)
{
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    intake_ok(NOW + 60, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"session_duration\":60}");
    puppet_note_all();
    puppet_show("/session/post", "session_duration");
    puppet_show("/session/post", "end_session");
    intake_ok(NOW + 600, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                         "\"begin_session\":1}");
    ck_assert_str_eq(puppet_hooks(),
                     "/sdk /session/post session_duration=60 "
                     "end_session=false /session/user /session/metrics "
                     "/session/begin /session/retention /i /sdk/end ");
}
END_TEST

START_TEST(without_an_accepted_request_nothing_fires)
{
    puppet_note_all();
    intake_send(NOW, "{\"app_key\":\"nobody\",\"device_id\":\"a\"}");
    intake_send(NOW, "{\"app_key\":\"k1\"}");
    ck_assert_str_eq(puppet_hooks(), "");
    const char *same = "{\"app_key\":\"k1\",\"device_id\":\"a\","
                       "\"timestamp\":1772445600}";
    intake_send(NOW, same);
    ck_assert_str_eq(puppet_hooks(), "/sdk /i /sdk/end ");
    ck_assert_str_eq(intake_send(NOW, same), INTAKE_DUPLICATE);
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

/* --- payloads --- */

START_TEST(is_new_user_tells_of_the_time_before)
{
    puppet_show("/session/begin", "isNewUser");
    puppet_show("/session/begin", "dbAppUser.sc");
    puppet_show("/session/retention", "isNewUser");
    puppet_show("/session/retention", "user.sc");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    ck_assert_str_eq(puppet_hooks(), "isNewUser=true dbAppUser.sc=1 "
                                     "isNewUser=true user.sc=1 ");
    intake_ok(NOW + 600, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                         "\"begin_session\":1}");
    ck_assert_str_eq(puppet_hooks(), "isNewUser=false dbAppUser.sc=2 "
                                     "isNewUser=false user.sc=2 ");
}
END_TEST

START_TEST(a_user_has_the_values_that_the_request_brings)
{
    puppet_show("/session/retention", "user.did");
    puppet_show("/session/retention", "user.uid");
    puppet_show("/session/retention", "user.p");
    puppet_show("/session/retention", "params.app_user.cc");
    puppet_show("/session/retention", "params.app_user_id");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1,\"country_code\":\"TR\","
                   "\"metrics\":{\"_os\":\"iOS\"}}");
    /* printf k1a | sha1sum */
    ck_assert_str_eq(puppet_hooks(),
                     "user.did=\"a\" user.uid=\"1\" user.p=\"iOS\" "
                     "params.app_user.cc=\"TR\" params.app_user_id="
                     "\"ab6ee771094b1218aa9d71d1d428f163ea2efc15\" ");
}
END_TEST

START_TEST(params_have_the_properties_of_the_guide)
{
    puppet_show("/i", "params.time");
    puppet_show("/i", "params.user");
    puppet_show("/i", "params.session_duration");
    puppet_show("/i", "params.bulk");
    puppet_show("/i", "app.key");
    puppet_show("/i", "params.previous_session_start");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    puppet_hooks();
    intake_ok(NOW + 10, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"timestamp\":1772445605123,\"session_duration\":7,"
                        "\"country_code\":\"DE\",\"city\":\"Bonn\",\"tz\":60}");
    ck_assert_str_eq(
        puppet_hooks(),
        "params.time={\"now\":\"2026-03-02T10:00:05.123Z\","
        "\"timestamp\":1772445605,\"mstimestamp\":1772445605123,"
        "\"yearly\":\"2026\",\"monthly\":\"2026.3\",\"daily\":\"2026.3.2\","
        "\"hourly\":\"2026.3.2.10\",\"weekly\":9,\"month\":3,\"day\":2,"
        "\"hour\":10,\"dow\":1} "
        "params.user={\"country\":\"DE\",\"city\":\"Bonn\","
        "\"region\":\"Unknown\",\"tz\":\"60\"} "
        "params.session_duration=7 params.bulk=false app.key=\"k1\" "
        "params.previous_session_start=1772445600 ");
}
END_TEST

START_TEST(a_merge_shows_both_users)
{
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"old\","
                   "\"begin_session\":1}");
    intake_ok(NOW + 100, "{\"app_key\":\"k1\",\"device_id\":\"new\","
                         "\"begin_session\":1}");
    puppet_show("/i/device_id", "oldUser.did");
    puppet_show("/i/device_id", "oldUser.sc");
    puppet_show("/i/device_id", "newUser.did");
    puppet_show("/i/device_id", "newUser.sc");
    intake_ok(NOW + 200, "{\"app_key\":\"k1\",\"device_id\":\"new\","
                         "\"old_device_id\":\"old\"}");
    ck_assert_str_eq(puppet_hooks(),
                     "oldUser.did=\"old\" oldUser.sc=1 newUser.did=\"new\" "
                     "newUser.sc=2 ");
    intake_ok(NOW + 300, "{\"app_key\":\"k1\",\"device_id\":\"newer\","
                         "\"old_device_id\":\"new\"}");
    ck_assert_str_eq(puppet_hooks(),
                     "oldUser.did=\"new\" oldUser.sc=2 newUser.did=\"newer\" "
                     "newUser.sc=2 ");
    intake_ok(NOW + 400, "{\"app_key\":\"k1\",\"device_id\":\"newer\","
                         "\"old_device_id\":\"nobody\"}");
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

START_TEST(views_and_consent_tell_what_they_are_about)
{
    puppet_show("/view/duration", "viewName");
    puppet_show("/view/duration", "duration");
    puppet_show("/consent/change", "changes");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\",\"events\":["
                   "{\"key\":\"[CLY]_view\",\"count\":1,\"dur\":2.5,"
                   "\"segmentation\":{\"name\":\"home\",\"visit\":1}},"
                   "{\"key\":\"[CLY]_view\",\"count\":1,"
                   "\"segmentation\":{\"name\":\"home\",\"visit\":1}}],"
                   "\"consent\":{\"sessions\":true}}");
    ck_assert_str_eq(puppet_hooks(), "viewName=\"home\" duration=2.5 "
                                     "changes={\"sessions\":true} ");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"consent\":{\"sessions\":true}}");
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

START_TEST(the_items_of_a_bulk_say_so)
{
    puppet_show("/i", "params.bulk");
    intake_bulk(NOW, "[{\"device_id\":\"a\"},{\"device_id\":\"b\"}]");
    ck_assert_str_eq(puppet_hooks(), "params.bulk=true params.bulk=true ");
}
END_TEST

/* --- what handlers change --- */

static int cancel_it(struct tally_call *call, void *user)
{
    (void)user;
    puppet_put(call, "seen");
    return puppet_host()->cancel(call, "no <robots>");
}

START_TEST(a_cancelled_request_is_answered_and_changes_nothing)
{
    struct user user;

    puppet_note_all();
    puppet_on("/sdk", cancel_it, NULL);
    ck_assert_str_eq(intake_send(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                                      "\"begin_session\":1}"),
                     "{\"result\":\"Success\",\"info\":"
                     "\"Request ignored: no &lt;robots&gt;\"}");
    ck_assert_int_eq(intake_status, 200);
    ck_assert_str_eq(puppet_hooks(), "/sdk ");
    ck_assert(!intake_user("a", &user));
    ck_assert(puppet_has("seen"));
    ck_assert_uint_eq(intake_tally->losses.at[LOSS_CANCELLED], 1);
    intake_audit();
}
END_TEST

START_TEST(a_cancelled_item_is_done)
{
    puppet_on("/sdk", cancel_it, NULL);
    ck_assert_str_eq(intake_bulk(NOW, "[{\"device_id\":\"a\"}]"),
                     INTAKE_SUCCESS);
    puppet_forget("seen");
    intake_bulk(NOW, "[{\"device_id\":\"a\"}]");
    ck_assert(!puppet_has("seen"));
}
END_TEST

static int change_params(struct tally_call *call, void *user)
{
    const struct tally_host *host = puppet_host();

    (void)user;
    ck_assert_int_eq(
        host->set_param(call, "begin_session", (struct tally_text){"1", 1}), 0);
    static const char metrics[] = "{\"_os\":\"Haiku\"}";
    ck_assert_int_eq(
        host->set_param_json(call, "metrics",
                             (struct tally_text){metrics, strlen(metrics)}),
        0);
    ck_assert_int_eq(host->set_param(call, "timestamp",
                                     (struct tally_text){"1772359200", 10}),
                     0);
    return TALLY_PASS;
}

START_TEST(what_sdk_changes_is_decided_upon)
{
    struct user user;

    puppet_on("/sdk", change_params, NULL);
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert(intake_user("a", &user));
    ck_assert_uint_eq(user.sc, 1);
    ck_assert_uint_eq(user.ls, 1772359200);
    ck_assert_str_eq(intake_value("a", SET_OS), "Haiku");
    ck_assert_str_eq(intake_send(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                                      "\"timestamp\":5}"),
                     INTAKE_SUCCESS);
    ck_assert_str_eq(intake_send(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                                      "\"timestamp\":5}"),
                     INTAKE_DUPLICATE);
    intake_audit();
}
END_TEST

static int change_event(struct tally_call *call, void *user)
{
    const char *json = user;
    struct tally_text text = {json, strlen(json)};

    ck_assert_int_eq(puppet_host()->set(call, "currEvent", text), 0);
    return TALLY_PASS;
}

START_TEST(a_changed_event_counts_as_changed)
{
    puppet_on("/i/events", change_event,
              "{\"key\":\"sell\",\"count\":3,\"sum\":1.5}");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"events\":[{\"key\":\"buy\",\"count\":1}]}");
    ck_assert_int_eq(intake_day(SET_EVENTS, "sell", NOW / 86400, CELL_E), 3);
    ck_assert_int_eq(intake_day(SET_EVENTS, "buy", NOW / 86400, CELL_E), 0);
    intake_audit();
}
END_TEST

START_TEST(an_event_that_is_none_any_more_counts_nothing)
{
    puppet_on("/i/events", change_event, "null");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"events\":[{\"key\":\"buy\",\"count\":1}]}");
    ck_assert_int_eq(intake_day(SET_EVENTS, "buy", NOW / 86400, CELL_E), 0);
    ck_assert_uint_eq(intake_tally->losses.at[LOSS_NO_EVENT], 1);
}
END_TEST

static int push_update(struct tally_call *call, void *user)
{
    static const char updates[] =
        "[{\"$set\":{\"plan\":\"gold\",\"sc\":99}},{\"$unset\":{\"old\":1}}]";

    (void)user;
    ck_assert_int_eq(
        puppet_host()->set(call, "updates",
                           (struct tally_text){updates, strlen(updates)}),
        0);
    return TALLY_PASS;
}

START_TEST(updates_set_properties_but_none_of_the_core)
{
    struct user user;

    puppet_on("/session/begin", push_update, NULL);
    puppet_show("/session/retention", "user.plan");
    puppet_show("/session/retention", "user.sc");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    ck_assert_str_eq(puppet_hooks(), "user.plan=\"gold\" user.sc=1 ");
    ck_assert(intake_user("a", &user));
    intake_reopen();
    puppet_move();
    puppet_show("/i", "params.app_user.plan");
    intake_ok(NOW + 1, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert_str_eq(puppet_hooks(), "params.app_user.plan=\"gold\" ");
}
END_TEST

/* --- sessions that are over --- */

static void begin_and_end(int64_t now)
{
    intake_ok(now, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1}");
    intake_ok(now + 60, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"session_duration\":60,\"end_session\":1}");
}

static void tick(int64_t now)
{
    ck_assert_int_eq(due_tick(intake_tally, now), TALLY_OK);
}

static void show_post(void)
{
    puppet_show("/session/post", "session_duration");
    puppet_show("/session/post", "end_session");
    puppet_show("/session/post", "params.time.timestamp");
    puppet_show("/session/post", "dbAppUser.did");
}

static const char is_over[] = "session_duration=60 end_session=true "
                              "params.time.timestamp=1772445660 "
                              "dbAppUser.did=\"a\" ";

START_TEST(a_session_is_over_after_the_cooldown)
{
    show_post();
    begin_and_end(NOW);
    tick(NOW + 74);
    ck_assert_str_eq(puppet_hooks(), "");
    tick(NOW + 75);
    ck_assert_str_eq(puppet_hooks(), is_over);
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), 0);
    intake_audit();
}
END_TEST

START_TEST(a_session_that_is_resumed_is_not_over)
{
    show_post();
    begin_and_end(NOW);
    intake_ok(NOW + 70, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"begin_session\":1}");
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
    intake_ok(NOW + 1000, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                          "\"end_session\":1}");
    tick(NOW + 1010);
    ck_assert_str_eq(puppet_hooks(), "");
    tick(NOW + 1015);
    ck_assert_str_eq(puppet_hooks(), "session_duration=60 end_session=true "
                                     "params.time.timestamp=1772446600 "
                                     "dbAppUser.did=\"a\" ");
}
END_TEST

START_TEST(a_new_session_ends_the_wait)
{
    puppet_note_all();
    puppet_show("/session/post", "end_session");
    begin_and_end(NOW);
    puppet_hooks();
    intake_ok(NOW + 61, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                        "\"begin_session\":1,\"ignore_cooldown\":1}");
    ck_assert_str_eq(puppet_hooks(),
                     "/sdk /session/post end_session=true /session/user "
                     "/session/metrics /session/begin /session/retention /i "
                     "/sdk/end ");
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

START_TEST(a_restart_forgets_no_session)
{
    show_post();
    begin_and_end(NOW);
    intake_reopen();
    puppet_move();
    tick(NOW + 75);
    ck_assert_str_eq(puppet_hooks(), is_over);
    intake_reopen();
    puppet_move();
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
    intake_audit();
}
END_TEST

START_TEST(what_the_handlers_leave_goes_with_the_record)
{
    puppet_on("/session/post", put_it, "over");
    puppet_on("/session/post", push_update, NULL);
    puppet_show("/i", "params.app_user.plan");
    begin_and_end(NOW);
    puppet_hooks();
    tick(NOW + 75);
    ck_assert(puppet_has("over"));
    intake_ok(NOW + 100, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert_str_eq(puppet_hooks(), "params.app_user.plan=\"gold\" ");
}
END_TEST

START_TEST(nothing_is_kept_when_nobody_listens)
{
    begin_and_end(NOW);
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), 0);
    show_post();
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

START_TEST(what_nobody_listens_to_any_more_goes)
{
    show_post();
    begin_and_end(NOW);
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), 1);
    intake_tally->plugins = NULL;
    tick(NOW + 75);
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), 0);
}
END_TEST

START_TEST(the_session_of_who_is_absorbed_is_over)
{
    show_post();
    begin_and_end(NOW);
    intake_ok(NOW + 61, "{\"app_key\":\"k1\",\"device_id\":\"b\"}");
    intake_ok(NOW + 62, "{\"app_key\":\"k1\",\"device_id\":\"b\","
                        "\"old_device_id\":\"a\"}");
    ck_assert_str_eq(puppet_hooks(), "session_duration=60 end_session=true "
                                     "params.time.timestamp=1772445662 "
                                     "dbAppUser.did=\"b\" ");
    tick(NOW + 1000);
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

/* --- values and counts --- */

static int name_language(struct tally_call *call, void *user)
{
    const struct tally_host *host = puppet_host();
    struct tally_text value = {user, strlen(user)};

    ck_assert_int_eq(host->set_metric(call, "_os", value), 0);
    return TALLY_PASS;
}

START_TEST(a_metric_gets_a_derived_value)
{
    puppet_on("/session/metrics", name_language, "BeOS");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1,"
                   "\"metrics\":{\"_os\":\"iOS\",\"_device\":\"x\"}}");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"b\","
                   "\"begin_session\":1}");
    ck_assert_str_eq(intake_value("a", SET_OS), "BeOS");
    ck_assert_str_eq(intake_value("a", SET_DEVICES), "x");
    ck_assert_str_eq(intake_value("b", SET_OS), "BeOS");
    ck_assert_int_eq(intake_day(SET_OS, "BeOS", NOW / 86400, CELL_T), 2);
    intake_audit();
}
END_TEST

static int push_metric(struct tally_call *call, void *user)
{
    (void)user;
    struct tally_text now = puppet_host()->get(call, "predefinedMetrics");
    char json[16384];
    int len = snprintf(
        json, sizeof(json),
        "%.*s,{\"db\":\"mymetric\",\"metrics\":[{\"name\":\"_mymetric\","
        "\"set\":\"mymetric\",\"short_code\":\"mm\"}]}]",
        (int)now.len - 1, now.at);

    ck_assert_int_eq(puppet_host()->set(call, "predefinedMetrics",
                                        (struct tally_text){json, (size_t)len}),
                     0);
    return TALLY_PASS;
}

/* As the guide's example does. */
START_TEST(a_metric_that_is_appended_counts_from_then_on)
{
    puppet_on("/session/metrics", push_metric, NULL);
    puppet_show("/session/retention", "user.mm");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1,"
                   "\"metrics\":{\"_mymetric\":\"red\"}}");
    ck_assert_str_eq(puppet_hooks(), "user.mm=\"red\" ");
    const struct metric *metric =
        catalog_find(intake_tally->catalog, "mymetric", "mymetric");
    ck_assert_ptr_nonnull(metric);
    ck_assert_int_eq(intake_day(metric->set, "red", NOW / 86400, CELL_T), 1);
    intake_reopen();
    ck_assert_ptr_nonnull(
        catalog_find(intake_tally->catalog, "mymetric", "mymetric"));
    intake_audit();
}
END_TEST

static int count_visit(struct tally_call *call, void *user)
{
    struct tally_count count = {.size = sizeof(count),
                                .db = "visits",
                                .t = 2,
                                .n = 1,
                                .u = 1,
                                .last = NOW - 3600};
    const struct tally_host *host = puppet_host();

    (void)user;
    ck_assert_int_eq(host->count(call, &count), 0);
    count.value = (struct tally_text){"red", 3};
    count.last = 0;
    ck_assert_int_eq(host->count(call, &count), 0);
    count.db = "users";
    ck_assert_int_eq(host->count(call, &count), TALLY_E_NOT_FOUND);
    count.db = "visits";
    count.t = INT64_MAX;
    ck_assert_int_eq(host->count(call, &count), TALLY_E_INVALID);
    return TALLY_PASS;
}

START_TEST(a_plugin_counts_in_a_set_of_its_own)
{
    int32_t day = NOW / 86400;

    puppet_owns("visits");
    puppet_on("/i", count_visit, NULL);
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    enum set set =
        (enum set)catalog_find(intake_tally->catalog, "visits", "visits")->set;
    ck_assert_int_eq(intake_day(set, NULL, day, CELL_T), 2);
    ck_assert_int_eq(intake_day(set, NULL, day, CELL_N), 1);
    /* `last` was today: no user of the day, the week, the month. */
    ck_assert_int_eq(intake_day(set, NULL, day, CELL_U), 0);
    ck_assert_int_eq(intake_day(set, "red", day, CELL_T), 2);
    ck_assert_int_eq(intake_day(set, "red", day, CELL_U), 1);
    intake_audit();
}
END_TEST

static int set_plan(struct tally_call *call, void *user)
{
    const struct tally_host *host = puppet_host();
    struct tally_text gold = {"\"gold\"", 6};
    struct tally_text json = {user, strlen(user)};

    ck_assert_int_eq(host->set_user(call, "tsd", gold), TALLY_E_EXISTS);
    ck_assert_int_eq(host->set_user(call, "av", gold), TALLY_E_EXISTS);
    ck_assert_int_eq(host->set_user(call, "a.b", gold), TALLY_E_INVALID);
    ck_assert_int_eq(host->set_user(call, "plan", (struct tally_text){"{", 1}),
                     TALLY_E_INVALID);
    ck_assert_int_eq(host->set_user(call, "plan", json), 0);
    return TALLY_PASS;
}

START_TEST(a_property_is_set_and_taken_away)
{
    puppet_on("/i", set_plan, "{\"level\":[1,2]}");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    puppet_on("/sdk", set_plan, "null");
    puppet_show("/sdk/end", "params.app_user.plan");
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert_str_eq(puppet_hooks(), "params.app_user.plan={\"level\":[1,2]} ");
}
END_TEST

/* --- effects --- */

START_TEST(what_handlers_leave_is_stored_with_the_request)
{
    static const char *const hooks[] = {"/sdk",
                                        "/session/user",
                                        "/session/metrics",
                                        "/session/begin",
                                        "/i/events",
                                        "/session/retention",
                                        "/i",
                                        "/sdk/end"};

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
        puppet_on(hooks[i], put_it, (void *)(uintptr_t)hooks[i]);
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                   "\"begin_session\":1,\"events\":[{\"key\":\"buy\"}]}");
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
        ck_assert_msg(puppet_has(hooks[i]), "%s", hooks[i]);
    intake_reopen();
    puppet_move();
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
        ck_assert_msg(puppet_has(hooks[i]), "%s", hooks[i]);
}
END_TEST

static int fill_up(struct tally_call *call, void *user)
{
    (void)user;
    puppet_put(call, "lost");
    while (batch_is_whole(call->batch))
        puppet_put(call, "more");
    return TALLY_PASS;
}

START_TEST(a_request_that_is_refused_takes_its_effects_along)
{
    struct user user;

    puppet_on("/i", fill_up, NULL);
    intake_send(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert_int_eq(intake_status, 400);
    ck_assert(!intake_user("a", &user));
    ck_assert(!puppet_has("lost"));
}
END_TEST

START_TEST(explaining_calls_nobody)
{
    puppet_note_all();
    ck_assert_int_eq(puppet_explain(NOW, "{\"app_key\":\"k1\","
                                         "\"device_id\":\"a\","
                                         "\"begin_session\":1}"),
                     200);
    ck_assert_str_eq(puppet_hooks(), "");
}
END_TEST

/* --- waiting --- */

/* What goes on is said by a table, as a function is no `void *`. */
static int wait_here(struct tally_call *call, void *user)
{
    const tally_handler *next = user;

    puppet_put(call, "before");
    return puppet_host()->wait(call, *next, NULL) ? TALLY_ASYNC : TALLY_PASS;
}

static int go_on(struct tally_call *call, void *user)
{
    (void)user;
    puppet_note("next");
    puppet_put(call, "after");
    return TALLY_PASS;
}

START_TEST(a_request_waits_before_it_is_decided)
{
    struct user user;
    const char *json = "{\"app_key\":\"k1\",\"device_id\":\"a\","
                       "\"begin_session\":1}";

    puppet_note_all();
    puppet_on("/sdk", wait_here, &(tally_handler){go_on});
    puppet_note_late();
    puppet_start(NOW, json);
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert_int_eq(puppet_visit.stage, VISIT_ASKS);
    ck_assert_str_eq(puppet_hooks(), "/sdk ");
    ck_assert(!intake_user("a", &user));
    ck_assert(puppet_has("before"));
    ck_assert_int_eq(puppet_resume(), TALLY_PASS);
    ck_assert(puppet_has("after"));
    ck_assert(!intake_user("a", &user));
    ck_assert_int_eq(puppet_go(), 200);
    ck_assert_str_eq(puppet_hooks(),
                     "next late /session/user /session/metrics "
                     "/session/begin /session/retention /i /sdk/end ");
    ck_assert(intake_user("a", &user));
    ck_assert_uint_eq(user.sc, 1);
    intake_audit();
}
END_TEST

static int cancel_later(struct tally_call *call, void *user)
{
    (void)user;
    return puppet_host()->cancel(call, "late");
}

START_TEST(what_was_promised_may_cancel)
{
    struct user user;

    puppet_on("/sdk", wait_here, &(tally_handler){cancel_later});
    puppet_start(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    puppet_resume();
    ck_assert_int_eq(puppet_go(), 200);
    ck_assert_str_eq(puppet_answer(), "{\"result\":\"Success\",\"info\":"
                                      "\"Request ignored: late\"}");
    ck_assert(!intake_user("a", &user));
}
END_TEST

static int wait_again(struct tally_call *call, void *user)
{
    (void)user;
    puppet_note("again");
    return puppet_host()->wait(call, go_on, NULL) ? TALLY_ASYNC : TALLY_PASS;
}

START_TEST(the_answer_waits_after_the_decision)
{
    struct user user;

    puppet_note_all();
    puppet_on("/session/begin", wait_here, &(tally_handler){wait_again});
    puppet_start(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\","
                      "\"begin_session\":1}");
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert_int_eq(puppet_visit.stage, VISIT_STORED);
    ck_assert(intake_user("a", &user));
    puppet_hooks();
    ck_assert_int_eq(puppet_resume(), TALLY_ASYNC);
    ck_assert_uint_eq(puppet_visit.pending, 1);
    ck_assert_int_eq(puppet_resume(), TALLY_PASS);
    ck_assert_int_eq(puppet_go(), 200);
    ck_assert_str_eq(puppet_hooks(), "again next /sdk/end ");
    ck_assert_str_eq(puppet_answer(), INTAKE_SUCCESS);
    intake_audit();
}
END_TEST

START_TEST(a_bulk_goes_on_at_the_item_that_waited)
{
    struct user user;

    puppet_show("/sdk", "params.qstring.device_id");
    puppet_on("/sdk", wait_here, &(tally_handler){change_params});
    puppet_show("/sdk/end", "params.qstring.device_id");
    puppet_start_bulk(NOW, "[{\"device_id\":\"a\"},{\"device_id\":\"b\"}]");
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert(!intake_user("a", &user));
    /* Somebody else is served meanwhile. */
    puppet_resume();
    intake_bulk(NOW, "[1]");
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert(intake_user("a", &user));
    ck_assert_uint_eq(user.sc, 1);
    ck_assert(!intake_user("b", &user));
    puppet_resume();
    ck_assert_int_eq(puppet_go(), 200);
    ck_assert(intake_user("b", &user));
    ck_assert_str_eq(puppet_hooks(), "params.qstring.device_id=\"a\" "
                                     "params.qstring.device_id=\"a\" "
                                     "params.qstring.device_id=\"b\" "
                                     "params.qstring.device_id=\"b\" ");
    intake_audit();
}
END_TEST

START_TEST(a_bulk_waits_for_an_item_that_is_stored)
{
    struct user user;

    puppet_on("/i", wait_here, &(tally_handler){go_on});
    puppet_show("/sdk/end", "params.qstring.device_id");
    puppet_start_bulk(NOW, "[{\"device_id\":\"a\"},{\"device_id\":\"b\"}]");
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert_int_eq(puppet_visit.stage, VISIT_STORED);
    ck_assert(intake_user("a", &user));
    ck_assert(!intake_user("b", &user));
    puppet_resume();
    ck_assert_int_eq(puppet_go(), INGEST_WAITS);
    ck_assert(intake_user("b", &user));
    puppet_resume();
    ck_assert_int_eq(puppet_go(), 200);
    ck_assert_str_eq(puppet_hooks(), "next params.qstring.device_id=\"a\" "
                                     "next params.qstring.device_id=\"b\" ");
}
END_TEST

START_TEST(nothing_waits_without_a_visit)
{
    struct user user;

    puppet_on("/sdk", wait_here, &(tally_handler){go_on});
    intake_ok(NOW, "{\"app_key\":\"k1\",\"device_id\":\"a\"}");
    ck_assert(intake_user("a", &user));
}
END_TEST

static Suite *hooks_suite(void)
{
    Suite *suite = suite_create("hooks");
    const struct {
        const char *name;
        const TTest *tests[10];
    } cases[] = {
        {"order",
         {a_new_session_fires_its_hooks_in_order,
          an_end_and_an_extension_have_hooks_of_their_own,
          a_begin_that_closes_a_session_tells_so_before,
          without_an_accepted_request_nothing_fires}},
        {"payload",
         {is_new_user_tells_of_the_time_before,
          a_user_has_the_values_that_the_request_brings,
          params_have_the_properties_of_the_guide, a_merge_shows_both_users,
          views_and_consent_tell_what_they_are_about,
          the_items_of_a_bulk_say_so}},
        {"change",
         {a_cancelled_request_is_answered_and_changes_nothing,
          a_cancelled_item_is_done, what_sdk_changes_is_decided_upon,
          a_changed_event_counts_as_changed,
          an_event_that_is_none_any_more_counts_nothing,
          updates_set_properties_but_none_of_the_core}},
        {"over",
         {a_session_is_over_after_the_cooldown,
          a_session_that_is_resumed_is_not_over, a_new_session_ends_the_wait,
          a_restart_forgets_no_session,
          what_the_handlers_leave_goes_with_the_record,
          nothing_is_kept_when_nobody_listens,
          what_nobody_listens_to_any_more_goes,
          the_session_of_who_is_absorbed_is_over}},
        {"values",
         {a_metric_gets_a_derived_value,
          a_metric_that_is_appended_counts_from_then_on,
          a_plugin_counts_in_a_set_of_its_own,
          a_property_is_set_and_taken_away}},
        {"effects",
         {what_handlers_leave_is_stored_with_the_request,
          a_request_that_is_refused_takes_its_effects_along,
          explaining_calls_nobody}},
        {"waiting",
         {a_request_waits_before_it_is_decided, what_was_promised_may_cancel,
          the_answer_waits_after_the_decision,
          a_bulk_goes_on_at_the_item_that_waited,
          a_bulk_waits_for_an_item_that_is_stored,
          nothing_waits_without_a_visit}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        TCase *tcase = tcase_create(cases[i].name);
        tcase_add_checked_fixture(tcase, setup, teardown);
        for (size_t j = 0; j < 10 && cases[i].tests[j]; j++)
            tcase_add_test(tcase, cases[i].tests[j]);
        suite_add_tcase(suite, tcase);
    }
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(hooks_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
