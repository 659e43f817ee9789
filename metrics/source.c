#include "metrics/source.h"

#include <stdbool.h>
#include <strings.h>

/* What searches are called in the pages of search engines. */
static const struct engine_row {
    const char *label; /* of the host */
    const char *parameter;
    const char *name;
} engines[] = {
    {"google", "q", "Google"},
    {"bing", "q", "Bing"},
    {"duckduckgo", "q", "DuckDuckGo"},
    {"ecosia", "q", "Ecosia"},
    {"qwant", "q", "Qwant"},
    {"ask", "q", "Ask"},
    {"aol", "q", "AOL"},
    {"so", "q", "Haosou"},
    {"seznam", "q", "Seznam"},
    {"brave", "q", "Brave Search"},
    {"yahoo", "p", "Yahoo"},
    {"yandex", "text", "Yandex"},
    {"baidu", "wd", "Baidu"},
    {"naver", "query", "Naver"},
    {"sogou", "query", "Sogou"},
    {"startpage", "query", "Startpage"},
    {"rambler", "query", "Rambler"},
};

static const struct {
    const char *package;
    const char *name;
} stores[] = {
    {"com.android.vending", "Google Play"},
    {"com.amazon.venezia", "Amazon Appstore"},
    {"com.huawei.appmarket", "Huawei AppGallery"},
    {"com.sec.android.app.samsungapps", "Samsung Galaxy Store"},
    {"com.xiaomi.mipicks", "Xiaomi GetApps"},
    {"org.fdroid.fdroid", "F-Droid"},
};

enum {
    ENGINES = sizeof(engines) / sizeof(engines[0]),
    STORES = sizeof(stores) / sizeof(stores[0]),
};

/* Takes what stands before any of the bytes `ends` from the text. */
static struct text take_until(struct text *text, const char *ends)
{
    size_t len = 0;

    while (len < text->len && !strchr(ends, text->at[len]))
        len++;
    struct text taken = {text->at, len};
    *text = (struct text){text->at + len, text->len - len};
    return taken;
}

static void skip(struct text *text, size_t len)
{
    *text = (struct text){text->at + len, text->len - len};
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void skip_scheme(struct text *url)
{
    size_t len = 0;

    while (len < url->len && (is_letter(url->at[len]) || url->at[len] == '-'))
        len++;
    if (text_has_prefix((struct text){url->at + len, url->len - len}, "://"))
        skip(url, len + 3);
}

static bool is_label(struct text label, const char *name)
{
    return label.len == strlen(name) &&
           strncasecmp(label.at, name, label.len) == 0;
}

/* The parameter of the engine that has a label of the host, all but the last
 * of them; NULL when there is none. */
static const char *search_parameter(struct text host)
{
    while (host.len > 0) {
        struct text label = take_until(&host, ".");
        for (size_t i = 0; host.len > 0 && i < ENGINES; i++) {
            if (is_label(label, engines[i].label))
                return engines[i].parameter;
        }
        if (host.len > 0)
            skip(&host, 1);
    }
    return NULL;
}

static bool is_kept(struct text name, const char *search)
{
    if (search)
        return text_is(name, search);
    return !text_is(name, "_ga") && !text_has_prefix(name, "utm_");
}

static void draft_parameters(struct text query, const char *search,
                             struct draft *draft)
{
    const char *mark = "?";

    while (query.len > 0) {
        skip(&query, 1);
        struct text parameter = take_until(&query, "&");
        struct text rest = parameter;
        if (parameter.len == 0 || !is_kept(take_until(&rest, "="), search))
            continue;
        draft_add_string(draft, mark);
        draft_add(draft, parameter);
        mark = "&";
    }
}

void source_draft_page(struct text url, struct draft *draft)
{
    size_t from = draft->len;

    skip_scheme(&url);
    if (text_has_prefix(url, "www."))
        skip(&url, 4);
    struct text page = take_until(&url, "?");
    struct text rest = page;
    const char *search = search_parameter(take_until(&rest, "/:"));

    draft_add(draft, page);
    draft_parameters(url, search, draft);
    while (draft->len > from && draft->bytes[draft->len - 1] == '/')
        draft->len--;
}

/* Undoes what value_source() did to dots. */
static void draft_dots(struct text source, struct draft *draft)
{
    static const char dot[] = "&#46;";

    while (source.len > 0) {
        draft_add(draft, take_until(&source, "&"));
        bool is_dot = text_has_prefix(source, dot);
        if (is_dot)
            draft_add_string(draft, ".");
        else if (source.len > 0)
            draft_add_string(draft, "&");
        if (source.len > 0)
            skip(&source, is_dot ? strlen(dot) : 1);
    }
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void draft_decoded(struct text words, struct draft *draft)
{
    while (words.len > 0) {
        char byte = *words.at == '+' ? ' ' : *words.at;
        bool is_escape = byte == '%' && words.len > 2 &&
                         digit_of(words.at[1]) >= 0 &&
                         digit_of(words.at[2]) >= 0;

        if (is_escape)
            byte = (char)(digit_of(words.at[1]) * 16 + digit_of(words.at[2]));
        draft_add(draft, (struct text){&byte, 1});
        skip(&words, is_escape ? 3 : 1);
    }
}

bool source_draft_words(struct text source, struct draft *draft)
{
    struct draft shown = {.len = 0};
    size_t from = draft->len;

    draft_dots(source, &shown);
    struct text url = {shown.bytes, shown.len};
    skip_scheme(&url);
    struct text page = take_until(&url, "?");
    const char *search = search_parameter(take_until(&page, "/:"));
    struct text query = take_until(&url, "#");

    while (search && query.len > 0) {
        skip(&query, 1);
        struct text words = take_until(&query, "&");
        if (text_is(take_until(&words, "="), search) && words.len > 0)
            draft_decoded((struct text){words.at + 1, words.len - 1}, draft);
    }
    return draft->len > from;
}

void source_write_all(struct json *json)
{
    json_open_object(json);
    for (int i = 0; i < STORES; i++)
        json_member_string(json, stores[i].package, stores[i].name);
    for (int i = 0; i < ENGINES; i++)
        json_member_string(json, engines[i].label, engines[i].name);
    json_close_object(json);
}
