#include "engine/radix.h"

#include <stdlib.h>

#include "engine/memory.h"

enum { BYTES = sizeof(uint64_t), BYTE_VALUES = 256 };

struct histogram {
    size_t counts[BYTES][BYTE_VALUES];
};

static unsigned byte_of(const struct radix_item *item, unsigned byte)
{
    return (unsigned)(item->key >> 8 * byte) & 0xff;
}

static void count_bytes(struct histogram *histogram,
                        const struct radix_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned byte = 0; byte < BYTES; byte++)
            histogram->counts[byte][byte_of(&items[i], byte)]++;
    }
}

/* Turns how many items have each value into where they begin. */
static void find_places(size_t counts[BYTE_VALUES])
{
    size_t place = 0;

    for (unsigned value = 0; value < BYTE_VALUES; value++) {
        size_t count = counts[value];
        counts[value] = place;
        place += count;
    }
}

static void sort_by_byte(const struct radix_item *from, struct radix_item *to,
                         size_t count, unsigned byte,
                         size_t places[BYTE_VALUES])
{
    for (size_t i = 0; i < count; i++)
        to[places[byte_of(&from[i], byte)]++] = from[i];
}

void radix_sort(struct radix_item *items, size_t count)
{
    if (count < 2)
        return;

    struct histogram *histogram = memory_alloc(sizeof(*histogram));
    struct radix_item *other = memory_alloc(count * sizeof(*other));
    struct radix_item *from = items;
    struct radix_item *to = other;

    count_bytes(histogram, items, count);
    for (unsigned byte = 0; byte < BYTES; byte++) {
        size_t *counts = histogram->counts[byte];
        if (counts[byte_of(items, byte)] == count)
            continue;
        find_places(counts);
        sort_by_byte(from, to, count, byte, counts);
        struct radix_item *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items) {
        for (size_t i = 0; i < count; i++)
            items[i] = from[i];
    }
    free(other);
    free(histogram);
}
