#include "engine/parcel.h"

#include <lz4.h>

#include "engine/pack.h"

enum kind { PLAIN, LZ4 };

enum {
    LZ4_HEAD = 5,
    /* The log writes whole blocks of 4096 bytes: nothing to be saved below. */
    WORTH_IT = 4000,
};

/* False when the block is not smaller than the batch. */
static bool compress(struct buffer *parcel, struct text batch)
{
    struct pack pack = pack_into(parcel->at, LZ4_HEAD);

    pack_u8(&pack, LZ4);
    pack_u32(&pack, (uint32_t)batch.len);
    int len = LZ4_compress_default(batch.at, parcel->at + LZ4_HEAD,
                                   (int)batch.len, (int)batch.len - LZ4_HEAD);
    parcel->len = LZ4_HEAD + (size_t)len;
    return len > 0;
}

void parcel_pack(struct buffer *parcel, struct text batch)
{
    buffer_clear(parcel);
    if (batch.len == 0 || !buffer_reserve(parcel, batch.len + PARCEL_HEAD))
        return;
    if (batch.len > WORTH_IT && compress(parcel, batch))
        return;
    buffer_clear(parcel);
    buffer_add_byte(parcel, PLAIN);
    buffer_add_text(parcel, batch);
}

static enum tally_err decompress(struct unpack *unpack, struct buffer *room,
                                 struct text *batch)
{
    uint32_t len = unpack_u32(unpack);
    struct text block = unpack_text(unpack, unpack_left(unpack));

    buffer_clear(room);
    if (unpack->bad || len > room->max || block.len > INT32_MAX ||
        !buffer_reserve(room, len))
        return TALLY_ERR_CORRUPT;
    if (LZ4_decompress_safe(block.at, room->at, (int)block.len, (int)len) !=
        (int)len)
        return TALLY_ERR_CORRUPT;
    room->len = len;
    *batch = buffer_text(room);
    return TALLY_OK;
}

enum tally_err parcel_unpack(struct text parcel, struct buffer *room,
                             struct text *batch)
{
    struct unpack unpack = unpack_from(parcel);

    *batch = (struct text){0};
    if (parcel.len == 0)
        return TALLY_OK;
    switch (unpack_u8(&unpack)) {
    case PLAIN:
        *batch = unpack_text(&unpack, unpack_left(&unpack));
        return TALLY_OK;
    case LZ4:
        return decompress(&unpack, room, batch);
    default:
        return TALLY_ERR_CORRUPT;
    }
}
