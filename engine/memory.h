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

/* Says so on stderr and aborts. */
_Noreturn void memory_exhausted(size_t size);

#endif
