#include "engine/hash.h"

#include <sodium.h>
#include <xxhash.h>

_Static_assert(HASH_SECRET_SIZE >= XXH3_SECRET_SIZE_MIN,
               "the secret is long enough");

void hash_key_random(struct hash_key *key)
{
    randombytes_buf(key->secret, sizeof(key->secret));
}

void hash_key_derive(struct hash_key *key,
                     const uint8_t seed[static HASH_SEED_SIZE])
{
    unsigned char whole[randombytes_SEEDBYTES] = {0};

    memcpy(whole, seed, HASH_SEED_SIZE);
    randombytes_buf_deterministic(key->secret, sizeof(key->secret), whole);
    sodium_memzero(whole, sizeof(whole));
}

uint64_t hash_text(const struct hash_key *key, struct text text)
{
    return XXH3_64bits_withSecret(text.at, text.len, key->secret,
                                  sizeof(key->secret));
}
