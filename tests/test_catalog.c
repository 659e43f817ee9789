#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/catalog.h"
#include "metrics/collection.h"
#include "metrics/kind.h"

static struct catalog *catalog;
static char reason[DEFINITION_REASON_SIZE];

static void setup(void)
{
    catalog = catalog_create();
}

static void teardown(void)
{
    catalog_destroy(catalog);
}

static struct metric_definition definition(const char *db, const char *name,
                                           const char *set)
{
    return (struct metric_definition){.db = db,
                                      .name = name,
                                      .set = set,
                                      .source = METRIC_CUSTOM,
                                      .tracks_changes = true};
}

/* Puts the document of a metric as a batch would. */
static void accept(const struct metric_definition *definition, uint32_t number,
                   bool is_custom)
{
    struct batch batch;

    batch_init(&batch);
    definition_put(&batch, definition, number, is_custom);
    ck_assert_int_eq(catalog_accept(catalog, &batch), TALLY_OK);
    batch_finish(&batch);
}

static void add(const struct metric_definition *definition)
{
    accept(definition, catalog_next_number(catalog), true);
}

static unsigned count(void)
{
    return catalog_list(catalog, NULL).count;
}

START_TEST(it_begins_with_the_metrics_of_the_core_under_their_numbers)
{
    static const struct {
        const char *name;
        enum set set;
    } rows[] = {{"countries", SET_COUNTRIES},
                {"carriers", SET_CARRIERS},
                {"platforms", SET_OS},
                {"cities", SET_CITIES},
                {"languages", SET_LANGS},
                {"densities", SET_DENSITY},
                {"browsers", SET_BROWSER},
                {"browser_version", 19},
                {"sources", SET_SOURCES},
                {"sdks", SET_SDKS},
                {"manufacturers", 8},
                {"has_hinge", SET_HAS_HINGE},
                {"resolutions", SET_RESOLUTIONS}};

    ck_assert_uint_eq(count(), 17);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct metric *metric =
            catalog_by_name(catalog, text_of(rows[i].name));
        ck_assert_ptr_nonnull(metric);
        ck_assert_uint_eq(metric->set, rows[i].set);
        ck_assert_ptr_eq(catalog_by_set(catalog, rows[i].set), metric);
        ck_assert_ptr_null(metric->plugin);
        ck_assert_int_eq(metric->tracks_changes, rows[i].set != SET_CITIES);
    }
    ck_assert_ptr_null(catalog_by_set(catalog, SET_EVENTS));
    ck_assert_ptr_null(catalog_by_set(catalog, UINT32_MAX));
    ck_assert(catalog_reads(catalog, TEXT("_locale")));
    ck_assert(!catalog_reads(catalog, TEXT("_mood")));
}
END_TEST

START_TEST(what_is_added_is_found_by_all_its_names)
{
    char db[] = "weather";
    struct metric_definition mood = definition(db, "_mood", "moods");

    mood.short_code = "md";
    add(&mood);
    db[0] = 'x'; /* the catalogue has a copy */
    const struct metric *metric = catalog_by_name(catalog, TEXT("moods"));
    ck_assert_ptr_nonnull(metric);
    ck_assert_uint_eq(metric->set, SET_CUSTOM_FIRST);
    ck_assert_int_eq(metric->source, METRIC_CUSTOM);
    ck_assert_str_eq(metric->collection, "weather");
    ck_assert_ptr_eq(catalog_by_short_code(catalog, TEXT("md")), metric);
    ck_assert_ptr_eq(catalog_by_set(catalog, SET_CUSTOM_FIRST), metric);
    ck_assert_ptr_eq(catalog_find(catalog, "weather", "moods"), metric);
    ck_assert(catalog_reads(catalog, TEXT("_mood")));
    ck_assert_str_eq(collection_of_method(catalog, TEXT("weather")), "weather");
    ck_assert_uint_eq(catalog_list(catalog, "weather").count, 1);
    ck_assert_uint_eq(count(), 18);
}
END_TEST

START_TEST(what_goes_away_is_listed_nowhere_and_comes_back_with_its_number)
{
    struct metric_definition mood = definition("weather", "_mood", "moods");
    struct metric_definition next = definition("weather", "_wind", "winds");

    add(&mood);
    const struct metric *metric = catalog_by_set(catalog, SET_CUSTOM_FIRST);
    unsigned version = catalog_version(catalog);
    accept(&mood, SET_CUSTOM_FIRST, false);
    ck_assert_uint_ne(catalog_version(catalog), version);
    ck_assert(!metric_is_active(metric));
    ck_assert_ptr_null(catalog_by_name(catalog, TEXT("moods")));
    ck_assert_ptr_null(catalog_by_short_code(catalog, TEXT("moods")));
    ck_assert_ptr_null(collection_of_method(catalog, TEXT("weather")));
    ck_assert(!catalog_reads(catalog, TEXT("_mood")));
    ck_assert_uint_eq(count(), 17);
    ck_assert_ptr_eq(catalog_by_set(catalog, SET_CUSTOM_FIRST), metric);
    add(&next);
    ck_assert_uint_eq(catalog_by_name(catalog, TEXT("winds"))->set,
                      SET_CUSTOM_FIRST + 1);

    ck_assert_uint_eq(catalog_number(catalog, "weather", "moods"),
                      SET_CUSTOM_FIRST);
    accept(&mood, SET_CUSTOM_FIRST, true);
    ck_assert_ptr_eq(catalog_by_name(catalog, TEXT("moods")), metric);
    accept(&mood, SET_CUSTOM_FIRST, false);
    mood.name = "_feeling";
    accept(&mood, SET_CUSTOM_FIRST, true);
    ck_assert_str_eq(catalog_by_set(catalog, SET_CUSTOM_FIRST)->key,
                     "_feeling");
    ck_assert_str_eq(metric->key, "_mood");
}
END_TEST

static bool name_nothing(const struct metric *metric,
                         const struct params *metrics, bool is_web,
                         struct value *value, bool *is_fallback)
{
    (void)metric;
    (void)metrics;
    (void)is_web;
    (void)value;
    (void)is_fallback;
    return false;
}

START_TEST(a_plugin_brings_its_own_values)
{
    struct metric_definition mood = definition("weather", NULL, "moods");

    mood.source = METRIC_PLUGIN;
    mood.plugin = (const struct tally_plugin *)&mood;
    mood.tracks_changes = false;
    mood.value = name_nothing;
    mood.number = SET_CUSTOM_FIRST + 3;
    ck_assert_int_eq(catalog_add(catalog, &mood, reason), TALLY_OK);
    const struct metric *metric = catalog_by_name(catalog, TEXT("moods"));
    ck_assert_uint_eq(metric->set, SET_CUSTOM_FIRST + 3);
    ck_assert_ptr_eq(metric->plugin, mood.plugin);
    ck_assert_ptr_null(metric->key);
    ck_assert(metric->value == name_nothing);
    ck_assert(!metric->tracks_changes);
    ck_assert_int_eq(catalog_add(catalog, &mood, reason), TALLY_ERR_EXISTS);
}
END_TEST

START_TEST(a_set_without_a_number_cannot_be_added)
{
    struct metric_definition mood = definition("weather", "_mood", "moods");

    ck_assert_int_eq(catalog_add(catalog, &mood, reason), TALLY_ERR_NOT_FOUND);
    ck_assert_uint_eq(catalog_number(catalog, "browser", "browser_version"),
                      SET_BROWSER_VERSION);
}
END_TEST

#define LONG "a2345678901234567890123456789012345678901234567890123456789012345"

static const struct {
    struct metric_definition definition;
    const char *part; /* of the reason */
} refused[] = {
    {{.db = "a b", .name = "_x", .set = "x"}, "Invalid \"db\""},
    {{.db = LONG, .name = "_x", .set = "x"}, "Invalid \"db\""},
    {{.db = "x", .name = "9x", .set = "x"}, "Invalid \"name\""},
    {{.db = "x", .name = "_x", .set = "\xc3\xa4"}, "Invalid \"set\""},
    {{.db = "x", .name = "_x", .set = "x", .short_code = "$x"},
     "Invalid \"short_code\""},
    {{.db = "x", .name = "_x", .set = "x", .short_code = ""},
     "Missing \"short_code\""},
    {{.name = "_x", .set = "x"}, "Missing \"db\""},
    {{.db = "x", .set = "x"}, "Missing \"name\""},
    {{.db = "x", .name = "_x"}, "Missing \"set\""},
    {{.db = "events", .name = "_x", .set = "x"}, "meaning of its own"},
    {{.db = "locations", .name = "_x", .set = "x"}, "meaning of its own"},
    {{.db = "x", .name = "_ua", .set = "x"}, "meaning of its own"},
    {{.db = "x", .name = "_x", .set = "users"}, "meaning of its own"},
    {{.db = "x", .name = "_x", .set = "x", .short_code = "sc"},
     "meaning of its own"},
    {{.db = "x", .name = "_x", .set = "x", .short_code = "email"},
     "property of users"},
    {{.db = "x", .name = "_x", .set = "gender"}, "property of users"},
    {{.db = "x", .name = "_os", .set = "x"}, "\"name\" of the metric is taken"},
    {{.db = "x", .name = "_x", .set = "os"}, "\"set\" of the metric is taken"},
    {{.db = "x", .name = "_x", .set = "platforms"},
     "\"set\" of the metric is taken"},
    {{.db = "x", .name = "_x", .set = "brwv"},
     "\"set\" of the metric is taken"},
    {{.db = "x", .name = "_x", .set = "x", .short_code = "av"},
     "\"short_code\" of the metric is taken"},
    {{.db = "x", .name = "_x", .set = "x", .short_code = "langs"},
     "\"short_code\" of the metric is taken"},
    {{.db = "devices", .name = "_x", .set = "devices"}, "exists already"},
};

START_TEST(names_that_are_none_or_anothers_are_refused)
{
    struct metric_definition given = refused[_i].definition;

    bool is_taken =
        strstr(refused[_i].part, "taken") || strstr(refused[_i].part, "exists");

    given.source = METRIC_CUSTOM;
    ck_assert_int_eq(catalog_check(catalog, &given, reason),
                     is_taken ? TALLY_ERR_EXISTS : TALLY_ERR_INVALID);
    ck_assert_msg(strstr(reason, refused[_i].part) != NULL, "%s", reason);
}
END_TEST

static struct metric_definition numbered(unsigned i, char names[3][16])
{
    snprintf(names[0], 16, "db%u", i);
    snprintf(names[1], 16, "_key%u", i);
    snprintf(names[2], 16, "set%u", i);
    return definition(names[0], names[1], names[2]);
}

START_TEST(there_are_no_more_than_a_user_has_room_for)
{
    char names[3][16];
    struct metric_definition given;

    for (unsigned i = 0; i < USER_VALUES_MAX - 17; i++) {
        given = numbered(i, names);
        ck_assert_int_eq(catalog_check(catalog, &given, reason), TALLY_OK);
        add(&given);
    }
    ck_assert_uint_eq(count(), USER_VALUES_MAX);
    accept(&given, SET_CUSTOM_END - 1, false);
    given = numbered(99, names);
    ck_assert_int_eq(catalog_check(catalog, &given, reason), TALLY_ERR_FULL);
    ck_assert_ptr_nonnull(strstr(reason, "15 were added"));
    given = numbered(USER_VALUES_MAX - 18, names);
    ck_assert_int_eq(catalog_check(catalog, &given, reason), TALLY_OK);
}
END_TEST

START_TEST(what_is_defined_anew_too_often_is_refused_until_the_next_start)
{
    struct metric_definition mood = definition("weather", "_mood", "moods");
    char key[16];
    unsigned times = 0;

    mood.name = key;
    for (snprintf(key, sizeof(key), "_mood0");
         catalog_check(catalog, &mood, reason) == TALLY_OK;
         snprintf(key, sizeof(key), "_mood%u", ++times)) {
        accept(&mood, SET_CUSTOM_FIRST, true);
        ck_assert_ptr_nonnull(catalog_by_name(catalog, TEXT("moods")));
        accept(&mood, SET_CUSTOM_FIRST, false);
    }
    ck_assert_uint_eq(times, CATALOG_ENTRIES_MAX - 17);
    ck_assert_ptr_nonnull(strstr(reason, "next start"));
}
END_TEST

START_TEST(documents_that_cannot_be_read_are_corrupt)
{
    static const char *const documents[] = {
        "",
        "{}",
        "{\"number\":3,\"db\":\"a\",\"set\":\"b\"}",
        "{\"number\":79,\"db\":\"a\",\"set\":\"b\"}",
        "{\"number\":64,\"set\":\"b\"}",
    };

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        ck_assert_int_eq(catalog_load(catalog, text_of(documents[i])),
                         TALLY_ERR_CORRUPT);
    ck_assert_int_eq(catalog_load(catalog, TEXT("{\"number\":64,\"db\":\"a\","
                                                "\"set\":\"b\"}")),
                     TALLY_OK);
    ck_assert_int_eq(catalog_load(catalog, TEXT("{\"number\":64,\"db\":\"a\","
                                                "\"set\":\"c\"}")),
                     TALLY_ERR_CORRUPT);
    ck_assert_uint_eq(count(), 17);
}
END_TEST

/* A metric that has got the names of another meanwhile stays away. */
START_TEST(a_stored_metric_yields_to_those_that_are_there)
{
    ck_assert_int_eq(
        catalog_load(catalog,
                     TEXT("{\"number\":65,\"db\":\"a\",\"name\":\"_os\","
                          "\"set\":\"b\",\"custom\":true}")),
        TALLY_OK);
    ck_assert_uint_eq(count(), 17);
    ck_assert_uint_eq(catalog_number(catalog, "a", "b"), 65);
    ck_assert_uint_eq(catalog_next_number(catalog), 64);
}
END_TEST

static void *read_all(void *user)
{
    unsigned *most = user;

    while (*most < USER_VALUES_MAX) {
        struct metric_list list = catalog_list(catalog, NULL);
        ck_assert_uint_ge(list.count, *most);
        *most = list.count;
        for (unsigned i = 0; i < list.count; i++) {
            const struct metric *metric = list.at[i];
            ck_assert_ptr_eq(catalog_by_set(catalog, metric->set), metric);
            ck_assert(catalog_by_name(catalog, text_of(metric->name)) ==
                      metric);
        }
    }
    return NULL;
}

START_TEST(other_threads_read_while_the_owner_adds)
{
    pthread_t threads[2];
    unsigned most[2] = {0};
    char names[3][16];

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, read_all, &most[i]);
    for (unsigned i = 0; i < USER_VALUES_MAX - 17; i++) {
        struct metric_definition given = numbered(i, names);
        add(&given);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(most[0], USER_VALUES_MAX);
    ck_assert_uint_eq(most[1], USER_VALUES_MAX);
}
END_TEST

static Suite *catalog_suite(void)
{
    Suite *suite = suite_create("catalog");
    TCase *tcase = tcase_create("catalog");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase,
                   it_begins_with_the_metrics_of_the_core_under_their_numbers);
    tcase_add_test(tcase, what_is_added_is_found_by_all_its_names);
    tcase_add_test(
        tcase, what_goes_away_is_listed_nowhere_and_comes_back_with_its_number);
    tcase_add_test(tcase, a_plugin_brings_its_own_values);
    tcase_add_test(tcase, a_set_without_a_number_cannot_be_added);
    tcase_add_loop_test(tcase, names_that_are_none_or_anothers_are_refused, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tcase, there_are_no_more_than_a_user_has_room_for);
    tcase_add_test(
        tcase, what_is_defined_anew_too_often_is_refused_until_the_next_start);
    tcase_add_test(tcase, documents_that_cannot_be_read_are_corrupt);
    tcase_add_test(tcase, a_stored_metric_yields_to_those_that_are_there);
    tcase_add_test(tcase, other_threads_read_while_the_owner_adds);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(catalog_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
