#include "engine/ordinals.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

enum { FIRST_ROOM = 8 };

void ordinals_finish(struct ordinals *ordinals)
{
    for (size_t i = 0; i < ordinals->room; i++)
        free(ordinals->chunks[i]);
    free(ordinals->chunks);
    *ordinals = (struct ordinals){0};
}

static struct chunk *touch(struct ordinals *ordinals, uint32_t number)
{
    if (number >= ordinals->room) {
        size_t room = ordinals->room ? ordinals->room : FIRST_ROOM;
        while (room <= number)
            room *= 2;
        ordinals->chunks =
            memory_resize(ordinals->chunks, room * sizeof(*ordinals->chunks));
        memset(ordinals->chunks + ordinals->room, 0,
               (room - ordinals->room) * sizeof(*ordinals->chunks));
        ordinals->room = room;
    }
    if (!ordinals->chunks[number])
        ordinals->chunks[number] = memory_alloc(sizeof(struct chunk));
    return ordinals->chunks[number];
}

void ordinals_add(struct ordinals *ordinals, uint32_t ordinal)
{
    chunk_set(touch(ordinals, ordinal / CHUNK_ORDINALS),
              ordinal % CHUNK_ORDINALS);
}

static struct chunk *find(const struct ordinals *ordinals, uint32_t ordinal)
{
    uint32_t number = ordinal / CHUNK_ORDINALS;

    return number < ordinals->room ? ordinals->chunks[number] : NULL;
}

bool ordinals_has(const struct ordinals *ordinals, uint32_t ordinal)
{
    const struct chunk *chunk = find(ordinals, ordinal);

    return chunk && chunk_has(chunk, ordinal % CHUNK_ORDINALS);
}

void ordinals_replace(struct ordinals *ordinals, uint32_t from, uint32_t to)
{
    uint32_t bit = from % CHUNK_ORDINALS;

    if (!ordinals_has(ordinals, from))
        return;
    find(ordinals, from)->bits[bit >> 3] &= (uint8_t) ~(1u << (bit & 7));
    ordinals_add(ordinals, to);
}

enum tally_err ordinals_add_chunk(struct ordinals *ordinals, uint32_t number,
                                  struct text record)
{
    return chunk_add(touch(ordinals, number), record);
}

uint64_t ordinals_count(const struct ordinals *ordinals)
{
    uint64_t count = 0;

    for (size_t i = 0; i < ordinals->room; i++) {
        if (ordinals->chunks[i])
            count += chunk_count(ordinals->chunks[i]);
    }
    return count;
}
