#include "engine/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memory.h"
#include "engine/slot.h"
#include "engine/slots.h"

/* A walk over what the slots hold. */
struct scan {
    struct log *log;
    log_replay_fn replay;
    void *user;
    char *reason;
    bool found;       /* the base's batch */
    struct frame end; /* the last batch of the chain; its payload is ours */
};

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

    for (unsigned i = 0; !err && i < LOG_SLOTS_MAX; i++) {
        char path[SLOT_PATH_SIZE];
        slot_path(log->options.dir, i, path);
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

    log->current = LOG_SLOTS_MAX;
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

enum tally_err replay_slots(struct log *log, log_replay_fn fn, void *user,
                            char reason[static 256], struct frame *last)
{
    struct scan scan = {
        .log = log, .replay = fn, .user = user, .reason = reason};
    enum tally_err err = read_slots(&scan);

    if (err) {
        free((void *)(uintptr_t)scan.end.payload.at);
        return err;
    }
    *last = scan.end;
    return TALLY_OK;
}
