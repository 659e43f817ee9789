#include "engine/frame.h"

#include <zlib.h>

#include "engine/format.h"
#include "engine/log.h"
#include "engine/pack.h"

enum { MAGIC = 0x544c4f47, CRC_AT = 56 };

size_t frame_size(size_t payload)
{
    size_t size = FRAME_HEAD + payload;

    return (size + LOG_BLOCK - 1) / LOG_BLOCK * LOG_BLOCK;
}

static uint32_t crc_of(uint32_t start, const void *bytes, size_t len)
{
    /* zlib takes NULL as a request for the initial value. */
    return len == 0 ? start : (uint32_t)crc32_z(start, bytes, len);
}

static void write_head(const struct frame *frame, uint32_t crc,
                       uint8_t head[static FRAME_HEAD])
{
    struct pack pack = pack_into(head, FRAME_HEAD);

    pack_u32(&pack, MAGIC);
    pack_u16(&pack, FORMAT_LOG);
    pack_u16(&pack, 0);
    pack_bytes(&pack, frame->uuid, sizeof(frame->uuid));
    pack_u64(&pack, frame->sequence);
    pack_u64(&pack, frame->salt);
    pack_u64(&pack, frame->lsn);
    pack_u32(&pack, (uint32_t)frame->payload.len);
    pack_u32(&pack, frame->previous);
    pack_u32(&pack, crc);
    pack_u32(&pack, 0);
}

static uint32_t checksum(const struct frame *frame)
{
    uint8_t head[FRAME_HEAD];

    write_head(frame, 0, head);
    return crc_of(crc_of(0, head, sizeof(head)), frame->payload.at,
                  frame->payload.len);
}

void frame_write(struct frame *frame, char *bytes)
{
    size_t used = FRAME_HEAD + frame->payload.len;

    write_head(frame, checksum(frame), (uint8_t *)bytes);
    if (frame->payload.len > 0)
        memcpy(bytes + FRAME_HEAD, frame->payload.at, frame->payload.len);
    memset(bytes + used, 0, frame_size(frame->payload.len) - used);
    frame->chain =
        crc_of(frame->previous, frame->payload.at, frame->payload.len);
}

enum tally_err frame_read(struct text bytes, struct frame *frame)
{
    struct unpack unpack = unpack_from(bytes);
    struct frame read = {0};

    if (unpack_u32(&unpack) != MAGIC)
        return TALLY_ERR_NOT_FOUND;
    uint16_t format = unpack_u16(&unpack);
    unpack_u16(&unpack);
    struct text uuid = unpack_text(&unpack, sizeof(read.uuid));
    read.sequence = unpack_u64(&unpack);
    read.salt = unpack_u64(&unpack);
    read.lsn = unpack_u64(&unpack);
    uint32_t len = unpack_u32(&unpack);
    read.previous = unpack_u32(&unpack);
    uint32_t crc = unpack_u32(&unpack);
    unpack_u32(&unpack);
    read.payload = unpack_text(&unpack, len);
    if (unpack.bad)
        return TALLY_ERR_NOT_FOUND;
    if (format != FORMAT_LOG)
        return TALLY_ERR_VERSION;
    memcpy(read.uuid, uuid.at, uuid.len);
    if (checksum(&read) != crc)
        return TALLY_ERR_NOT_FOUND;

    read.chain = crc_of(read.previous, read.payload.at, read.payload.len);
    *frame = read;
    return TALLY_OK;
}
