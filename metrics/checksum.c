#include "metrics/checksum.h"

#include <glib.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>

enum { HEX_MAX = 64 }; /* of SHA-256 */

struct digest {
    GChecksumType type;
    enum { SHA1, SHA256 } kind;
    struct text value;
};

/* What stands around the value in a form, and in JSON text. */
static const struct {
    const char *before[2]; /* by kind */
    const char *after;
} shapes[] = {
    {{"&checksum=", "&checksum256="}, ""},
    {{"checksum=", "checksum256="}, ""},
    {{",\"checksum\":\"", ",\"checksum256\":\""}, "\""},
    {{"\"checksum\":\"", "\"checksum256\":\""}, "\","},
};

static bool take(struct text *text, struct text part)
{
    if (text->len < part.len || memcmp(text->at, part.at, part.len) != 0)
        return false;

    text->at += part.len;
    text->len -= part.len;
    return true;
}

/* Splits `text` around the first digest of a shape; false if there is none. */
static bool cut_shape(struct text text, size_t shape,
                      const struct digest *digest, struct text *before,
                      struct text *behind)
{
    struct text opening = text_of(shapes[shape].before[digest->kind]);
    struct text rest = text;

    while (rest.len > 0) {
        const char *found = memmem(rest.at, rest.len, opening.at, opening.len);
        if (!found)
            return false;
        rest.len -= (size_t)(found - rest.at) + opening.len;
        rest.at = found + opening.len;
        struct text tail = rest;
        if (take(&tail, digest->value) &&
            take(&tail, text_of(shapes[shape].after))) {
            *before = (struct text){text.at, (size_t)(found - text.at)};
            *behind = tail;
            return true;
        }
    }
    return false;
}

/* Splits `text` around its digest; without one all is `before`. */
static void cut_digest(struct text text, const struct digest *digest,
                       struct text *before, struct text *behind)
{
    for (size_t shape = 0; shape < G_N_ELEMENTS(shapes); shape++) {
        if (cut_shape(text, shape, digest, before, behind))
            return;
    }
    *before = text;
    *behind = (struct text){0};
}

static void add(GChecksum *sum, struct text text)
{
    if (text.len > 0)
        g_checksum_update(sum, (const guchar *)text.at, (gssize)text.len);
}

static bool matches(struct text text, const struct digest *digest,
                    struct text salt)
{
    char received[HEX_MAX];
    struct text before;
    struct text behind;

    cut_digest(text, digest, &before, &behind);
    GChecksum *sum = g_checksum_new(digest->type);
    add(sum, before);
    add(sum, behind);
    add(sum, salt);

    const char *hex = g_checksum_get_string(sum);
    size_t len = strlen(hex);
    bool same = digest->value.len == len && len <= sizeof(received);
    if (same) {
        for (size_t i = 0; i < len; i++)
            received[i] = g_ascii_tolower(digest->value.at[i]);
        same = sodium_memcmp(received, hex, len) == 0;
    }
    g_checksum_free(sum);
    return same;
}

enum checksum_verdict checksum_verify(const struct checksum_claim *claim,
                                      struct text salt)
{
    struct digest digest = {G_CHECKSUM_SHA1, SHA1, claim->checksum};

    if (digest.value.len == 0)
        digest = (struct digest){G_CHECKSUM_SHA256, SHA256, claim->checksum256};
    if (digest.value.len == 0)
        return CHECKSUM_MISSING;

    bool good = matches(claim->query, &digest, salt) ||
                (claim->body.len > 0 && matches(claim->body, &digest, salt));
    return good ? CHECKSUM_GOOD : CHECKSUM_WRONG;
}
