/*
 * record.h - one record of a table as the base has it: a value, or a piece of
 * one.
 *
 * store.c has these functions, pieces.c alone calls them.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/error.h"
#include "engine/store.h"
#include "engine/table.h"
#include "engine/text.h"

/* The texts live as those of store_get(). TALLY_ERR_NOT_FOUND; TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err store_get_record(struct store_txn *txn, enum table table,
                                struct text key, struct text *value);
TALLY_MUST_CHECK
enum tally_err store_put_record(struct store_txn *txn, enum table table,
                                struct text key, struct text value);
TALLY_MUST_CHECK
enum tally_err store_erase_record(struct store_txn *txn, enum table table,
                                  struct text key);

#endif
