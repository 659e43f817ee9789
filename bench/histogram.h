/*
 * histogram.h - counts durations so that percentiles can be told.
 *
 * Log-linear: 64 steps for every power of two, so a percentile is at most
 * 1.6 % too high. Durations are nanoseconds; those over 2^40 count as 2^40.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_SIZE = 35 * HISTOGRAM_STEPS };

struct histogram { /* zeroed: empty */
    uint64_t total;
    uint64_t counts[HISTOGRAM_SIZE];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The duration that `part` (0..1) of all stayed at or below; 0 when empty. */
uint64_t histogram_percentile(const struct histogram *histogram, double part);

#endif
