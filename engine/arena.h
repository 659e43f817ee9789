/*
 * arena.h - memory that lives exactly as long as one request.
 *
 * Everything decoded from a request is allocated here and freed at once. The
 * limit bounds what a client can make us allocate.
 */
#ifndef ENGINE_ARENA_H
#define ENGINE_ARENA_H

#include <stddef.h>

#include "engine/text.h"

struct arena;

/* Never NULL: the process aborts when the system is out of memory. */
struct arena *arena_create(size_t limit);

/* Frees the arena and all memory handed out from it; NULL is a no-op. */
void arena_destroy(struct arena *arena);

/* Takes back all memory handed out, keeping one block for the next use. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type; NULL only once the limit is reached. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies `length` bytes and adds a NUL; NULL only once the limit is reached. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

#endif
