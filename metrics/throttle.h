/*
 * throttle.h - counts tries under a name and says how long the next has to
 * wait: so many are free, then none for a while.
 *
 * Names are kept as keyed hashes in a table of fixed size. Where there is no
 * place for one more the oldest is forgotten. Time comes in as UTC seconds.
 */
#ifndef METRICS_THROTTLE_H
#define METRICS_THROTTLE_H

#include <stdint.h>

#include "engine/hash.h"
#include "engine/text.h"

enum { THROTTLE_ROWS = 512, THROTTLE_WIDTH = 8 };

struct throttle_limit {
    uint32_t tries; /* that are free */
    uint32_t wait;  /* seconds without a try that make them free again */
};

struct throttle_entry {
    uint64_t name;
    int64_t last;   /* the time of the latest try */
    uint32_t tries; /* 0: the entry is free */
};

struct throttle {
    /* private state */
    struct hash_key key;
    struct throttle_entry entries[THROTTLE_ROWS][THROTTLE_WIDTH];
};

void throttle_init(struct throttle *throttle);

/* What a name is known by below. */
uint64_t throttle_name(const struct throttle *throttle, struct text name);

/* Seconds until the next try is free; 0: it is. */
uint32_t throttle_wait(const struct throttle *throttle, uint64_t name,
                       struct throttle_limit limit, int64_t now);

/* Counts a try. */
void throttle_count(struct throttle *throttle, uint64_t name,
                    struct throttle_limit limit, int64_t now);

/* Takes one try back, or forgets them all. */
void throttle_take_back(struct throttle *throttle, uint64_t name);
void throttle_forget(struct throttle *throttle, uint64_t name);

#endif
