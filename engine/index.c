#include "engine/index.h"

#include <stdlib.h>

#include "engine/memory.h"

enum { FIRST_ROOM = 256 };

static uint32_t hash_at(const char *base, uint32_t place)
{
    return *(const uint32_t *)(const void *)(base + place);
}

static void insert(struct index *index, struct index_slot slot)
{
    uint32_t i = slot.hash & (index->room - 1);

    while (index->slots[i].place != 0)
        i = (i + 1) & (index->room - 1);
    index->slots[i] = slot;
}

static void grow(struct index *index)
{
    struct index old = *index;

    index->room = old.room ? old.room * 2 : FIRST_ROOM;
    index->slots = memory_alloc(index->room * sizeof(*index->slots));
    for (uint32_t i = 0; i < old.room; i++) {
        if (old.slots[i].place != 0)
            insert(index, old.slots[i]);
    }
    free(old.slots);
}

void index_add(struct index *index, const char *base, uint32_t place)
{
    if (index->count + 1 > index->room / 4 * 3)
        grow(index);
    insert(index, (struct index_slot){place, hash_at(base, place)});
    index->count++;
}

void index_move(struct index *index, const char *base, uint32_t from,
                uint32_t to)
{
    uint32_t i = hash_at(base, from) & (index->room - 1);

    while (index->slots[i].place != from)
        i = (i + 1) & (index->room - 1);
    index->slots[i].place = to;
}

void index_clear(struct index *index)
{
    free(index->slots);
    *index = (struct index){0};
}
