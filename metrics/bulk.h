/*
 * bulk.h - /i/bulk: many requests in one body (spec B.13, 0.4.13).
 *
 * Items are decided in order, each in a batch of its own that also says how
 * far the body has got: a body that is sent again goes on behind its last
 * stored item, whatever the items are.
 */
#ifndef METRICS_BULK_H
#define METRICS_BULK_H

#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "metrics/ingest.h"
#include "metrics/params.h"
#include "metrics/tally.h"

enum { BULK_ITEMS_MAX = 10000, BULK_EXPIRED_AT_ONCE = 2000 };

/* Decides and applies all items. `request` is the call as a whole. Writes the
 * body of the answer and returns its status: 503 when there was no room for
 * some item; those before it are stored and not counted again. INGEST_WAITS:
 * an item waits for plugins, see visit.h. */
int bulk(struct tally *tally, const struct ingest *request, struct buffer *out);

/* Erases records of bodies that nobody asks for any more: their last item was
 * stored more than a day before `now_s`. Looks at BULK_EXPIRED_AT_ONCE of
 * them, and the next time at those behind. TALLY_ERR_IO, TALLY_ERR_FULL. */
TALLY_MUST_CHECK
enum tally_err bulk_expire(struct tally *tally, int64_t now_s);

#endif
