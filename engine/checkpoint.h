/*
 * checkpoint.h - the thread that brings frozen generations into the base.
 *
 * One generation at a time. When the disk is full it waits and tries again:
 * requests go on until log and overlay are full, reads always. Between
 * generations it deletes the records of dropped apps.
 */
#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/log.h"
#include "engine/overlay.h"
#include "engine/store.h"

struct checkpoint;

struct checkpoint_options {
    struct store *store;
    struct log *log;
    const char *dir;            /* whose disk is looked at */
    uint64_t free_bytes;        /* to leave on it */
    void (*notify)(void *user); /* on the thread, after each commit and when a
                                   job is done or failed for good */
    void *user;
};

/* Never NULL. */
struct checkpoint *checkpoint_create(const struct checkpoint_options *options);

/* Ends the thread at the next transaction; what is left is swept after the
 * next start. NULL is a no-op. */
void checkpoint_destroy(struct checkpoint *checkpoint);

/* Starts to sweep a frozen generation, whose batches are durable. */
void checkpoint_start(struct checkpoint *checkpoint,
                      const struct overlay *overlay, uint64_t to,
                      uint32_t chain);

/* Runs a job on the thread while there is no generation to sweep: nobody else
 * writes the base or recycles the log meanwhile. State as for a generation.
 * After it the thread has no transaction open until it is given more. */
void checkpoint_run(struct checkpoint *checkpoint, void (*job)(void *user),
                    void *user);

/* May the job go on writing? TALLY_ERR_DENIED when the thread is to end,
 * TALLY_ERR_FULL when the disk is. */
TALLY_MUST_CHECK
enum tally_err checkpoint_may_write(struct checkpoint *checkpoint);

/* Tells how full overlay and log are, in percent: the fuller, the harder the
 * checkpoint works. */
void checkpoint_press(struct checkpoint *checkpoint, unsigned percent);

enum checkpoint_state {
    CHECKPOINT_IDLE,
    CHECKPOINT_BUSY,
    CHECKPOINT_DONE,   /* until checkpoint_accept() */
    CHECKPOINT_FAILED, /* the base cannot be written: the process must end */
};

enum checkpoint_state checkpoint_state(struct checkpoint *checkpoint);

/* The generation that is done may be freed: the loop has seen it. */
void checkpoint_accept(struct checkpoint *checkpoint);

/* Blocks while busy, for `ms` at the most. */
void checkpoint_wait(struct checkpoint *checkpoint, unsigned ms);

/* Counts the commits: a reader older than the last one pins pages. */
uint64_t checkpoint_commits(struct checkpoint *checkpoint);

/* True while writing waits for space on the disk. */
bool checkpoint_lacks_space(struct checkpoint *checkpoint);

#endif
