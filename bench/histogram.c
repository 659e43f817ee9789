#include "bench/histogram.h"

enum { FIRST_BITS = 6, MAX_BITS = 40 };

static unsigned index_of(uint64_t ns)
{
    if (ns < HISTOGRAM_STEPS)
        return (unsigned)ns;
    if (ns >= (uint64_t)1 << MAX_BITS)
        return HISTOGRAM_SIZE - 1;
    unsigned bits = 63 - (unsigned)__builtin_clzll(ns);
    unsigned step = (unsigned)(ns >> (bits - FIRST_BITS)) % HISTOGRAM_STEPS;
    return (bits - FIRST_BITS + 1) * HISTOGRAM_STEPS + step;
}

static uint64_t end_of(unsigned index)
{
    if (index < HISTOGRAM_STEPS)
        return index;
    unsigned shift = index / HISTOGRAM_STEPS - 1;
    uint64_t step = HISTOGRAM_STEPS + index % HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram->counts[index_of(ns)]++;
    histogram->total++;
}

uint64_t histogram_percentile(const struct histogram *histogram, double part)
{
    double wanted = part * (double)histogram->total;
    uint64_t seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_SIZE; i++) {
        seen += histogram->counts[i];
        if (seen > 0 && (double)seen >= wanted)
            return end_of(i);
    }
    return 0;
}
