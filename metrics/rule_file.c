#include "metrics/rule_file.h"

#include <stdbool.h>

struct reading {
    struct arena *arena;
    rule_entry_fn fn;
    void *user;
    struct rule_entry entry; /* not yet given to fn, if it has members */
};

static struct text rest_of(struct text text, size_t from)
{
    return (struct text){text.at + from, text.len - from};
}

static size_t count_blanks(struct text text)
{
    size_t count = 0;

    while (count < text.len &&
           (text.at[count] == ' ' || text.at[count] == '\t'))
        count++;
    return count;
}

static struct text take_line(struct text *content)
{
    const char *end = memchr(content->at, '\n', content->len);
    size_t len = end ? (size_t)(end - content->at) : content->len;
    struct text line = {content->at, len};

    *content = rest_of(*content, len + (end != NULL));
    while (line.len > 0 &&
           (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/* Nothing, or a comment. */
static bool is_blank(struct text text)
{
    text = rest_of(text, count_blanks(text));
    return text.len == 0 || text.at[0] == '#';
}

/* Takes a name and its colon from the line. */
static bool take_name(struct text *line, struct text *name)
{
    const char *colon = line->len > 0 ? memchr(line->at, ':', line->len) : NULL;

    if (!colon || colon == line->at)
        return false;
    *name = (struct text){line->at, (size_t)(colon - line->at)};
    *line = rest_of(*line, name->len + 1);
    return true;
}

/* What stands between quotes; false when they do not end, or not at the end
 * of the line. */
static bool decode_quoted(struct text raw, char *bytes, size_t *len)
{
    char quote = raw.at[0];
    size_t i = 1;

    *len = 0;
    for (; i < raw.len; i++) {
        bool escapes = raw.at[i] == (quote == '"' ? '\\' : quote);
        bool is_escaped =
            escapes && i + 1 < raw.len &&
            (raw.at[i + 1] == quote || (quote == '"' && raw.at[i + 1] == '\\'));
        if (is_escaped)
            i++;
        else if (escapes || raw.at[i] == quote)
            break;
        bytes[(*len)++] = raw.at[i];
    }
    return i < raw.len && raw.at[i] == quote && is_blank(rest_of(raw, i + 1));
}

static enum tally_err decode_value(struct text raw, struct arena *arena,
                                   struct text *value)
{
    char *bytes = arena_strndup(arena, raw.at, raw.len);
    bool is_quoted = raw.len > 0 && (raw.at[0] == '\'' || raw.at[0] == '"');
    size_t len = raw.len;

    if (!bytes)
        return TALLY_ERR_TOO_BIG;
    if (is_quoted && !decode_quoted(raw, bytes, &len))
        return TALLY_ERR_INVALID;
    *value = (struct text){bytes, len};
    return TALLY_OK;
}

static enum tally_err add_member(struct reading *reading, struct text line)
{
    struct rule_entry *entry = &reading->entry;
    struct text name;
    struct text value;

    if (!take_name(&line, &name))
        return TALLY_ERR_INVALID;
    if (entry->count == RULE_MEMBERS_MAX)
        return TALLY_ERR_TOO_BIG;
    enum tally_err err =
        decode_value(rest_of(line, count_blanks(line)), reading->arena, &value);
    if (err)
        return err;
    entry->names[entry->count] = name;
    entry->values[entry->count++] = value;
    return TALLY_OK;
}

static enum tally_err end_entry(struct reading *reading)
{
    enum tally_err err = TALLY_OK;

    if (reading->entry.count > 0)
        err = reading->fn(reading->user, &reading->entry);
    reading->entry.count = 0;
    return err;
}

static enum tally_err begin_list(struct reading *reading, struct text line)
{
    enum tally_err err = end_entry(reading);

    if (err)
        return err;
    return take_name(&line, &reading->entry.list) && is_blank(line)
               ? TALLY_OK
               : TALLY_ERR_INVALID;
}

static enum tally_err read_line(struct reading *reading, struct text line)
{
    size_t blanks = count_blanks(line);
    struct text rest = rest_of(line, blanks);
    enum tally_err err = TALLY_OK;

    if (is_blank(line))
        return TALLY_OK;
    if (blanks == 0 && rest.at[0] != '-')
        return begin_list(reading, line);
    if (rest.at[0] == '-') {
        err = end_entry(reading);
        rest = rest_of(rest, 1);
        rest = rest_of(rest, count_blanks(rest));
    } else if (reading->entry.count == 0) {
        return TALLY_ERR_INVALID;
    }
    return err ? err : add_member(reading, rest);
}

enum tally_err rule_file_read(struct text content, struct arena *arena,
                              rule_entry_fn fn, void *user, unsigned *line)
{
    struct reading reading = {.arena = arena, .fn = fn, .user = user};
    enum tally_err err = TALLY_OK;
    unsigned number = 0;

    while (!err && content.len > 0) {
        number++;
        err = read_line(&reading, take_line(&content));
    }
    if (!err)
        err = end_entry(&reading);
    if (err)
        *line = number;
    return err;
}

struct text rule_entry_member(const struct rule_entry *entry, const char *name)
{
    for (unsigned i = 0; i < entry->count; i++) {
        if (text_is(entry->names[i], name))
            return entry->values[i];
    }
    return (struct text){NULL, 0};
}
