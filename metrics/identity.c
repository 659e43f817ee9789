#include "metrics/identity.h"

#include <glib.h>
#include <sodium.h>
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

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

void identity_uid(uint32_t ordinal, char uid[IDENTITY_UID_SIZE])
{
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

uint32_t identity_ordinal(struct text uid)
{
    uint64_t ordinal = 0;

    if (uid.len == 0 || uid.len >= IDENTITY_UID_SIZE || uid.at[0] == '0')
        return 0;
    for (size_t i = 0; i < uid.len; i++) {
        const char *digit = memchr(digits, uid.at[i], sizeof(digits) - 1);
        if (!digit)
            return 0;
        ordinal = ordinal * 62 + (uint64_t)(digit - digits);
    }
    return ordinal > UINT32_MAX ? 0 : (uint32_t)ordinal;
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

/* Takes the first parameter off the front of `rest`. */
static struct text take_parameter(struct text *rest)
{
    const char *end = memchr(rest->at, '&', rest->len);
    struct text parameter = {rest->at,
                             end ? (size_t)(end - rest->at) : rest->len};
    size_t used = parameter.len + (end != NULL);

    rest->at += used;
    rest->len -= used;
    return parameter;
}

static void append(char *joined, size_t *len, struct text parameter)
{
    if (*len > 0)
        joined[(*len)++] = '&';
    memcpy(joined + *len, parameter.at, parameter.len);
    *len += parameter.len;
}

/* The part without the parameters that do not count; a part without such
 * parameters is not copied. */
static enum tally_err keep(struct arena *arena, struct text *part)
{
    struct text rest = *part;
    char *kept = NULL;
    size_t len = 0;

    while (rest.len > 0) {
        size_t before = (size_t)(rest.at - part->at);
        struct text parameter = take_parameter(&rest);
        bool counts = !is_left_out(parameter);
        if (counts && kept)
            append(kept, &len, parameter);
        if (counts || kept)
            continue;
        kept = arena_alloc(arena, part->len);
        if (!kept)
            return TALLY_ERR_TOO_BIG;
        len = before > 0 ? before - 1 : 0;
        memcpy(kept, part->at, len);
    }
    if (kept)
        *part = (struct text){kept, len};
    return TALLY_OK;
}

enum tally_err identity_request_hash(const struct hash_key *key,
                                     struct arena *arena, struct text query,
                                     struct text body, uint64_t *hash)
{
    enum tally_err err = keep(arena, &query);
    if (!err)
        err = keep(arena, &body);
    if (err)
        return err;
    /* Of both in their places: a GET is not a POST of the same text. */
    uint64_t parts[2] = {hash_text(key, query), hash_text(key, body)};
    *hash = hash_text(key, (struct text){(char *)parts, sizeof(parts)});
    return TALLY_OK;
}
