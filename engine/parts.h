/*
 * parts.h - what an engine is made of, for the files of engine/ that read it.
 */
#ifndef ENGINE_PARTS_H
#define ENGINE_PARTS_H

#include "engine/devices.h"
#include "engine/engine.h"
#include "engine/names.h"
#include "engine/overlay.h"
#include "engine/store.h"

struct parts {
    struct store *store;
    struct store_txn *txn; /* the loop thread's read of the base */
    const struct overlay *active;
    const struct overlay *frozen; /* NULL when there is none */
    uint64_t frozen_to;           /* its last batch */
    struct names *names;
    struct devices *devices;
};

struct parts engine_parts(const struct engine *engine);

#endif
