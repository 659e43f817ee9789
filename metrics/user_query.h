/*
 * user_query.h - which app users are meant: the `query` of reads and of
 * /i/app_users (spec D.11, E.5).
 *
 *   {"uid": "1z", "sc": {"$gte": 2}, "p": {"$in": ["iOS", "Android"]},
 *    "custom.plan": "gold"}
 *
 * All conditions must hold. Fields are the ids (_id, uid, did), times and
 * counts, hos and hasInfo, the short codes of metrics, the standard properties
 * and custom.<name>; operators $eq $in $gt $gte $lt $lte, the last four for
 * numbers. An array has a value when one of its elements is it.
 */
#ifndef METRICS_USER_QUERY_H
#define METRICS_USER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/app.h"
#include "metrics/portrait.h"
#include "metrics/tally.h"

enum {
    USER_QUERY_CONDITIONS_MAX = 32,
    USER_QUERY_VALUES_MAX = 1000, /* of one $in */
    USER_QUERY_REASON_SIZE = 200,
};

struct user_query;

/* Reads a query; on the loop thread. An empty text and {} mean everybody.
 * TALLY_ERR_INVALID: `reason` says why, as a sentence for the client. */
TALLY_MUST_CHECK
enum tally_err user_query_create(struct tally *tally, const struct app *app,
                                 struct text json, struct user_query **query,
                                 char reason[static USER_QUERY_REASON_SIZE]);

/* On any thread; NULL is a no-op. */
void user_query_destroy(struct user_query *query);

/* Does it have no condition? */
bool user_query_is_empty(const struct user_query *query);

/* The users that uid or did name, of which the other conditions may still
 * exclude some; false when neither is in the query: ask all users. */
bool user_query_candidates(const struct user_query *query,
                           const uint32_t **ordinals, size_t *count);

/* Any one thread. TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err user_query_match(const struct user_query *query,
                                struct portrait *portrait, bool *matches);

#endif
