/*
 * view_object.h - the answer to method=views: the numbers of each view by
 * year, month and day. u is exact at each of them.
 *
 *   {"2026": {"3": {"17": {"Home": {"t": 2, "u": 1}}, "Home": {"t": 2, "u":
 * 1}}, "Home": {"t": 2, "u": 1}}, "meta": {"views": ["Home"]}}
 */
#ifndef METRICS_VIEW_OBJECT_H
#define METRICS_VIEW_OBJECT_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/timeobject.h"

struct view_object {
    uint32_t app;
    struct text view;          /* the one that is shown; empty: all */
    enum timeobject_mode mode; /* not TIMEOBJECT_FULL */
    const struct period *period;
};

/* On the loop thread: what view_object_write() reads. */
void view_object_capture(const struct view_object *object,
                         struct reader *reader);

/* Writes the object as one value. TALLY_ERR_CORRUPT, TALLY_ERR_IO;
 * TALLY_ERR_TOO_BIG when there is too much for one read. */
TALLY_MUST_CHECK
enum tally_err view_object_write(const struct view_object *object,
                                 struct reader *reader, struct json *json);

#endif
