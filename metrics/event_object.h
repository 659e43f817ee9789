/*
 * event_object.h - the answer to method=events: an event's counters by year,
 * month, day and hour; those of a segment by value and without hours (spec
 * C.2, D.8). Counters that are zero are left out.
 *
 *   {"2026": {"3": {"17": {"10": {"c": 1, "s": 9.5}, "c": 1, "s": 9.5},
 *             "c": 1, "s": 9.5}, "c": 1, "s": 9.5},
 *    "meta": {"item": ["sword"], "segments": ["item"]}}
 */
#ifndef METRICS_EVENT_OBJECT_H
#define METRICS_EVENT_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/event_choice.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/timeobject.h"

struct event_object {
    uint32_t app;
    struct event_choice choice; /* several: added up */
    bool by_value;              /* of the segment: choice is one event then */
    uint32_t segment;           /* its id; 0: the event has no such segment */
    enum timeobject_mode mode;
    const struct period *period;
    uint32_t value_limit; /* values that meta lists of a segment; 0: all */
};

/* On the loop thread: what event_object_write() reads. TALLY_ERR_TOO_BIG,
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_object_capture(const struct event_object *object,
                                    struct engine *engine,
                                    struct reader *reader);

/* Writes the object as one value. Errors as timeobject_write(). */
TALLY_MUST_CHECK
enum tally_err event_object_write(const struct event_object *object,
                                  struct reader *reader, struct json *json);

#endif
