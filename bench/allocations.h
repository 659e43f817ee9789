/*
 * allocations.h - counts what a thread takes from malloc(), calloc() and
 * realloc(), in libraries too. A program that links this has them replaced.
 */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stdint.h>

struct allocations {
    uint64_t count;
    uint64_t bytes; /* asked for */
};

/* Of the calling thread, so far. */
struct allocations allocations_so_far(void);

#endif
