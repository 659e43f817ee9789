#include "metrics/carrier.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { CODE_MAX = 6 };

struct row {
    char code[CODE_MAX + 1];
    const char *name;
};

/* Sorted by code. */
static const struct row rows[] = {
#include "carrier_rows.h"
};

static int compare_code(const void *code, const void *row)
{
    return strcmp(code, ((const struct row *)row)->code);
}

/* The name of the code's provider; empty if there is none. */
static struct text provider_name(struct text code)
{
    char key[CODE_MAX + 1] = "";

    if (code.len > CODE_MAX)
        return (struct text){0};
    if (code.len > 0)
        memcpy(key, code.at, code.len);

    const struct row *row = bsearch(key, rows, sizeof(rows) / sizeof(rows[0]),
                                    sizeof(rows[0]), compare_code);
    return text_of(row ? row->name : NULL);
}

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!g_ascii_isdigit(text.at[i]))
            return false;
    }
    return text.len > 0;
}

static size_t count_characters(struct text text)
{
    size_t count = 0;

    for (; text.len > 0; count++)
        draft_take_character(&text);
    return count;
}

static bool is_word_start(uint32_t code)
{
    return code < 128 && (g_ascii_isalnum((char)code) || code == '_');
}

/* What JavaScript's \s matches. */
static bool is_blank(uint32_t code)
{
    return code == '\v' || code == 0xfeff || g_unichar_isspace(code);
}

/* Lower case where it is more than one character for another: the dotted I
 * keeps its dot, a sigma that ends a word has a form of its own. */
static void add_lower(struct draft *draft, uint32_t code, bool after_letter,
                      struct text rest)
{
    bool before_letter =
        rest.len > 0 && g_unichar_isalpha(draft_take_character(&rest));

    if (code == 0x130) {
        draft_add_string(draft, "i\xcc\x87");
        return;
    }
    if (code == 0x3a3 && after_letter && !before_letter)
        draft_add_code_point(draft, 0x3c2);
    else
        draft_add_code_point(draft, g_unichar_tolower(code));
}

static void add_title(struct draft *draft, struct text text)
{
    bool in_word = false;
    bool after_letter = false;

    while (text.len > 0) {
        uint32_t code = draft_take_character(&text);

        if (in_word && !is_blank(code)) {
            add_lower(draft, code, after_letter, text);
            after_letter = g_unichar_isalpha(code);
            continue;
        }
        in_word = is_word_start(code);
        after_letter = false;
        draft_add_code_point(draft, in_word ? g_unichar_toupper(code) : code);
    }
}

/* Sixteen characters without a blank are a subscriber's token. */
static bool is_token(struct text text)
{
    return !memchr(text.at, ' ', text.len) && count_characters(text) == 16;
}

void carrier_draft(struct text reported, struct draft *draft)
{
    if (is_token(reported))
        return;
    if ((reported.len == 5 || reported.len == 6) && is_digits(reported))
        reported = provider_name(reported);
    add_title(draft, reported);
}
