/*
 * consent_object.h - opt-ins and opt-outs as a time object (spec B.11, D.2,
 * 0.4.24): `i` and `o` of all features by year, month, day and hour, and by
 * feature down to the day.
 *
 *   {"2026": {"3": {"17": {"10": {"i": 1}, "events": {"i": 1}, "i": 1},
 *             "events": {"i": 1}, "i": 1}, "events": {"i": 1}, "i": 1},
 *    "meta": {"features": ["events"]}}
 */
#ifndef METRICS_CONSENT_OBJECT_H
#define METRICS_CONSENT_OBJECT_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/timeobject.h"

/* On the loop thread: what consent_object_write() reads. */
void consent_object_capture(struct reader *reader, uint32_t app);

/* Writes the object as one value. Whole months and years of the period and
 * the one before, or today alone, or all there is. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO: what has been written then is unusable. */
TALLY_MUST_CHECK
enum tally_err consent_object_write(struct reader *reader, uint32_t app,
                                    const struct period *period,
                                    enum timeobject_mode mode,
                                    struct json *json);

#endif
