#include "http/journal.h"

#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/clock.h"
#include "engine/memory.h"
#include "engine/utf8.h"

enum {
    KINDS_MAX = 128, /* more messages than the program has */
    LINE_MAX_BYTES = 16 * 1024,
};

static const char *const names[] = {
    [JOURNAL_ERROR] = "error",
    [JOURNAL_WARNING] = "warning",
    [JOURNAL_INFO] = "info",
    [JOURNAL_DEBUG] = "debug",
};

enum { LEVELS = sizeof(names) / sizeof(names[0]) };

struct kind {
    const char *message;
    int64_t since; /* the window's start, in ms */
    unsigned lines;
    int64_t suppressed;
};

struct journal {
    FILE *out;
    enum journal_level level;
    struct buffer line;
    unsigned count;
    struct kind kinds[KINDS_MAX]; /* the last one takes what has no room */
};

struct journal *journal_create(FILE *out, enum journal_level level)
{
    struct journal *journal = memory_alloc(sizeof(*journal));

    journal->out = out;
    journal->level = level;
    buffer_init(&journal->line, LINE_MAX_BYTES);
    return journal;
}

void journal_destroy(struct journal *journal)
{
    if (!journal)
        return;

    buffer_finish(&journal->line);
    free(journal);
}

void journal_set_level(struct journal *journal, enum journal_level level)
{
    journal->level = level;
}

bool journal_has_level(const struct journal *journal, enum journal_level level)
{
    return level <= journal->level;
}

static struct kind *kind_of(struct journal *journal, const char *message)
{
    unsigned at = 0;

    while (at < journal->count &&
           strcmp(journal->kinds[at].message, message) != 0)
        at++;
    if (at == KINDS_MAX)
        return &journal->kinds[KINDS_MAX - 1];
    if (at == journal->count) {
        journal->kinds[at].message = message;
        journal->count++;
    }
    return &journal->kinds[at];
}

/* A clock that was set back begins a new window. */
static bool is_allowed(struct kind *kind, int64_t now)
{
    if (now < kind->since || now - kind->since >= JOURNAL_WINDOW_MS) {
        kind->since = now;
        kind->lines = 0;
    }
    if (kind->lines >= JOURNAL_BURST) {
        kind->suppressed++;
        return false;
    }
    kind->lines++;
    return true;
}

static void add_escaped_byte(struct buffer *line, unsigned char byte)
{
    char text[8];

    snprintf(text, sizeof(text), "\\x%02x", byte);
    buffer_add_string(line, text);
}

/* U+0080 to U+009F steer terminals as the ones below U+0020 do. */
static bool is_control(const unsigned char *at, int len)
{
    return (len == 1 && (*at < ' ' || *at == 0x7f)) ||
           (len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

static void add_quoted(struct buffer *line, struct text value)
{
    buffer_add_byte(line, '"');
    while (value.len > 0) {
        const unsigned char *at = (const unsigned char *)value.at;
        int len = utf8_next(value);
        size_t taken = (size_t)(len > 0 ? len : -len);

        if (len == 1 && (*at == '"' || *at == '\\')) {
            buffer_add_byte(line, '\\');
            buffer_add_byte(line, (char)*at);
        } else if (len > 0 && !is_control(at, len)) {
            buffer_add(line, at, taken);
        } else {
            for (size_t i = 0; i < taken; i++)
                add_escaped_byte(line, at[i]);
        }
        value.at += taken;
        value.len -= taken;
    }
    buffer_add_byte(line, '"');
}

/* Whether a value can stand without quotes. */
static bool is_plain(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z') || (c && strchr("._-:/+@,[]", c))))
            return false;
    }
    return value.len > 0;
}

static void add_field(struct buffer *line, const struct journal_field *field)
{
    struct text value = field->text;

    buffer_add_byte(line, ' ');
    buffer_add_string(line, field->key);
    buffer_add_byte(line, '=');
    if (field->is_number) {
        buffer_add_int(line, field->number);
        return;
    }
    if (value.len > JOURNAL_VALUE_MAX)
        value.len = JOURNAL_VALUE_MAX;
    if (is_plain(value))
        buffer_add_text(line, value);
    else
        add_quoted(line, value);
}

void journal_write(struct journal *journal, enum journal_level level,
                   const char *message, const struct journal_field *fields)
{
    struct buffer *line = &journal->line;

    if (!journal_has_level(journal, level))
        return;

    struct kind *kind = kind_of(journal, message);

    if (!is_allowed(kind, clock_now_ms()))
        return;
    buffer_clear(line);
    buffer_add_string(line, "level=");
    buffer_add_string(line, names[level]);
    buffer_add_string(line, " msg=");
    add_quoted(line, text_of(message));
    for (; fields && fields->key; fields++)
        add_field(line, fields);
    if (kind->suppressed > 0) {
        struct journal_field left = journal_int("suppressed", kind->suppressed);

        add_field(line, &left);
        kind->suppressed = 0;
    }
    buffer_add_byte(line, '\n');
    fwrite(line->at, 1, line->len, journal->out);
    fflush(journal->out);
}

bool journal_level_read(struct text name, enum journal_level *level)
{
    for (unsigned i = 0; i < LEVELS; i++) {
        if (text_is(name, names[i])) {
            *level = (enum journal_level)i;
            return true;
        }
    }
    return false;
}
