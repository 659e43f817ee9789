/*
 * identity.h - what users, devices and requests are called.
 *
 * The keyed hashes need a secret of the installation, so that no stranger can
 * choose values that collide.
 */
#ifndef METRICS_IDENTITY_H
#define METRICS_IDENTITY_H

#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/hash.h"
#include "engine/text.h"

enum {
    IDENTITY_KEY_SIZE = 16,
    IDENTITY_HASH_SIZE = 16,
    IDENTITY_APP_USER_ID_SIZE = 41, /* 40 hex digits and a NUL */
    IDENTITY_UID_SIZE = 8,          /* up to 6 digits and a NUL */
};

/* The id of an app user: SHA-1 of key and device id, lower-case hex (spec
 * B.4). */
void identity_app_user_id(struct text app_key, struct text device_id,
                          char id[IDENTITY_APP_USER_ID_SIZE]);

/* The short name of an app's user: its ordinal, from 1, in base 62. */
void identity_uid(uint32_t ordinal, char uid[IDENTITY_UID_SIZE]);

/* The ordinal that such a name means; 0 for none. */
uint32_t identity_ordinal(struct text uid);

/* A keyed hash that stands for a device id. */
void identity_device_hash(const uint8_t key[IDENTITY_KEY_SIZE],
                          struct text device_id,
                          uint8_t hash[IDENTITY_HASH_SIZE]);

/* A keyed hash by which a repeated request is known (spec 0.4.12): of query
 * and raw body in sent order, without the parameters `rr`, `checksum` and
 * `checksum256`. Of a bulk item the body is its own text, the query empty.
 * TALLY_ERR_TOO_BIG past the arena's limit. */
TALLY_MUST_CHECK
enum tally_err identity_request_hash(const struct hash_key *key,
                                     struct arena *arena, struct text query,
                                     struct text body, uint64_t *hash);

#endif
