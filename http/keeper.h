/*
 * keeper.h - retention in the running server: a run at the start and one a
 * day, in steps between the requests.
 */
#ifndef HTTP_KEEPER_H
#define HTTP_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "metrics/keeping.h"
#include "metrics/tally.h"

/* `ended`: the run has got to its end. */
typedef void (*keeper_done_fn)(void *user, bool ended);

struct keeper {
    uv_timer_t timer;
    struct tally *tally;
    struct keeping run;
    int64_t day; /* of the last run, UTC; 0: none yet */
    bool runs;
    bool again; /* a run was asked for while another was under way */
    keeper_done_fn done;
    void *user;
};

void keeper_init(struct keeper *keeper, uv_loop_t *loop, struct tally *tally);

/* Starts the day's run when there was none; `now` in UTC seconds. */
void keeper_tick(struct keeper *keeper, int64_t now);

/* Starts one with the next tick, or once the present one is over. */
void keeper_hurry(struct keeper *keeper);

/* Makes a run and calls `done`. False when somebody waits for one already:
 * done is not called then. */
bool keeper_run(struct keeper *keeper, int64_t now, keeper_done_fn done,
                void *user);

/* Gives a run up, which the next one goes on with, and closes the timer. */
void keeper_stop(struct keeper *keeper);

#endif
