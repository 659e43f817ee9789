/*
 * due.h - sessions that a request has ended, until it is sure that nothing
 * resumes them: then /session/post is fired (spec 0.4.2).
 *
 * As long as a plugin listens to that hook, the request that ends a session
 * puts a record (dues.h) with the second at which it is due by the server's
 * clock. A begin that resumes the session takes it away, one that begins a new
 * one fires at once. Firing erases it in the batch that has what the handlers
 * left: that is there once whatever happens to the process.
 */
#ifndef METRICS_DUE_H
#define METRICS_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "metrics/intake.h"
#include "metrics/tally.h"

enum { DUE_AT_ONCE = 500 }; /* of one due_tick() */

/* In the request's batch. Its session has ended: fires later. */
void due_put(struct intake *intake);

/* Its session was resumed, or is followed by another one: takes the record
 * away. True when there was one: `seconds` is what the session lasted. */
bool due_take(struct intake *intake, uint64_t *seconds);

/* The user was absorbed: nothing resumes its session, it is told of at once. */
void due_end(struct intake *intake, uint32_t absorbed);

/* Fires what is due at `now`, UTC seconds. TALLY_ERR_FULL: later;
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err due_tick(struct tally *tally, int64_t now);

#endif
