#include "engine/memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 };

void memory_exhausted(size_t size)
{
    fprintf(stderr, "out of memory: %zu bytes\n", size);
    abort();
}

void *memory_alloc(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size);

    if (!resized)
        memory_exhausted(size);
    return resized;
}

void *memory_one_more(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? *room * 2 : FIRST_ROOM;
    return memory_resize(list, *room * size);
}
