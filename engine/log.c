#include "engine/log.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "engine/frame.h"
#include "engine/memory.h"
#include "engine/replay.h"
#include "engine/slot.h"
#include "engine/slots.h"

enum {
    RETRY_S = 1,
    PAUSE_US = 5000,
};

/* The sequence of a slot that is being wiped: it is neither free nor begun. */
#define TAKEN UINT64_MAX

size_t log_payload_max(const struct log *log)
{
    size_t most = log->options.slot_bytes / 4;

    return (most < LOG_BATCH_MAX ? most : LOG_BATCH_MAX) - FRAME_HEAD;
}

uint64_t log_lsn(const struct log *log)
{
    return log->lsn;
}

uint32_t log_chain(const struct log *log)
{
    return log->chain;
}

static enum tally_err add_slot(struct log *log, unsigned pause_us)
{
    int fd;
    enum tally_err err = slot_make(log->options.dir, log->count,
                                   log->options.slot_bytes, pause_us, &fd);
    if (err)
        return err;

    pthread_mutex_lock(&log->lock);
    log->slots[log->count++] = (struct slot){.fd = fd, .is_wiped = true};
    pthread_mutex_unlock(&log->lock);
    return TALLY_OK;
}

unsigned log_slots_used(struct log *log)
{
    unsigned used = 0;

    pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; i < log->count; i++)
        used += log->slots[i].sequence != 0;
    pthread_mutex_unlock(&log->lock);
    return used;
}

static bool has_spare(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    unsigned count = log->count;
    pthread_mutex_unlock(&log->lock);
    return log_slots_used(log) < count;
}

bool log_has_room(struct log *log)
{
    size_t two = 2 * frame_size(log_payload_max(log));

    pthread_mutex_lock(&log->lock);
    bool room = log->options.slot_bytes - log->offset >= two;
    pthread_mutex_unlock(&log->lock);
    return room || has_spare(log);
}

/* A slot that cannot be finished would take the base's last space meanwhile. */
static bool has_space(const struct log *log)
{
    struct statvfs disk;

    return statvfs(log->options.dir, &disk) == 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize >= log->options.slot_bytes;
}

/* False when the log is closed meanwhile. */
static bool wait_to_retry(struct log *log)
{
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_S;
    pthread_mutex_lock(&log->lock);
    while (!log->closing && rc == 0)
        rc = pthread_cond_timedwait(&log->closes, &log->lock, &until);
    bool closing = log->closing;
    pthread_mutex_unlock(&log->lock);
    return !closing;
}

static bool wait_for_space(struct log *log)
{
    bool waiting = wait_to_retry(log);

    while (waiting && !has_space(log))
        waiting = wait_to_retry(log);
    return waiting;
}

/* Tries until there is room: a lone slot never comes free by itself. Until
 * then writing ends at the last slot: log_has_room() says so. */
static void *grow(void *user)
{
    struct log *log = user;

    while (add_slot(log, PAUSE_US) != TALLY_OK && wait_for_space(log))
        continue;
    pthread_mutex_lock(&log->lock);
    log->growing = false;
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

static void join_grower(struct log *log)
{
    if (log->has_grower)
        pthread_join(log->grower, NULL);
    log->has_grower = false;
}

/* Starts to make a slot when the last free one has been begun. */
static void grow_when_short(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    bool growing = log->growing;
    bool may = log->count < log->options.slot_count;
    pthread_mutex_unlock(&log->lock);
    if (growing || !may || has_spare(log))
        return;

    join_grower(log);
    log->growing = true;
    log->has_grower = pthread_create(&log->grower, NULL, grow, log) == 0;
    if (!log->has_grower)
        log->growing = false;
}

void log_recycle(struct log *log, uint64_t lsn)
{
    pthread_mutex_lock(&log->lock);
    log->options.lsn = lsn;
    for (unsigned i = 0; i < log->count; i++) {
        if (i != log->current && log->slots[i].last < lsn)
            log->slots[i].sequence = 0;
    }
    pthread_mutex_unlock(&log->lock);
}

/* A free slot, a wiped one when there is; count: none. */
static unsigned choose_free(const struct log *log)
{
    unsigned chosen = log->count;

    for (unsigned i = 0; i < log->count; i++) {
        const struct slot *slot = &log->slots[i];
        if (slot->sequence == 0 &&
            (chosen == log->count ||
             (slot->is_wiped && !log->slots[chosen].is_wiped)))
            chosen = i;
    }
    return chosen;
}

/* Makes a free slot the current one. */
static enum tally_err begin_slot(struct log *log)
{
    enum tally_err err = TALLY_ERR_FULL;

    pthread_mutex_lock(&log->lock);
    unsigned i = choose_free(log);
    if (i < log->count) {
        struct slot *slot = &log->slots[i];
        slot->sequence = ++log->sequence;
        slot->salt = log->salt;
        slot->first = log->lsn;
        slot->last = log->lsn;
        slot->is_stale = !slot->is_wiped;
        slot->is_wiped = false;
        log->current = i;
        log->offset = 0;
        err = TALLY_OK;
    }
    pthread_mutex_unlock(&log->lock);
    return err;
}

static char *scratch(struct log *log, size_t size)
{
    if (size > log->scratch_size) {
        log->scratch = memory_resize(log->scratch, size);
        log->scratch_size = size;
    }
    return log->scratch;
}

static enum tally_err append(struct log *log, struct frame *frame)
{
    size_t size = frame_size(frame->payload.len);
    struct slot *slot = &log->slots[log->current];
    char *bytes = scratch(log, size);

    memcpy(frame->uuid, log->options.uuid, sizeof(frame->uuid));
    frame->sequence = slot->sequence;
    frame->salt = slot->salt;
    frame_write(frame, bytes);
    if (!slot_write(slot->fd, bytes, size, log->offset) ||
        fdatasync(slot->fd) != 0)
        return TALLY_ERR_IO;

    pthread_mutex_lock(&log->lock);
    log->offset += size;
    slot->last = frame->lsn;
    pthread_mutex_unlock(&log->lock);
    log->lsn = frame->lsn;
    log->chain = frame->chain;
    return TALLY_OK;
}

void log_renew(struct log *log, uint64_t lsn)
{
    pthread_mutex_lock(&log->lock);
    log->renewing = true;
    log->renew_after = lsn;
    log->renewed = 0;
    pthread_mutex_unlock(&log->lock);
}

uint64_t log_renewed(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    uint64_t lsn = log->renewed;
    pthread_mutex_unlock(&log->lock);
    return lsn;
}

static bool has_wiped(const struct log *log)
{
    unsigned i = choose_free(log);

    return i < log->count && log->slots[i].is_wiped;
}

bool log_can_renew(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    bool can = log->renewing && has_wiped(log);
    pthread_mutex_unlock(&log->lock);
    return can;
}

/* Is the next batch to begin a slot? */
static bool is_renewal(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    bool renewal =
        log->renewing && log->lsn >= log->renew_after && has_wiped(log);
    pthread_mutex_unlock(&log->lock);
    return renewal;
}

static void end_renewal(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    log->renewing = false;
    log->renewed = log->lsn + 1;
    pthread_mutex_unlock(&log->lock);
}

/* Takes a slot that is free, so that nobody begins it; count: none is. */
static unsigned take_free(struct log *log, unsigned from)
{
    unsigned i = from;

    pthread_mutex_lock(&log->lock);
    while (i < log->count && log->slots[i].sequence != 0)
        i++;
    if (i < log->count)
        log->slots[i].sequence = TAKEN;
    else
        i = LOG_SLOTS_MAX;
    pthread_mutex_unlock(&log->lock);
    return i;
}

enum tally_err log_wipe(struct log *log, bool (*goes_on)(void *user),
                        void *user)
{
    unsigned i = take_free(log, 0);
    bool good = true;

    while (good && i < LOG_SLOTS_MAX) {
        good = goes_on(user) &&
               slot_wipe(log->slots[i].fd, log->options.slot_bytes, PAUSE_US);
        pthread_mutex_lock(&log->lock);
        log->slots[i].is_wiped = good;
        log->slots[i].sequence = 0;
        pthread_mutex_unlock(&log->lock);
        i = good ? take_free(log, i + 1) : LOG_SLOTS_MAX;
    }
    return good ? TALLY_OK : TALLY_ERR_IO;
}

bool log_is_stale(struct log *log)
{
    bool stale = false;

    pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; i < log->count; i++)
        stale |= log->slots[i].sequence != 0 && log->slots[i].is_stale;
    pthread_mutex_unlock(&log->lock);
    return stale;
}

enum tally_err log_write(struct log *log, struct text payload)
{
    bool renewal = is_renewal(log);

    struct frame frame = {
        .lsn = log->lsn + 1, .previous = log->chain, .payload = payload};

    if (payload.len > log_payload_max(log))
        return TALLY_ERR_TOO_BIG;
    if (renewal ||
        frame_size(payload.len) > log->options.slot_bytes - log->offset) {
        enum tally_err err = begin_slot(log);
        if (err)
            return err;
        if (renewal)
            end_renewal(log);
        grow_when_short(log);
    }
    return append(log, &frame);
}

/* The newest slot when it holds the last batch alone: an earlier start got no
 * further. Writing the same bytes over it cannot tear it. */
static bool begin_again(struct log *log)
{
    for (unsigned i = 0; log->sequence > 0 && i < log->count; i++) {
        const struct slot *slot = &log->slots[i];
        if (slot->sequence == log->sequence && slot->first == log->lsn) {
            log->current = i;
            return true;
        }
    }
    return false;
}

static enum tally_err begin_fresh(struct log *log)
{
    enum tally_err err = TALLY_OK;

    if (!has_spare(log))
        err = log->count < LOG_SLOTS_MAX ? add_slot(log, 0) : TALLY_ERR_FULL;
    return err ? err : begin_slot(log);
}

/* Slots of earlier starts that hold the last batch alone, as the current slot
 * does. */
static void recycle_repeats(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; i < log->count; i++) {
        if (i != log->current && log->slots[i].first == log->lsn)
            log->slots[i].sequence = 0;
    }
    pthread_mutex_unlock(&log->lock);
}

/* A slot starts with the last batch, written again and synced. Starts may go
 * past the number of slots: a crash loop must not lock us out. */
static enum tally_err resume(struct log *log, struct frame *last)
{
    enum tally_err err = TALLY_OK;

    randombytes_buf(&log->salt, sizeof(log->salt));
    log_recycle(log, log->options.lsn);
    log->lsn = last->lsn;
    if (!begin_again(log))
        err = begin_fresh(log);
    if (!err)
        err = append(log, last);
    if (err)
        return err;
    recycle_repeats(log);
    grow_when_short(log);
    return TALLY_OK;
}

static void init_locks(struct log *log)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&log->closes, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&log->lock, NULL);
}

enum tally_err log_open(const struct log_options *options, log_replay_fn replay,
                        void *user, struct log **log, char reason[static 256])
{
    struct log *opened = memory_alloc(sizeof(*opened));
    struct frame last;

    opened->options = *options;
    init_locks(opened);
    reason[0] = '\0';
    enum tally_err err = replay_slots(opened, replay, user, reason, &last);
    if (!err) {
        err = resume(opened, &last);
        free((void *)(uintptr_t)last.payload.at);
    }
    if (!err) {
        *log = opened;
        return TALLY_OK;
    }
    if (reason[0] == '\0')
        snprintf(reason, 256, "log: %s", tally_err_text(err));
    log_close(opened);
    return err;
}

void log_close(struct log *log)
{
    if (!log)
        return;

    pthread_mutex_lock(&log->lock);
    log->closing = true;
    pthread_cond_broadcast(&log->closes);
    pthread_mutex_unlock(&log->lock);
    join_grower(log);
    for (unsigned i = 0; i < log->count; i++) {
        if (log->slots[i].fd >= 0)
            close(log->slots[i].fd);
    }
    pthread_cond_destroy(&log->closes);
    pthread_mutex_destroy(&log->lock);
    free(log->scratch);
    free(log);
}
