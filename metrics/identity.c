#include "metrics/identity.h"

#include <glib.h>
#include <sodium.h>
#include <stdlib.h>

#include "engine/memory.h"
#include <stdbool.h>
#include <stddef.h>

_Static_assert(IDENTITY_KEY_SIZE == crypto_shorthash_siphashx24_KEYBYTES &&
                   IDENTITY_KEY_SIZE >= crypto_generichash_KEYBYTES_MIN &&
                   IDENTITY_HASH_SIZE == crypto_shorthash_siphashx24_BYTES,
               "sizes are those of the hashes");

static void add_to_checksum(GChecksum *sum, struct text text)
{
    if (text.len > 0)
        g_checksum_update(sum, (const guchar *)text.at, (gssize)text.len);
}

void identity_app_user_id(struct text app_key, struct text device_id,
                          char id[IDENTITY_APP_USER_ID_SIZE])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);

    add_to_checksum(sum, app_key);
    add_to_checksum(sum, device_id);
    g_strlcpy(id, g_checksum_get_string(sum), IDENTITY_APP_USER_ID_SIZE);
    g_checksum_free(sum);
}

void identity_uid(uint32_t ordinal, char uid[IDENTITY_UID_SIZE])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char reversed[IDENTITY_UID_SIZE];
    size_t len = 0;

    do {
        reversed[len++] = digits[ordinal % 62];
        ordinal /= 62;
    } while (ordinal > 0);
    for (size_t i = 0; i < len; i++)
        uid[i] = reversed[len - 1 - i];
    uid[len] = '\0';
}

void identity_device_hash(const uint8_t key[IDENTITY_KEY_SIZE],
                          struct text device_id,
                          uint8_t hash[IDENTITY_HASH_SIZE])
{
    crypto_shorthash_siphashx24(hash, (const unsigned char *)device_id.at,
                                device_id.len, key);
}

static bool is_left_out(struct text parameter)
{
    return text_has_prefix(parameter, "rr=") ||
           text_has_prefix(parameter, "checksum=") ||
           text_has_prefix(parameter, "checksum256=");
}

static bool has_left_out(struct text text)
{
    while (text.len > 0) {
        const char *end = memchr(text.at, '&', text.len);
        size_t used = end ? (size_t)(end - text.at) + 1 : text.len;

        if (is_left_out(text))
            return true;
        text.at += used;
        text.len -= used;
    }
    return false;
}

/* The text without the parameters that do not count, in memory to free. */
static struct text without_left_out(struct text text)
{
    char *kept = memory_alloc(text.len + 1);
    size_t len = 0;

    while (text.len > 0) {
        const char *end = memchr(text.at, '&', text.len);
        size_t used = end ? (size_t)(end - text.at) : text.len;

        if (!is_left_out(text)) {
            if (len > 0)
                kept[len++] = '&';
            memcpy(kept + len, text.at, used);
            len += used;
        }
        used += end != NULL;
        text.at += used;
        text.len -= used;
    }
    return (struct text){kept, len};
}

static uint64_t hash_part(const uint8_t key[IDENTITY_KEY_SIZE],
                          struct text part)
{
    bool copied = has_left_out(part);
    struct text text = copied ? without_left_out(part) : part;
    uint64_t hash;

    crypto_shorthash_siphash24((unsigned char *)&hash,
                               (const unsigned char *)text.at, text.len, key);
    if (copied)
        free((void *)(uintptr_t)text.at);
    return hash;
}

uint64_t identity_request_hash(const uint8_t key[IDENTITY_KEY_SIZE],
                               struct text query, struct text body)
{
    /* Of both in their places: a GET is not a POST of the same text. */
    uint64_t parts[2] = {hash_part(key, query), hash_part(key, body)};
    uint64_t hash;

    crypto_shorthash_siphash24((unsigned char *)&hash,
                               (const unsigned char *)parts, sizeof(parts),
                               key);
    return hash;
}
