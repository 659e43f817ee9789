/*
 * overlay.h - one generation of changes that the base does not hold yet.
 *
 * A generation is what a run of whole batches (from, to] changed: records put
 * or erased, counts to add, marks of activity. It grows while it is active,
 * is immutable once frozen (then another thread may read it), and is freed
 * when the base holds all of it. All memory is one arena with a bound.
 *
 * Counts are chained per (app, set, day), days per (app, set), puts per
 * table, so that a read finds its part without probing.
 */
#ifndef ENGINE_OVERLAY_H
#define ENGINE_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/table.h"
#include "engine/text.h"

struct overlay;

/* A record put or erased. */
struct overlay_put {
    uint32_t hash;
    uint32_t next; /* of the same table; 0: none */
    uint8_t table;
    bool erased;
    uint16_t key_len;
    uint32_t value_len;
    uint32_t value_room;
    uint32_t value; /* place of the value in the arena */
    char key[];
};

/* Counts of one (app, set, value) at one local hour (value 0) or day. */
struct overlay_delta {
    uint32_t hash;
    uint32_t next; /* of the same app, set and day */
    uint32_t app;
    uint32_t set;
    uint32_t value;
    uint16_t day;
    uint8_t hour; /* COUNT_NO_HOUR for values */
    int64_t d;
    int32_t t;
    int32_t n;
    int32_t e;
    int32_t u[5]; /* hour, day, week, month, year */
};

struct overlay_day {
    uint32_t hash;
    uint32_t next; /* of the same app and set */
    uint32_t app;
    uint32_t set;
    uint32_t first; /* delta */
    uint16_t day;
};

/* Who was active on one day: with a value of a set, or at all (set 0). */
struct overlay_marks {
    uint32_t hash;
    uint32_t app;
    uint32_t set;
    uint32_t first; /* run */
    uint32_t count; /* over all runs */
    uint16_t day;
};

struct overlay_mark {
    uint32_t ordinal;
    uint32_t value;
};

/* `bytes` bounds the arena; it is address space until it is used. */
struct overlay *overlay_create(size_t bytes);
void overlay_destroy(struct overlay *overlay);

/* Forgets everything and gives the memory back to the system. */
void overlay_clear(struct overlay *overlay);

/* Bytes used, of the bound. */
size_t overlay_used(const struct overlay *overlay);

bool overlay_is_empty(const struct overlay *overlay);

/* Applies one effect. The caller has made sure that OVERLAY_EFFECT_MAX bytes
 * (and the effect's own length) are free: this does not fail. */
void overlay_apply(struct overlay *overlay, const struct effect *effect);

/* Arena bytes that a batch of `len` encoded bytes can take at most. */
size_t overlay_need(size_t len);

/* The put of a key, erased ones included; NULL when it has none. */
const struct overlay_put *overlay_find(const struct overlay *overlay,
                                       enum table table, struct text key);
struct text overlay_key(const struct overlay_put *put);
struct text overlay_value(const struct overlay *overlay,
                          const struct overlay_put *put);

/* Puts of one table, in no order: first, then next. NULL at the end. */
const struct overlay_put *overlay_first_put(const struct overlay *overlay,
                                            enum table table);
const struct overlay_put *overlay_next_put(const struct overlay *overlay,
                                           const struct overlay_put *put);

/* Days of a series, then deltas of a day. NULL at the end. */
const struct overlay_day *overlay_first_day(const struct overlay *overlay,
                                            uint32_t app, uint32_t set);
const struct overlay_day *overlay_next_day(const struct overlay *overlay,
                                           const struct overlay_day *day);
const struct overlay_delta *overlay_first_delta(const struct overlay *overlay,
                                                const struct overlay_day *day);
const struct overlay_delta *
overlay_next_delta(const struct overlay *overlay,
                   const struct overlay_delta *delta);

/* The marks of a day; NULL when there are none. overlay_copy_marks() writes
 * marks->count of them, in no order, repeats included. */
const struct overlay_marks *overlay_find_marks(const struct overlay *overlay,
                                               uint32_t app, uint32_t set,
                                               int32_t day);
void overlay_copy_marks(const struct overlay *overlay,
                        const struct overlay_marks *marks,
                        struct overlay_mark *copy);

/* All deltas, all marks: what a sweep sorts. Arrays of pointers into the
 * generation; free() them. */
const struct overlay_delta **overlay_deltas(const struct overlay *overlay,
                                            size_t *count);
const struct overlay_marks **overlay_all_marks(const struct overlay *overlay,
                                               size_t *count);

/* The app was dropped in this generation: its records are garbage. */
bool overlay_has_dropped(const struct overlay *overlay, uint32_t app);

#endif
