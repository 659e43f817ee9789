/*
 * event_set.h - the sets in which events are counted (spec B.8).
 *
 * The keys of an app's events are the values of SET_EVENTS. Each event has
 * sets of its own: its whole (value 0, with hours) with its segments as
 * values, and for each segment the values that it had. Numbers of all sets of
 * one event begin with the same two bytes.
 *
 *   bit 31 set | event id, 15 bits | segment id, 12 bits | kind, 4 bits
 *
 * What a cell holds:
 *
 *   SET_EVENTS       t: how often events of that key came, e: their count,
 *                    d: their sum
 *   EVENT_COUNTS     the same; of a segment t alone
 *   EVENT_DURATIONS  d: the duration; the same values as EVENT_COUNTS
 *
 * Sums and durations are whole hundred thousandths, so that they add up the
 * same in any order. One event adds at most EVENT_COUNT_MAX and
 * EVENT_NUMBER_MAX either way: what is beyond adds nothing.
 */
#ifndef METRICS_EVENT_SET_H
#define METRICS_EVENT_SET_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EVENT_ID_MAX = 0x7fff,
    EVENT_SEGMENT_ID_MAX = 0xfff,
    EVENT_PER_ONE = 100000, /* units in 1: five decimals */
    EVENT_COUNT_MAX = 1000000000,
};

#define EVENT_NUMBER_MAX 1e10

enum event_kind {
    EVENT_COUNTS,
    EVENT_DURATIONS,
    EVENT_KINDS,     /* of counters by value */
    EVENT_TIMES = 2, /* hours of the week, see timesofday.h */
};

/* segment 0: the event itself. */
static inline uint32_t event_set(uint32_t event, uint32_t segment,
                                 enum event_kind kind)
{
    return UINT32_C(1) << 31 | event << 16 | segment << 4 | (uint32_t)kind;
}

static inline bool event_set_is_one(uint32_t set)
{
    return set >> 31;
}

static inline uint32_t event_set_event(uint32_t set)
{
    return set >> 16 & EVENT_ID_MAX;
}

static inline uint32_t event_set_segment(uint32_t set)
{
    return set >> 4 & EVENT_SEGMENT_ID_MAX;
}

static inline uint32_t event_set_kind(uint32_t set)
{
    return set & 0xf;
}

#endif
