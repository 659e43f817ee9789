/*
 * core.h - the inside of an engine.
 *
 * For engine.c, generation.c, recovery.c and renewal.c alone; what else of
 * engine/ reads an engine's parts takes parts.h.
 */
#ifndef ENGINE_CORE_H
#define ENGINE_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/checkpoint.h"
#include "engine/devices.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "engine/names.h"
#include "engine/overlay.h"
#include "engine/recent.h"
#include "engine/store.h"
#include "engine/syncer.h"

enum compaction_step {
    COMPACTION_NONE,
    COMPACTION_ASKED,   /* until no generation is frozen */
    COMPACTION_WIPING,  /* free slots, on the checkpoint's thread */
    COMPACTION_WIPED,   /* until the log has a new slot and the base has it */
    COMPACTION_COPYING, /* on the checkpoint's thread */
    COMPACTION_COPIED,  /* until no read is open */
    COMPACTION_ENDED,
};

struct compaction {
    enum compaction_step step;
    uint64_t before; /* what is to be gone was erased up to this batch */
    int64_t since;   /* of the step, monotonic seconds */
    atomic_bool given_up;
    enum tally_err err; /* the thread's, while copying */
};

struct engine {
    struct engine_options options;
    char *dir;
    int lock; /* a file whose lock says that the directory is in use */
    struct store *store;
    struct store_txn *txn;
    struct store_meta meta; /* as txn sees it */
    uint64_t commits;       /* of the base, when txn was renewed */
    struct log *log;
    struct syncer *syncer;
    struct checkpoint *checkpoint;
    struct overlay *active;
    struct overlay *frozen;
    bool has_frozen;
    bool sweeping; /* the frozen generation has been handed over */
    uint64_t frozen_to;
    uint32_t frozen_chain;
    /* Effects applied and not yet handed to the log; while replaying, the
     * batch that is. */
    struct buffer open;
    uint64_t open_lsn;
    size_t active_log; /* log bytes of the active generation */
    int64_t active_since;
    bool wants_checkpoint;
    int64_t readers_checked;
    struct names *names;
    struct devices *devices;
    struct recent *recent;
    struct compaction compaction;
    uint32_t last_chain; /* while replaying */
};

#endif
