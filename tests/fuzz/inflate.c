/*
 * Compressed bodies: work ends at the limit, and what was compressed comes
 * back. The first byte of an input chooses the coding.
 */
#include "http/inflate.h"

#include <zlib.h>

#include "target.h"

enum { LIMIT = 100 * 1000 };

static struct inflate *inflater;

static void check(enum inflate_coding coding, struct text body)
{
    struct buffer out;

    buffer_init(&out, LIMIT);
    enum tally_err err = inflate_add(inflater, coding, body, &out);
    TARGET_REQUIRE(out.len <= LIMIT);
    TARGET_REQUIRE(err != TALLY_OK || buffer_is_whole(&out));
    TARGET_REQUIRE(err == TALLY_OK || err == TALLY_ERR_INVALID ||
                   err == TALLY_ERR_TOO_BIG);
    buffer_finish(&out);
}

static void check_round_trip(struct text body)
{
    uLongf len = compressBound((uLong)body.len);
    Bytef *packed = malloc(len);
    struct buffer out;

    TARGET_REQUIRE(compress(packed, &len, (const Bytef *)body.at,
                            (uLong)body.len) == Z_OK);
    buffer_init(&out, LIMIT);
    struct text bytes = {(char *)packed, len};
    enum tally_err err = inflate_add(inflater, INFLATE_DEFLATE, bytes, &out);
    TARGET_REQUIRE(err == (body.len <= LIMIT ? TALLY_OK : TALLY_ERR_TOO_BIG));
    TARGET_REQUIRE(err || text_equal(buffer_text(&out), body));
    buffer_finish(&out);
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!inflater)
        inflater = inflate_create();
    if (len == 0)
        return 0;
    struct text body = {(const char *)bytes + 1, len - 1};
    check(bytes[0] & 1 ? INFLATE_GZIP : INFLATE_DEFLATE, body);
    check_round_trip(body);
    return 0;
}
