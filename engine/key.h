/*
 * key.h - builders of the keys of table.h.
 *
 * A key is a value: bytes and their count. key_text() lends it to a call.
 */
#ifndef ENGINE_KEY_H
#define ENGINE_KEY_H

#include <stdint.h>

#include "engine/effect.h"
#include "engine/text.h"

enum {
    KEY_HASH_SIZE = 16,
    KEY_NAME_MAX = 255,
    KEY_DOCUMENT_MAX = 200,
    KEY_RECORD_MAX = 200
};

struct key {
    uint8_t bytes[EFFECT_KEY_MAX + 1]; /* and a piece's number */
    size_t len;
};

static inline struct text key_text(const struct key *key)
{
    return (struct text){(const char *)key->bytes, key->len};
}

/* HOURS; days outside 1970-01-01 + 65535 are cut to that range. */
struct key key_hours(uint32_t app, uint32_t set, int32_t day);
struct key key_days(uint32_t app, uint32_t set, int32_t day, uint32_t block);
struct key key_years(uint32_t app, uint32_t set, int year, uint32_t block);
struct key key_user(uint32_t app, uint32_t ordinal); /* USERS, COLD, ALIASES */
struct key key_hash(uint32_t app, const uint8_t hash[static KEY_HASH_SIZE]);

/* `string` has at most KEY_NAME_MAX bytes. */
struct key key_name(uint32_t app, uint32_t set, struct text string);
struct key key_string(uint32_t app, uint32_t set, uint32_t value);

/* year 0: the last value id of the set; set 0: the last ordinal of the app;
 * app 0: the last app number. */
struct key key_sequence(uint32_t app, uint32_t set, int year);
struct key key_active(uint32_t app, int32_t day, uint32_t chunk);
struct key key_column(uint32_t app, uint32_t set, int32_t day, uint64_t lsn,
                      uint16_t part);
struct key key_app(uint32_t app); /* RECENT, DROPS, HORIZONS, prefixes */

/* `name` has at most KEY_DOCUMENT_MAX bytes. */
struct key key_document(uint8_t kind, struct text name);

/* `name` has at most KEY_RECORD_MAX bytes; of a prefix it may be empty. */
struct key key_record(uint32_t app, uint32_t shelf, struct text name);

#endif
