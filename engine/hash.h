/*
 * hash.h - keyed hashes of what clients send.
 *
 * XXH3 with a secret in place of its own constants: who does not know the
 * secret cannot choose texts that collide. It is no cryptographic hash; what
 * is hashed here is never shown to anybody.
 */
#ifndef ENGINE_HASH_H
#define ENGINE_HASH_H

#include <stdint.h>

#include "engine/text.h"

enum { HASH_SEED_SIZE = 16, HASH_SECRET_SIZE = 192 };

struct hash_key {
    unsigned char secret[HASH_SECRET_SIZE];
};

/* A key of random bytes. */
void hash_key_random(struct hash_key *key);

/* The key that belongs to a seed: hashes by it may be stored. */
void hash_key_derive(struct hash_key *key,
                     const uint8_t seed[static HASH_SEED_SIZE]);

uint64_t hash_text(const struct hash_key *key, struct text text);

#endif
