/*
 * reading.h - what bench/reads times: reads of an app that it has filled.
 */
#ifndef BENCH_READING_H
#define BENCH_READING_H

#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/engine.h"
#include "engine/zone.h"

enum {
    APP = 1,
    DAYS = 30,
    FIRST_DAY = 20544, /* 2026-04-01 */
};

struct bench {
    struct engine *engine;
    struct batch batch;
    struct zones *zones;
    struct catalog *catalog;
    struct zone *zone;
    uint64_t random;
};

struct reading {
    const char *name;
    size_t (*read)(struct bench *bench);
    const char *result; /* what `read` returns: bytes of an answer or users */
};

/* All of them, `reading_count`. */
extern const struct reading reading_table[];
extern const size_t reading_count;

/* Ends the process when something failed. */
void must(enum tally_err err, const char *what);

#endif
