/*
 * shelf.h - what plugins keep of their own: documents by collection and app.
 *
 * A shelf is the collection of a plugin. It has a number, given out once and
 * kept in a document of KIND_SHELF named "<plugin>/<collection>":
 * {"number": n}. Its documents are records (engine/records.h) under an app's
 * number, and garbage with it; those of app 0 are of no app and stay. The
 * number is that of an app that is there, or 0: records of another one are
 * damage to an audit.
 *
 * All changes are effects in a batch: they come with the rest of the request
 * or not at all. Reads see what the batch has put and erased; it may be NULL.
 */
#ifndef METRICS_SHELF_H
#define METRICS_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/key.h"
#include "engine/records.h"
#include "engine/text.h"
#include "metrics/document.h"

struct tally;
struct shelves;

enum {
    SHELF_NAME_MAX = 64, /* of a plugin or a collection: [A-Za-z0-9_-] */
    SHELF_ID_MAX = KEY_RECORD_MAX, /* bytes of any kind, 1 at least */
    SHELF_DOCUMENT_MAX = DOCUMENT_SIZE_MAX,
    SHELVES_MAX = 4096,      /* of all plugins */
    SHELF_CLEARED_MAX = 500, /* documents at once: half a batch */
};

/* The numbers that were given out. Never NULL. */
struct shelves *shelves_create(void);

/* NULL is a no-op. */
void shelves_destroy(struct shelves *shelves);

/* Takes one stored document. TALLY_ERR_CORRUPT when it cannot be read or its
 * number is another one's. */
TALLY_MUST_CHECK
enum tally_err shelves_load(struct shelves *shelves, struct text name,
                            struct text json);

/* Follows the documents that an applied batch has put. Errors as above. */
TALLY_MUST_CHECK
enum tally_err shelves_accept(struct shelves *shelves,
                              const struct batch *batch);

/* Is it the number of a shelf? */
bool shelves_have(const struct shelves *shelves, uint32_t shelf);

/* The number of a collection. TALLY_ERR_INVALID for a name that is none,
 * TALLY_ERR_NOT_FOUND when it has never had a document. */
TALLY_MUST_CHECK
enum tally_err shelf_find(struct tally *tally, const struct batch *batch,
                          struct text plugin, struct text collection,
                          uint32_t *shelf);

/* The same; a new collection gets its number with the batch.
 * TALLY_ERR_INVALID; TALLY_ERR_TOO_BIG when there are SHELVES_MAX or the batch
 * has no room. */
TALLY_MUST_CHECK
enum tally_err shelf_open(struct tally *tally, struct batch *batch,
                          struct text plugin, struct text collection,
                          uint32_t *shelf);

/* A document, borrowed as by records_get(). TALLY_ERR_INVALID for an id that
 * is none; TALLY_ERR_NOT_FOUND, TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err shelf_get(struct tally *tally, const struct batch *batch,
                         uint32_t shelf, uint32_t app, struct text id,
                         struct text *document);

/* Puts a document, JSON of any kind that the caller has checked.
 * TALLY_ERR_INVALID for an id that is none or an empty document;
 * TALLY_ERR_TOO_BIG, with the batch as it was, when the document is over its
 * limit or the batch has no room. */
TALLY_MUST_CHECK
enum tally_err shelf_put(struct batch *batch, uint32_t shelf, uint32_t app,
                         struct text id, struct text document);

/* That there is none is fine. Errors as shelf_put(). */
TALLY_MUST_CHECK
enum tally_err shelf_erase(struct batch *batch, uint32_t shelf, uint32_t app,
                           struct text id);

/* Documents in the order of their ids, as records_each() gives them.
 * TALLY_ERR_INVALID for a prefix or an id to go on behind that is over
 * SHELF_ID_MAX. */
TALLY_MUST_CHECK
enum tally_err shelf_each(struct tally *tally, const struct batch *batch,
                          const struct records_range *range, record_fn fn,
                          void *user);

/* Erases the next SHELF_CLEARED_MAX documents of an app on a shelf at the
 * most. *left says whether there are more: apply the batch and call again.
 * TALLY_ERR_TOO_BIG, with the batch as it was, when it has no room;
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err shelf_clear(struct tally *tally, struct batch *batch,
                           uint32_t shelf, uint32_t app, bool *left);

#endif
