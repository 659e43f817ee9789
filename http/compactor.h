/*
 * compactor.h - compaction in the running server: at the start and once a day
 * while deleted users are pending, or when asked; engine/compaction.h.
 */
#ifndef HTTP_COMPACTOR_H
#define HTTP_COMPACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "engine/error.h"
#include "metrics/tally.h"

typedef void (*compactor_done_fn)(void *user, enum tally_err err);

struct compactor {
    uv_timer_t timer;
    struct tally *tally;
    int64_t due;     /* the next look, UTC seconds */
    int64_t pending; /* deleted users, at the start of the run */
    bool runs;
    compactor_done_fn done;
    void *user;
};

void compactor_init(struct compactor *compactor, uv_loop_t *loop,
                    struct tally *tally);

/* Starts the day's run when somebody is pending; `now` in UTC seconds. What
 * was given up is tried again an hour later. */
void compactor_tick(struct compactor *compactor, int64_t now);

/* Makes a run and calls `done`, with what compaction_ended() tells. False when
 * one is under way: done is not called then. */
bool compactor_run(struct compactor *compactor, compactor_done_fn done,
                   void *user);

/* Gives a run up and closes the timer. */
void compactor_stop(struct compactor *compactor);

#endif
