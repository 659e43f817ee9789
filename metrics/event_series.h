/*
 * event_series.h - what was counted of an event, or of one of its segments:
 * the two sets of event_set.h read as one.
 */
#ifndef METRICS_EVENT_SERIES_H
#define METRICS_EVENT_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/json.h"

/* Count; sum and duration in units. */
struct event_sum {
    int64_t c;
    int64_t s;
    int64_t dur;
};

void event_sum_add(struct event_sum *sum, const struct event_sum *other);
bool event_sum_is_zero(const struct event_sum *sum);

/* Writes "c", "s" and "dur" as members; zeros only when asked to. */
void event_sum_write(const struct event_sum *sum, bool zeros,
                     struct json *json);

/* A number of units as the number it stands for. */
void event_sum_write_units(int64_t units, struct json *json);

/* On the loop thread: the counters of a segment (0: of the event itself), and
 * the names in all sets of an event (0: of all events and more). */
void event_series_capture(struct reader *reader, uint32_t app, uint32_t event,
                          uint32_t segment);
void event_series_capture_names(struct reader *reader, uint32_t app,
                                uint32_t event);

/* Part of what a value has on a day or at an hour; several may be given of
 * one: they add up. */
struct event_cell {
    int32_t day;
    unsigned hour;
    uint32_t value;
    struct event_sum sum;
};
typedef void (*event_cell_fn)(void *user, const struct event_cell *cell);

/* As series_days() and series_hours(). */
TALLY_MUST_CHECK
enum tally_err event_series_days(struct reader *reader, uint32_t app,
                                 uint32_t event, uint32_t segment,
                                 int32_t first, int32_t last, event_cell_fn fn,
                                 void *user);
TALLY_MUST_CHECK
enum tally_err event_series_hours(struct reader *reader, uint32_t app,
                                  uint32_t event, int32_t first, int32_t last,
                                  event_cell_fn fn, void *user);

#endif
