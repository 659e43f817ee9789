/*
 * Batches as they lie in the log. The first two bytes of an input say which
 * byte of a frame around the rest is damaged.
 */
#include "engine/frame.h"

#include "target.h"

enum { SHARD_AT = 6, ZERO_AT = 60 };

/* Bytes that mean nothing yet and are not read. */
static bool is_ignored(size_t at, size_t payload)
{
    return (at >= SHARD_AT && at < SHARD_AT + 2) ||
           (at >= ZERO_AT && at < FRAME_HEAD) || at >= FRAME_HEAD + payload;
}

static void check_round_trip(struct text payload, size_t damaged)
{
    struct frame frame = {.uuid = {1, 2, 3},
                          .sequence = 7,
                          .salt = UINT64_MAX,
                          .lsn = payload.len,
                          .previous = 0xdeadbeef,
                          .payload = payload};
    size_t size = frame_size(payload.len);
    char *bytes = malloc(size);
    struct frame read;

    frame_write(&frame, bytes);
    struct text written = {bytes, size};
    TARGET_REQUIRE(frame_read(written, &read) == TALLY_OK);
    TARGET_REQUIRE(text_equal(read.payload, payload));
    TARGET_REQUIRE(read.lsn == frame.lsn && read.chain == frame.chain);
    damaged %= size;
    bytes[damaged] ^= 0x10;
    enum tally_err err = frame_read(written, &read);
    TARGET_REQUIRE((err == TALLY_OK) == is_ignored(damaged, payload.len));
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text input = {(const char *)bytes, len};
    struct frame frame;

    if (frame_read(input, &frame) == TALLY_OK)
        TARGET_REQUIRE(frame.payload.len <= len - FRAME_HEAD);
    if (len < 2)
        return 0;
    struct text payload = {input.at + 2, len - 2};
    check_round_trip(payload, (size_t)bytes[0] << 8 | bytes[1]);
    return 0;
}
