/*
 * frame.h - one batch as it lies in a log slot.
 *
 *    0  magic      u32  "TLOG"
 *    4  format     u16
 *    6  shard      u16  0
 *    8  uuid       16   of the log; a base names the log it belongs to
 *   24  sequence   u64  counts slots as they are begun
 *   32  salt       u64  drawn at each start: old or forged bytes never match
 *   40  lsn        u64
 *   48  length     u32  of the payload
 *   52  previous   u32  chain of the batch before
 *   56  crc        u32  of the header with this field 0, then of the payload
 *   60  zero       u32
 *   64  payload, then zeros up to a multiple of LOG_BLOCK
 *
 * Checksums are CRC-32 (zlib's). chain = crc32(previous, payload).
 */
#ifndef ENGINE_FRAME_H
#define ENGINE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

enum { FRAME_HEAD = 64 };

struct frame {
    uint8_t uuid[16];
    uint64_t sequence;
    uint64_t salt;
    uint64_t lsn;
    uint32_t previous;
    uint32_t chain; /* of this batch; derived */
    struct text payload;
};

/* Bytes a payload takes in a slot. */
size_t frame_size(size_t payload);

/* Writes header, payload and zeros; `bytes` has frame_size() bytes. Fills in
 * frame->chain. */
void frame_write(struct frame *frame, char *bytes);

/* Reads the frame at the start of `bytes`. The payload borrows from them.
 * TALLY_ERR_NOT_FOUND when no whole frame that checks lies there,
 * TALLY_ERR_VERSION for one of another format. */
TALLY_MUST_CHECK
enum tally_err frame_read(struct text bytes, struct frame *frame);

#endif
