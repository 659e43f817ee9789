/*
 * region.h - the memory of one generation: taken piece by piece, given back
 * at once.
 *
 * Pieces are named by places (u32, multiples of 8), 0 is none; a piece does
 * not move until the region is cleared. Address space is reserved as a whole
 * and takes memory only where it is used. Fresh memory is zeroed.
 */
#ifndef ENGINE_REGION_H
#define ENGINE_REGION_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_FIRST = 8 };

/* base and seed do not change: who lives in a region may copy them. */
struct region {
    char *base;    /* place 0 */
    uint32_t seed; /* hashes of what lies here start with it: nobody can
                      foretell them */
    /* private state */
    size_t size;
    size_t used;
};

/* `bytes` is what the places can name at the most: up to 4 GB. */
void region_init(struct region *region, size_t bytes);
void region_finish(struct region *region);

/* Forgets everything and gives the memory back to the system. */
void region_clear(struct region *region);

static inline size_t region_used(const struct region *region)
{
    return region->used;
}

static inline bool region_is_empty(const struct region *region)
{
    return region->used == REGION_FIRST;
}

/* The caller has made sure that there is room. */
static inline uint32_t region_take(struct region *region, size_t size)
{
    size_t place = region->used;

    region->used += (size + 7) / 8 * 8;
    assert(region->used <= region->size);
    return (uint32_t)place;
}

static inline void *region_at(const struct region *region, uint32_t place)
{
    return region->base + place;
}

static inline void *region_at_or_null(const struct region *region,
                                      uint32_t place)
{
    return place ? region_at(region, place) : NULL;
}

#endif
