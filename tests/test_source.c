#include <check.h>
#include <stdlib.h>

#include "metrics/country.h"
#include "metrics/language.h"
#include "metrics/source.h"

static const struct {
    const char *url;
    const char *page;
} pages[] = {
    {"", ""},
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

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

START_TEST(a_page_is_named_without_what_differs_from_visitor_to_visitor)
{
    struct draft draft = {.len = 2, .bytes = "//"};

    source_draft_page(text_of(pages[_i].url), &draft);
    ck_assert_msg(
        text_is((struct text){draft.bytes + 2, draft.len - 2}, pages[_i].page),
        "%s is %.*s, not %s", pages[_i].url, (int)draft.len - 2,
        draft.bytes + 2, pages[_i].page);
}
END_TEST

START_TEST(a_long_page_is_cut)
{
    static char url[3 * DRAFT_SIZE];
    struct draft draft = {.len = 0};

    memset(url, 'a', sizeof(url));
    memcpy(url + 1000, "?b=", 3);
    source_draft_page((struct text){url, sizeof(url)}, &draft);
    ck_assert_uint_le(draft.len, DRAFT_SIZE);
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
    struct draft words = {.len = 0};
    bool found = source_draft_words(text_of(searches[_i].source), &words);

    ck_assert(found == (searches[_i].words != NULL));
    if (found)
        ck_assert(
            text_is((struct text){words.bytes, words.len}, searches[_i].words));
}
END_TEST

static bool has(void (*write)(struct json *json), const char *member)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, 1 << 16);
    json_init(&json, &out, JSON_DATA);
    write(&json);
    buffer_add_byte(&out, '\0');
    ck_assert(buffer_is_whole(&out));
    bool found = strstr(out.at, member) != NULL;
    buffer_finish(&out);
    return found;
}

START_TEST(maps_have_names)
{
    ck_assert(has(source_write_all, "\"com.android.vending\":\"Google Play\""));
    ck_assert(has(language_write_all, "\"de\":\"German\""));
    ck_assert(has(language_write_all, "\"gsw\":\"Swiss German\""));
    ck_assert(has(language_write_all, "\"zh_hans\":"));
    ck_assert(!has(language_write_all, "\"qaa"));
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

static Suite *source_suite(void)
{
    Suite *suite = suite_create("source");
    TCase *tcase = tcase_create("source");

    tcase_add_loop_test(
        tcase, a_page_is_named_without_what_differs_from_visitor_to_visitor, 0,
        PAGES);
    tcase_add_test(tcase, a_long_page_is_cut);
    tcase_add_loop_test(tcase, words_are_found_in_the_page_of_a_search_engine,
                        0, sizeof(searches) / sizeof(searches[0]));
    tcase_add_test(tcase, maps_have_names);
    tcase_add_test(tcase, countries_have_their_common_name);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(source_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
