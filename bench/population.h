/*
 * population.h - which device of which app comes next, and when it was there.
 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include <stdint.h>

#include "bench/zipf.h"

enum spread {
    SPREAD_UNIFORM, /* each device once before any comes again, in no order */
    SPREAD_ZIPF,    /* the first device most often */
};

struct visit {
    uint64_t device;
    uint64_t age_ms; /* how long ago */
    unsigned app;
};

struct population {
    /* private state */
    enum spread spread;
    uint64_t first;
    uint64_t devices;
    uint64_t stride;
    uint64_t at;
    uint64_t span_s;
    uint32_t age; /* of the next visit, in 2^-32 of the span */
    unsigned apps;
    unsigned app;
    struct zipf zipf;
};

/* Devices first..first+devices-1 visit `apps` apps in turn. Visits are spread
 * evenly over the last `days` days; with one day all are now. */
struct population population_of(enum spread spread, uint64_t first,
                                uint32_t devices, unsigned apps, unsigned days);

struct visit population_next(struct population *population);

#endif
