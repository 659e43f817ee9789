/*
 * Open addressing with linear probing, at most half full. An erased entry
 * leaves no mark: the entries behind it move up.
 */
#include "metrics/lookup.h"

#include <sodium.h>
#include <stdlib.h>

#include "engine/memory.h"

enum { FIRST_ROOM = 16 };

_Static_assert(LOOKUP_KEY_SIZE == crypto_shorthash_KEYBYTES,
               "the key fits SipHash");

static uint64_t hash_key(const struct lookup *lookup, struct text key)
{
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash;

    crypto_shorthash(bytes, (const unsigned char *)key.at, key.len,
                     lookup->key);
    memcpy(&hash, bytes, sizeof(hash));
    return hash;
}

/* The entry of the key, or the free one where it would go. */
static struct lookup_entry *find_entry(const struct lookup *lookup,
                                       struct text key, uint64_t hash)
{
    size_t mask = lookup->room - 1;
    size_t at = (size_t)hash & mask;

    while (lookup->entries[at].value) {
        const struct lookup_entry *entry = &lookup->entries[at];

        if (entry->hash == hash && text_equal(entry->key, key))
            break;
        at = (at + 1) & mask;
    }
    return &lookup->entries[at];
}

static void grow(struct lookup *lookup)
{
    struct lookup_entry *old = lookup->entries;
    size_t old_room = lookup->room;

    lookup->room = old_room ? old_room * 2 : FIRST_ROOM;
    lookup->entries = memory_alloc(lookup->room * sizeof(*lookup->entries));
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].value)
            *find_entry(lookup, old[i].key, old[i].hash) = old[i];
    }
    free(old);
}

void lookup_init(struct lookup *lookup)
{
    *lookup = (struct lookup){0};
    randombytes_buf(lookup->key, sizeof(lookup->key));
}

void lookup_finish(struct lookup *lookup)
{
    free(lookup->entries);
    *lookup = (struct lookup){0};
}

void *lookup_find(const struct lookup *lookup, struct text key)
{
    if (lookup->count == 0)
        return NULL;
    return find_entry(lookup, key, hash_key(lookup, key))->value;
}

void lookup_put(struct lookup *lookup, struct text key, void *value)
{
    if ((lookup->count + 1) * 2 > lookup->room)
        grow(lookup);

    uint64_t hash = hash_key(lookup, key);
    struct lookup_entry *entry = find_entry(lookup, key, hash);

    if (!entry->value)
        lookup->count++;
    *entry = (struct lookup_entry){.hash = hash, .key = key, .value = value};
}

void lookup_erase(struct lookup *lookup, struct text key)
{
    if (lookup->count == 0)
        return;

    size_t mask = lookup->room - 1;
    struct lookup_entry *entry = find_entry(lookup, key, hash_key(lookup, key));
    size_t hole = (size_t)(entry - lookup->entries);

    if (!entry->value)
        return;
    lookup->count--;
    for (size_t at = (hole + 1) & mask; lookup->entries[at].value;
         at = (at + 1) & mask) {
        size_t home = (size_t)lookup->entries[at].hash & mask;

        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        lookup->entries[hole] = lookup->entries[at];
        hole = at;
    }
    lookup->entries[hole] = (struct lookup_entry){0};
}
