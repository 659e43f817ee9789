#include "metrics/escape.h"

#include "engine/utf8.h"

/* What a byte needs. */
enum class {
    PLAIN = 0,
    CONTROL = 1 << 0,
    SPECIAL = 1 << 1, /* the quote and the backslash */
    HIGH = 1 << 2,    /* part of a longer character */
    HTML = 1 << 3,
};

#define EIGHT(kind) kind, kind, kind, kind, kind, kind, kind, kind
#define THIRTY_TWO(kind) EIGHT(kind), EIGHT(kind), EIGHT(kind), EIGHT(kind)

static const unsigned char classes[256] = {
    THIRTY_TWO(CONTROL), [0x80] = THIRTY_TWO(HIGH),
    THIRTY_TWO(HIGH),    THIRTY_TWO(HIGH),
    THIRTY_TWO(HIGH),    ['"'] = SPECIAL | HTML,
    ['\\'] = SPECIAL,    ['&'] = HTML,
    ['\''] = HTML,       ['<'] = HTML,
    ['>'] = HTML,
};

#undef THIRTY_TWO
#undef EIGHT

static struct text rest_of(struct text text, size_t from)
{
    return (struct text){text.at + from, text.len - from};
}

/* Bytes at the beginning that go out as they stand. */
static size_t plain_length(struct text text, unsigned stops)
{
    size_t length = 0;

    while (length < text.len &&
           !(classes[(unsigned char)text.at[length]] & stops))
        length++;
    return length;
}

static void add_control(struct buffer *out, unsigned char byte)
{
    static const char names[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char digits[] = "0123456789abcdef";

    if (byte < sizeof(names) && names[byte]) {
        buffer_add(out, (char[]){'\\', names[byte]}, 2);
        return;
    }
    buffer_add(
        out,
        (char[]){'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]}, 6);
}

static bool begins_entity(struct text text)
{
    static const char *const entities[] = {"&amp;", "&quot;", "&#39;", "&lt;",
                                           "&gt;",  "&#46;",  "&#36;"};

    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (text_has_prefix(text, entities[i]))
            return true;
    }
    return false;
}

static void add_html(struct buffer *out, struct text text,
                     enum escape_html html)
{
    switch (text.at[0]) {
    case '"':
        buffer_add_string(out, "&quot;");
        return;
    case '\'':
        buffer_add_string(out, "&#39;");
        return;
    case '<':
        buffer_add_string(out, "&lt;");
        return;
    case '>':
        buffer_add_string(out, "&gt;");
        return;
    default:
        if (html == ESCAPE_HTML_ALL && begins_entity(text))
            buffer_add_byte(out, '&');
        else
            buffer_add_string(out, "&amp;");
    }
}

/* Adds the first character of `text`, which is not plain; its bytes. */
static size_t add_character(struct buffer *out, struct text text,
                            enum escape_html html)
{
    unsigned char byte = (unsigned char)text.at[0];
    unsigned kind = classes[byte];

    if (html != ESCAPE_HTML_NONE && (kind & HTML)) {
        add_html(out, text, html);
        return 1;
    }
    if (kind & SPECIAL) {
        buffer_add(out, (char[]){'\\', (char)byte}, 2);
        return 1;
    }
    if (kind & CONTROL) {
        add_control(out, byte);
        return 1;
    }
    int step = utf8_next(text);
    if (step > 0) {
        buffer_add(out, text.at, (size_t)step);
        return (size_t)step;
    }
    buffer_add_string(out, UTF8_REPLACEMENT);
    return (size_t)-step;
}

static void add_run(struct buffer *out, struct text text, enum escape_html html)
{
    unsigned stops = CONTROL | SPECIAL | HIGH;

    if (html != ESCAPE_HTML_NONE)
        stops |= HTML;
    while (text.len > 0) {
        size_t plain = plain_length(text, stops);
        buffer_add(out, text.at, plain);
        text = rest_of(text, plain);
        if (text.len > 0)
            text = rest_of(text, add_character(out, text, html));
    }
}

void escape_add(struct buffer *out, struct text string, enum escape_html html)
{
    if (string.len == 0)
        return;
    if (html == ESCAPE_HTML_TAGS) {
        size_t before = 0;
        while (before < string.len && string.at[before] != '<' &&
               string.at[before] != '>')
            before++;
        add_run(out, (struct text){string.at, before}, ESCAPE_HTML_NONE);
        string = rest_of(string, before);
    }
    add_run(out, string, html);
}
