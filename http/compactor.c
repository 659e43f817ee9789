#include "http/compactor.h"

#include "engine/compaction.h"
#include "http/journal.h"
#include "metrics/departure.h"

enum { DAY_S = 86400, HOUR_S = 3600, POLL_MS = 20 };

static void end(struct compactor *compactor, enum tally_err err)
{
    compactor_done_fn done = compactor->done;

    uv_timer_stop(&compactor->timer);
    compactor->runs = false;
    compactor->done = NULL;
    if (err)
        compactor->due -= DAY_S - HOUR_S;
    if (done)
        done(compactor->user, err);
}

/* Who was deleted during the run is pending still; then so is everybody. */
static enum tally_err settle(struct compactor *compactor)
{
    int64_t pending;
    enum tally_err err = departure_pending(compactor->tally->engine, &pending);

    if (err || pending != compactor->pending)
        return err;
    return departure_settle(compactor->tally);
}

static void compactor_on_timer(uv_timer_t *timer)
{
    struct compactor *compactor = timer->data;
    enum tally_err err;

    if (!compaction_ended(compactor->tally->engine, &err))
        return;
    if (!err)
        err = settle(compactor);
    if (err)
        journal_warning("deleted users are not compacted away yet", "reason",
                        tally_err_text(err));
    else
        journal_info("compacted", NULL, NULL);
    end(compactor, err);
}

static bool start(struct compactor *compactor)
{
    compactor->runs = compaction_start(compactor->tally->engine);
    if (compactor->runs)
        uv_timer_start(&compactor->timer, compactor_on_timer, 0, POLL_MS);
    return compactor->runs;
}

void compactor_init(struct compactor *compactor, uv_loop_t *loop,
                    struct tally *tally)
{
    *compactor = (struct compactor){.tally = tally};
    uv_timer_init(loop, &compactor->timer);
    compactor->timer.data = compactor;
}

static enum tally_err count(struct compactor *compactor)
{
    return departure_pending(compactor->tally->engine, &compactor->pending);
}

void compactor_tick(struct compactor *compactor, int64_t now)
{
    if (compactor->runs || now < compactor->due)
        return;
    compactor->due = now + DAY_S;
    if (count(compactor) == TALLY_OK && compactor->pending > 0)
        start(compactor);
}

bool compactor_run(struct compactor *compactor, compactor_done_fn done,
                   void *user)
{
    if (compactor->runs || uv_is_closing((uv_handle_t *)&compactor->timer) ||
        count(compactor) != TALLY_OK || !start(compactor))
        return false;
    compactor->done = done;
    compactor->user = user;
    return true;
}

void compactor_stop(struct compactor *compactor)
{
    if (compactor->runs) {
        compaction_give_up(compactor->tally->engine);
        end(compactor, TALLY_ERR_FULL);
    }
    uv_close((uv_handle_t *)&compactor->timer, NULL);
}
