/*
 * radix.h - sorting many items by a number each.
 */
#ifndef ENGINE_RADIX_H
#define ENGINE_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct radix_item {
    uint64_t key;
    const void *value;
};

/* Sorts by key, equal keys in the order they came. Takes memory for as many
 * items again, and a pass over them for each byte in which keys differ. */
void radix_sort(struct radix_item *items, size_t count);

#endif
