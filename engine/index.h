/*
 * index.h - a hash index from keys to places in a region.
 *
 * Open addressing; 0 is no place. The owner compares keys, of entries whose
 * hash fits: the index keeps the hashes beside the places, so that looking for
 * what is not there touches no entry. Entries start with their hash (u32).
 */
#ifndef ENGINE_INDEX_H
#define ENGINE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_slot {
    uint32_t place;
    uint32_t hash;
};

struct index {
    struct index_slot *slots;
    uint32_t room; /* a power of two, or 0 */
    uint32_t count;
};

/* Hashes a number into a hash; the first of a key goes into a secret seed. */
static inline uint32_t index_mix(uint32_t hash, uint32_t value)
{
    uint64_t product = (uint64_t)(hash ^ value) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(product >> 32) ^ (uint32_t)product;
}

/* `entry` has the hash looked for; is its key `key`? */
typedef bool (*index_same_fn)(const void *entry, const void *key);

/* The place of the entry with this key, or 0. `base` is the region's. */
static inline uint32_t index_find(const struct index *index, const char *base,
                                  uint32_t hash, index_same_fn same,
                                  const void *key)
{
    if (index->room == 0)
        return 0;
    for (uint32_t i = hash & (index->room - 1);;
         i = (i + 1) & (index->room - 1)) {
        const struct index_slot *slot = &index->slots[i];
        if (slot->place == 0)
            return 0;
        if (slot->hash == hash && same(base + slot->place, key))
            return slot->place;
    }
}

/* Adds an entry that is not there yet. */
void index_add(struct index *index, const char *base, uint32_t place);

/* Points the key of the entry at `from` to `to`, an entry of equal key. */
void index_move(struct index *index, const char *base, uint32_t from,
                uint32_t to);

/* Forgets all entries and frees the memory. */
void index_clear(struct index *index);

#endif
