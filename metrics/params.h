/*
 * params.h - the parameters of one request, whatever they came in.
 *
 * Query string, form body, multipart fields and JSON objects all end as one
 * list of names and values (spec B.1, 0.4.18). A value that came from a form
 * is text; one that came from JSON remembers its type, because nested values
 * (metrics, events, requests ...) may be JSON text or real JSON.
 *
 * Names and values are borrowed: they live as long as the arena or the bytes
 * they were decoded from. Values may hold NUL bytes.
 */
#ifndef METRICS_PARAMS_H
#define METRICS_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"

enum param_kind {
    PARAM_TEXT,   /* value is the decoded text */
    PARAM_NUMBER, /* value is the JSON text of a number */
    PARAM_BOOL,   /* "true" or "false" */
    PARAM_NULL,   /* "null" */
    PARAM_JSON,   /* value is the JSON text of an object or array */
};

struct param {
    struct text name;
    struct text value;
    enum param_kind kind;
    uint32_t tag; /* private: most names differ in it already */
};

enum { PARAMS_MAX = 256 }; /* parameters of one request */

struct params {
    struct param *list;
    unsigned count;
    /* private state */
    unsigned room;
    uint64_t names; /* a bit for each name: most that are absent show in it */
};

/* Sets the value of `name`, replacing an earlier one: the last repeat wins.
 * TALLY_ERR_TOO_BIG past PARAMS_MAX or the arena's limit. */
TALLY_MUST_CHECK
enum tally_err params_set(struct params *params, struct arena *arena,
                          struct param param);

/* Adds the members of a JSON object. Strings are decoded to text, everything
 * else keeps its JSON text. Member text is copied to the arena only where it
 * must be decoded, else it borrows from `json`.
 * TALLY_ERR_INVALID when `json` is not one well-formed JSON object (depth at
 * most 32), TALLY_ERR_TOO_BIG as params_set(). */
TALLY_MUST_CHECK
enum tally_err params_add_json(struct params *params, struct arena *arena,
                               struct text json);

/* private: the tag of a name, its bit in `names`, and the parameter of a name
 * whose bit is set. */
static inline uint32_t params_tag(struct text name)
{
    if (name.len == 0)
        return 0;
    return (uint32_t)name.len << 16 |
           (uint32_t)(unsigned char)name.at[name.len / 2] << 8 |
           (unsigned char)name.at[name.len - 1];
}

static inline uint64_t params_bit(uint32_t tag)
{
    return UINT64_C(1) << (tag * 0x9e3779b1u >> 26);
}

const struct param *params_seek(const struct params *params, struct text name,
                                uint32_t tag);

/* NULL when there is none of that name. Inlined, because of a name that is
 * written in the source all but one test of a bit is done by the compiler, and
 * of most names that is all: requests have few of those that are known. */
__attribute__((always_inline)) static inline const struct param *
params_get(const struct params *params, struct text name)
{
    uint32_t tag = params_tag(name);

    return params->names & params_bit(tag) ? params_seek(params, name, tag)
                                           : NULL;
}

/* The value as text; an empty text when absent (NULL) or null. */
struct text param_text(const struct param *param);

/* Truth of a flag: absent, null, false, 0, "0", "false" and empty text are
 * false, anything else is true (spec 0.4.15). */
bool param_is_true(const struct param *param);

/* Present and, as JavaScript sees it, truthy: not absent, null, false, the
 * number 0 or empty text. The text "0" counts as present. */
bool param_is_there(const struct param *param);

/* The same by name. */
__attribute__((always_inline)) static inline const struct param *
params_find(const struct params *params, const char *name)
{
    return params_get(params, (struct text){name, strlen(name)});
}

__attribute__((always_inline)) static inline struct text
params_text(const struct params *params, const char *name)
{
    return param_text(params_find(params, name));
}

__attribute__((always_inline)) static inline bool
params_is_true(const struct params *params, const char *name)
{
    return param_is_true(params_find(params, name));
}

__attribute__((always_inline)) static inline bool
params_has(const struct params *params, const char *name)
{
    return param_is_there(params_find(params, name));
}

#endif
