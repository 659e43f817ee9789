/*
 * workload.h - seeded random batches over the world of model.h.
 *
 * The n-th batch of a seed is always the same, so whoever knows the seed and
 * how many batches an engine has knows what it must hold.
 */
#ifndef TESTS_WORKLOAD_H
#define TESTS_WORKLOAD_H

#include <stdint.h>

#include "engine/effect.h"
#include "model.h"

enum { WORKLOAD_APPS = 3 /* alive at a time */ };

struct workload {
    uint64_t random;
    uint32_t position;
    uint32_t last_app;
    uint32_t apps[WORKLOAD_APPS];
    /* Merged or erased: they have no more sessions, nobody becomes them. */
    bool gone[WORKLOAD_APPS][MODEL_USERS];
};

struct workload workload_begin(uint64_t seed);

/* Fills the batch; at most `effects` of them and the position. */
void workload_next(struct workload *workload, struct batch *batch,
                   unsigned effects);

/* 0 .. below - 1. */
uint32_t workload_random(struct workload *workload, uint32_t below);

/* The model after the first batches of a seed. Free it with free(). */
struct model *workload_model(uint64_t seed, uint32_t batches, unsigned effects);

#endif
