/*
 * marks.h - who was active on which day, of one generation, until the base
 * holds it.
 *
 * Marks are kept as they come, repeats included. They lie in runs that double,
 * in a region that others use too.
 */
#ifndef ENGINE_MARKS_H
#define ENGINE_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/index.h"
#include "engine/region.h"

/* Who was active on one day: with a value of a set, or at all (set 0). */
struct marks_day {
    uint32_t hash;
    uint32_t app;
    uint32_t set;
    uint32_t first; /* run */
    uint32_t count; /* over all runs */
    uint16_t day;
};

struct marks_pair {
    uint32_t ordinal;
    uint32_t value;
};

struct marks {
    /* private state */
    struct region *region;
    char *base;    /* the region's, at hand: every hit needs them often */
    uint32_t seed; /* likewise */
    struct index days;
};

/* The region must outlive the marks. */
void marks_init(struct marks *marks, struct region *region);

/* Forgets everything; the owner clears the region. */
void marks_clear(struct marks *marks);

/* The caller has made sure that the region has room: this does not fail. */
void marks_add(struct marks *marks, const struct mark *mark);

/* The marks of a day, there until the region is cleared; NULL when there are
 * none. */
const struct marks_day *marks_find(const struct marks *marks, uint32_t app,
                                   uint32_t set, int32_t day);

/* Writes day->count pairs, in no order, repeats included. */
void marks_copy(const struct marks *marks, const struct marks_day *day,
                struct marks_pair *pairs);

/* All days, in no order; free() the array. */
const struct marks_day **marks_all(const struct marks *marks, size_t *count);

#endif
