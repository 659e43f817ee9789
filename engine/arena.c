#include "engine/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

enum { BLOCK_SIZE = 4096 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    max_align_t data[];
};

struct arena {
    struct block *newest;
    size_t limit;
    size_t used;
};

struct arena *arena_create(size_t limit)
{
    assert(limit <= SIZE_MAX / 2);
    struct arena *arena = memory_alloc(sizeof(*arena));

    arena->limit = limit;
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;

    free_blocks(arena->newest);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    arena->used = 0;
    if (!arena->newest)
        return;

    free_blocks(arena->newest->next);
    arena->newest->next = NULL;
    arena->newest->used = 0;
    if (arena->newest->size > BLOCK_SIZE) {
        free(arena->newest);
        arena->newest = NULL;
    }
}

static struct block *add_block(struct arena *arena, size_t at_least)
{
    size_t size = at_least > BLOCK_SIZE ? at_least : BLOCK_SIZE;
    struct block *block = malloc(sizeof(*block) + size);

    if (!block)
        memory_exhausted(size);
    block->used = 0;
    block->size = size;
    block->next = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    assert(size > 0);
    if (size > arena->limit - arena->used)
        return NULL;
    arena->used += size;

    size_t align = _Alignof(max_align_t);
    size = (size + align - 1) / align * align;

    struct block *block = arena->newest;
    if (!block || size > block->size - block->used)
        block = add_block(arena, size);

    void *memory = (char *)block->data + block->used;
    block->used += size;
    return memset(memory, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (copy && length > 0)
        memcpy(copy, text, length);
    return copy;
}
