/*
 * ingest.h - one request of an SDK: /i, or an item of /i/bulk (spec B.2).
 */
#ifndef METRICS_INGEST_H
#define METRICS_INGEST_H

#include <stdint.h>

#include "engine/arena.h"
#include "engine/buffer.h"
#include "engine/text.h"
#include "metrics/params.h"
#include "metrics/tally.h"

struct visit;

/* Returned in place of a status: plugins are waited for, see visit.h. */
enum { INGEST_WAITS = 0 };

struct ingest {
    struct arena *arena;    /* outlives the call, and waiting; holds what is
                               decoded */
    struct params *params;  /* handlers of /sdk may change them */
    struct text query;      /* as received, for hashes and checksums */
    struct text body;       /* as received; of a bulk item its JSON text */
    struct text address;    /* of the client; may be empty */
    struct text user_agent; /* likewise */
    int64_t now;            /* ms */
    bool is_trusted;        /* the bulk's own checksum covers this item */
    bool is_item;           /* of a bulk call */
    struct visit *visit;    /* NULL: nothing can wait */
};

/* Decides and applies the request. Writes the answer's body to `out` and
 * returns its status; what it depends on is engine_lsn() from then on. 503
 * when there is no room at present: nothing has been applied. INGEST_WAITS:
 * nothing has been written, see visit.h. Fires /sdk and /sdk/end, and what
 * lies between them. */
int ingest(struct tally *tally, const struct ingest *request,
           struct buffer *out);

/* The same, with effects of the caller's in tally->batch already: they are
 * applied with the request's, also when it is refused or ignored, and not
 * at all when the answer is 503, or waits before it is decided. */
int ingest_with_batch(struct tally *tally, const struct ingest *request,
                      struct buffer *out);

#endif
