/*
 * pieces.h - values of any length as records of bounded size.
 *
 * A long value would need a run of pages in the base. So the values of some
 * tables (COLD, DOCUMENTS, RECORDS) are split into pieces of at most PIECE_SIZE bytes.
 * A piece's key is the key and one byte, its number; piece 0 starts with the
 * length of the whole (u32).
 *
 * For store.c alone.
 */
#ifndef ENGINE_PIECES_H
#define ENGINE_PIECES_H

#include <stdbool.h>

#include "engine/buffer.h"
#include "engine/error.h"
#include "engine/key.h"
#include "engine/store.h"
#include "engine/table.h"
#include "engine/text.h"

enum {
    PIECE_SIZE = 4076,
    PIECES_MAX = 256,
    PIECES_BYTES_MAX = PIECE_SIZE * PIECES_MAX, /* of a value */
};

/* Are the values of this table split? */
bool pieces_are_in(enum table table);

/* The key of one piece. */
struct key pieces_key(struct text key, unsigned number);

/* Puts together the value whose piece 0 is `first`, in `whole` unless that is
 * all of it. TALLY_ERR_CORRUPT when pieces are missing; TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err pieces_gather(struct store_txn *txn, enum table table,
                             struct text key, struct text first,
                             struct buffer *whole, struct text *value);

/* Puts the pieces of a value of at most PIECES_BYTES_MAX; those of an older
 * value have been erased. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err pieces_put(struct store_txn *txn, enum table table,
                          struct text key, struct text value);

/* Erases the pieces of a value; that there are none is fine. TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err pieces_erase(struct store_txn *txn, enum table table,
                            struct text key);

#endif
