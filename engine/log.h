/*
 * log.h - the effect log: batches in slots of fixed size.
 *
 * A batch is made durable by log_write() before it counts; batches are
 * numbered by LSN without gaps. Slots are files of one size, written with
 * zeros when made, recycled once the base holds what is in them, never
 * renamed. Each start begins a slot by writing the last valid batch again: a
 * sync that failed before a crash may have left it in the page cache alone.
 *
 * chain: a checksum over all batches up to one, which ties a base to its log.
 *
 * Reading ends at the first batch that does not check. That is a torn tail
 * when no later batch of the log exists in any slot, and damage when one
 * does: at most one batch is ever unfinished.
 */
#ifndef ENGINE_LOG_H
#define ENGINE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"

struct log;

enum {
    LOG_SLOT_MIN = 1 << 20,
    LOG_BLOCK = 4096,
    LOG_BATCH_MAX = 4 << 20, /* no batch is longer */
};

struct log_options {
    const char *dir;
    size_t slot_bytes;   /* a multiple of LOG_BLOCK, at least LOG_SLOT_MIN; of
                            slots that exist already their size counts */
    unsigned slot_count; /* at most, 3 to 64 */
    uint8_t uuid[16];
    uint64_t lsn;   /* the last batch that the base holds as a whole */
    uint32_t chain; /* of that batch */
};

/* A batch behind options.lsn, in order. All batches before it are durable.
 * An error ends log_open(). */
typedef enum tally_err (*log_replay_fn)(void *user, uint64_t lsn,
                                        uint32_t chain, struct text payload);

/* Opens the slots in `dir` (makes them when there are none and lsn is 0),
 * replays, and begins a slot.
 * TALLY_ERR_MISMATCH when the slots do not hold the base's batch,
 * TALLY_ERR_CORRUPT for damage, TALLY_ERR_VERSION, TALLY_ERR_IO; `reason`
 * says where. */
TALLY_MUST_CHECK
enum tally_err log_open(const struct log_options *options, log_replay_fn replay,
                        void *user, struct log **log, char reason[static 256]);

/* NULL is a no-op. */
void log_close(struct log *log);

/* The longest payload of one batch: a quarter of a slot, 4 MB at the most. */
size_t log_payload_max(const struct log *log);

/* Writes the next batch and syncs it. One thread at a time. After an error
 * the log is lost: the process must end. */
TALLY_MUST_CHECK
enum tally_err log_write(struct log *log, struct text payload);

/* The last batch written or read, and its chain. */
uint64_t log_lsn(const struct log *log);
uint32_t log_chain(const struct log *log);

/* Room for two more batches of the longest payload? False until slots come
 * free once all are in use. A slot more is made in the background while the
 * maximum is not reached. Any thread. */
bool log_has_room(struct log *log);

/* Slots in use, of the maximum. Any thread. */
unsigned log_slots_used(struct log *log);

/* The base holds all batches up to `lsn`: slots behind it may be used again.
 * Any thread. */
void log_recycle(struct log *log, uint64_t lsn);

/* The first batch behind `lsn` is to begin a slot, once a wiped one is free. */
void log_renew(struct log *log, uint64_t lsn);

/* Would a batch written now begin it? Any thread. */
bool log_can_renew(struct log *log);

/* The batch that began it; 0 while there is none. Slots begun before are free
 * once the base holds that batch. Any thread. */
uint64_t log_renewed(struct log *log);

/* Writes zeros over all slots that are free, one after the other; asks before
 * each whether to go on. On the thread that recycles. TALLY_ERR_IO, also when
 * told to stop: some may hold old bytes still. */
TALLY_MUST_CHECK
enum tally_err log_wipe(struct log *log, bool (*goes_on)(void *user),
                        void *user);

/* Is a slot in use that was begun without having been wiped? Then bytes of
 * older batches stand behind its own. Any thread. */
bool log_is_stale(struct log *log);

#endif
