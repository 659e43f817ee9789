/*
 * user_scan.h - all app users that a query means.
 */
#ifndef METRICS_USER_SCAN_H
#define METRICS_USER_SCAN_H

#include <stdint.h>

#include "engine/error.h"
#include "metrics/portrait.h"
#include "metrics/user_query.h"

/* Called for each of them; an error ends the scan. */
typedef enum tally_err (*user_scan_fn)(void *user, struct portrait *portrait);

/* Goes through the users of portrait->app in no order; `all` becomes how many
 * there are. The portrait has a reader. TALLY_ERR_CORRUPT, TALLY_ERR_IO,
 * TALLY_ERR_TOO_BIG, what fn returned. */
TALLY_MUST_CHECK
enum tally_err user_scan(struct portrait *portrait,
                         const struct user_query *query, user_scan_fn fn,
                         void *user, uint64_t *all);

#endif
