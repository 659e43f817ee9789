/*
 * overlay.h - one generation of changes that the base does not hold yet.
 *
 * A generation is what a run of whole batches (from, to] changed: records put
 * or erased, counts to add, marks of activity. It grows while it is active,
 * is immutable once frozen (then another thread may read it), and is freed
 * when the base holds all of it. All memory is one region with a bound. Puts
 * are kept here, chained per table; counts in deltas.h, activity in marks.h.
 */
#ifndef ENGINE_OVERLAY_H
#define ENGINE_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/deltas.h"
#include "engine/effect.h"
#include "engine/marks.h"
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
    uint32_t value; /* place of the value in the region */
    char key[];
};

/* `bytes` bounds the region; it is address space until it is used. */
struct overlay *overlay_create(size_t bytes);
void overlay_destroy(struct overlay *overlay);

/* Forgets everything and gives the memory back to the system. */
void overlay_clear(struct overlay *overlay);

/* Bytes used, of the bound. */
size_t overlay_used(const struct overlay *overlay);

bool overlay_is_empty(const struct overlay *overlay);

/* Applies one effect. The caller has made sure that overlay_need() bytes are
 * free for its batch: this does not fail. */
void overlay_apply(struct overlay *overlay, const struct effect *effect);

/* Bytes that a batch of `len` encoded bytes can take at most. */
size_t overlay_need(size_t len);

/* The put of a key, erased ones included; NULL when it has none. It is there
 * until the overlay is cleared, its value until the next overlay_apply(). */
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

/* The counts and the marks of the generation, as long as it lives. */
const struct deltas *overlay_deltas(const struct overlay *overlay);
const struct marks *overlay_marks(const struct overlay *overlay);

/* The app was dropped in this generation: its records are garbage. */
bool overlay_has_dropped(const struct overlay *overlay, uint32_t app);

#endif
