#include <check.h>
#include <stdlib.h>

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

static Suite *source_suite(void)
{
    Suite *suite = suite_create("source");
    TCase *tcase = tcase_create("source");

    tcase_add_loop_test(
        tcase, a_page_is_named_without_what_differs_from_visitor_to_visitor, 0,
        PAGES);
    tcase_add_test(tcase, a_long_page_is_cut);
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
