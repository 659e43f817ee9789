/*
 * deltas.h - the counts of one generation, until the base holds them.
 *
 * Deltas are chained per (app, set, day), days per (app, set), so that a read
 * finds its part without probing. They lie in a region that others use too.
 */
#ifndef ENGINE_DELTAS_H
#define ENGINE_DELTAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/index.h"
#include "engine/region.h"

/* Counts of one (app, set, value) at one local hour (value 0) or day. */
struct delta {
    uint32_t hash;
    uint32_t next; /* of the same app, set and day */
    uint32_t app;
    uint32_t set;
    uint32_t value;
    uint16_t day;
    uint8_t hour; /* COUNT_NO_HOUR for values and where it is not known */
    int64_t d;
    int32_t t;
    int32_t n;
    int32_t e;
    int32_t u[5]; /* hour, day, week, month, year */
};

struct deltas_day {
    uint32_t hash;
    uint32_t next; /* of the same app and set */
    uint32_t app;
    uint32_t set;
    uint32_t first; /* delta */
    uint16_t day;
};

struct deltas {
    /* private state */
    struct region *region;
    char *base;    /* the region's, at hand: every hit needs them often */
    uint32_t seed; /* likewise */
    struct index deltas;
    struct index days;
    struct index series;
};

/* The region must outlive the deltas. */
void deltas_init(struct deltas *deltas, struct region *region);

/* Forgets everything, before the region does. */
void deltas_clear(struct deltas *deltas);

/* Counts the whole or an item of a hit; adds a count. The caller has made sure
 * that the region has room: this does not fail. */
void deltas_hit(struct deltas *deltas, const struct hit *hit,
                const struct hit_item *item);
void deltas_count(struct deltas *deltas, const struct count *count);

/* Days of a series, then deltas of a day, in no order. NULL at the end. They
 * live until the region is cleared. */
const struct deltas_day *deltas_first_day(const struct deltas *deltas,
                                          uint32_t app, uint32_t set);
const struct deltas_day *deltas_next_day(const struct deltas *deltas,
                                         const struct deltas_day *day);
const struct delta *deltas_first(const struct deltas *deltas,
                                 const struct deltas_day *day);
const struct delta *deltas_next(const struct deltas *deltas,
                                const struct delta *delta);

/* Does a value (not 0) have a `t` on a day? */
bool deltas_counts(const struct deltas *deltas, uint32_t app, uint32_t set,
                   uint32_t value, int32_t day);

/* All of them, in no order: free() the array. */
const struct delta **deltas_all(const struct deltas *deltas, size_t *count);

#endif
