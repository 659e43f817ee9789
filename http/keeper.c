#include "http/keeper.h"

#include "http/journal.h"

enum {
    SECONDS_PER_DAY = 86400,
    PAUSE_MS = 10,
    WORK_NS = 2000000, /* of a turn: less than a large answer takes */
};

static void end(struct keeper *keeper, bool ended);

/* True when the run is over, one way or the other. */
static bool work(struct keeper *keeper, bool *ended)
{
    uint64_t until = uv_hrtime() + WORK_NS;
    enum tally_err err = TALLY_OK;

    while (!err && !*ended && uv_hrtime() < until)
        err = keeping_step(&keeper->run, ended);
    if (err && err != TALLY_ERR_FULL)
        journal_error("old data cannot be moved", "reason",
                      tally_err_text(err));
    return *ended || (err && err != TALLY_ERR_FULL);
}

static void keeper_on_timer(uv_timer_t *timer)
{
    struct keeper *keeper = timer->data;
    bool ended = false;

    if (work(keeper, &ended))
        end(keeper, ended);
}

static void start(struct keeper *keeper, int64_t now)
{
    keeper->runs = true;
    keeper->day = now / SECONDS_PER_DAY;
    keeping_start(&keeper->run, keeper->tally, now);
    uv_timer_start(&keeper->timer, keeper_on_timer, 0, PAUSE_MS);
}

static void end(struct keeper *keeper, bool ended)
{
    keeper_done_fn done = keeper->done;

    uv_timer_stop(&keeper->timer);
    keeper->runs = false;
    if (keeper->again) {
        keeper->again = false;
        start(keeper, keeper->run.now);
        return;
    }
    keeper->done = NULL;
    if (done)
        done(keeper->user, ended);
}

void keeper_init(struct keeper *keeper, uv_loop_t *loop, struct tally *tally)
{
    *keeper = (struct keeper){.tally = tally};
    uv_timer_init(loop, &keeper->timer);
    keeper->timer.data = keeper;
}

void keeper_tick(struct keeper *keeper, int64_t now)
{
    if (!keeper->runs && keeper->day != now / SECONDS_PER_DAY)
        start(keeper, now);
}

void keeper_hurry(struct keeper *keeper)
{
    keeper->day = 0;
}

bool keeper_run(struct keeper *keeper, int64_t now, keeper_done_fn done,
                void *user)
{
    if (keeper->done || uv_is_closing((uv_handle_t *)&keeper->timer))
        return false;
    keeper->done = done;
    keeper->user = user;
    keeper->again = keeper->runs;
    if (!keeper->runs)
        start(keeper, now);
    return true;
}

void keeper_stop(struct keeper *keeper)
{
    keeper->again = false;
    end(keeper, false);
    uv_close((uv_handle_t *)&keeper->timer, NULL);
}
