/*
 * slots.h - the inside of a log: its slots and where writing stands.
 *
 * For log.c, replay.c and compaction.c alone.
 */
#ifndef ENGINE_SLOTS_H
#define ENGINE_SLOTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/log.h"

enum { LOG_SLOTS_MAX = 64 };

struct slot {
    int fd;
    uint64_t sequence; /* 0: holds nothing that counts */
    uint64_t salt;
    uint64_t first; /* lowest LSN in it, */
    uint64_t last;  /* and highest */
    bool is_wiped;  /* since it was begun the last time */
    bool is_stale;  /* begun without: old bytes stand behind its batches */
    size_t end;     /* of its valid batches, found by the scan */
};

struct log {
    struct log_options options;
    struct slot slots[LOG_SLOTS_MAX];
    unsigned count;
    unsigned current;
    size_t offset; /* of the next batch in the current slot */
    uint64_t lsn;
    uint32_t chain;
    uint64_t sequence; /* of the newest slot */
    uint64_t salt;
    uint64_t renew_after; /* the first batch behind this begins a slot, */
    uint64_t renewed;     /* and is this one; 0: not written yet */
    bool renewing;
    char *scratch; /* a frame under construction */
    size_t scratch_size;
    pthread_t grower;
    bool has_grower;
    bool growing;
    bool closing;
    pthread_cond_t closes;
    pthread_mutex_t lock; /* over slots' sequence and last, count, offset,
                             renewing and its batches, growing, closing */
};

#endif
