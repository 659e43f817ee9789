/* glibc's own names lead to what its plain ones would do. */
#include "bench/allocations.h"

#include <stdlib.h>

/* Libraries find these too. */
#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static _Thread_local struct allocations so_far;

static void note(size_t bytes)
{
    so_far.count++;
    so_far.bytes += bytes;
}

EXPORT void *malloc(size_t size)
{
    note(size);
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    note(count * size);
    return __libc_calloc(count, size);
}

EXPORT void *realloc(void *memory, size_t size)
{
    note(size);
    return __libc_realloc(memory, size);
}

struct allocations allocations_so_far(void)
{
    return so_far;
}
