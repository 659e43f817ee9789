/*
 * text.h - a string that carries its length.
 *
 * Client strings may hold NUL bytes and are never terminated, so they travel
 * as this value. A text borrows its bytes: it is valid as long as they are.
 */
#ifndef ENGINE_TEXT_H
#define ENGINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
    const char *at; /* NULL only when len is 0 */
    size_t len;
};

/* Is told texts, one by one. */
typedef void (*text_fn)(void *user, struct text text);

/* A text made of a string literal. */
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

/* The same where only a constant may stand: tables with static storage. */
#define TEXT_INIT(literal)             \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static inline struct text text_of(const char *string)
{
    struct text text = {string, string ? strlen(string) : 0};

    return text;
}

static inline bool text_is(struct text text, const char *string)
{
    size_t len = strlen(string);

    return text.len == len && (len == 0 || memcmp(text.at, string, len) == 0);
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool text_has_prefix(struct text text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

static inline bool text_starts_with(struct text text, struct text prefix)
{
    return text.len >= prefix.len &&
           (prefix.len == 0 || memcmp(text.at, prefix.at, prefix.len) == 0);
}

/* Without the blanks at both ends. */
static inline struct text text_trim(struct text text)
{
    while (text.len > 0 && text.at[0] == ' ') {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && text.at[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* memcmp order, a prefix before what it starts: as the base sorts its keys. */
static inline int text_compare(struct text a, struct text b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

#endif
