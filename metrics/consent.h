/*
 * consent.h - what a user allows, feature by feature (spec B.11).
 *
 * A request sends booleans by feature. Only changes count: opt-ins in
 * SET_CONSENT_IN, opt-outs in SET_CONSENT_OUT, each as a whole by hour and per
 * feature by day. The cold record has what holds now and the latest changes:
 *
 *   consent: {"sessions": true, "location": false}
 *   changes: [{"ts": 1772445600, "feature": "sessions", "allowed": true}]
 */
#ifndef METRICS_CONSENT_H
#define METRICS_CONSENT_H

#include <stdbool.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/moment.h"
#include "metrics/params.h"
#include "metrics/person.h"
#include "metrics/profile.h"
#include "metrics/tally.h"

enum {
    CONSENT_FEATURES_MAX = 64, /* of a user; more are left out */
    CONSENT_FEATURE_SIZE = 64, /* bytes of a feature's name */
    CONSENT_CHANGES_MAX = 20,  /* the latest are kept */
};

/* Takes up the request's `consent`; adds what it counts to tally->batch.
 * `changed` is what is another now, a JSON object in the arena; empty when
 * there is none. TALLY_ERR_CORRUPT, TALLY_ERR_IO;
 * TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err consent_record(struct tally *tally, struct arena *arena,
                              const struct params *params,
                              const struct moment *moment,
                              struct person *person, struct text *changed);

/* Can what a profile has of it be read? */
bool consent_is_whole(const struct profile *profile);

/* Fills in what `other` has and `profile` lacks; the changes of both, the
 * latest of them. TALLY_ERR_CORRUPT, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err consent_merge(const struct profile *other, struct arena *arena,
                             struct profile *profile);

#endif
