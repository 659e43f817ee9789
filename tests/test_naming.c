#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/naming.h"

enum { MANY = 20000 };

static struct catalog *catalog;
static struct namings *namings;
static struct arena *arena;

static void setup(void)
{
    catalog = catalog_create();
    namings = namings_create(catalog);
    arena = arena_create(1 << 20);
}

static void teardown(void)
{
    arena_destroy(arena);
    namings_destroy(namings);
    catalog_destroy(catalog);
}

static const struct naming *find(struct text metrics, bool is_web)
{
    arena_reset(arena);
    struct named_by by = {.metrics = metrics, .is_web = is_web};

    return namings_find(namings, arena, &by);
}

/* The name of the set's value; empty when it has none. */
static struct text name_of(const struct naming *naming, enum set set)
{
    for (unsigned i = 0; i < naming->count; i++) {
        if (naming->values[i].metric->set == set)
            return naming->values[i].text;
    }
    return (struct text){0};
}

static bool is_fallback(const struct naming *naming, enum set set)
{
    for (unsigned i = 0; i < naming->count; i++) {
        if (naming->values[i].metric->set == set)
            return naming->values[i].is_fallback;
    }
    return false;
}

START_TEST(values_are_named_the_first_time_and_again)
{
    for (int i = 0; i < 3; i++) {
        const struct naming *naming =
            find(TEXT("{\"_os\":\"Android\",\"_os_version\":\"14\","
                      "\"_app_version\":\"2\",\"_device\":\"Pixel 8.1\"}"),
                 false);
        ck_assert_uint_eq(naming->count, 5);
        ck_assert(text_is(name_of(naming, SET_OS), "Android"));
        ck_assert(text_is(name_of(naming, SET_OS_VERSIONS), "a14"));
        ck_assert(text_is(name_of(naming, SET_APP_VERSIONS), "2:0"));
        ck_assert(text_is(name_of(naming, SET_DEVICES), "Pixel 8:1"));
    }
}
END_TEST

START_TEST(the_store_is_no_fallback_but_the_system_is)
{
    const struct naming *naming = find(TEXT("{\"_os\":\"iOS\"}"), false);

    ck_assert(text_is(name_of(naming, SET_SOURCES), "iOS"));
    ck_assert(is_fallback(naming, SET_SOURCES));
    naming = find(TEXT("{\"_os\":\"iOS\",\"_store\":\"shop\"}"), false);
    ck_assert(text_is(name_of(naming, SET_SOURCES), "shop"));
    ck_assert(!is_fallback(naming, SET_SOURCES));
    ck_assert(!is_fallback(naming, SET_OS));
}
END_TEST

START_TEST(on_the_web_a_source_is_a_page_and_never_the_system)
{
    struct text metrics = TEXT("{\"_os\":\"iOS\",\"_store\":"
                               "\"https://www.example.com/a/?_ga=1\"}");

    ck_assert(text_is(name_of(find(metrics, true), SET_SOURCES),
                      "example&#46;com/a"));
    ck_assert(text_is(name_of(find(metrics, false), SET_SOURCES),
                      "https://www&#46;example&#46;com/a/?_ga=1"));
    const struct naming *naming = find(TEXT("{\"_os\":\"iOS\"}"), true);
    ck_assert_uint_eq(name_of(naming, SET_SOURCES).len, 0);
    ck_assert(text_is(name_of(naming, SET_OS), "iOS"));
    naming = find(TEXT("{\"_store\":{\"a\":1}}"), true);
    ck_assert_uint_eq(naming->count, 0);
}
END_TEST

START_TEST(an_app_for_the_web_names_its_browsers_in_its_own_way)
{
    struct text metrics =
        TEXT("{\"_browser\":\"Firefox\",\"_browser_version\":\"128\"}");

    for (int i = 0; i < 2; i++) {
        ck_assert(
            text_is(name_of(find(metrics, false), SET_BROWSER_VERSION), "128"));
        ck_assert(text_is(name_of(find(metrics, true), SET_BROWSER_VERSION),
                          "[firefox]_128"));
    }
}
END_TEST

START_TEST(what_is_no_object_names_nothing)
{
    ck_assert_uint_eq(find(TEXT(""), false)->count, 0);
    ck_assert_uint_eq(find(TEXT("[]"), false)->count, 0);
    ck_assert_uint_eq(find(TEXT("{\"_os\":\"iOS\""), false)->count, 0);
    ck_assert_uint_eq(find(TEXT("{\"_os\":\"iOS\"} x"), false)->count, 0);
}
END_TEST

START_TEST(many_texts_keep_their_own_names)
{
    for (int i = 0; i < 2 * MANY; i++) {
        char metrics[64];
        char device[32];
        snprintf(device, sizeof(device), "Model %d", i % MANY);
        snprintf(metrics, sizeof(metrics), "{\"_device\":\"%s\"}", device);
        const struct naming *naming = find(text_of(metrics), false);
        ck_assert_uint_eq(naming->count, 1);
        ck_assert(text_is(naming->values[0].text, device));
    }
}
END_TEST

START_TEST(long_texts_are_named_too)
{
    enum { PADDING = 100000 };
    char *metrics = malloc(PADDING + 64);
    int len = sprintf(metrics, "{\"_os\":\"iOS\",\"x\":\"%0*d\"}", PADDING, 0);

    for (int i = 0; i < 2; i++) {
        const struct naming *naming =
            find((struct text){metrics, (size_t)len}, false);
        ck_assert(text_is(name_of(naming, SET_OS), "iOS"));
    }
    free(metrics);
}
END_TEST

START_TEST(what_had_no_room_is_not_taken_for_no_names)
{
    struct text metrics = TEXT("{\"_os\":\"iOS\"}");
    struct named_by by = {.metrics = metrics};
    struct arena *small = arena_create(16);

    ck_assert_uint_eq(namings_find(namings, small, &by)->count, 0);
    ck_assert(text_is(name_of(find(metrics, false), SET_OS), "iOS"));
    arena_destroy(small);
}
END_TEST

#define AGENT_RULES                                     \
    "user_agent_parsers:\n  - regex: '(Leaf)/(\\d+)'\n" \
    "os_parsers:\n  - regex: '(Garden) (\\d+)'\n"       \
    "device_parsers:\n  - regex: '(Pot) Build'\n"

static struct agents *agents;

static void read_agents(void)
{
    char reason[AGENT_REASON_SIZE];

    ck_assert_int_eq(agents_create(TEXT(AGENT_RULES), &agents, reason),
                     TALLY_OK);
    namings_read_agents(namings, agents);
}

static const struct naming *find_web(const char *metrics,
                                     const char *user_agent, bool begins)
{
    struct named_by by = {.metrics = text_of(metrics),
                          .user_agent = text_of(user_agent),
                          .is_web = true,
                          .begins = begins};

    arena_reset(arena);
    return namings_find(namings, arena, &by);
}

START_TEST(what_is_missing_is_read_off_the_user_agent)
{
    read_agents();
    for (int i = 0; i < 2; i++) {
        const struct naming *naming =
            find_web("{}", "Garden 7 Pot Build Leaf/3", true);
        ck_assert_uint_eq(naming->count, 5);
        ck_assert(text_is(name_of(naming, SET_BROWSER), "Leaf"));
        ck_assert(text_is(name_of(naming, SET_BROWSER_VERSION), "[leaf]_3"));
        ck_assert(text_is(name_of(naming, SET_OS), "Garden"));
        ck_assert(text_is(name_of(naming, SET_OS_VERSIONS), "g7"));
        ck_assert(text_is(name_of(naming, SET_DEVICES), "Pot"));
    }
    const struct naming *naming =
        find_web("{\"_os\":\"Yard\",\"_browser\":null,\"_device\":\"\"}",
                 "Garden 7 Leaf/3", true);
    ck_assert(text_is(name_of(naming, SET_OS), "Yard"));
    ck_assert(text_is(name_of(naming, SET_OS_VERSIONS), "y7"));
    ck_assert(text_is(name_of(naming, SET_BROWSER), "Leaf"));
    ck_assert(text_is(name_of(naming, SET_DEVICES), "Unknown"));
    agents_destroy(agents);
}
END_TEST

START_TEST(the_user_agent_of_the_metrics_wins)
{
    read_agents();
    const struct naming *naming =
        find_web("{\"_ua\":\"Leaf/4\"}", "Leaf/5", true);
    ck_assert(text_is(name_of(naming, SET_BROWSER_VERSION), "[leaf]_4"));
    naming = find_web("{\"_ua\":\"\"}", "Leaf/5", true);
    ck_assert(text_is(name_of(naming, SET_BROWSER_VERSION), "[leaf]_5"));
    agents_destroy(agents);
}
END_TEST

START_TEST(names_are_kept_by_the_user_agent_too)
{
    read_agents();
    for (int i = 0; i < 3; i++) {
        ck_assert(text_is(
            name_of(find_web("{}", "Leaf/1", true), SET_BROWSER_VERSION),
            "[leaf]_1"));
        ck_assert(text_is(
            name_of(find_web("{}", "Leaf/2", true), SET_BROWSER_VERSION),
            "[leaf]_2"));
        ck_assert_uint_eq(find_web("{}", "", true)->count, 0);
        ck_assert_uint_eq(find_web("{}", "Leaf/1", false)->count, 0);
        ck_assert_uint_eq(find_web("{\"_ua\":\"Leaf/1\"}", "", false)->count,
                          0);
        ck_assert_uint_eq(find_web("{\"_ua\":\"Leaf/1\"}", "", true)->count, 4);
        ck_assert_uint_eq(find(TEXT("{\"_ua\":\"Leaf/1\"}"), false)->count, 0);
    }
    agents_destroy(agents);
}
END_TEST

START_TEST(nothing_is_read_without_rules)
{
    ck_assert_uint_eq(find_web("{\"_ua\":\"Leaf/1\"}", "Leaf/2", true)->count,
                      0);
}
END_TEST

START_TEST(what_is_kept_is_forgotten_when_the_catalogue_changes)
{
    static const struct text metrics =
        TEXT_INIT("{\"_os\":\"Android\",\"_mood\":\"good\"}");
    struct metric_definition mood = {.db = "moods",
                                     .name = "_mood",
                                     .set = "moods",
                                     .source = METRIC_PLUGIN,
                                     .number = SET_CUSTOM_FIRST};
    char reason[DEFINITION_REASON_SIZE];

    ck_assert_uint_eq(find(metrics, false)->unknown, 1);
    ck_assert_int_eq(catalog_add(catalog, &mood, reason), TALLY_OK);
    const struct naming *naming = find(metrics, false);
    ck_assert_uint_eq(naming->unknown, 0);
    ck_assert(text_is(name_of(naming, (enum set)SET_CUSTOM_FIRST), "good"));
}
END_TEST

static Suite *naming_suite(void)
{
    Suite *suite = suite_create("naming");
    TCase *tcase = tcase_create("naming");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, values_are_named_the_first_time_and_again);
    tcase_add_test(tcase, on_the_web_a_source_is_a_page_and_never_the_system);
    tcase_add_test(tcase, the_store_is_no_fallback_but_the_system_is);
    tcase_add_test(tcase, an_app_for_the_web_names_its_browsers_in_its_own_way);
    tcase_add_test(tcase, what_is_no_object_names_nothing);
    tcase_add_test(tcase, many_texts_keep_their_own_names);
    tcase_add_test(tcase, long_texts_are_named_too);
    tcase_add_test(tcase, what_is_missing_is_read_off_the_user_agent);
    tcase_add_test(tcase, the_user_agent_of_the_metrics_wins);
    tcase_add_test(tcase, names_are_kept_by_the_user_agent_too);
    tcase_add_test(tcase, nothing_is_read_without_rules);
    tcase_add_test(tcase, what_had_no_room_is_not_taken_for_no_names);
    tcase_add_test(tcase, what_is_kept_is_forgotten_when_the_catalogue_changes);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(naming_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
