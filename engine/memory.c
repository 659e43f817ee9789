#include "engine/memory.h"

#include <stdio.h>
#include <stdlib.h>

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
