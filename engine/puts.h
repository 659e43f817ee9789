/*
 * puts.h - where the puts and erases of a large batch are, by key, and the
 * years in which it counts values.
 *
 * A batch is looked through from its start as long as it is small; beyond that
 * this remembers what was looked through.
 */
#ifndef ENGINE_PUTS_H
#define ENGINE_PUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/hash.h"
#include "engine/table.h"
#include "engine/text.h"

enum { PUTS_HEADS = 1024 };

struct put_place {
    uint64_t hash;
    uint32_t at;   /* of the effect */
    uint32_t next; /* an earlier one + 1, 0 at the end */
};

struct puts {
    /* private state */
    struct hash_key key;
    size_t seen; /* bytes that were looked through */
    struct put_place *list;
    size_t count;
    size_t room;
    uint32_t heads[PUTS_HEADS];
};

/* Never NULL. */
struct puts *puts_create(void);

/* NULL is a no-op. */
void puts_destroy(struct puts *puts);

/* Forgets everything: other bytes will be looked through. */
void puts_clear(struct puts *puts);

/* What the effects do last to a key; `effects` are those of the last call,
 * or more. The value borrows from them. */
enum batch_answer puts_find(struct puts *puts, struct text effects,
                            enum table table, struct text key,
                            struct text *value);

/* Do the effects add to `t` of the value of a count in other years, but not in
 * this one? */
bool puts_count_elsewhere(struct puts *puts, struct text effects,
                          const struct count *value, int year);

#endif
