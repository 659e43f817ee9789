/*
 * profile_merge.h - one cold record of two, when a user turns out to be
 * another (spec B.12, 0.4.22).
 */
#ifndef METRICS_PROFILE_MERGE_H
#define METRICS_PROFILE_MERGE_H

#include "metrics/profile.h"

/* What the winner has stays, what it lacks comes from the other: key by key
 * for properties and consent; arrays are united, up to `list_limit`. The
 * result borrows from both and the arena. TALLY_ERR_CORRUPT;
 * TALLY_ERR_TOO_BIG at the arena's limit. */
TALLY_MUST_CHECK
enum tally_err profile_merge(const struct profile *winner,
                             const struct profile *other, struct arena *arena,
                             unsigned list_limit, struct profile *merged);

#endif
