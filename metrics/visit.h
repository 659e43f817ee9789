/*
 * visit.h - a call of an SDK that may wait for plugins: what is remembered of
 * it from one call of ingest() or bulk() to the next (tally_plugin.h, wait()).
 *
 * The caller has one visit for each exchange, fills in its part and passes it
 * with the request. When ingest() or bulk() returns INGEST_WAITS, the exchange
 * is parked: nothing has been written to `out`. As soon as `pending` is 0
 * again, the same function is called with the same request and visit, which
 * goes on where it was and may return INGEST_WAITS again. A bulk call waits
 * at one item at a time; what came before that is stored.
 *
 * A handler's promise: the door's wait() adds 1 to `pending` and remembers
 * call->hook, call->plugin and the handler's `next`. Once it is resumed, the
 * caller calls visit_resume() and then takes 1 from `pending`, unless that
 * waits again on its own account (wait() has added another 1 then, so 1 is
 * taken all the same).
 *
 * When a promise takes too long, `stage` says what to do: in VISIT_ASKS
 * nothing of the request (of this item) is decided or stored, the caller
 * answers 504; in VISIT_STORED it sets `pending` to 0 and goes on. An answer
 * ends all promises: those that are resumed later are no longer called.
 */
#ifndef METRICS_VISIT_H
#define METRICS_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/text.h"
#include "metrics/call.h"
#include "metrics/params.h"
#include "metrics/tally.h"

struct ingest;

enum visit_stage {
    VISIT_ASKS,   /* handlers of /sdk; nothing is decided yet */
    VISIT_STORED, /* answer and /sdk/end wait */
};

struct visit {
    /* The caller's; all but `pending` may be left out. */
    const struct call_door *door; /* header(), wait(), write_param() */
    void *door_user;
    struct text path; /* of the request */
    unsigned pending; /* promises that are open */

    /* 0 at first; the caller only reads `stage`: */
    enum visit_stage stage;
    unsigned asked; /* handlers of /sdk that have been called */
    bool is_cancelled;
    struct text reason;   /* why */
    bool has_item;        /* an item of a bulk call waits: */
    uint32_t item;        /* its number */
    struct text body;     /* its text */
    struct params params; /* and what it says, as handlers changed it */
    struct arena *arena;  /* of these; NULL: nothing waited yet */
};

/* For ingest.c and bulk.c: */

/* Remembers how far a call of /sdk has got. */
void visit_note(struct visit *visit, const struct tally_call *call);

/* Nothing waits any more: the next item starts anew. */
void visit_settle(struct visit *visit);

/* Keeps an item of a bulk call. TALLY_ERR_TOO_BIG at the arena's limit. */
TALLY_MUST_CHECK
enum tally_err visit_hold(struct visit *visit, uint32_t number,
                          struct text body, const struct params *params);

/* For the caller: */

/* Frees what the visit has; the caller calls it once the exchange is answered
 * or given up. */
void visit_finish(struct visit *visit);

/* What a handler promised by wait(). */
struct visit_promise {
    enum hook hook;
    struct tally_plugin *plugin;
    tally_handler next;
    void *user;
};

/* Calls `next` with a call for the request that waits (request->visit), of a
 * bulk call for its item; `request` is the same as ever. What it changes is a
 * batch of its own and applied. Returns what `next` returned, or TALLY_E_FULL
 * when there was no room for that: nothing has changed, call again later. */
int visit_resume(struct tally *tally, const struct ingest *request,
                 const struct visit_promise *promise);

#endif
