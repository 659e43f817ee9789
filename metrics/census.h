/*
 * census.h - counts over the records of all users of an app (spec D.10).
 *
 * One pass over the records, without an order; merged users are one. A filter
 * looks at the values that a user has now; a value past the metric limit has
 * no id and meets none.
 */
#ifndef METRICS_CENSUS_H
#define METRICS_CENSUS_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/filter.h"
#include "metrics/json.h"

struct census {
    uint32_t app;
    int64_t now;          /* UTC seconds */
    struct filter filter; /* of its members, which users are counted */
};

/* On the loop thread: what the others read. */
void census_capture(const struct census *census, struct reader *reader);

/* Writes {"all": [...], "7days": [...], "30days": [...]}: users by how many
 * sessions they had, {"_id", "count", "index"}; of those whose last session
 * began in the last 7 or 30 times 24 hours. TALLY_ERR_CORRUPT, TALLY_ERR_IO.
 */
TALLY_MUST_CHECK
enum tally_err census_write_loyalty(const struct census *census,
                                    struct reader *reader, struct json *json);

/* Writes the array of {"period", "count", "percentage", "timeStamp"}: users
 * whose last request is more than 7, 14, 30, 60, 90 times 24 hours ago, and
 * their share of all users. Errors as above. */
TALLY_MUST_CHECK
enum tally_err census_write_slipping(const struct census *census,
                                     struct reader *reader, struct json *json);

#endif
