/*
 * ordinals.h - a set of users of one app, in memory.
 *
 * A bitset in chunks as they are stored (activity.h), so that a day's users
 * are added by OR.
 */
#ifndef ENGINE_ORDINALS_H
#define ENGINE_ORDINALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/activity.h"
#include "engine/error.h"
#include "engine/text.h"

struct ordinals {
    /* private state */
    struct chunk **chunks; /* NULL where nobody is */
    size_t room;
};

/* A zeroed set is empty. */
void ordinals_finish(struct ordinals *ordinals);

void ordinals_add(struct ordinals *ordinals, uint32_t ordinal);
bool ordinals_has(const struct ordinals *ordinals, uint32_t ordinal);

/* Who is `from` in the set is `to` instead. */
void ordinals_replace(struct ordinals *ordinals, uint32_t from, uint32_t to);

/* Adds chunk `number` as it is stored. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err ordinals_add_chunk(struct ordinals *ordinals, uint32_t number,
                                  struct text record);

uint64_t ordinals_count(const struct ordinals *ordinals);

/* How many chunks it has in memory. */
size_t ordinals_chunks(const struct ordinals *ordinals);

/* Nobody is in it; the memory is kept. */
void ordinals_clear(struct ordinals *ordinals);

/* Adds who is in `other`; leaves who is in `other` as well; takes away who is
 * in `other`. */
void ordinals_unite(struct ordinals *ordinals, const struct ordinals *other);
void ordinals_meet(struct ordinals *ordinals, const struct ordinals *other);
void ordinals_remove(struct ordinals *ordinals, const struct ordinals *other);

/* How many are in both. */
uint64_t ordinals_shared(const struct ordinals *a, const struct ordinals *b);

#endif
