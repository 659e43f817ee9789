/*
 * journal.h - what the daemon says on stderr, for systemd or Docker to keep.
 *
 * One event is one line: level=info msg="listening" port=3001. Control
 * characters and broken UTF-8 are escaped, long values are cut. Lines with the
 * same message share an allowance of JOURNAL_BURST in JOURNAL_WINDOW_MS, so
 * that a stranger cannot fill the disk; what was left out is counted in the
 * next line of that message as `suppressed`.
 *
 * There is one journal, as there is one stderr; any thread may write.
 */
#ifndef HTTP_JOURNAL_H
#define HTTP_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/text.h"

enum journal_level {
    JOURNAL_ERROR,
    JOURNAL_WARNING,
    JOURNAL_INFO,
    JOURNAL_DEBUG,
};

enum {
    JOURNAL_BURST = 20,
    JOURNAL_WINDOW_MS = 10000,
    JOURNAL_VALUE_MAX = 512, /* bytes of a value, before escaping */
};

struct journal_field {
    const char *key; /* NULL ends a list */
    struct text text;
    int64_t number;
    bool is_number;
};

static inline struct journal_field journal_text(const char *key,
                                                struct text text)
{
    return (struct journal_field){.key = key, .text = text};
}

static inline struct journal_field journal_string(const char *key,
                                                  const char *string)
{
    return (struct journal_field){.key = key, .text = text_of(string)};
}

static inline struct journal_field journal_int(const char *key, int64_t number)
{
    return (struct journal_field){
        .key = key, .number = number, .is_number = true};
}

#define JOURNAL_END ((struct journal_field){.key = NULL})

/* Writes a line. `message` is a text of the program and names the kind;
 * `fields` ends with JOURNAL_END, NULL is no field. */
void journal_write(enum journal_level level, const char *message,
                   const struct journal_field *fields);

/* A line with one field or, with a NULL key, none. */
void journal_error(const char *message, const char *key, const char *value);
void journal_warning(const char *message, const char *key, const char *value);
void journal_info(const char *message, const char *key, const char *value);
void journal_debug(const char *message, const char *key, const char *value);

/* The least important level that is written; info at first. */
void journal_set_level(enum journal_level level);

/* Whether a line of that level would be written, the allowance apart. */
bool journal_has_level(enum journal_level level);

/* Writes to `out` from now on, stderr with NULL, and forgets all allowances.
 * For tests. */
void journal_set_output(FILE *out);

/* "error", "warning", "info" or "debug"; false for anything else. */
bool journal_level_read(struct text name, enum journal_level *level);

#endif
