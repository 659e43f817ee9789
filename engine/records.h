/*
 * records.h - reading RECORDS as they are now and as a batch would leave them.
 *
 * On the loop thread. What a batch that is not applied yet puts and erases is
 * seen; it may be NULL.
 */
#ifndef ENGINE_RECORDS_H
#define ENGINE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/text.h"

/* Changes of the overlay and the batch that are looked at together: a call
 * goes through the overlay's RECORDS once for each so many changes in its
 * range. */
enum { RECORDS_CHANGES_MAX = 4096 };

/* One record. The value is borrowed as that of engine_get(), and until the
 * batch changes. TALLY_ERR_NOT_FOUND; TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err records_get(struct engine *engine, const struct batch *batch,
                           struct text key, struct text *value);

/* Both texts have at most KEY_RECORD_MAX bytes; empty ones leave out nothing.
 */
struct records_range {
    uint32_t app;
    uint32_t shelf;
    struct text prefix; /* names that begin with it */
    struct text after;  /* and come behind this one */
};

/* Calls fn for all records of the range in the order of their names; stops
 * when fn returns false. fn may read, but nothing may be applied, no turn be
 * taken and the batch not be changed meanwhile. The texts live until fn
 * returns or reads a record. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
typedef bool (*record_fn)(void *user, struct text name, struct text value);
TALLY_MUST_CHECK
enum tally_err records_each(struct engine *engine, const struct batch *batch,
                            const struct records_range *range, record_fn fn,
                            void *user);

#endif
