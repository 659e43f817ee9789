/*
 * timeobject.h - the answer to reads of a collection: its counters by year,
 * month, day and hour, and by week (spec D.3).
 *
 *   {"2026": {"3": {"17": {"10": {"t": 1}, "t": 1, "TR": {"t": 1}},
 *             "t": 1, "TR": {"t": 1}},
 *    "w11": {"u": 1}, "t": 1, "TR": {"t": 1}},
 *    "meta": {"countries": ["TR"]}}
 *
 * It is streamed into the writer, never built as a tree.
 */
#ifndef METRICS_TIMEOBJECT_H
#define METRICS_TIMEOBJECT_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/catalog.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum timeobject_mode {
    /* Days and sums of the months that the period and the previous one touch,
     * uniques of all months and weeks of their years. */
    TIMEOBJECT_PERIOD,
    TIMEOBJECT_REFRESH, /* today, and what it changed above (spec 0.4.9) */
    TIMEOBJECT_FULL,    /* all there is, without sums */
};

struct timeobject {
    uint32_t app;
    const char *collection;     /* as collection_of_method() gives it */
    struct metric_list metrics; /* of the collection */
    enum timeobject_mode mode;
    const struct period *period;
};

/* On the loop thread: what timeobject_write() reads. */
void timeobject_capture(const struct timeobject *object, struct reader *reader);

/* Writes the object as one value. TALLY_ERR_CORRUPT, TALLY_ERR_IO;
 * TALLY_ERR_TOO_BIG when it has more than one read may hold: what has been
 * written then is unusable. */
TALLY_MUST_CHECK
enum tally_err timeobject_write(const struct timeobject *object,
                                struct reader *reader, struct json *json);

#endif
