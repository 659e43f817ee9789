/* What the plugins of the program name and answer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/plugin_builtin.h"
#include "metrics/call.h"
#include "metrics/country.h"
#include "metrics/naming.h"

enum { ARENA_SIZE = 1 << 20 };

static struct plugins *plugins;
static struct catalog *catalog;
static struct namings *namings;
static struct arena *arena;

static void setup(void)
{
    plugins = plugin_builtin_create(TEXT(""));
    catalog = catalog_create();
    plugin_builtin_add_metrics(plugins, catalog);
    namings = namings_create(catalog);
    arena = arena_create(ARENA_SIZE);
}

static void teardown(void)
{
    arena_destroy(arena);
    namings_destroy(namings);
    catalog_destroy(catalog);
    plugins_destroy(plugins);
}

/* --- values --- */

/* Of the metric that has this key; empty: none. */
static struct text name_of(const char *metrics, bool is_web, const char *key)
{
    struct named_by by = {.metrics = text_of(metrics), .is_web = is_web};
    const struct naming *naming = namings_find(namings, arena, &by);

    for (unsigned i = 0; i < naming->count; i++) {
        const struct metric *metric = naming->values[i].metric;
        if (metric->key && strcmp(metric->key, key) == 0)
            return naming->values[i].text;
    }
    return (struct text){NULL, 0};
}

static void expect(const char *metrics, bool is_web, const char *key,
                   const char *expected)
{
    struct text name = name_of(metrics, is_web, key);

    ck_assert_msg(text_is(name, expected ? expected : ""),
                  "%s of %s is '%.*s', not '%s'", key, metrics, (int)name.len,
                  name.len > 0 ? name.at : "", expected ? expected : "");
}

static const struct {
    const char *metrics;
    const char *key;
    const char *value; /* NULL: none */
} values[] = {
    {"{\"_os\":\"Android\",\"_density\":\"2\"}", "_density", "a2"},
    {"{\"_os\":\"iOS\",\"_density\":\"@2x\"}", "_density", "i@2x"},
    {"{\"_density\":\"MDPI\"}", "_density", "MDPI"},
    {"{\"_locale\":\"en_US\"}", "_lang", "en"},
    {"{\"_locale\":\"EN-gb\"}", "_lang", "en"},
    {"{\"_locale\":\"pt\"}", "_lang", "pt"},
    {"{\"_locale\":\"zho\"}", "_lang", "zho"},
    {"{\"_locale\":\"zh_CN\"}", "_lang", "zh_hans"},
    {"{\"_locale\":\"zh-SG\"}", "_lang", "zh_hans"},
    {"{\"_locale\":\"zh-Hans-HK\"}", "_lang", "zh_hans"},
    {"{\"_locale\":\"zh_TW\"}", "_lang", "zh_hant"},
    {"{\"_locale\":\"zh_HK\"}", "_lang", "zh_hant"},
    {"{\"_locale\":\"zh_MO\"}", "_lang", "zh_hant"},
    {"{\"_locale\":\"zh_Hant_CN\"}", "_lang", "zh_hant"},
    {"{\"_locale\":\"zh\"}", "_lang", NULL},
    {"{\"_locale\":\"_US\"}", "_lang", NULL},
    {"{\"_lang\":\"de\"}", "_lang", "de"},
    {"{}", "_lang", NULL},
    {"{\"_store\":\"com.android.vending\"}", "_store",
     "com&#46;android&#46;vending"},
    {"{\"_store\":\"$x.y\"}", "_store", "&#36;x&#46;y"},
    {"{\"_store\":\"x$\"}", "_store", "x$"},
    {"{\"_store\":\"\"}", "_store", NULL},
    {"{\"_os\":\"Fuchsia\",\"_density\":1.50}", "_density", "f1:5"},
    {"{\"_os\":\"\u00d6S\",\"_density\":\"x\"}", "_density", "\u00f6x"},
    {"{\"_density\":0}", "_density", NULL},
    {"{\"_browser\":\"Chrome\"}", "_browser", "Chrome"},
    {"{\"_browser\":\"Chrome\",\"_browser_version\":\"121.0\"}",
     "_browser_version", "121:0"},
};

START_TEST(a_metric_has_its_name)
{
    expect(values[_i].metrics, false, values[_i].key, values[_i].value);
}
END_TEST

static const struct {
    const char *metrics;
    const char *value;
} browsers[] = {
    {"{\"_browser\":\"Chrome\",\"_browser_version\":\"121.0.0\"}",
     "[chrome]_121:0:0"},
    {"{\"_browser\":\"\u00d6KO\",\"_browser_version\":1}", "[\u00f6ko]_1"},
    {"{\"_browser\":\"Chrome\"}", NULL},
    {"{\"_browser_version\":\"121\"}", NULL},
};

START_TEST(on_the_web_a_browser_is_named_with_its_version)
{
    expect(browsers[_i].metrics, true, "_browser_version", browsers[_i].value);
}
END_TEST

/* Values of 1..4 bytes a character, moved along the limit. */
static const char *const characters[] = {"a", "\u00e4", "\u20ac", "\U0001f600"};

START_TEST(a_value_is_cut_between_characters)
{
    enum { SIZE = 1200 };
    static const char *const keys[] = {"_density", "_browser_version",
                                       "_store"};
    const char *character = characters[_i];

    for (size_t key = 0; key < 3; key++) {
        for (size_t shift = 0; shift < 5; shift++) {
            char metrics[SIZE + 64];
            size_t len = (size_t)sprintf(metrics, "{\"%s\":\"%.*s", keys[key],
                                         (int)shift, "xxxxx");
            while (len < SIZE)
                len += (size_t)sprintf(metrics + len, "%s", character);
            strcpy(metrics + len, "\"}");
            struct text name = name_of(metrics, false, keys[key]);
            ck_assert_uint_le(name.len, TALLY_VALUE_MAX);
            ck_assert_uint_gt(name.len, TALLY_VALUE_MAX - strlen(character));
            ck_assert_uint_eq((name.len - shift) % strlen(character), 0);
        }
    }
}
END_TEST

START_TEST(a_long_source_is_cut_too)
{
    char dots[301];
    char metrics[400];

    memset(dots, '.', sizeof(dots) - 1);
    dots[sizeof(dots) - 1] = '\0';
    sprintf(metrics, "{\"_store\":\"%s\"}", dots);
    struct text name = name_of(metrics, false, "_store");
    ck_assert_uint_eq(name.len, TALLY_VALUE_MAX);
    ck_assert_mem_eq(name.at + TALLY_VALUE_MAX - 5, "&#46;", 5);
}
END_TEST

/* --- pages --- */

static const struct {
    const char *url;
    const char *page;
} pages[] = {
    {"https://", ""},
    {"http://example.com", "example.com"},
    {"HTTPS://www.example.com/", "example.com"},
    {"www.example.com//", "example.com"},
    {"https://shop.www.example.com/a", "shop.www.example.com/a"},
    {"android-app://com.google.android.gm/", "com.google.android.gm"},
    {"/a/b", "/a/b"},
    {"localhost:8080/a/", "localhost:8080/a"},
    {"https://example.com/a?b=1&c", "example.com/a?b=1&c"},
    {"https://example.com/?b=1", "example.com/?b=1"},
    {"https://example.com/a/?", "example.com/a"},
    {"https://example.com/a?&&b=1&", "example.com/a?b=1"},
    {"https://example.com/a?_ga=1.2", "example.com/a"},
    {"https://example.com/a/?utm_source=x&utm_campaign=y", "example.com/a"},
    {"https://example.com/a?_ga=1&b=2&utm_id=3&c=4", "example.com/a?b=2&c=4"},
    {"https://example.com/?_gat=1&utmost=2&_ga",
     "example.com/?_gat=1&utmost=2"},
    {"https://example.com/?next=https://a.b/", "example.com/?next=https://a.b"},
    {"http://www.google.com/search?q=countly", "google.com/search?q=countly"},
    {"https://www.google.co.uk/search?hl=en&q=a+b&sa=X",
     "google.co.uk/search?q=a+b"},
    {"https://www.Google.com/", "Google.com"},
    {"https://images.google.de/imgres?imgurl=x", "images.google.de/imgres"},
    {"https://de.search.yahoo.com/search;_y=A?p=a&fr=b",
     "de.search.yahoo.com/search;_y=A?p=a"},
    {"https://yandex.ru/search/?text=a&lr=2", "yandex.ru/search/?text=a"},
    {"https://www.baidu.com:443/s?ie=utf-8&wd=a", "baidu.com:443/s?wd=a"},
    {"https://example.google/?b=1", "example.google/?b=1"},
    {"https://example.com/google.com/?b=1", "example.com/google.com/?b=1"},
    {"https://notgoogle.com/?b=1", "notgoogle.com/?b=1"},
};

/* As a source is counted: with dots as character references. */
static void write_source(char *source, const char *page)
{
    for (; *page; page++)
        source += sprintf(source, *page == '.' ? "&#46;" : "%c", *page);
    *source = '\0';
}

START_TEST(a_page_is_named_without_what_differs_from_visitor_to_visitor)
{
    char metrics[256];
    char source[512] = "";

    sprintf(metrics, "{\"_store\":\"%s\"}", pages[_i].url);
    write_source(source, pages[_i].page);
    expect(metrics, true, "_store", source);
}
END_TEST

START_TEST(a_long_page_is_cut)
{
    char metrics[2048] = "{\"_store\":\"";
    size_t len = strlen(metrics);

    memset(metrics + len, 'a', 1500);
    memcpy(metrics + len + 1000, "?b=", 3);
    strcpy(metrics + len + 1500, "\"}");
    ck_assert_uint_eq(name_of(metrics, true, "_store").len, TALLY_VALUE_MAX);
}
END_TEST

/* --- answers --- */

static struct {
    char body[1 << 16];
    int status;
    tally_rename_fn rename;
    enum tally_right right;
    char feature[32];
    char set[32];
} answered;

static int reply(struct tally_call *call, int status, const char *content_type,
                 struct text body)
{
    (void)call;
    (void)content_type;
    ck_assert_uint_lt(body.len, sizeof(answered.body));
    memcpy(answered.body, body.at, body.len);
    answered.body[body.len] = '\0';
    answered.status = status;
    return 0;
}

static int let_in(struct tally_call *call, enum tally_right right,
                  const char *feature, tally_handler next, void *user)
{
    answered.right = right;
    snprintf(answered.feature, sizeof(answered.feature), "%s", feature);
    return next(call, user);
}

static int fetch_values(struct tally_call *call, const char *db,
                        const char *set, tally_rename_fn rename)
{
    (void)call;
    snprintf(answered.set, sizeof(answered.set), "%s %s", db, set);
    answered.rename = rename;
    return 0;
}

static void ask(struct text path)
{
    static const struct call_door door = {
        .reply = reply, .validate = let_in, .fetch_values = fetch_values};
    struct tally_call call = {.arena = arena, .door = &door};

    memset(&answered, 0, sizeof(answered));
    ck_assert_int_eq(plugins_fire_path(plugins, path, &call), FIRED_HANDLED);
}

START_TEST(maps_have_names)
{
    ask(TEXT("/o/sources"));
    ck_assert_int_eq(answered.status, 200);
    ck_assert_ptr_nonnull(
        strstr(answered.body, "\"com.android.vending\":\"Google Play\""));
    ck_assert_ptr_nonnull(strstr(answered.body, "\"yahoo\":\"Yahoo\""));
    ask(TEXT("/o/langmap"));
    ck_assert_int_eq(answered.status, 200);
    ck_assert_ptr_nonnull(strstr(answered.body, "\"de\":\"German\""));
    ck_assert_ptr_nonnull(strstr(answered.body, "\"gsw\":\"Swiss German\""));
    ck_assert_ptr_nonnull(strstr(answered.body, "\"nqo\":\"N&#39;Ko\""));
    ck_assert_ptr_nonnull(strstr(answered.body, "\"zh_hans\":"));
    ck_assert_ptr_null(strstr(answered.body, "\"qaa"));
}
END_TEST

static const struct {
    const char *source;
    const char *words; /* NULL: none */
} searches[] = {
    {"http://www&#46;google&#46;com/search?q=countly", "countly"},
    {"https://google&#46;de/search?hl=de&q=an%20app+store#x&q=no",
     "an app store"},
    {"https://search&#46;yahoo&#46;com/?p=a%2", "a%2"},
    {"https://yandex&#46;ru/search?text=%D0%BF", "\xd0\xbf"},
    {"https://notgoogle&#46;com/?q=x", NULL},
    {"https://example&#46;org/google&#46;com?q=x", NULL},
    {"https://www&#46;google&#46;com/search?p=x", NULL},
    {"https://www&#46;google&#46;com/search?q=", NULL},
    {"https://www&#46;google&#46;com", NULL},
    {"com&#46;android&#46;vending", NULL},
    {"google&#46;de/search?q=a&amp;b", "a"},
    {"GOOGLE&#46;de?q=a&#46;b", "a.b"},
    {"://", NULL},
    {"", NULL},
};

START_TEST(words_are_found_in_the_page_of_a_search_engine)
{
    const char *source = searches[_i].source;
    const char *expected = searches[_i].words ? searches[_i].words : "";
    char name[TALLY_VALUE_MAX];

    ask(TEXT("/o/keywords"));
    ck_assert_int_eq(answered.right, TALLY_RIGHT_READ);
    ck_assert_str_eq(answered.feature, "core");
    ck_assert_str_eq(answered.set, "sources sources");
    size_t len =
        answered.rename((struct tally_text){source, strlen(source)}, name);
    ck_assert(text_is((struct text){name, len}, expected));
}
END_TEST

START_TEST(countries_have_their_common_name)
{
    ck_assert(text_is(country_name(TEXT("DE")), "Germany"));
    ck_assert(text_is(country_name(TEXT("VN")), "Vietnam"));
    ck_assert(text_is(country_name(TEXT("AD")), "Andorra"));
    ck_assert(text_is(country_name(TEXT("ZW")), "Zimbabwe"));
    ck_assert(text_is(country_name(TEXT("USA")), "Unknown"));
    ck_assert(text_is(country_name(TEXT("de")), "Unknown"));
    ck_assert(text_is(country_name(TEXT("")), "Unknown"));
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *plugin_values_suite(void)
{
    Suite *suite = suite_create("plugin_values");
    TCase *tcase = tcase_create("plugin_values");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_metric_has_its_name, 0, COUNT(values));
    tcase_add_loop_test(tcase, on_the_web_a_browser_is_named_with_its_version,
                        0, COUNT(browsers));
    tcase_add_loop_test(tcase, a_value_is_cut_between_characters, 0,
                        COUNT(characters));
    tcase_add_test(tcase, a_long_source_is_cut_too);
    tcase_add_loop_test(
        tcase, a_page_is_named_without_what_differs_from_visitor_to_visitor, 0,
        COUNT(pages));
    tcase_add_test(tcase, a_long_page_is_cut);
    tcase_add_test(tcase, maps_have_names);
    tcase_add_loop_test(tcase, words_are_found_in_the_page_of_a_search_engine,
                        0, COUNT(searches));
    tcase_add_test(tcase, countries_have_their_common_name);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(plugin_values_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
