#include "bench/zipf.h"

#include <math.h>

static const double rest = 1 - ZIPF_EXPONENT;

/* The law for any x, the area below it from 1 to x, and back. */
static double density(double x)
{
    return pow(x, -ZIPF_EXPONENT);
}

static double area(double x)
{
    return (pow(x, rest) - 1) / rest;
}

static double point_of(double area)
{
    return pow(1 + area * rest, 1 / rest);
}

/* SplitMix64, as a number in 0..1 without 1. */
static double draw_part(uint64_t *state)
{
    uint64_t bits = *state += UINT64_C(0x9e3779b97f4a7c15);

    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    bits ^= bits >> 31;
    return (double)(bits >> 11) * 0x1p-53;
}

struct zipf zipf_of(uint64_t ranks, uint64_t seed)
{
    return (struct zipf){
        .ranks = (double)ranks,
        .area_first = area(1.5) - 1,
        .area_last = area((double)ranks + 0.5),
        .shortcut = 2 - point_of(area(2.5) - density(2)),
        .random = seed,
    };
}

uint64_t zipf_draw(struct zipf *zipf)
{
    for (;;) {
        double drawn =
            zipf->area_last +
            draw_part(&zipf->random) * (zipf->area_first - zipf->area_last);
        double point = point_of(drawn);
        double rank = fmin(fmax(floor(point + 0.5), 1), zipf->ranks);

        if (rank - point <= zipf->shortcut ||
            drawn >= area(rank + 0.5) - density(rank))
            return (uint64_t)rank;
    }
}
