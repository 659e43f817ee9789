/*
 * extra.h - properties of a user that plugins set: one JSON object in the
 * cold record (profile.h), whose members stand beside the core's own wherever
 * a user is shown.
 */
#ifndef METRICS_EXTRA_H
#define METRICS_EXTRA_H

#include <stdbool.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/catalog.h"

enum {
    EXTRA_COUNT_MAX = 64,        /* of a user */
    EXTRA_NAME_MAX = 64,         /* bytes */
    EXTRA_BYTES_MAX = 16 * 1024, /* of the object */
};

/* Does the core show a user's property under this name, or is it the short
 * code of a metric? */
bool extra_is_taken(const struct catalog *catalog, struct text name);

/* Sets a member to JSON, or takes it away when that is `null`. The object
 * lives in the arena. TALLY_ERR_INVALID for what is no name or no JSON,
 * TALLY_ERR_EXISTS for a name of the core's, TALLY_ERR_TOO_BIG,
 * TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err extra_set(struct text *object, struct arena *arena,
                         const struct catalog *catalog, struct text name,
                         struct text json);

/* Fills in what `other` has and the object lacks. As above. */
TALLY_MUST_CHECK
enum tally_err extra_merge(struct text *object, struct arena *arena,
                           struct text other);

#endif
