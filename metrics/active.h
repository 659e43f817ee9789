/*
 * active.h - /o/active_users: for each day of a period the distinct users of
 * that day (d), of the 7 days (w) and of the 30 days (m) that end with it
 * (spec D.10).
 *
 * A filter must be passed within the same day, 7 or 30 days. The period
 * `month` (this year) has the averages of its months instead of days.
 */
#ifndef METRICS_ACTIVE_H
#define METRICS_ACTIVE_H

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/filter.h"
#include "metrics/json.h"
#include "metrics/period.h"

struct active {
    const struct filter *filter;
    const struct period *period;
};

/* On the loop thread: what active_write() reads. */
void active_capture(const struct active *active, struct reader *reader);

/* Writes the object. TALLY_ERR_CORRUPT, TALLY_ERR_IO; what has been written
 * then is unusable. */
TALLY_MUST_CHECK
enum tally_err active_write(const struct active *active, struct reader *reader,
                            struct json *json);

#endif
