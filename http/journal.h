/*
 * journal.h - what the daemon says on stderr, for systemd or Docker to keep.
 *
 * One event is one line: level=info msg="listening" port=3001. Control
 * characters and broken UTF-8 are escaped, long values are cut. Lines with the
 * same message share an allowance of JOURNAL_BURST in JOURNAL_WINDOW_MS, so
 * that a stranger cannot fill the disk; what was left out is counted in the
 * next line of that message as `suppressed`.
 *
 * A journal belongs to one thread.
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

struct journal;

/* Writes lines up to `level` to `out`, which outlives the journal. */
struct journal *journal_create(FILE *out, enum journal_level level);

/* NULL is a no-op. */
void journal_destroy(struct journal *journal);

void journal_set_level(struct journal *journal, enum journal_level level);

/* Whether a line of that level would be written, the allowance apart. */
bool journal_has_level(const struct journal *journal, enum journal_level level);

/* Writes a line. `message` is a constant of the program and names the kind;
 * `fields` ends with JOURNAL_END, NULL is no field. */
void journal_write(struct journal *journal, enum journal_level level,
                   const char *message, const struct journal_field *fields);

/* "error", "warning", "info" or "debug"; false for anything else. */
bool journal_level_read(struct text name, enum journal_level *level);

#endif
