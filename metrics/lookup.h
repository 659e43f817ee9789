/*
 * lookup.h - a hash map from texts to pointers.
 *
 * Hashes are SipHash under a random key, so that clients who choose the texts
 * cannot make them collide. Keys are borrowed, mostly from what the pointer
 * points to: they live as long as their entry.
 */
#ifndef METRICS_LOOKUP_H
#define METRICS_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "engine/text.h"

enum { LOOKUP_KEY_SIZE = 16 };

struct lookup_entry {
    uint64_t hash;
    struct text key;
    void *value; /* NULL: the slot is free */
};

struct lookup {
    /* private state */
    struct lookup_entry *entries;
    size_t room; /* 0 or a power of two */
    size_t count;
    unsigned char key[LOOKUP_KEY_SIZE];
};

/* Makes an empty lookup; allocates nothing yet. */
void lookup_init(struct lookup *lookup);

/* Frees the entries, not what they point to. */
void lookup_finish(struct lookup *lookup);

/* NULL when there is no such key. */
void *lookup_find(const struct lookup *lookup, struct text key);

/* Sets the value (not NULL) of a key; the entry borrows this key from now on.
 */
void lookup_put(struct lookup *lookup, struct text key, void *value);

/* Does nothing when there is no such key. */
void lookup_erase(struct lookup *lookup, struct text key);

#endif
