#include "engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "engine/frame.h"
#include "engine/memory.h"

enum {
    SLOTS_MAX = 64,
    PATH_SIZE = 512,
    BATCH_MAX = 4 << 20,
    RETRY_S = 1,
};

struct slot {
    int fd;
    uint64_t sequence; /* 0: holds nothing that counts */
    uint64_t salt;
    uint64_t first; /* lowest LSN in it, */
    uint64_t last;  /* and highest */
    size_t end;     /* of its valid batches, found by the scan */
};

struct log {
    struct log_options options;
    struct slot slots[SLOTS_MAX];
    unsigned count;
    unsigned current;
    size_t offset; /* of the next batch in the current slot */
    uint64_t lsn;
    uint32_t chain;
    uint64_t sequence; /* of the newest slot */
    uint64_t salt;
    char *scratch; /* a frame under construction */
    size_t scratch_size;
    pthread_t grower;
    bool has_grower;
    bool growing;
    bool closing;
    pthread_cond_t closes;
    pthread_mutex_t lock; /* over slots' sequence and last, count, offset,
                             growing, closing */
};

/* A walk over what the slots hold. */
struct scan {
    struct log *log;
    log_replay_fn replay;
    void *user;
    char *reason;
    bool found;       /* the base's batch */
    struct frame end; /* the last batch of the chain; its payload is ours */
};

static void slot_path(const struct log *log, unsigned index,
                      char path[static PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/log-0-%02u.slot", log->options.dir, index);
}

size_t log_payload_max(const struct log *log)
{
    size_t most = log->options.slot_bytes / 4;

    return (most < BATCH_MAX ? most : BATCH_MAX) - FRAME_HEAD;
}

uint64_t log_lsn(const struct log *log)
{
    return log->lsn;
}

uint32_t log_chain(const struct log *log)
{
    return log->chain;
}

static bool write_all(int fd, const char *bytes, size_t len, size_t offset)
{
    while (len > 0) {
        ssize_t written = pwrite(fd, bytes, len, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        offset += (size_t)written;
        len -= (size_t)written;
    }
    return true;
}

static bool sync_directory(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced;
}

static bool write_zeros(int fd, size_t size)
{
    char *zeros = memory_alloc(LOG_SLOT_MIN);
    bool good = true;

    for (size_t at = 0; good && at < size; at += LOG_SLOT_MIN) {
        size_t left = size - at;
        good =
            write_all(fd, zeros, left < LOG_SLOT_MIN ? left : LOG_SLOT_MIN, at);
    }
    free(zeros);
    return good && fsync(fd) == 0;
}

/* Zeros are written, not reserved: a sync of written blocks needs no journal
 * commit. The slot has its name only when it is whole. */
static enum tally_err make_slot(const struct log *log, unsigned index, int *fd)
{
    char path[PATH_SIZE];
    char unfinished[PATH_SIZE + 4];

    slot_path(log, index, path);
    snprintf(unfinished, sizeof(unfinished), "%s.new", path);
    int made = open(unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (made < 0)
        return TALLY_ERR_IO;
    if (write_zeros(made, log->options.slot_bytes) &&
        rename(unfinished, path) == 0 && sync_directory(log->options.dir)) {
        *fd = made;
        return TALLY_OK;
    }
    close(made);
    unlink(unfinished);
    return TALLY_ERR_IO;
}

static enum tally_err add_slot(struct log *log)
{
    int fd;
    enum tally_err err = make_slot(log, log->count, &fd);
    if (err)
        return err;

    pthread_mutex_lock(&log->lock);
    log->slots[log->count++] = (struct slot){.fd = fd};
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

    while (add_slot(log) != TALLY_OK && wait_for_space(log))
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

/* Makes a free slot the current one. */
static enum tally_err begin_slot(struct log *log)
{
    enum tally_err err = TALLY_ERR_FULL;

    pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; err && i < log->count; i++) {
        struct slot *slot = &log->slots[i];
        if (slot->sequence != 0)
            continue;
        slot->sequence = ++log->sequence;
        slot->salt = log->salt;
        slot->first = log->lsn;
        slot->last = log->lsn;
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
    if (!write_all(slot->fd, bytes, size, log->offset) ||
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

enum tally_err log_write(struct log *log, struct text payload)
{
    struct frame frame = {
        .lsn = log->lsn + 1, .previous = log->chain, .payload = payload};

    if (payload.len > log_payload_max(log))
        return TALLY_ERR_TOO_BIG;
    if (frame_size(payload.len) > log->options.slot_bytes - log->offset) {
        enum tally_err err = begin_slot(log);
        if (err)
            return err;
        grow_when_short(log);
    }
    return append(log, &frame);
}

static enum tally_err damaged(struct scan *scan, unsigned index, size_t offset,
                              const char *what)
{
    snprintf(scan->reason, 256, "log slot %u at byte %zu: %s", index, offset,
             what);
    return TALLY_ERR_CORRUPT;
}

static void keep_end(struct scan *scan, const struct frame *frame)
{
    char *copy = memory_alloc(frame->payload.len + 1);

    if (frame->payload.len > 0)
        memcpy(copy, frame->payload.at, frame->payload.len);
    free((void *)(uintptr_t)scan->end.payload.at);
    scan->end = *frame;
    scan->end.payload.at = copy;
}

/* Takes one valid batch of a slot into the chain. */
static enum tally_err take(struct scan *scan, unsigned index, size_t offset,
                           const struct frame *frame)
{
    const struct log_options *base = &scan->log->options;

    if (!scan->found) {
        if (frame->lsn < base->lsn)
            return TALLY_OK;
        if (frame->lsn > base->lsn || frame->chain != base->chain)
            return TALLY_ERR_MISMATCH;
        scan->found = true;
        keep_end(scan, frame);
        return TALLY_OK;
    }
    if (frame->lsn == scan->end.lsn && frame->chain == scan->end.chain)
        return TALLY_OK;
    if (frame->lsn != scan->end.lsn + 1 || frame->previous != scan->end.chain)
        return damaged(scan, index, offset, "a batch is missing before it");
    keep_end(scan, frame);
    return scan->replay(scan->user, frame->lsn, frame->chain, frame->payload);
}

static enum tally_err scan_bytes(struct scan *scan, unsigned index,
                                 struct text bytes)
{
    struct slot *slot = &scan->log->slots[index];
    size_t offset = 0;

    while (offset < bytes.len) {
        struct text rest = {bytes.at + offset, bytes.len - offset};
        struct frame frame;
        if (frame_read(rest, &frame) != TALLY_OK ||
            frame.sequence != slot->sequence || frame.salt != slot->salt)
            break;
        enum tally_err err = take(scan, index, offset, &frame);
        if (err)
            return err;
        slot->last = frame.lsn;
        offset += frame_size(frame.payload.len);
        slot->end = offset;
    }
    return TALLY_OK;
}

/* Behind the valid batches of any slot there is no batch later than the end:
 * only one batch is ever unfinished, so that would be damage. */
static enum tally_err look_behind(struct scan *scan, unsigned index,
                                  struct text bytes)
{
    size_t end = scan->log->slots[index].end;

    for (size_t at = end; at < bytes.len; at += LOG_BLOCK) {
        struct text rest = {bytes.at + at, bytes.len - at};
        struct frame frame;
        if (frame_read(rest, &frame) == TALLY_OK &&
            memcmp(frame.uuid, scan->log->options.uuid, 16) == 0 &&
            frame.lsn > scan->end.lsn)
            return damaged(scan, index, end,
                           "a batch does not check but a later one does");
    }
    return TALLY_OK;
}

static enum tally_err with_slot(struct scan *scan, unsigned index,
                                enum tally_err (*fn)(struct scan *, unsigned,
                                                     struct text))
{
    size_t size = scan->log->options.slot_bytes;
    void *bytes =
        mmap(NULL, size, PROT_READ, MAP_PRIVATE, scan->log->slots[index].fd, 0);
    if (bytes == MAP_FAILED)
        return TALLY_ERR_IO;
    enum tally_err err = fn(scan, index, (struct text){bytes, size});
    munmap(bytes, size);
    return err;
}

/* What a slot is, from its first batch. */
static enum tally_err identify(struct scan *scan, unsigned index,
                               struct text bytes)
{
    struct slot *slot = &scan->log->slots[index];
    struct frame frame;
    enum tally_err err = frame_read(bytes, &frame);

    if (err == TALLY_ERR_VERSION)
        return err;
    if (err)
        return TALLY_OK;
    if (memcmp(frame.uuid, scan->log->options.uuid, sizeof(frame.uuid)) != 0)
        return TALLY_ERR_MISMATCH;
    slot->sequence = frame.sequence;
    slot->salt = frame.salt;
    slot->first = frame.lsn;
    slot->last = frame.lsn;
    if (frame.sequence > scan->log->sequence)
        scan->log->sequence = frame.sequence;
    return TALLY_OK;
}

/* The slot begun next after `sequence`; count when there is none. */
static unsigned next_slot(const struct log *log, uint64_t sequence)
{
    unsigned found = log->count;

    for (unsigned i = 0; i < log->count; i++) {
        uint64_t candidate = log->slots[i].sequence;
        if (candidate > sequence &&
            (found == log->count || candidate < log->slots[found].sequence))
            found = i;
    }
    return found;
}

static enum tally_err for_each_slot(struct scan *scan,
                                    enum tally_err (*fn)(struct scan *,
                                                         unsigned, struct text))
{
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < scan->log->count; i++)
        err = with_slot(scan, i, fn);
    return err;
}

static enum tally_err walk_slots(struct scan *scan)
{
    struct log *log = scan->log;
    enum tally_err err = TALLY_OK;
    unsigned next = next_slot(log, 0);

    while (!err && next < log->count) {
        err = with_slot(scan, next, scan_bytes);
        next = next_slot(log, log->slots[next].sequence);
    }
    return err;
}

/* The size of the slots that exist counts, not the option. */
static enum tally_err open_slot(struct log *log, int fd)
{
    struct stat stat;

    log->slots[log->count++] = (struct slot){.fd = fd};
    if (fstat(fd, &stat) != 0)
        return TALLY_ERR_IO;
    size_t size = (size_t)stat.st_size;
    if (log->count == 1)
        log->options.slot_bytes = size;
    if (size != log->options.slot_bytes || size < LOG_SLOT_MIN ||
        size % LOG_BLOCK != 0)
        return TALLY_ERR_CORRUPT;
    return TALLY_OK;
}

/* Slots have no gaps: one that is missing held batches. */
static enum tally_err open_slots(struct scan *scan)
{
    struct log *log = scan->log;
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < SLOTS_MAX; i++) {
        char path[PATH_SIZE];
        slot_path(log, i, path);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0)
            return TALLY_ERR_IO;
        if (i > log->count) {
            close(fd);
            return damaged(scan, log->count, 0, "the file is missing");
        }
        err = open_slot(log, fd);
    }
    return err;
}

static enum tally_err read_slots(struct scan *scan)
{
    struct log *log = scan->log;

    log->current = SLOTS_MAX;
    enum tally_err err = open_slots(scan);
    if (!err)
        err = for_each_slot(scan, identify);
    if (!err)
        err = walk_slots(scan);
    if (err)
        return err;
    if (!scan->found) {
        /* Batch 0 is empty and stands before all others. */
        if (log->options.lsn != 0 || log->sequence != 0)
            return TALLY_ERR_MISMATCH;
        scan->end.chain = log->options.chain;
    }
    return for_each_slot(scan, look_behind);
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
        err = log->count < SLOTS_MAX ? add_slot(log) : TALLY_ERR_FULL;
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
static enum tally_err resume(struct scan *scan)
{
    struct log *log = scan->log;
    enum tally_err err = TALLY_OK;

    randombytes_buf(&log->salt, sizeof(log->salt));
    log_recycle(log, log->options.lsn);
    log->lsn = scan->end.lsn;
    if (!begin_again(log))
        err = begin_fresh(log);
    if (!err)
        err = append(log, &scan->end);
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
    struct scan scan = {
        .log = opened, .replay = replay, .user = user, .reason = reason};

    opened->options = *options;
    init_locks(opened);
    reason[0] = '\0';
    enum tally_err err = read_slots(&scan);
    if (!err)
        err = resume(&scan);
    free((void *)(uintptr_t)scan.end.payload.at);
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
