/*
 * memory.h - allocation that cannot fail.
 *
 * Sizes a client controls are checked against a limit before they get here,
 * so running out of memory is an operator's problem: we abort, and what was
 * acknowledged is in the log.
 */
#ifndef ENGINE_MEMORY_H
#define ENGINE_MEMORY_H

#include <stddef.h>

/* Returns zeroed memory, never NULL. Free it with free(). */
void *memory_alloc(size_t size);

/* Like realloc, but never NULL; bytes beyond the old size are undefined. */
void *memory_resize(void *memory, size_t size);

/* A list of `count` elements of `size` bytes with room for one more: it is
 * moved and *room doubled when it is full. An empty list is NULL. */
void *memory_one_more(void *list, size_t count, size_t *room, size_t size);

/* Says so on stderr and aborts. */
_Noreturn void memory_exhausted(size_t size);

#endif
