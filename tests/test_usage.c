#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "intake.h"
#include "metrics/profile.h"
#include "metrics/value.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, DAY = 20514, HOUR = 3600, A_DAY = 86400 };

static void setup(void)
{
    intake_open(NULL);
}

static void teardown(void)
{
    intake_audit();
    intake_close();
}

#define SEND(at, did, members)    \
    intake_ok(START + (at), "%s", \
              "{\"app_key\":\"k1\",\"device_id\":\"" did "\"" members "}")

#define BEGIN ",\"begin_session\":1"
#define METRICS(members) ",\"metrics\":{" members "}"
#define VERSION(v) METRICS("\"_app_version\":\"" v "\"")
#define OS(name) METRICS("\"_os\":\"" name "\"")

static int64_t t(enum set set, const char *name, int day)
{
    return intake_day(set, name, DAY + day, CELL_T);
}

static int64_t u(enum set set, const char *name, int day)
{
    return intake_day(set, name, DAY + day, CELL_U);
}

static int64_t year(enum set set, const char *name)
{
    return intake_year(set, name, 2026, YEAR_U);
}

START_TEST(a_new_users_values_count_as_new_and_unique)
{
    SEND(0, "A", BEGIN VERSION("1.0") ",\"country_code\":\"DE\"");
    ck_assert_int_eq(t(SET_APP_VERSIONS, "1:0", 0), 1);
    ck_assert_int_eq(u(SET_APP_VERSIONS, "1:0", 0), 1);
    ck_assert_int_eq(intake_day(SET_APP_VERSIONS, "1:0", DAY, CELL_N), 1);
    ck_assert_int_eq(intake_day(SET_COUNTRIES, "DE", DAY, CELL_N), 1);
    ck_assert_int_eq(intake_year(SET_APP_VERSIONS, "1:0", 2026, YEAR_MONTH + 2),
                     1);
    ck_assert_int_eq(intake_year(SET_APP_VERSIONS, "1:0", 2026, YEAR_WEEK + 8),
                     1);
    ck_assert_int_eq(year(SET_APP_VERSIONS, "1:0"), 1);
}
END_TEST

START_TEST(a_value_that_changes_to_and_fro_counts_each_time)
{
    SEND(0, "A", BEGIN VERSION("1.0"));
    SEND(HOUR, "A", BEGIN VERSION("1.1"));
    SEND(2 * HOUR, "A", BEGIN VERSION("1.0"));
    SEND(3 * HOUR, "A", BEGIN VERSION("1.0"));
    ck_assert_int_eq(t(SET_APP_VERSIONS, "1:0", 0), 3);
    ck_assert_int_eq(u(SET_APP_VERSIONS, "1:0", 0), 2);
    ck_assert_int_eq(year(SET_APP_VERSIONS, "1:0"), 2);
    ck_assert_int_eq(u(SET_APP_VERSIONS, "1:1", 0), 1);
    ck_assert_int_eq(intake_active(SET_APP_VERSIONS, "1:0", DAY), 1);
}
END_TEST

#define SDK(version) ",\"sdk_name\":\"js\",\"sdk_version\":\"" version "\""

START_TEST(an_sdk_counts_at_a_new_session_only)
{
    SEND(0, "A", BEGIN SDK("1.0"));
    SEND(60, "A", ",\"session_duration\":60" SDK("1.1"));
    SEND(HOUR, "A", BEGIN SDK("1.0"));
    SEND(2 * HOUR, "A", BEGIN SDK("1.1"));
    SEND(3 * HOUR, "A", BEGIN);
    ck_assert_int_eq(t(SET_SDKS, "[js]_1:0", 0), 2);
    ck_assert_int_eq(u(SET_SDKS, "[js]_1:0", 0), 1);
    ck_assert_int_eq(t(SET_SDKS, "[js]_1:1", 0), 1);
    ck_assert_int_eq(u(SET_SDKS, "[js]_1:1", 0), 1);
}
END_TEST

START_TEST(a_first_report_of_a_returning_user_counts_at_all_levels)
{
    SEND(0, "A", BEGIN);
    SEND(HOUR, "A", BEGIN OS("iOS"));
    ck_assert_int_eq(u(SET_OS, "iOS", 0), 1);
    ck_assert_int_eq(year(SET_OS, "iOS"), 1);
    ck_assert_int_eq(intake_day(SET_OS, "iOS", DAY, CELL_N), 0);
}
END_TEST

START_TEST(a_known_value_counts_where_its_user_is_unique)
{
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(A_DAY, "A", BEGIN OS("iOS"));
    ck_assert_int_eq(u(SET_OS, "iOS", 1), 1);
    ck_assert_int_eq(year(SET_OS, "iOS"), 1);
    ck_assert_int_eq(intake_year(SET_OS, "iOS", 2026, YEAR_WEEK + 8), 1);
}
END_TEST

START_TEST(a_changed_country_counts_at_all_levels)
{
    SEND(0, "A", BEGIN ",\"country_code\":\"DE\"");
    SEND(HOUR, "A", BEGIN ",\"country_code\":\"FR\"");
    /* No country is a country as well. */
    SEND(2 * HOUR, "A", BEGIN);
    ck_assert_int_eq(u(SET_COUNTRIES, "FR", 0), 1);
    ck_assert_int_eq(year(SET_COUNTRIES, "FR"), 1);
    ck_assert_int_eq(u(SET_COUNTRIES, "Unknown", 0), 1);
    ck_assert_str_eq(intake_value("A", SET_COUNTRIES), "Unknown");
}
END_TEST

START_TEST(a_late_change_counts_no_user)
{
    SEND(0, "A", BEGIN OS("iOS"));
    intake_ok(
        START + 60,
        "{\"app_key\":\"k1\",\"device_id\":\"A\",\"timestamp\":%d" BEGIN OS(
            "Linux") "}",
        START - A_DAY);
    ck_assert_int_eq(t(SET_OS, "Linux", -1), 1);
    ck_assert_int_eq(u(SET_OS, "Linux", -1), 0);
    ck_assert_int_eq(year(SET_OS, "Linux"), 0);
    ck_assert_int_eq(intake_active(SET_OS, "Linux", DAY - 1), 1);
    ck_assert_str_eq(intake_value("A", SET_OS), "Linux");
}
END_TEST

START_TEST(values_without_a_new_session_are_remembered_only)
{
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(10, "A", ",\"end_session\":1");
    SEND(12, "A", BEGIN OS("Linux"));
    SEND(20, "A", OS("Windows"));
    ck_assert_int_eq(t(SET_OS, "Linux", 0), 0);
    ck_assert_str_eq(intake_value("A", SET_OS), "Windows");
    SEND(HOUR, "A", BEGIN OS("Windows"));
    ck_assert_int_eq(t(SET_OS, "Windows", 0), 1);
    ck_assert_int_eq(u(SET_OS, "Windows", 0), 0);
    ck_assert_int_eq(intake_active(SET_OS, "Windows", DAY), 1);
}
END_TEST

START_TEST(a_value_is_marked_though_the_days_first_session_left_it_out)
{
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(A_DAY, "A", BEGIN);
    SEND(A_DAY + HOUR, "A", BEGIN OS("iOS"));
    ck_assert_int_eq(t(SET_OS, "iOS", 1), 1);
    ck_assert_int_eq(intake_active(SET_OS, "iOS", DAY + 1), 1);
}
END_TEST

START_TEST(a_value_is_marked_once_a_day)
{
    size_t before;

    SEND(0, "A", BEGIN OS("iOS") ",\"city\":\"Izmir\"");
    SEND(A_DAY, "A", BEGIN OS("iOS"));
    before = engine_state(intake_engine).overlay_bytes;
    for (int i = 1; i < 8; i++)
        intake_ok(
            START + A_DAY + i * 600,
            "{\"app_key\":\"k1\",\"device_id\":\"A\"" BEGIN OS("iOS") "}");
    /* Counters and records change in place; each mark would take 8 bytes. */
    ck_assert_uint_lt(engine_state(intake_engine).overlay_bytes, before + 1024);
    ck_assert_int_eq(intake_active(SET_OS, "iOS", DAY + 1), 1);
}
END_TEST

/* The limit. */

static void set_limit(uint32_t limit)
{
    intake_tally->settings.metric_limit = limit;
}

START_TEST(a_value_past_the_limit_is_kept_as_text_and_not_counted)
{
    set_limit(2);
    SEND(0, "A", BEGIN VERSION("1.0"));
    SEND(1, "B", BEGIN VERSION("2.0"));
    SEND(2, "C", BEGIN VERSION("3.0"));
    SEND(3, "D", BEGIN VERSION("1.0"));
    ck_assert_int_eq(t(SET_APP_VERSIONS, "1:0", 0), 2);
    ck_assert_int_eq(t(SET_APP_VERSIONS, "2:0", 0), 1);
    ck_assert_int_eq(t(SET_APP_VERSIONS, "3:0", 0), 0);
    ck_assert_int_eq(intake_active(SET_APP_VERSIONS, "3:0", DAY), 0);
    ck_assert_str_eq(intake_value("C", SET_APP_VERSIONS), "3:0");
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), 4);
}
END_TEST

START_TEST(a_value_kept_as_text_counts_when_there_is_room_again)
{
    set_limit(1);
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(1, "B", BEGIN OS("Linux"));
    set_limit(0);
    SEND(HOUR, "B", BEGIN OS("Linux"));
    ck_assert_int_eq(t(SET_OS, "Linux", 0), 1);
    /* It is the value that it was: no change. */
    ck_assert_int_eq(u(SET_OS, "Linux", 0), 0);
    ck_assert_int_eq(intake_active(SET_OS, "Linux", DAY), 1);
    ck_assert_str_eq(intake_value("B", SET_OS), "Linux");
    SEND(2 * HOUR, "B", BEGIN OS("iOS"));
    ck_assert_int_eq(u(SET_OS, "iOS", 0), 2);
    ck_assert_str_eq(intake_value("B", SET_OS), "iOS");
}
END_TEST

START_TEST(the_limit_is_of_a_year)
{
    set_limit(1);
    SEND(0, "A", BEGIN OS("iOS"));
    SEND(1, "B", BEGIN OS("Linux"));
    SEND(320 * A_DAY, "B", BEGIN OS("Linux"));
    SEND(320 * A_DAY, "A", BEGIN OS("iOS"));
    ck_assert_int_eq(intake_year(SET_OS, "Linux", 2026, YEAR_T), 0);
    ck_assert_int_eq(intake_year(SET_OS, "Linux", 2027, YEAR_T), 1);
    ck_assert_int_eq(intake_year(SET_OS, "iOS", 2027, YEAR_T), 0);
}
END_TEST

/* Where the user is. */

START_TEST(cities_count_in_the_country_of_the_app_only)
{
    SEND(0, "A", BEGIN ",\"country_code\":\"TR\",\"city\":\"Izmir\"");
    SEND(1, "B", BEGIN ",\"country_code\":\"DE\",\"city\":\"Bonn\"");
    ck_assert_int_eq(t(SET_CITIES, "Izmir", 0), 1);
    ck_assert_int_eq(t(SET_CITIES, "Bonn", 0), 0);
    ck_assert_str_eq(intake_value("B", SET_CITIES), "Bonn");
    /* A changed city of a returning user counts nothing of itself. */
    SEND(HOUR, "A", BEGIN ",\"country_code\":\"TR\",\"city\":\"Bursa\"");
    ck_assert_int_eq(t(SET_CITIES, "Bursa", 0), 1);
    ck_assert_int_eq(u(SET_CITIES, "Bursa", 0), 0);
    ck_assert_int_eq(intake_active(SET_CITIES, "Bursa", DAY), 1);
}
END_TEST

START_TEST(a_city_that_begins_to_count_is_marked)
{
    SEND(0, "A", BEGIN ",\"country_code\":\"DE\",\"city\":\"Bonn\"");
    SEND(HOUR, "A", BEGIN ",\"country_code\":\"TR\",\"city\":\"Bonn\"");
    ck_assert_int_eq(t(SET_CITIES, "Bonn", 0), 1);
    ck_assert_int_eq(intake_active(SET_CITIES, "Bonn", DAY), 1);
}
END_TEST

START_TEST(who_opts_out_is_nowhere)
{
    SEND(0, "A", BEGIN ",\"country_code\":\"TR\",\"city\":\"Izmir\"");
    SEND(HOUR, "A",
         BEGIN ",\"location\":\"\",\"country_code\":\"TR\""
               ",\"city\":\"Izmir\"");
    ck_assert_int_eq(t(SET_COUNTRIES, "Unknown", 0), 1);
    ck_assert_int_eq(t(SET_COUNTRIES, "TR", 0), 1);
    ck_assert_str_eq(intake_value("A", SET_CITIES), "Unknown");
}
END_TEST

START_TEST(coordinates_alone_name_no_place)
{
    SEND(0, "A", BEGIN ",\"location\":\"41.0,29.0\"");
    ck_assert_int_eq(t(SET_COUNTRIES, "Unknown", 0), 1);
    ck_assert_str_eq(intake_value("A", SET_CITIES), "Unknown");
}
END_TEST

START_TEST(places_are_not_looked_at_when_switched_off)
{
    intake_tally->settings.city_data = false;
    SEND(0, "A", BEGIN ",\"country_code\":\"TR\",\"city\":\"Izmir\"");
    ck_assert_int_eq(t(SET_COUNTRIES, "TR", 0), 1);
    ck_assert_str_eq(intake_value("A", SET_CITIES), "Unknown");
    ck_assert_int_eq(t(SET_CITIES, "Unknown", 0), 0);
    intake_tally->settings.country_data = false;
    SEND(0, "B", BEGIN ",\"country_code\":\"TR\",\"city\":\"Izmir\"");
    ck_assert_int_eq(t(SET_COUNTRIES, "TR", 0), 1);
    ck_assert_int_eq(t(SET_COUNTRIES, "Unknown", 0), 1);
}
END_TEST

START_TEST(a_country_without_a_begin_changes_nothing)
{
    SEND(0, "A", BEGIN ",\"country_code\":\"TR\"");
    SEND(10, "A", ",\"country_code\":\"DE\"");
    ck_assert_str_eq(intake_value("A", SET_COUNTRIES), "TR");
}
END_TEST

START_TEST(a_source_is_the_system_as_long_as_there_is_none)
{
    SEND(0, "A", BEGIN OS("iOS"));
    ck_assert_int_eq(t(SET_SOURCES, "iOS", 0), 1);
    SEND(HOUR, "A",
         BEGIN METRICS("\"_os\":\"iOS\",\"_store\":\"com.example\""));
    ck_assert_int_eq(t(SET_SOURCES, "com&#46;example", 0), 1);
    SEND(2 * HOUR, "A", BEGIN OS("Linux"));
    ck_assert_int_eq(t(SET_SOURCES, "Linux", 0), 0);
    ck_assert_str_eq(intake_value("A", SET_SOURCES), "com&#46;example");
}
END_TEST

START_TEST(metrics_that_are_no_object_are_ignored)
{
    SEND(0, "A", BEGIN ",\"metrics\":\"no json\"");
    SEND(1, "B", BEGIN ",\"metrics\":[1]");
    SEND(2, "C",
         BEGIN ",\"metrics\":\"{\\\"_os\\\":\\\"iOS\\\","
               "\\\"_mine\\\":\\\"x\\\"}\"");
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), 3);
    ck_assert_int_eq(t(SET_OS, "iOS", 0), 1);
}
END_TEST

/* Knows one address, and how often it was asked. */
struct gazetteer {
    struct whereabouts place;
    unsigned questions;
};

/* The device, or for now what it runs on. */
static bool name_thing(const struct metric *metric,
                       const struct params *metrics, bool is_web,
                       struct value *value, bool *is_fallback)
{
    (void)is_web;
    ck_assert_str_eq(metric->context, "context");
    *is_fallback = !value_of(metrics, metric->key, value);
    return !*is_fallback || value_of(metrics, "_os", value);
}

static const struct metric_definition thing = {.db = "things",
                                               .name = "_thing",
                                               .set = "thing",
                                               .alias = "objects",
                                               .source = METRIC_PLUGIN,
                                               .value = name_thing,
                                               .context = "context"};

#define SET_THING SET_CUSTOM_FIRST

static void add_thing(void)
{
    char reason[DEFINITION_REASON_SIZE];

    ck_assert_int_eq(tally_add_metric(intake_tally, &thing, reason), TALLY_OK);
}

START_TEST(a_metric_may_name_its_values_and_not_track_changes)
{
    add_thing();
    SEND(0, "A", BEGIN METRICS("\"_thing\":\"lamp\""));
    SEND(HOUR, "A", BEGIN METRICS("\"_thing\":\"door\""));
    SEND(HOUR, "B", BEGIN OS("Android"));
    SEND(2 * HOUR, "A", BEGIN OS("iOS"));
    SEND(A_DAY, "A", BEGIN METRICS("\"_thing\":\"lamp\""));
    ck_assert_int_eq(u(SET_THING, "lamp", 0), 1);
    ck_assert_int_eq(t(SET_THING, "door", 0), 1);
    ck_assert_int_eq(u(SET_THING, "door", 0), 0);
    ck_assert_int_eq(t(SET_THING, "Android", 0), 1);
    ck_assert_int_eq(t(SET_THING, "iOS", 0), 0);
    ck_assert_int_eq(u(SET_THING, "lamp", 1), 1);
    ck_assert_int_eq(intake_active(SET_THING, "door", DAY), 1);
}
END_TEST

START_TEST(a_metric_has_its_number_back_when_it_is_added_again)
{
    static const struct metric_definition other = {.db = "others",
                                                   .name = "_other",
                                                   .set = "other",
                                                   .source = METRIC_CONFIG,
                                                   .tracks_changes = true};
    char reason[DEFINITION_REASON_SIZE];

    add_thing();
    SEND(0, "A", BEGIN METRICS("\"_thing\":\"lamp\""));
    intake_reopen();
    ck_assert_ptr_null(catalog_by_set(intake_tally->catalog, SET_THING));
    SEND(HOUR, "B", BEGIN METRICS("\"_thing\":\"lamp\""));
    intake_audit();
    ck_assert_int_eq(tally_add_metric(intake_tally, &other, reason), TALLY_OK);
    add_thing();
    SEND(2 * HOUR, "C", BEGIN METRICS("\"_thing\":\"lamp\",\"_other\":\"x\""));
    ck_assert_int_eq(t(SET_THING, "lamp", 0), 2);
    ck_assert_int_eq(t(SET_THING + 1, "x", 0), 1);
    ck_assert_str_eq(
        catalog_by_name(intake_tally->catalog, TEXT("objects"))->name, "thing");
    ck_assert_int_eq(tally_add_metric(intake_tally, &thing, reason),
                     TALLY_ERR_EXISTS);
}
END_TEST

static void look_up(void *user, struct text address, struct whereabouts *place)
{
    struct gazetteer *gazetteer = user;

    gazetteer->questions++;
    if (text_is(address, "192.0.2.1"))
        *place = gazetteer->place;
}

static struct gazetteer gazetteer;

static void know(const char *country, const char *city, const char *region,
                 const char *coordinates)
{
    gazetteer = (struct gazetteer){.place = {.country = text_of(country),
                                             .city = text_of(city),
                                             .region = text_of(region)}};
    snprintf(gazetteer.place.coordinates, sizeof(gazetteer.place.coordinates),
             "%s", coordinates);
    intake_tally->atlas = (struct atlas){look_up, &gazetteer};
}

#define FROM(ip) ",\"ip_address\":\"" ip "\""
#define HERE FROM("192.0.2.1")

static void is_remembered(const char *did, const char *coordinates,
                          const char *region)
{
    struct key key = key_user(INTAKE_APP, intake_ordinal(did));
    struct arena *arena = arena_create(1 << 16);
    struct profile profile;
    struct text record;

    ck_assert_int_eq(
        engine_get(intake_engine, TABLE_COLD, key_text(&key), &record),
        TALLY_OK);
    ck_assert_int_eq(profile_read(record, arena, &profile), TALLY_OK);
    ck_assert_msg(text_is(profile.loc, coordinates), "%.*s",
                  (int)profile.loc.len, profile.loc.at);
    ck_assert_msg(text_is(profile.rgn, region), "%.*s", (int)profile.rgn.len,
                  profile.rgn.at);
    arena_destroy(arena);
}

START_TEST(the_atlas_completes_a_place_and_is_asked_when_a_session_begins)
{
    know("TR", "Ankara", "06", "39.9,32.8");
    SEND(0, "A", BEGIN HERE);
    ck_assert_str_eq(intake_value("A", SET_COUNTRIES), "TR");
    ck_assert_int_eq(t(SET_CITIES, "Ankara", 0), 1);
    is_remembered("A", "39.9,32.8", "06");
    SEND(10, "A", HERE);
    SEND(20, "A", HERE ",\"session_duration\":10");
    ck_assert_uint_eq(gazetteer.questions, 1);
    SEND(60, "B", BEGIN FROM("192.0.2.2"));
    ck_assert_str_eq(intake_value("B", SET_COUNTRIES), "Unknown");
    ck_assert_uint_eq(gazetteer.questions, 2);
    SEND(90, "C", BEGIN HERE ",\"country_code\":\"TR\",\"city\":\"Van\"");
    SEND(95, "D", BEGIN HERE ",\"location\":\"\"");
    ck_assert_str_eq(intake_value("D", SET_COUNTRIES), "Unknown");
    ck_assert_uint_eq(gazetteer.questions, 2);
}
END_TEST

START_TEST(what_the_client_says_of_its_place_wins)
{
    know("TR", "Ankara", "06", "39.9,32.8");
    SEND(0, "A", BEGIN HERE ",\"location\":\"1,2\",\"region\":\"X\"");
    is_remembered("A", "1,2", "X");
    ck_assert_str_eq(intake_value("A", SET_CITIES), "Ankara");
    SEND(0, "B", BEGIN HERE ",\"city\":\"Van\"");
    ck_assert_str_eq(intake_value("B", SET_CITIES), "Van");
    ck_assert_str_eq(intake_value("B", SET_COUNTRIES), "TR");
    SEND(0, "C", BEGIN HERE ",\"country_code\":\"DE\"");
    ck_assert_str_eq(intake_value("C", SET_COUNTRIES), "DE");
    ck_assert_str_eq(intake_value("C", SET_CITIES), "Unknown");
    is_remembered("C", "", "");
}
END_TEST

START_TEST(coordinates_stay_until_the_user_is_elsewhere)
{
    know("TR", "Ankara", "06", "39.9,32.8");
    SEND(0, "A", BEGIN HERE ",\"location\":\"1,2\"");
    SEND(HOUR, "A", BEGIN HERE);
    is_remembered("A", "1,2", "06");
    know("TR", "Van", "", "");
    SEND(2 * HOUR, "A", BEGIN HERE);
    is_remembered("A", "", "");
    ck_assert_int_eq(t(SET_CITIES, "Van", 0), 1);
}
END_TEST

START_TEST(the_atlas_is_not_asked_for_what_is_not_wanted)
{
    know("TR", "Ankara", "06", "39.9,32.8");
    intake_tally->settings.city_data = false;
    SEND(0, "A", BEGIN HERE);
    ck_assert_str_eq(intake_value("A", SET_COUNTRIES), "TR");
    ck_assert_str_eq(intake_value("A", SET_CITIES), "Unknown");
    is_remembered("A", "", "");
    intake_tally->settings.country_data = false;
    SEND(0, "B", BEGIN HERE);
    ck_assert_str_eq(intake_value("B", SET_COUNTRIES), "Unknown");
    ck_assert_uint_eq(gazetteer.questions, 1);
}
END_TEST

static Suite *usage_suite(void)
{
    Suite *suite = suite_create("usage");
    TCase *values = tcase_create("values");
    TCase *places = tcase_create("places");

    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_checked_fixture(places, setup, teardown);
    tcase_set_timeout(values, 60);
    tcase_set_timeout(places, 60);
    tcase_add_test(values, a_new_users_values_count_as_new_and_unique);
    tcase_add_test(values, a_value_that_changes_to_and_fro_counts_each_time);
    tcase_add_test(values,
                   a_first_report_of_a_returning_user_counts_at_all_levels);
    tcase_add_test(values, an_sdk_counts_at_a_new_session_only);
    tcase_add_test(values, a_known_value_counts_where_its_user_is_unique);
    tcase_add_test(values, a_changed_country_counts_at_all_levels);
    tcase_add_test(values, a_late_change_counts_no_user);
    tcase_add_test(values, values_without_a_new_session_are_remembered_only);
    tcase_add_test(values,
                   a_value_is_marked_though_the_days_first_session_left_it_out);
    tcase_add_test(values, a_value_is_marked_once_a_day);
    tcase_add_test(values,
                   a_value_past_the_limit_is_kept_as_text_and_not_counted);
    tcase_add_test(values,
                   a_value_kept_as_text_counts_when_there_is_room_again);
    tcase_add_test(values, the_limit_is_of_a_year);
    tcase_add_test(values, metrics_that_are_no_object_are_ignored);
    tcase_add_test(values, a_metric_may_name_its_values_and_not_track_changes);
    tcase_add_test(values, a_metric_has_its_number_back_when_it_is_added_again);
    suite_add_tcase(suite, values);
    tcase_add_test(places, cities_count_in_the_country_of_the_app_only);
    tcase_add_test(places, a_city_that_begins_to_count_is_marked);
    tcase_add_test(places, who_opts_out_is_nowhere);
    tcase_add_test(places, coordinates_alone_name_no_place);
    tcase_add_test(places, places_are_not_looked_at_when_switched_off);
    tcase_add_test(places, a_country_without_a_begin_changes_nothing);
    tcase_add_test(places, a_source_is_the_system_as_long_as_there_is_none);
    tcase_add_test(
        places, the_atlas_completes_a_place_and_is_asked_when_a_session_begins);
    tcase_add_test(places, what_the_client_says_of_its_place_wins);
    tcase_add_test(places, coordinates_stay_until_the_user_is_elsewhere);
    tcase_add_test(places, the_atlas_is_not_asked_for_what_is_not_wanted);
    suite_add_tcase(suite, places);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(usage_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
