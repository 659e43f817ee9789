/*
 * sources.c - where users come from: stores, and on the web pages.
 *
 * Pages are counted without what differs from visitor to visitor: the scheme
 * and a leading `www.`, the parameters `_ga` and `utm_*`, slashes at the end.
 * Of a search engine's page the only parameter that stays is what was
 * searched for. Sources keep their dots, as `&#46;`. Elsewhere a user who
 * has none yet is from the operating system.
 *
 * /o/sources, for anybody: names of stores by package, of search engines by
 * what their host is called; the list is ours.
 * /o/keywords: what users of an app searched for.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "metrics/tally_plugin.h"

enum { DRAFT_MAX = 512, MAP_MAX = 4096 };

static const char dot[] = "&#46;";

static const struct tally_host *host;

/* A text under construction; what there is no room for is left out. */
struct draft {
    size_t len;
    char bytes[DRAFT_MAX];
};

/* What searches are called in the pages of search engines. */
static const struct {
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

/* --- texts --- */

static void add(struct draft *draft, struct tally_text text)
{
    size_t room = sizeof(draft->bytes) - draft->len;
    size_t len = text.len < room ? text.len : room;

    if (len > 0)
        memcpy(draft->bytes + draft->len, text.at, len);
    draft->len += len;
}

static void add_string(struct draft *draft, const char *string)
{
    add(draft, (struct tally_text){string, strlen(string)});
}

static struct tally_text text_of(const struct draft *draft)
{
    return (struct tally_text){draft->bytes, draft->len};
}

static bool has_prefix(struct tally_text text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

static bool is(struct tally_text text, const char *string)
{
    return text.len == strlen(string) && has_prefix(text, string);
}

/* Takes what stands before any of the bytes `ends` from the text. */
static struct tally_text take_until(struct tally_text *text, const char *ends)
{
    size_t len = 0;

    while (len < text->len && !strchr(ends, text->at[len]))
        len++;
    struct tally_text taken = {text->at, len};
    *text = (struct tally_text){text->at + len, text->len - len};
    return taken;
}

static void skip(struct tally_text *text, size_t len)
{
    *text = (struct tally_text){text->at + len, text->len - len};
}

/* --- pages --- */

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void skip_scheme(struct tally_text *url)
{
    size_t len = 0;

    while (len < url->len && (is_letter(url->at[len]) || url->at[len] == '-'))
        len++;
    if (has_prefix((struct tally_text){url->at + len, url->len - len}, "://"))
        skip(url, len + 3);
}

static bool is_label(struct tally_text label, const char *name)
{
    return label.len == strlen(name) &&
           strncasecmp(label.at, name, label.len) == 0;
}

/* The parameter of the engine that has a label of the host, all but the last
 * of them; NULL when there is none. */
static const char *search_parameter(struct tally_text domain)
{
    while (domain.len > 0) {
        struct tally_text label = take_until(&domain, ".");
        for (size_t i = 0; domain.len > 0 && i < ENGINES; i++) {
            if (is_label(label, engines[i].label))
                return engines[i].parameter;
        }
        if (domain.len > 0)
            skip(&domain, 1);
    }
    return NULL;
}

static bool is_kept(struct tally_text name, const char *search)
{
    if (search)
        return is(name, search);
    return !is(name, "_ga") && !has_prefix(name, "utm_");
}

static void add_parameters(struct draft *draft, struct tally_text query,
                           const char *search)
{
    const char *mark = "?";

    while (query.len > 0) {
        skip(&query, 1);
        struct tally_text parameter = take_until(&query, "&");
        struct tally_text rest = parameter;
        if (parameter.len == 0 || !is_kept(take_until(&rest, "="), search))
            continue;
        add_string(draft, mark);
        add(draft, parameter);
        mark = "&";
    }
}

static void add_page(struct draft *draft, struct tally_text url)
{
    skip_scheme(&url);
    if (has_prefix(url, "www."))
        skip(&url, 4);
    struct tally_text page = take_until(&url, "?");
    struct tally_text rest = page;
    const char *search = search_parameter(take_until(&rest, "/:"));

    add(draft, page);
    add_parameters(draft, url, search);
    while (draft->len > 0 && draft->bytes[draft->len - 1] == '/')
        draft->len--;
}

/* Undoes what name_source() does to dots. */
static void add_with_dots(struct draft *draft, struct tally_text source)
{
    while (source.len > 0) {
        add(draft, take_until(&source, "&"));
        bool is_dot = has_prefix(source, dot);
        if (is_dot)
            add_string(draft, ".");
        else if (source.len > 0)
            add_string(draft, "&");
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

static void add_decoded(struct draft *draft, struct tally_text words)
{
    while (words.len > 0) {
        char byte = *words.at == '+' ? ' ' : *words.at;
        bool is_escape = byte == '%' && words.len > 2 &&
                         digit_of(words.at[1]) >= 0 &&
                         digit_of(words.at[2]) >= 0;

        if (is_escape)
            byte = (char)(digit_of(words.at[1]) * 16 + digit_of(words.at[2]));
        add(draft, (struct tally_text){&byte, 1});
        skip(&words, is_escape ? 3 : 1);
    }
}

static void add_words(struct draft *draft, struct tally_text source)
{
    struct draft shown = {.len = 0};

    add_with_dots(&shown, source);
    struct tally_text url = {shown.bytes, shown.len};
    skip_scheme(&url);
    struct tally_text page = take_until(&url, "?");
    const char *search = search_parameter(take_until(&page, "/:"));
    struct tally_text query = take_until(&url, "#");

    while (search && query.len > 0) {
        skip(&query, 1);
        struct tally_text words = take_until(&query, "&");
        if (is(take_until(&words, "="), search) && words.len > 0)
            add_decoded(draft,
                        (struct tally_text){words.at + 1, words.len - 1});
    }
}

/* --- what is counted --- */

static size_t cut(const struct draft *draft, char *value)
{
    size_t len = draft->len < TALLY_VALUE_MAX ? draft->len : TALLY_VALUE_MAX;

    memcpy(value, draft->bytes, len);
    return len;
}

/* A leading `$` and each dot become character references. */
static size_t name_source(struct tally_text source, char *value)
{
    struct draft name = {.len = 0};

    for (size_t i = 0; i < source.len && name.len < sizeof(name.bytes); i++) {
        if (source.at[i] == '.')
            add_string(&name, dot);
        else if (source.at[i] == '$' && i == 0)
            add_string(&name, "&#36;");
        else
            add(&name, (struct tally_text){source.at + i, 1});
    }
    return cut(&name, value);
}

static size_t name_store(const struct tally_metrics *metrics, char *value)
{
    struct tally_text store = host->metric_of(metrics, "_store");
    struct draft page = {.len = 0};

    if (host->metric_is_web(metrics)) {
        add_page(&page, store);
        return name_source(text_of(&page), value);
    }
    if (store.len > 0)
        return name_source(store, value);
    host->metric_is_fallback(metrics);
    return name_source(host->metric_of(metrics, "_os"), value);
}

/* --- what is answered --- */

static int answer_map(struct tally_call *call, void *user)
{
    char map[MAP_MAX] = "{";
    size_t len = 1;

    (void)user;
    for (int i = 0; i < STORES; i++)
        len += (size_t)snprintf(map + len, sizeof(map) - len, "\"%s\":\"%s\",",
                                stores[i].package, stores[i].name);
    for (int i = 0; i < ENGINES; i++)
        len += (size_t)snprintf(map + len, sizeof(map) - len, "\"%s\":\"%s\",",
                                engines[i].label, engines[i].name);
    map[len - 1] = '}';
    host->reply_json(call, 200, (struct tally_text){map, len});
    return TALLY_HANDLED;
}

static size_t name_words(struct tally_text source, char *name)
{
    struct draft words = {.len = 0};

    add_words(&words, source);
    return cut(&words, name);
}

static int answer_words(struct tally_call *call, void *user)
{
    (void)user;
    host->fetch_values(call, "sources", NULL, name_words);
    return TALLY_HANDLED;
}

static int ask_for_words(struct tally_call *call, void *user)
{
    return host->validate(call, TALLY_RIGHT_READ, "core", answer_words, user);
}

static int init(const struct tally_host *given, struct tally_plugin *self)
{
    static const struct tally_metric sources = {
        .size = sizeof(sources),
        .db = "sources",
        .name = "_store",
        .short_code = "src",
        .flags = TALLY_METRIC_FALLBACK,
        .value = name_store,
    };

    host = given;
    int failure = host->metric(self, &sources);
    if (!failure)
        failure = host->on(self, "/o/sources", answer_map, NULL, 0);
    return failure ? failure
                   : host->on(self, "/o/keywords", ask_for_words, NULL, 0);
}

TALLY_PLUGIN_EXPORT const struct tally_plugin_description tally_plugin = {
    .abi = TALLY_PLUGIN_ABI,
    .size = sizeof(tally_plugin),
    .name = "sources",
    .version = "1.0",
    .about = "counts where users come from",
    .needs = TALLY_CAN_HOOK | TALLY_CAN_COUNT,
    .init = init,
};
