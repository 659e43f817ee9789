/*
 * event_table.h - what an app's events are called, and the values of a segment
 * in a period (spec D.2, D.7.7).
 */
#ifndef METRICS_EVENT_TABLE_H
#define METRICS_EVENT_TABLE_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/event_choice.h"
#include "metrics/json.h"
#include "metrics/period.h"

/* Writes an object: each event that has segments, its dots as colons, with
 * the list of these. `choice` are the events; the
 * names of all are captured. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err event_table_write_segments(const struct event_choice *choice,
                                          struct reader *reader, uint32_t app,
                                          struct json *json);

/* Writes rows {"_id": value, "c", "s", "dur"} of the values that a captured
 * segment had in the period, the highest counts first. Errors as above. */
TALLY_MUST_CHECK
enum tally_err event_table_write_values(uint32_t app, uint32_t event,
                                        uint32_t segment,
                                        const struct period *period,
                                        struct reader *reader,
                                        struct json *json);

#endif
