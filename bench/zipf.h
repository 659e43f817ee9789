/*
 * zipf.h - draws ranks by Zipf's law: rank k comes in proportion to
 * k^-0.99.
 *
 * Rejection-inversion (Hoermann and Derflinger 1996): exact, without a table,
 * whatever the number of ranks.
 */
#ifndef BENCH_ZIPF_H
#define BENCH_ZIPF_H

#include <stdint.h>

#define ZIPF_EXPONENT 0.99

struct zipf {
    /* private state */
    double ranks;
    double area_first; /* where the areas of the first and the last rank end */
    double area_last;
    double shortcut; /* how close to its rank a point is always accepted */
    uint64_t random;
};

/* Draws from 1..ranks; the same seed gives the same ranks. */
struct zipf zipf_of(uint64_t ranks, uint64_t seed);

uint64_t zipf_draw(struct zipf *zipf);

#endif
