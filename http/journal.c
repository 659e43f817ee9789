#include "http/journal.h"

#include <pthread.h>
#include <string.h>

#include "engine/buffer.h"
#include "engine/clock.h"
#include "engine/utf8.h"

enum {
    MESSAGE_SIZE = 64,
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
    char message[MESSAGE_SIZE]; /* cut */
    int64_t since;              /* the window's start, in ms */
    unsigned lines;
    int64_t suppressed;
};

static struct {
    pthread_mutex_t lock;
    FILE *out; /* NULL: stderr */
    enum journal_level level;
    unsigned count;
    struct kind kinds[KINDS_MAX]; /* the last one takes what has no room */
} journal = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = JOURNAL_INFO};

void journal_set_output(FILE *out)
{
    pthread_mutex_lock(&journal.lock);
    journal.out = out;
    journal.count = 0;
    memset(journal.kinds, 0, sizeof(journal.kinds));
    pthread_mutex_unlock(&journal.lock);
}

void journal_set_level(enum journal_level level)
{
    pthread_mutex_lock(&journal.lock);
    journal.level = level;
    pthread_mutex_unlock(&journal.lock);
}

bool journal_has_level(enum journal_level level)
{
    pthread_mutex_lock(&journal.lock);
    bool has = level <= journal.level;
    pthread_mutex_unlock(&journal.lock);
    return has;
}

static struct kind *kind_of(const char *message)
{
    char name[MESSAGE_SIZE];
    size_t len = strnlen(message, MESSAGE_SIZE - 1);
    unsigned at = 0;

    memcpy(name, message, len);
    name[len] = '\0';
    while (at < journal.count && strcmp(journal.kinds[at].message, name) != 0)
        at++;
    if (at == KINDS_MAX)
        return &journal.kinds[KINDS_MAX - 1];
    if (at == journal.count) {
        memcpy(journal.kinds[at].message, name, len + 1);
        journal.count++;
    }
    return &journal.kinds[at];
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

static void add_line(struct buffer *line, enum journal_level level,
                     const char *message, const struct journal_field *fields)
{
    buffer_add_string(line, "level=");
    buffer_add_string(line, names[level]);
    buffer_add_string(line, " msg=");
    add_quoted(line, text_of(message));
    for (; fields && fields->key; fields++)
        add_field(line, fields);
}

/* With the allowance taken; false when there was none. */
static bool begin_line(const char *message, int64_t *suppressed)
{
    pthread_mutex_lock(&journal.lock);

    struct kind *kind = kind_of(message);
    bool is_due = is_allowed(kind, clock_now_ms());

    if (is_due) {
        *suppressed = kind->suppressed;
        kind->suppressed = 0;
    }
    pthread_mutex_unlock(&journal.lock);
    return is_due;
}

void journal_write(enum journal_level level, const char *message,
                   const struct journal_field *fields)
{
    struct buffer line;
    int64_t suppressed;

    if (!journal_has_level(level) || !begin_line(message, &suppressed))
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    add_line(&line, level, message, fields);
    if (suppressed > 0) {
        struct journal_field left = journal_int("suppressed", suppressed);

        add_field(&line, &left);
    }
    buffer_add_byte(&line, '\n');

    FILE *out = journal.out ? journal.out : stderr;

    fwrite(line.at, 1, line.len, out);
    fflush(out);
    buffer_finish(&line);
}

static void write_one(enum journal_level level, const char *message,
                      const char *key, const char *value)
{
    const struct journal_field fields[] = {journal_string(key, value),
                                           JOURNAL_END};

    journal_write(level, message, fields);
}

void journal_error(const char *message, const char *key, const char *value)
{
    write_one(JOURNAL_ERROR, message, key, value);
}

void journal_warning(const char *message, const char *key, const char *value)
{
    write_one(JOURNAL_WARNING, message, key, value);
}

void journal_info(const char *message, const char *key, const char *value)
{
    write_one(JOURNAL_INFO, message, key, value);
}

void journal_debug(const char *message, const char *key, const char *value)
{
    write_one(JOURNAL_DEBUG, message, key, value);
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
