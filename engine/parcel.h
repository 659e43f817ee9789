/*
 * parcel.h - a batch of effects as it is given to the log: made smaller.
 *
 * Effects of many users resemble each other, so that LZ4 leaves about half of
 * them to be written. A kind (u8), then for PLAIN the batch as it is, for LZ4
 * its length (u32) and the block. An empty parcel is an empty batch.
 */
#ifndef ENGINE_PARCEL_H
#define ENGINE_PARCEL_H

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/text.h"

/* A parcel is at most so many bytes longer than its batch. */
enum { PARCEL_HEAD = 1 };

/* Fills `parcel` anew; it is not whole when its maximum is less than the batch
 * and PARCEL_HEAD. */
void parcel_pack(struct buffer *parcel, struct text batch);

/* The batch borrows from the parcel or from `room`, whose content goes and
 * whose maximum bounds a batch. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err parcel_unpack(struct text parcel, struct buffer *room,
                             struct text *batch);

#endif
