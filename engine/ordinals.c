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

static struct chunk *chunk_at(const struct ordinals *ordinals, size_t number)
{
    return number < ordinals->room ? ordinals->chunks[number] : NULL;
}

static struct chunk *find(const struct ordinals *ordinals, uint32_t ordinal)
{
    return chunk_at(ordinals, ordinal / CHUNK_ORDINALS);
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

size_t ordinals_chunks(const struct ordinals *ordinals)
{
    size_t count = 0;

    for (size_t i = 0; i < ordinals->room; i++)
        count += ordinals->chunks[i] != NULL;
    return count;
}

void ordinals_clear(struct ordinals *ordinals)
{
    for (size_t i = 0; i < ordinals->room; i++) {
        if (ordinals->chunks[i])
            memset(ordinals->chunks[i], 0, sizeof(*ordinals->chunks[i]));
    }
}

void ordinals_unite(struct ordinals *ordinals, const struct ordinals *other)
{
    for (size_t i = 0; i < other->room; i++) {
        const struct chunk *from = other->chunks[i];
        struct chunk *to = from ? touch(ordinals, (uint32_t)i) : NULL;
        for (size_t k = 0; from && k < CHUNK_BYTES; k++)
            to->bits[k] |= from->bits[k];
    }
}

void ordinals_meet(struct ordinals *ordinals, const struct ordinals *other)
{
    for (size_t i = 0; i < ordinals->room; i++) {
        struct chunk *to = ordinals->chunks[i];
        const struct chunk *from = chunk_at(other, i);
        if (to && !from)
            memset(to, 0, sizeof(*to));
        for (size_t k = 0; to && from && k < CHUNK_BYTES; k++)
            to->bits[k] &= from->bits[k];
    }
}

void ordinals_remove(struct ordinals *ordinals, const struct ordinals *other)
{
    for (size_t i = 0; i < ordinals->room; i++) {
        struct chunk *to = ordinals->chunks[i];
        const struct chunk *from = chunk_at(other, i);
        for (size_t k = 0; to && from && k < CHUNK_BYTES; k++)
            to->bits[k] &= (uint8_t)~from->bits[k];
    }
}

uint64_t ordinals_shared(const struct ordinals *a, const struct ordinals *b)
{
    uint64_t count = 0;

    for (size_t i = 0; i < a->room; i++) {
        const struct chunk *other = chunk_at(b, i);
        if (a->chunks[i] && other)
            count += chunk_shared(a->chunks[i], other);
    }
    return count;
}
