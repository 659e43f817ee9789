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

/* Adds each parameter and an `&` behind it. */
static void add_parameters(crypto_generichash_state *state, struct text text)
{
    static const unsigned char separator = '&';

    while (text.len > 0) {
        const char *end = memchr(text.at, separator, text.len);
        struct text parameter = {text.at,
                                 end ? (size_t)(end - text.at) : text.len};
        size_t used = parameter.len + (end != NULL);

        if (!is_left_out(parameter)) {
            crypto_generichash_update(
                state, (const unsigned char *)parameter.at, parameter.len);
            crypto_generichash_update(state, &separator, 1);
        }
        text.at += used;
        text.len -= used;
    }
}

uint64_t identity_request_hash(const uint8_t key[IDENTITY_KEY_SIZE],
                               struct text query, struct text body)
{
    /* No raw line break stands in a query: a GET is not a POST of the same
     * text. */
    static const unsigned char border = '\n';
    unsigned char hash[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    uint64_t number;

    crypto_generichash_init(&state, key, IDENTITY_KEY_SIZE, sizeof(hash));
    add_parameters(&state, query);
    crypto_generichash_update(&state, &border, 1);
    add_parameters(&state, body);
    crypto_generichash_final(&state, hash, sizeof(hash));
    memcpy(&number, hash, sizeof(number));
    return number;
}
