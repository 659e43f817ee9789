/*
 * activity.h - who was active on a day, as records.
 *
 * ACTIVE: one record a chunk of CHUNK_ORDINALS ordinals, either a bitset of
 * CHUNK_BYTES bytes or, up to CHUNK_ARRAY_MAX ordinals, a sorted array of
 * u16 (big-endian); the length tells which.
 *
 * COLUMNS: who was active with which value of a set. Each checkpoint adds
 * records of its own and never touches old ones, so an (ordinal, value) pair
 * may stand in several. A record holds pairs sorted by value, then ordinal:
 *
 *   record = (value step var, count var, ordinal step var * count) *
 *
 * Steps are differences to the value, or within a value the ordinal, before.
 */
#ifndef ENGINE_ACTIVITY_H
#define ENGINE_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/marks.h"
#include "engine/text.h"

enum {
    CHUNK_BYTES = 4080,
    CHUNK_ORDINALS = CHUNK_BYTES * 8,
    CHUNK_ARRAY_MAX = 1010,
    COLUMN_BYTES = 4000, /* of one record */
};

/* The bits of one chunk in memory. */
struct chunk {
    uint8_t bits[CHUNK_BYTES];
};

static inline void chunk_set(struct chunk *chunk, uint32_t bit)
{
    chunk->bits[bit >> 3] |= (uint8_t)(1u << (bit & 7));
}

static inline bool chunk_has(const struct chunk *chunk, uint32_t bit)
{
    return chunk->bits[bit >> 3] >> (bit & 7) & 1;
}

/* Adds a record's ordinals. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err chunk_add(struct chunk *chunk, struct text record);

/* How many ordinals are in it. */
uint32_t chunk_count(const struct chunk *chunk);

/* How many are in both. */
uint32_t chunk_shared(const struct chunk *a, const struct chunk *b);

/* Writes the chunk in its shorter form; `bytes` has CHUNK_BYTES. */
struct text chunk_write(const struct chunk *chunk,
                        uint8_t bytes[static CHUNK_BYTES]);

/* Sorts marks by value, then ordinal, and drops repeats; the new count. */
size_t column_sort(struct marks_pair *marks, size_t count);

/* Writes as many of the sorted marks as one record holds; their number.
 * `bytes` has COLUMN_BYTES, *len of them are used. */
size_t column_write(const struct marks_pair *marks, size_t count,
                    uint8_t bytes[static COLUMN_BYTES], size_t *len);

/* Calls fn for every pair of a record. TALLY_ERR_CORRUPT. */
typedef void (*column_fn)(void *user, uint32_t value, uint32_t ordinal);
TALLY_MUST_CHECK
enum tally_err column_read(struct text record, column_fn fn, void *user);

#endif
