#include "metrics/source.h"

#include <stdbool.h>
#include <strings.h>

/* What searches are called in the pages of search engines. */
static const struct engine_row {
    const char *label; /* of the host */
    const char *parameter;
} engines[] = {
    {"google", "q"},        {"bing", "q"},        {"duckduckgo", "q"},
    {"ecosia", "q"},        {"qwant", "q"},       {"ask", "q"},
    {"aol", "q"},           {"so", "q"},          {"seznam", "q"},
    {"brave", "q"},         {"yahoo", "p"},       {"yandex", "text"},
    {"baidu", "wd"},        {"naver", "query"},   {"sogou", "query"},
    {"startpage", "query"}, {"rambler", "query"},
};

enum { ENGINES = sizeof(engines) / sizeof(engines[0]) };

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
