/*
 * syncer.h - the thread that writes the log.
 *
 * It has at most one batch in hand; the loop thread fills the next one
 * meanwhile. Batches become as large as the disk is slow: no timer, no
 * minimum.
 */
#ifndef ENGINE_SYNCER_H
#define ENGINE_SYNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buffer.h"
#include "engine/log.h"

struct syncer;

/* Never NULL. `notify` is called on the thread after each batch and after a
 * failure. The log is the syncer's until syncer_destroy(). */
struct syncer *syncer_create(struct log *log, void (*notify)(void *user),
                             void *user);

/* Waits for the batch in hand. NULL is a no-op. */
void syncer_destroy(struct syncer *syncer);

bool syncer_is_idle(struct syncer *syncer);

/* Hands over the next batch when idle: swaps the content of `payload` with an
 * empty buffer of the same maximum. */
void syncer_submit(struct syncer *syncer, struct buffer *payload);

/* Blocks until idle. */
void syncer_wait(struct syncer *syncer);

/* The last durable batch, and its chain. */
uint64_t syncer_durable(struct syncer *syncer, uint32_t *chain);

/* A write or sync failed: nothing becomes durable any more. */
bool syncer_failed(struct syncer *syncer);

#endif
