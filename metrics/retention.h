/*
 * retention.h - method=retention: of the users of one day, week or month, how
 * many came back in each later one (spec D.10).
 *
 * A unit's users are those who had a session in it, or an event, and pass the
 * filter within it. Its cohort are these users (full, unbounded), or those of
 * them whose first session ever was in that unit (classic). Who of them is
 * among the users of a later unit came back in it; unbounded: in it or in any
 * after it. Weeks begin on Monday. The last unit of a range is the last in
 * which anybody can come back; the unit of today is as far as it has come.
 */
#ifndef METRICS_RETENTION_H
#define METRICS_RETENTION_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "engine/zone.h"
#include "metrics/filter.h"
#include "metrics/json.h"

enum {
    RETENTION_DAYS_MAX = 365,
    RETENTION_WEEKS_MAX = 104,
    RETENTION_MONTHS_MAX = 36,
    /* Of 32640 users each, that one read may hold: 512 MB. */
    RETENTION_CHUNKS_MAX = 131072,
};

enum retention_unit {
    RETENTION_DAY,
    RETENTION_WEEK,
    RETENTION_MONTH,
};

enum retention_type {
    RETENTION_FULL,
    RETENTION_CLASSIC,
    RETENTION_UNBOUNDED,
};

/* What a request says; empty texts: nothing. */
struct retention_request {
    struct text period;
    struct text type;
    struct text range;
    struct text span;
    struct text query;
};

struct retention {
    enum retention_unit unit;
    enum retention_type type;
    int32_t today;
    int32_t first; /* the first day of the first unit */
    unsigned count;
    const struct filter *filter;
};

/* Reads a request, relative to `now`, UTC seconds; the filter is the
 * caller's. NULL, else what is wrong with it, for the client. */
const char *retention_read(const struct retention_request *request,
                           struct zone *zone, int64_t now,
                           struct retention *retention);

/* On the loop thread: what retention_write() reads. */
void retention_capture(const struct retention *retention,
                       struct reader *reader);

/* Writes the array of rows {"_id":"20260210","tu":152,"1":58,...}.
 * TALLY_ERR_TOO_BIG past RETENTION_CHUNKS_MAX; TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. What has been written then is unusable. */
TALLY_MUST_CHECK
enum tally_err retention_write(const struct retention *retention,
                               struct reader *reader, struct json *json);

#endif
