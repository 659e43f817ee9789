/*
 * Checksums of requests. The lines of an input are salt, checksum,
 * checksum256 and query; the rest is the body. A request signed with its salt
 * is good wherever the digest stands.
 */
#include "metrics/checksum.h"

#include <glib.h>

#include "target.h"

static void check_signed(struct text query, struct text salt)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(sum, (const guchar *)query.at, (gssize)query.len);
    g_checksum_update(sum, (const guchar *)salt.at, (gssize)salt.len);
    const char *hex = g_checksum_get_string(sum);
    GString *whole = g_string_new_len(query.at, (gssize)query.len);
    g_string_append(whole, "&checksum256=");
    g_string_append(whole, hex);
    struct checksum_claim claim = {.query = {whole->str, whole->len},
                                   .checksum256 = text_of(hex)};
    TARGET_REQUIRE(checksum_verify(&claim, salt) == CHECKSUM_GOOD);
    whole->str[0] ^= 1;
    TARGET_REQUIRE(checksum_verify(&claim, salt) == CHECKSUM_WRONG);
    g_string_free(whole, TRUE);
    g_checksum_free(sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text rest = {(const char *)bytes, len};
    struct text salt = target_cut(&rest, '\n');
    struct checksum_claim claim = {.checksum = target_cut(&rest, '\n'),
                                   .checksum256 = target_cut(&rest, '\n'),
                                   .query = target_cut(&rest, '\n')};

    claim.body = rest;
    enum checksum_verdict verdict = checksum_verify(&claim, salt);
    TARGET_REQUIRE((verdict == CHECKSUM_MISSING) ==
                   (claim.checksum.len == 0 && claim.checksum256.len == 0));
    if (claim.query.len > 0)
        check_signed(claim.query, salt);
    return 0;
}
