/*
 * crowd.h - who was active on a range of days, as a reader sees it.
 *
 * Users are ordinals of one app; one who was merged counts as who they are
 * now. Set 0 is to have been active at all. Before the app's horizon
 * (horizon.h) nobody was.
 */
#ifndef ENGINE_CROWD_H
#define ENGINE_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/ordinals.h"
#include "engine/reader.h"

/* On the loop thread, before the first read: who was active on local days
 * first..last with which value of a set. */
void crowd_capture(struct reader *reader, uint32_t app, uint32_t set,
                   int32_t first, int32_t last);

/* Every pair of ordinal and value (0 when set is 0) of the captured days
 * first..last at least once, repeats possible. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
typedef void (*crowd_mark_fn)(void *user, uint32_t value, uint32_t ordinal);
TALLY_MUST_CHECK
enum tally_err crowd_marks(struct reader *reader, uint32_t app, uint32_t set,
                           int32_t first, int32_t last, crowd_mark_fn fn,
                           void *user);

/* Values of a set, sorted; of set 0 none, it stands for all users. */
struct crowd_values {
    uint32_t set;
    size_t count;
    const uint32_t *values;
};

/* Adds who was active with one of the values on the captured days first..last
 * to a set; after an error some of them. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err crowd_with(struct reader *reader, uint32_t app,
                          const struct crowd_values *wanted, int32_t first,
                          int32_t last, struct ordinals *ordinals);

/* Adds who was active at all on the captured days first..last to a set; after
 * an error some of them. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err crowd_active(struct reader *reader, uint32_t app, int32_t first,
                            int32_t last, struct ordinals *ordinals);

#endif
