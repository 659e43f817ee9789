#include "metrics/scan.h"

#include "engine/swar.h"
#include "engine/utf8.h"

void scan_init(struct scan *scan, struct text source)
{
    const char *at = source.at ? source.at : "";

    *scan = (struct scan){.at = at, .end = at + source.len};
}

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
                                    *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

/* Consumes `byte` when it comes next. */
static bool take(struct scan *scan, char byte)
{
    if (scan->at == scan->end || *scan->at != byte)
        return false;
    scan->at++;
    return true;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* The character after a backslash and what belongs to it. */
static bool skip_escape(struct scan *scan)
{
    if (scan->at == scan->end || *scan->at == '\0')
        return false;
    char kind = *scan->at++;
    if (kind != 'u')
        return strchr("\"\\/bfnrt", kind) != NULL;
    if (scan->end - scan->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        if (hex_digit(*scan->at++) < 0)
            return false;
    }
    return true;
}

/* The first byte of a string that is a quote, a backslash or a control. */
static const char *skip_plain(const char *at, const char *end)
{
    while (end - at >= SWAR_BYTES) {
        uint64_t word = swar_load(at);
        unsigned plain =
            swar_before(swar_below(word, 0x20) | swar_equal(word, '"') |
                        swar_equal(word, '\\'));
        at += plain;
        if (plain < SWAR_BYTES)
            return at;
    }
    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static bool read_string(struct scan *scan, struct scan_value *value)
{
    if (!take(scan, '"'))
        return false;
    const char *start = scan->at;
    bool has_escapes = false;

    for (;;) {
        scan->at = skip_plain(scan->at, scan->end);
        if (scan->at == scan->end || (unsigned char)*scan->at < 0x20)
            return false;
        if (*scan->at == '"')
            break;
        scan->at++;
        has_escapes = true;
        if (!skip_escape(scan))
            return false;
    }
    *value = (struct scan_value){
        SCAN_STRING, {start, (size_t)(scan->at - start)}, has_escapes};
    scan->at++;
    return true;
}

static bool skip_digits(struct scan *scan)
{
    const char *start = scan->at;

    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    return scan->at > start;
}

static bool read_number(struct scan *scan, struct scan_value *value)
{
    const char *start = scan->at;

    take(scan, '-');
    if (!take(scan, '0') && !skip_digits(scan))
        return false;
    if (take(scan, '.') && !skip_digits(scan))
        return false;
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+'))
            take(scan, '-');
        if (!skip_digits(scan))
            return false;
    }
    size_t len = (size_t)(scan->at - start);
    *value = (struct scan_value){SCAN_NUMBER, {start, len}, false};
    return len <= SCAN_NUMBER_MAX;
}

static bool read_word(struct scan *scan, struct text word, enum scan_kind kind,
                      struct scan_value *value)
{
    if ((size_t)(scan->end - scan->at) < word.len ||
        memcmp(scan->at, word.at, word.len) != 0)
        return false;
    *value = (struct scan_value){kind, {scan->at, word.len}, false};
    scan->at += word.len;
    return true;
}

static bool read_container(struct scan *scan, struct scan_value *value)
{
    struct scan inner = {
        .at = scan->at, .end = scan->end, .depth = scan->depth};
    bool is_object = *scan->at == '{';
    struct scan_value key, item;
    enum scan_step step;

    if (!scan_enter(&inner, *scan->at))
        return false;
    do {
        step = is_object ? scan_member(&inner, &key, &item)
                         : scan_item(&inner, &item);
    } while (step == SCAN_MORE);
    if (step == SCAN_BAD)
        return false;
    *value = (struct scan_value){is_object ? SCAN_OBJECT : SCAN_ARRAY,
                                 {scan->at, (size_t)(inner.at - scan->at)},
                                 false};
    scan->at = inner.at;
    return true;
}

bool scan_read(struct scan *scan, struct scan_value *value)
{
    skip_blanks(scan);
    if (scan->at == scan->end)
        return false;
    switch (*scan->at) {
    case '"':
        return read_string(scan, value);
    case '{':
    case '[':
        return read_container(scan, value);
    case 't':
        return read_word(scan, TEXT("true"), SCAN_BOOL, value);
    case 'f':
        return read_word(scan, TEXT("false"), SCAN_BOOL, value);
    case 'n':
        return read_word(scan, TEXT("null"), SCAN_NULL, value);
    default:
        return read_number(scan, value);
    }
}

bool scan_one(struct text source, struct scan_value *value)
{
    struct scan scan;

    scan_init(&scan, source);
    return scan_read(&scan, value) && scan_is_over(&scan);
}

struct text scan_source(const struct scan_value *value)
{
    if (value->kind != SCAN_STRING)
        return value->text;
    return (struct text){value->text.at - 1, value->text.len + 2};
}

bool scan_is_over(struct scan *scan)
{
    skip_blanks(scan);
    return scan->at == scan->end;
}

bool scan_enter(struct scan *scan, char bracket)
{
    skip_blanks(scan);
    scan->wants_comma = false;
    return scan->depth++ < SCAN_DEPTH_MAX && take(scan, bracket);
}

/* What stands before an item: nothing before the first one, else a comma. */
static enum scan_step begin_item(struct scan *scan, char closing)
{
    skip_blanks(scan);
    if (take(scan, closing)) {
        scan->depth--;
        scan->wants_comma = true;
        return SCAN_END;
    }
    if (scan->wants_comma && !take(scan, ','))
        return SCAN_BAD;
    scan->wants_comma = true;
    return SCAN_MORE;
}

enum scan_step scan_member(struct scan *scan, struct scan_value *key,
                           struct scan_value *value)
{
    enum scan_step step = begin_item(scan, '}');
    if (step != SCAN_MORE)
        return step;

    skip_blanks(scan);
    if (!read_string(scan, key))
        return SCAN_BAD;
    skip_blanks(scan);
    if (!take(scan, ':') || !scan_read(scan, value))
        return SCAN_BAD;
    return SCAN_MORE;
}

enum scan_step scan_item(struct scan *scan, struct scan_value *value)
{
    enum scan_step step = begin_item(scan, ']');
    if (step != SCAN_MORE)
        return step;
    return scan_read(scan, value) ? SCAN_MORE : SCAN_BAD;
}

static uint32_t read_hex(const char *at)
{
    uint32_t code = 0;

    for (int i = 0; i < 4; i++)
        code = code << 4 | (uint32_t)hex_digit(at[i]);
    return code;
}

static bool is_surrogate(uint32_t code, uint32_t first)
{
    return code >= first && code < first + 0x400;
}

/* Decodes the escape whose backslash stands before `at`; returns its end. */
static const char *decode_escape(const char *at, const char *end, char *out,
                                 unsigned *length)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    if (*at != 'u') {
        out[0] = values[strchr(names, *at) - names];
        *length = 1;
        return at + 1;
    }
    uint32_t code = read_hex(at + 1);
    at += 5;
    if (is_surrogate(code, 0xd800) && end - at >= 6 && at[0] == '\\' &&
        at[1] == 'u' && is_surrogate(read_hex(at + 2), 0xdc00)) {
        code = 0x10000 + ((code - 0xd800) << 10) + read_hex(at + 2) - 0xdc00;
        at += 6;
    }
    *length = utf8_encode(out, code);
    return at;
}

size_t scan_decode(char *out, struct text string)
{
    const char *at = string.at;
    const char *end = at + string.len;
    size_t length = 0;

    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape ? escape : end) - at);
        memcpy(out + length, at, plain);
        length += plain;
        if (!escape)
            break;
        char decoded[UTF8_MAX];
        unsigned bytes;
        at = decode_escape(escape + 1, end, decoded, &bytes);
        memcpy(out + length, decoded, bytes);
        length += bytes;
    }
    return length;
}
