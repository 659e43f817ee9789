/*
 * rule_file.h - reads files of rules in the part of YAML that uap-core uses:
 *
 *   user_agent_parsers:             a list
 *     # a comment
 *     - regex: '(Word)/(\d+)'       an entry
 *       family_replacement: 'Name'  another member of it
 *
 * Values are in single quotes (two stand for one), in double quotes (with \"
 * and \\) or bare.
 */
#ifndef METRICS_RULE_FILE_H
#define METRICS_RULE_FILE_H

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"

enum { RULE_MEMBERS_MAX = 12 };

struct rule_entry {
    struct text list;
    unsigned count;
    struct text names[RULE_MEMBERS_MAX];
    struct text values[RULE_MEMBERS_MAX]; /* in the arena */
};

/* Anything but TALLY_OK ends the reading. */
typedef enum tally_err (*rule_entry_fn)(void *user,
                                        const struct rule_entry *entry);

/* Gives each entry to fn. TALLY_ERR_INVALID for a line that is none of the
 * above, TALLY_ERR_TOO_BIG for an entry of too many members and at the arena's
 * limit, or what fn returned; then `line` is where. */
TALLY_MUST_CHECK
enum tally_err rule_file_read(struct text content, struct arena *arena,
                              rule_entry_fn fn, void *user, unsigned *line);

/* A member of the entry; empty when there is none. */
struct text rule_entry_member(const struct rule_entry *entry, const char *name);

#endif
