#include "http/form.h"

#include "engine/swar.h"
#include "engine/utf8.h"
#include "http/field.h"

enum { BOUNDARY_MAX = 70 };

/* One more than the digit's value; 0 for what is none. */
static const unsigned char digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The byte that an escape at `at` stands for, -1 when it is none. */
static int escaped_byte(const char *at, const char *end)
{
    if (end - at < 3 || *at != '%')
        return -1;
    int high = digits[(unsigned char)at[1]] - 1;
    int low = digits[(unsigned char)at[2]] - 1;
    return (high | low) < 0 ? -1 : high << 4 | low;
}

/* Stands for itself, and is ASCII. */
static bool is_plain(char byte)
{
    return (byte & 0x80) == 0 && byte != '%' && byte != '+';
}

/* How many of the eight bytes at `at` are plain, up to the first that is not.
 */
static unsigned plain_bytes(const char *at)
{
    uint64_t word = swar_load(at);

    return swar_before(swar_equal(word, '%') | swar_equal(word, '+') |
                       swar_not_ascii(word));
}

static size_t plain_length(struct text text)
{
    size_t length = 0;

    while (text.len - length >= SWAR_BYTES) {
        unsigned plain = plain_bytes(text.at + length);
        length += plain;
        if (plain < SWAR_BYTES)
            return length;
    }
    while (length < text.len && is_plain(text.at[length]))
        length++;
    return length;
}

/* Copies plain text from `at`, eight bytes at a time and so perhaps more than
 * is plain: what follows is written over. Returns how many bytes count. */
static size_t copy_plain(char *out, const char *at, const char *end)
{
    size_t plain = 0;

    for (; end - at >= SWAR_BYTES; at += SWAR_BYTES) {
        memcpy(out + plain, at, SWAR_BYTES);
        unsigned bytes = plain_bytes(at);
        plain += bytes;
        if (bytes < SWAR_BYTES)
            return plain;
    }
    for (; at < end && is_plain(*at); at++)
        out[plain++] = *at;
    return plain;
}

/* Decodes to `out`, which has room for the encoded text; true when all of it
 * is ASCII. */
static bool decode_to(char *out, struct text encoded, size_t *length)
{
    const char *at = encoded.at;
    const char *end = at + encoded.len;
    char *start = out;
    int bits = 0;

    while (at < end) {
        int byte = escaped_byte(at, end);
        if (byte >= 0) {
            at += 3;
        } else if (is_plain(*at)) {
            size_t plain = copy_plain(out, at, end);
            out += plain;
            at += plain;
            continue;
        } else {
            byte = *at == '+' ? ' ' : (unsigned char)*at;
            at++;
        }
        bits |= byte;
        *out++ = (char)byte;
    }
    *length = (size_t)(out - start);
    return bits < 0x80;
}

static enum tally_err repair(struct arena *arena, struct text *text)
{
    if (utf8_valid_length(*text) == text->len)
        return TALLY_OK;
    size_t length = utf8_repaired_length(*text);
    char *copy = arena_alloc(arena, length);

    if (!copy)
        return TALLY_ERR_TOO_BIG;
    utf8_repair(copy, *text);
    *text = (struct text){copy, length};
    return TALLY_OK;
}

/* The first byte that is not plain. */
static const char *find_special(const char *at, const char *end)
{
    return at + plain_length((struct text){at, (size_t)(end - at)});
}

/* Decodes a text that is plain up to `special`, which may lie behind it. */
static enum tally_err decode(struct arena *arena, struct text encoded,
                             const char *special, struct text *decoded)
{
    if (special >= encoded.at + encoded.len) {
        *decoded = encoded;
        return TALLY_OK;
    }
    char *copy = arena_alloc(arena, encoded.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    struct text text = {copy, 0};
    enum tally_err err = TALLY_OK;
    if (!decode_to(copy, encoded, &text.len))
        err = repair(arena, &text);
    if (!err)
        *decoded = text;
    return err;
}

enum tally_err form_decode(struct arena *arena, struct text encoded,
                           struct text *decoded)
{
    const char *at = encoded.at ? encoded.at : "";

    return decode(arena, encoded, find_special(at, at + encoded.len), decoded);
}

/* What is left of a form, and where it is no longer plain: few parameters
 * need to be decoded, and so the others are not looked at one by one. */
struct rest {
    const char *at;
    const char *end;
    const char *special;
};

static enum tally_err take_text(struct rest *rest, struct arena *arena,
                                const char *stop, struct text *decoded)
{
    struct text encoded = {rest->at, (size_t)(stop - rest->at)};

    if (rest->special < rest->at)
        rest->special = find_special(rest->at, rest->end);
    rest->at = stop;
    return decode(arena, encoded, rest->special, decoded);
}

static enum tally_err take_pair(struct rest *rest, struct params *params,
                                struct arena *arena, const char *stop)
{
    const char *equals = memchr(rest->at, '=', (size_t)(stop - rest->at));
    struct param param = {.kind = PARAM_TEXT};
    enum tally_err err =
        take_text(rest, arena, equals ? equals : stop, &param.name);

    if (!err && equals) {
        rest->at++;
        err = take_text(rest, arena, stop, &param.value);
    }
    return err ? err : params_set(params, arena, param);
}

enum tally_err form_add_encoded(struct params *params, struct arena *arena,
                                struct text encoded)
{
    const char *at = encoded.at ? encoded.at : "";
    const char *end = at + encoded.len;
    struct rest rest = {at, end, find_special(at, end)};

    while (rest.at < end) {
        const char *ampersand = memchr(rest.at, '&', (size_t)(end - rest.at));
        const char *stop = ampersand ? ampersand : end;
        enum tally_err err = TALLY_OK;
        if (stop > rest.at)
            err = take_pair(&rest, params, arena, stop);
        if (err)
            return err;
        rest.at = ampersand ? ampersand + 1 : end;
    }
    return TALLY_OK;
}

/* What encodeURIComponent() leaves alone. */
static bool is_unreserved(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || (byte && strchr("-_.!~*'()", byte));
}

static bool is_encoded_throughout(struct text value)
{
    const char *end = value.at + value.len;
    bool has_escape = false;

    for (const char *at = value.at; at < end; at++) {
        if (escaped_byte(at, end) >= 0) {
            has_escape = true;
            at += 2;
        } else if (!is_unreserved(*at)) {
            return false;
        }
    }
    return has_escape;
}

/* One part of a multipart body. */
struct part {
    struct text name;
    struct text value;
    struct text filename;
    struct text type;
    bool is_field; /* a form field that is not a file */
    bool is_file;
    bool is_multipart;
};

/* Takes the text up to `stop` off the front of `rest`, and `stop` with it;
 * false when `stop` does not occur. */
static bool cut(struct text *rest, struct text stop, struct text *before)
{
    if (rest->len < stop.len)
        return false;
    const char *found = memmem(rest->at, rest->len, stop.at, stop.len);
    if (!found)
        return false;
    *before = (struct text){rest->at, (size_t)(found - rest->at)};
    rest->at += before->len + stop.len;
    rest->len -= before->len + stop.len;
    return true;
}

static void read_part_header(struct part *part, struct text line)
{
    struct text name;

    if (!cut(&line, TEXT(":"), &name))
        return;
    line = field_trim(line);
    if (field_is(name, "content-type")) {
        part->type = field_first(line);
        part->is_multipart = field_has_prefix(line, "multipart/");
    }
    if (!field_is(name, "content-disposition") ||
        !field_is(field_first(line), "form-data") ||
        !field_parameter(line, "name", &part->name))
        return;
    part->is_file = field_parameter(line, "filename", &part->filename) ||
                    field_parameter(line, "filename*", &part->filename);
    part->is_field = !part->is_file;
}

/* Reads headers and content of a part; `content` is what lies between two
 * boundary lines. */
static bool read_part(struct part *part, struct text content)
{
    struct text line;

    *part = (struct part){0};
    do {
        if (!cut(&content, TEXT("\r\n"), &line))
            return false;
        read_part_header(part, line);
    } while (line.len > 0);
    part->value = content;
    return true;
}

static enum tally_err add_part(struct params *params, struct arena *arena,
                               const struct part *part)
{
    struct param param = {.name = part->name, .value = part->value};
    enum tally_err err = repair(arena, &param.name);

    if (!err && is_encoded_throughout(part->value))
        err = form_decode(arena, part->value, &param.value);
    else if (!err)
        err = repair(arena, &param.value);
    return err ? err : params_set(params, arena, param);
}

static void append(char *joined, struct text *fields, struct text text)
{
    if (text.len > 0)
        memcpy(joined + fields->len, text.at, text.len);
    fields->len += text.len;
}

/* No longer than the part: its header alone has more than "&" and "=". */
static void join(char *joined, struct text *fields, const struct part *part)
{
    if (fields->len > 0)
        append(joined, fields, TEXT("&"));
    append(joined, fields, part->name);
    append(joined, fields, TEXT("="));
    append(joined, fields, part->value);
}

/* Puts "\r\n--boundary" into `line`. */
static bool make_boundary(char line[BOUNDARY_MAX + 4], struct text content_type,
                          struct text *boundary)
{
    struct text name;

    if (!field_parameter(content_type, "boundary", &name) || name.len == 0 ||
        name.len > BOUNDARY_MAX)
        return false;
    memcpy(line, "\r\n--", 4);
    memcpy(line + 4, name.at, name.len);
    *boundary = (struct text){line, name.len + 4};
    return true;
}

/* What follows a boundary: the end of the body, or blanks and a line end. */
static bool end_boundary(struct text *rest, bool *is_last)
{
    struct text padding;

    *is_last = text_has_prefix(*rest, "--");
    if (*is_last)
        return true;
    return cut(rest, TEXT("\r\n"), &padding) && field_trim(padding).len == 0;
}

static bool find_first_part(struct text *rest, struct text boundary,
                            bool *is_last)
{
    struct text preamble;
    struct text bare = {boundary.at + 2, boundary.len - 2};

    if (rest->len >= bare.len && memcmp(rest->at, bare.at, bare.len) == 0) {
        rest->at += bare.len;
        rest->len -= bare.len;
    } else if (!cut(rest, boundary, &preamble)) {
        return false;
    }
    return end_boundary(rest, is_last);
}

enum tally_err form_add_multipart(struct params *params, struct arena *arena,
                                  struct text content_type, struct text body,
                                  struct text *fields)
{
    char line[BOUNDARY_MAX + 4];
    struct text boundary, content;
    struct part part;
    struct text found = {0};
    bool is_last;

    if (!make_boundary(line, content_type, &boundary) ||
        !find_first_part(&body, boundary, &is_last))
        return TALLY_ERR_INVALID;
    char *joined = arena_alloc(arena, body.len + 1);
    if (!joined)
        return TALLY_ERR_TOO_BIG;
    while (!is_last) {
        enum tally_err err = TALLY_OK;
        if (!cut(&body, boundary, &content) || !read_part(&part, content) ||
            !end_boundary(&body, &is_last))
            return TALLY_ERR_INVALID;
        if (part.is_multipart)
            return TALLY_ERR_DENIED;
        if (part.is_field) {
            err = add_part(params, arena, &part);
            join(joined, &found, &part);
        }
        if (err)
            return err;
    }
    *fields = (struct text){joined, found.len};
    return TALLY_OK;
}

void form_each_file(struct text content_type, struct text body,
                    form_file_fn each, void *user)
{
    char line[BOUNDARY_MAX + 4];
    struct text boundary, content;
    struct part part;
    bool is_last;

    if (!make_boundary(line, content_type, &boundary) ||
        !find_first_part(&body, boundary, &is_last))
        return;
    while (!is_last && cut(&body, boundary, &content) &&
           read_part(&part, content) && end_boundary(&body, &is_last)) {
        if (part.is_file)
            each(user, &(struct form_file){part.name, part.filename, part.type,
                                           part.value});
    }
}
