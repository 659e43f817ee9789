#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/arena.h"
#include "metrics/value.h"

static struct arena *arena;

static void create(void)
{
    arena = arena_create(64 * 1024);
}

static void destroy(void)
{
    arena_destroy(arena);
}

static struct params params_of(const char *json)
{
    struct params metrics = {0};

    ck_assert_int_eq(params_add_json(&metrics, arena, text_of(json)), TALLY_OK);
    return metrics;
}

static void expect(bool named, const struct value *value, const char *expected)
{
    if (!expected) {
        ck_assert_msg(!named, "'%.*s' is not wanted", value->len, value->bytes);
        return;
    }
    ck_assert_msg(named, "'%s' is missing", expected);
    ck_assert_msg(text_is(value_text(value), expected), "'%.*s', not '%s'",
                  value->len, value->bytes, expected);
}

static const struct {
    const char *metrics;
    const char *key;
    const char *value; /* NULL: none */
} values[] = {
    /* without rules */
    {"{\"_device\":\"Nexus 5X\"}", "_device", "Nexus 5X"},
    {"{\"_device\":\"$a.b.c\"}", "_device", "a:b:c"},
    {"{\"_device\":\"$$a$\"}", "_device", "$a$"},
    {"{\"_device\":\"$\"}", "_device", NULL},
    {"{\"_device\":\"0\"}", "_device", "0"},
    {"{\"_device\":\"false\"}", "_device", "false"},
    {"{\"_device\":1.5}", "_device", "1:5"},
    {"{\"_device\":1.50}", "_device", "1:5"},
    {"{\"_device\":-7}", "_device", "-7"},
    {"{\"_device\":1e3}", "_device", "1000"},
    {"{\"_device\":true}", "_device", "true"},
    {"{\"_device\":false}", "_device", NULL},
    {"{\"_device\":null}", "_device", NULL},
    {"{\"_device\":0}", "_device", NULL},
    {"{\"_device\":0.0}", "_device", NULL},
    {"{\"_device\":1e999}", "_device", NULL},
    {"{\"_device\":\"\"}", "_device", NULL},
    {"{\"_device\":{\"a\":1}}", "_device", NULL},
    {"{\"_device\":[1]}", "_device", NULL},
    {"{}", "_device", NULL},
    {"{\"custom\":\"x.y\"}", "custom", "x:y"},
    {"{\"_locale\":\"en_US\"}", "_locale", "en_US"},
    {"{\"_browser_version\":\"53.0\"}", "_browser_version", "53:0"},

    {"{\"_carrier\":\"vodafone tr\"}", "_carrier", "Vodafone Tr"},
    {"{\"_carrier\":\"AT&T MOBILITY\"}", "_carrier", "At&t Mobility"},
    {"{\"_carrier\":\"T-Mobile USA\"}", "_carrier", "T-mobile Usa"},
    {"{\"_carrier\":\"o2\"}", "_carrier", "O2"},
    {"{\"_carrier\":\"(o2) x\"}", "_carrier", "(O2) X"},
    {"{\"_carrier\":\"_ab\\tcd\\u00a0eF\"}", "_carrier", "_ab\tCd\u00a0Ef"},
    {"{\"_carrier\":\"a\ufeffb\"}", "_carrier", "A\ufeffB"},
    {"{\"_carrier\":\"28601\"}", "_carrier", "Turkcell"},
    {"{\"_carrier\":\"28602\"}", "_carrier", "Vodafone"},
    {"{\"_carrier\":28601}", "_carrier", "Turkcell"},
    {"{\"_carrier\":\"310410\"}", "_carrier", "At&t"},
    {"{\"_carrier\":\"99999\"}", "_carrier", NULL},
    {"{\"_carrier\":12345}", "_carrier", NULL},
    {"{\"_carrier\":\"1234\"}", "_carrier", "1234"},
    {"{\"_carrier\":\"1234567\"}", "_carrier", "1234567"},
    {"{\"_carrier\":\"abcdefghijklmnop\"}", "_carrier", NULL},
    {"{\"_carrier\":\"\xc3\xa4"
     "bcdefghijklmnop\"}",
     "_carrier", NULL},
    {"{\"_carrier\":\"abcdefghijklmno\"}", "_carrier", "Abcdefghijklmno"},
    {"{\"_carrier\":\"abcdefgh ijklmno\"}", "_carrier", "Abcdefgh Ijklmno"},
    {"{\"_carrier\":\"\u00d6ZEL \u015e\u0130RKET\"}", "_carrier",
     "\u00d6Zel \u015e\u0130Rket"},
    {"{\"_carrier\":\"X\u015e\u0130R\"}", "_carrier", "X\u015fi\u0307r"},
    {"{\"_carrier\":\"A\u03a3\u0391\u03a3 b\"}", "_carrier",
     "A\u03c3\u03b1\u03c2 B"},
    {"{\"_carrier\":\"X\u0391\u03a3\u0391 A\u03a3 b\"}", "_carrier",
     "X\u03b1\u03c3\u03b1 A\u03c3 B"},
    {"{\"_carrier\":\"x.Y\"}", "_carrier", "X:y"},
    {"{\"_carrier\":\"$x\"}", "_carrier", "X"},

    {"{\"_os\":\"Android\",\"_os_version\":\"7.1\"}", "_os_version", "a7:1"},
    {"{\"_os\":\"iOS\",\"_os_version\":\"17.4\"}", "_os_version", "i17:4"},
    {"{\"_os\":\"Windows\",\"_os_version\":\"10\"}", "_os_version", "mw10"},
    {"{\"_os\":\"Windows Phone\",\"_os_version\":\"8.1\"}", "_os_version",
     "w8:1"},
    {"{\"_os\":\"Mac OS X\",\"_os_version\":\"14.1\"}", "_os_version", "o14:1"},
    {"{\"_os\":\"MacOS\",\"_os_version\":\"10.11\"}", "_os_version", "o10:11"},
    {"{\"_os\":\"Mac OSX\",\"_os_version\":\"10\"}", "_os_version", "o10"},
    {"{\"_os\":\"webOS\",\"_os_version\":\"2\"}", "_os_version", "webos2"},
    {"{\"_os\":\"tvOS\",\"_os_version\":9}", "_os_version", "atv9"},
    {"{\"_os\":\"BeOS\",\"_os_version\":\"r5\"}", "_os_version", "bor5"},
    {"{\"_os\":\"Arch Linux\",\"_os_version\":\"1\"}", "_os_version", "l1"},
    {"{\"_os\":\"Fuchsia\",\"_os_version\":\"1\"}", "_os_version", "f1"},
    {"{\"_os\":\"\u00d6S\",\"_os_version\":\"1\"}", "_os_version", "\u00f61"},
    {"{\"_os\":\"Android\",\"_os_version\":\"a7\"}", "_os_version", "aa7"},
    {"{\"_os_version\":\"7.1\"}", "_os_version", "7:1"},
    {"{\"_os\":\"Android\",\"_os_version\":0}", "_os_version", NULL},
    {"{\"_os\":\"Android\"}", "_os_version", NULL},
    {"{\"_os\":\"Android\"}", "_os", "Android"},

    {"{\"_os\":\"Android\",\"_density\":\"2\"}", "_density", "a2"},
    {"{\"_os\":\"iOS\",\"_density\":\"@2x\"}", "_density", "i@2x"},
    {"{\"_density\":\"MDPI\"}", "_density", "MDPI"},

    {"{\"_app_version\":\"2\"}", "_app_version", "2:0"},
    {"{\"_app_version\":3}", "_app_version", "3:0"},
    {"{\"_app_version\":4.5}", "_app_version", "4:5"},
    {"{\"_app_version\":\"0\"}", "_app_version", "0:0"},
    {"{\"_app_version\":\"beta\"}", "_app_version", "beta"},
    {"{\"_app_version\":\"1:2\"}", "_app_version", "1:2"},
    {"{\"_app_version\":\"1.2.3\"}", "_app_version", "1:2:3"},
    {"{\"_app_version\":0}", "_app_version", NULL},
    {"{\"_app_version\":\"\"}", "_app_version", NULL},

    {"{\"_os\":\"iOS\",\"_device\":\"iPhone14,2\"}", "_device_type", "mobile"},
    {"{\"_os\":\"iOS\",\"_device\":\"iPod9,1\"}", "_device_type", "mobile"},
    {"{\"_os\":\"iOS\",\"_device\":\"iPad13,1\"}", "_device_type", "tablet"},
    {"{\"_os\":\"watchOS\",\"_device\":\"Watch6,1\"}", "_device_type",
     "wearable"},
    {"{\"_os\":\"tvOS\",\"_device\":\"AppleTV6,2\"}", "_device_type",
     "smarttv"},
    {"{\"_os\":\"macOS\",\"_device\":\"MacBookPro18,3\"}", "_device_type",
     "desktop"},
    {"{\"_os\":\"macOS\",\"_device\":\"iMac21,1\"}", "_device_type", "desktop"},
    {"{\"_os\":\"ios\",\"_device\":\"iPhone14,2\"}", "_device_type", NULL},
    {"{\"_os\":\"iOS\",\"_device\":\"iphone\"}", "_device_type", NULL},
    {"{\"_os\":\"iOS\",\"_device\":\"Other\"}", "_device_type", NULL},
    {"{\"_os\":\"iOS\",\"_device\":\"iPad\",\"_device_type\":\"x.y\"}",
     "_device_type", "x:y"},

    {"{\"_os\":\"iOS\"}", "_manufacturer", "Apple"},
    {"{\"_os\":\"watchOS\"}", "_manufacturer", "Apple"},
    {"{\"_os\":\"tvOS\"}", "_manufacturer", "Apple"},
    {"{\"_os\":\"macOS\"}", "_manufacturer", "Apple"},
    {"{\"_os\":\"MacOS\"}", "_manufacturer", NULL},
    {"{\"_os\":\"Android\"}", "_manufacturer", NULL},
    {"{\"_os\":\"iOS\",\"_manufacturer\":\"Foo\"}", "_manufacturer", "Foo"},

    {"{\"_has_hinge\":true}", "_has_hinge", "hinged"},
    {"{\"_has_hinge\":\"true\"}", "_has_hinge", "hinged"},
    {"{\"_has_hinge\":\"hinged\"}", "_has_hinge", "hinged"},
    {"{\"_has_hinge\":\"false\"}", "_has_hinge", "not_hinged"},
    {"{\"_has_hinge\":\"not_hinged\"}", "_has_hinge", "not_hinged"},
    {"{\"_has_hinge\":false}", "_has_hinge", NULL},

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
};

START_TEST(a_metric_has_its_name)
{
    struct params metrics = params_of(values[_i].metrics);
    struct value value = {0};
    bool named = value_of(&metrics, values[_i].key, &value);

    expect(named, &value, values[_i].value);
}
END_TEST

static const struct {
    const char *metrics;
    const char *value;
} browsers[] = {
    {"{\"_browser\":\"Chrome\",\"_browser_version\":\"121.0.0\"}",
     "[chrome]_121:0:0"},
    {"{\"_browser\":\"Chrome\"}", NULL},
    {"{\"_browser_version\":\"121\"}", NULL},
};

START_TEST(a_web_browser_is_named_with_its_version)
{
    struct params metrics = params_of(browsers[_i].metrics);
    struct value value = {0};
    bool named = value_web_browser(&metrics, &value);

    expect(named, &value, browsers[_i].value);
}
END_TEST

START_TEST(an_sdk_is_named_with_its_version)
{
    struct value value = {0};

    expect(value_sdk(TEXT("java-native-android"), TEXT("24.7.0"), &value),
           &value, "[java-native-android]_24:7:0");
    ck_assert(!value_sdk(TEXT("java-native-android"), TEXT(""), &value));
    ck_assert(!value_sdk(TEXT(""), TEXT("24.7.0"), &value));
}
END_TEST

/* Names of 1..4 bytes a character, moved along the limit. */
static const char *const characters[] = {"a", "\u00e4", "\u20ac", "\U0001f600"};

START_TEST(a_name_is_cut_between_characters)
{
    const char *character = characters[_i];
    size_t width = strlen(character);

    for (size_t shift = 0; shift < 5; shift++) {
        char raw[1200];
        struct value value;
        size_t len = shift;

        memset(raw, 'x', shift);
        for (; len + width <= sizeof(raw); len += width)
            memcpy(raw + len, character, width);
        ck_assert(value_plain((struct text){raw, len}, &value));
        ck_assert_uint_gt(value.len, VALUE_MAX - width);
        ck_assert_uint_eq((value.len - shift) % width, 0);
        ck_assert_mem_eq(value.bytes, raw, value.len);
    }
}
END_TEST

START_TEST(a_name_of_255_bytes_is_whole)
{
    char raw[VALUE_MAX + 1];
    struct value value;

    memset(raw, 'x', sizeof(raw));
    raw[0] = '$';
    ck_assert(value_plain((struct text){raw, sizeof(raw)}, &value));
    ck_assert_uint_eq(value.len, VALUE_MAX);
    ck_assert_mem_eq(value.bytes, raw + 1, VALUE_MAX);
}
END_TEST

START_TEST(a_long_source_is_cut_too)
{
    char dots[300];
    struct value value;

    memset(dots, '.', sizeof(dots));
    ck_assert(value_source((struct text){dots, sizeof(dots)}, &value));
    ck_assert_uint_eq(value.len, VALUE_MAX);
    ck_assert_mem_eq(value.bytes + VALUE_MAX - 5, "&#46;", 5);
}
END_TEST

START_TEST(broken_bytes_do_no_harm)
{
    static char raw[] = "ab\xff\xc3 \xf0\x9f\x98";
    struct param param = {
        .name = TEXT("_carrier"),
        .value = text_of(raw),
        .kind = PARAM_TEXT,
    };
    struct params metrics = {0};
    struct value value = {0};

    ck_assert_int_eq(params_set(&metrics, arena, param), TALLY_OK);
    ck_assert(value_of(&metrics, "_carrier", &value));
    expect(true, &value, "Ab\ufffd\ufffd \ufffd");
}
END_TEST

START_TEST(a_property_is_escaped)
{
    struct value value = {0};

    expect(value_plain(TEXT("St. Gallen"), &value), &value, "St: Gallen");
    expect(value_plain((struct text){0}, &value), &value, NULL);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *value_suite(void)
{
    Suite *suite = suite_create("value");
    TCase *tcase = tcase_create("value");

    tcase_add_checked_fixture(tcase, create, destroy);
    tcase_add_loop_test(tcase, a_metric_has_its_name, 0, COUNT(values));
    tcase_add_loop_test(tcase, a_web_browser_is_named_with_its_version, 0,
                        COUNT(browsers));
    tcase_add_test(tcase, an_sdk_is_named_with_its_version);
    tcase_add_loop_test(tcase, a_name_is_cut_between_characters, 0,
                        COUNT(characters));
    tcase_add_test(tcase, a_name_of_255_bytes_is_whole);
    tcase_add_test(tcase, a_long_source_is_cut_too);
    tcase_add_test(tcase, broken_bytes_do_no_harm);
    tcase_add_test(tcase, a_property_is_escaped);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(value_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
