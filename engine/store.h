/*
 * store.h - the base: the tables of table.h in one LMDB environment.
 *
 * The only file that knows LMDB. Caveats: a read sees the instant it began
 * and pins the pages of that instant, so reads are short or renewed; there is
 * one write at a time; texts read borrow from the map and live until their
 * read or write ends (a value that was split: until the next get or step).
 * Flags are LMDB's defaults: a commit is durable.
 */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/key.h"
#include "engine/table.h"
#include "engine/text.h"

struct store;
struct store_txn;
struct store_cursor;

/* Where the checkpoints have got to. Batches up to `from` are in the base as
 * a whole; of those in (from, to] all that belongs to keys up to and
 * including (table, key). from == to when no sweep is under way. */
struct store_meta {
    uint8_t uuid[16]; /* of the log that belongs to this base */
    uint64_t from;
    uint64_t to;
    uint32_t chain; /* of batch `from`, see log.h */
    enum table table;
    struct key key;
};

/* Opens or makes the base in `dir`. A new base gets `fresh` as its meta.
 * TALLY_ERR_VERSION for another format, TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err store_open(const char *dir, const struct store_meta *fresh,
                          struct store **store);

/* After all reads have ended; NULL is a no-op. */
void store_close(struct store *store);

/* Reads that are open; more cannot open while the thread that opens them
 * asks. Any thread. */
unsigned store_reads(const struct store *store);

/* Puts the file `from`, a whole base, in the place of the base's own and opens
 * that, with no read and no write open. After a failure the store may only be
 * closed, and the process must end. TALLY_ERR_IO and as store_open(). */
TALLY_MUST_CHECK
enum tally_err store_replace(struct store *store, const char *dir,
                             const char *from);

/* Bytes the base occupies on disk. */
uint64_t store_size(const struct store *store);

/* What a table is called in the base. */
const char *store_table_name(enum table table);

/* Bytes of the pages a table has, without free ones. */
uint64_t store_table_size(struct store_txn *txn, enum table table);

/* Ends the reads of processes that died. */
void store_check_readers(struct store *store);

/* A read may move between threads, one at a time. */
TALLY_MUST_CHECK
enum tally_err store_begin_read(struct store *store, struct store_txn **txn);

/* Moves a read to the present instant. */
TALLY_MUST_CHECK
enum tally_err store_renew(struct store_txn *txn);
TALLY_MUST_CHECK
enum tally_err store_begin_write(struct store *store, struct store_txn **txn);

/* Ends a read, or undoes a write. NULL is a no-op. */
void store_abort(struct store_txn *txn);

/* Ends a write durably; the write is gone on failure too. TALLY_ERR_IO when
 * the disk failed or is full: look at the free space to tell. When it was the
 * page that ends a transaction which could not be written, LMDB does nothing
 * any more: TALLY_ERR_CORRUPT from then on, until the base is opened again. */
TALLY_MUST_CHECK
enum tally_err store_commit(struct store_txn *txn);

/* TALLY_ERR_NOT_FOUND; TALLY_ERR_IO or TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err store_get(struct store_txn *txn, enum table table,
                         struct text key, struct text *value);

/* TALLY_ERR_TOO_BIG for a split value past its maximum; TALLY_ERR_IO or
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err store_put(struct store_txn *txn, enum table table,
                         struct text key, struct text value);

/* Erasing what is not there is fine. */
TALLY_MUST_CHECK
enum tally_err store_erase(struct store_txn *txn, enum table table,
                           struct text key);
TALLY_MUST_CHECK
enum tally_err store_get_meta(struct store_txn *txn, struct store_meta *meta);
TALLY_MUST_CHECK
enum tally_err store_put_meta(struct store_txn *txn,
                              const struct store_meta *meta);

/* A walk in key order. The first step gives the first key >= `first`. */
TALLY_MUST_CHECK
enum tally_err store_walk(struct store_txn *txn, enum table table,
                          struct text first, struct store_cursor **cursor);

/* TALLY_ERR_NOT_FOUND at the end. Texts live until the next step. */
TALLY_MUST_CHECK
enum tally_err store_step(struct store_cursor *cursor, struct text *key,
                          struct text *value);

/* Before its transaction ends; NULL is a no-op. */
void store_end_walk(struct store_cursor *cursor);

/* Calls fn for the records from `first` on, in order; stops when it returns
 * false. The texts live until fn returns. */
typedef bool (*store_record_fn)(void *user, struct text key, struct text value);
TALLY_MUST_CHECK
enum tally_err store_each(struct store_txn *txn, enum table table,
                          struct text first, store_record_fn fn, void *user);

#endif
