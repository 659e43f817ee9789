/*
 * captured.h - the inside of a reader: its read of the base, and what it
 * copied of the overlay.
 *
 * For reader.c, horizon.c, series.c and crowd.c alone.
 */
#ifndef ENGINE_CAPTURED_H
#define ENGINE_CAPTURED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/engine.h"
#include "engine/horizon.h"
#include "engine/overlay.h"
#include "engine/store.h"
#include "engine/table.h"

/* A copy of a delta, and whether it comes from the frozen generation: then
 * the base may hold it already. */
struct captured_delta {
    struct delta delta; /* first: pointers to it are sorted */
    bool frozen;
};

struct captured_horizon {
    uint32_t app;
    struct horizon horizon;
};

struct captured_series {
    uint32_t app;
    uint32_t set;
};

/* The marks of one day, among those of the reader. */
struct captured_day {
    uint32_t app;
    uint32_t set;
    int32_t day;
    size_t first;
    size_t count;
};

/* A merged user and who it is now. */
struct alias {
    uint32_t from;
    uint32_t to;
};

struct captured_record {
    enum table table;
    bool erased;
    size_t key;
    size_t key_len;
    size_t value;
    size_t value_len;
};

struct reader {
    struct engine *engine;
    struct store_txn *txn;
    struct store_meta meta;
    uint64_t frozen_to; /* the last batch of the frozen generation */
    struct captured_horizon *horizons;
    size_t horizon_count;
    size_t horizon_room;
    struct captured_series *series;
    size_t series_count;
    size_t series_room;
    struct captured_delta *deltas;
    size_t delta_count;
    size_t delta_room;
    /* The deltas in the order of their records: of days (and hours), of
     * years. Made when first read. */
    const struct delta **by_day;
    const struct delta **by_year;
    struct captured_day *days;
    size_t day_count;
    size_t day_room;
    struct marks_pair *marks;
    size_t mark_count;
    size_t mark_room;
    struct captured_record *records;
    size_t record_count;
    size_t record_room;
    bool in_order;       /* the records are sorted */
    /* Of one app, sorted by `from`, chains followed. Read when first needed. */
    uint32_t aliases_of; /* 0: none was read */
    struct alias *aliases;
    size_t alias_count;
    size_t alias_room;
    struct buffer bytes; /* keys and values of the records */
};

#endif
