/* /i/compact, through the control socket alone: writes the directory anew. */
#include <stdlib.h>

#include "engine/memory.h"
#include "http/route.h"

struct call {
    struct service *service;
    struct exchange *exchange;
};

static void call_on_done(void *user, enum tally_err err)
{
    struct call *call = user;
    struct exchange *exchange = call->exchange;
    uint64_t lsn = engine_lsn(call->service->engine);

    if (err == TALLY_OK)
        exchange_answer_message(exchange, 200, "Success", lsn);
    else if (err == TALLY_ERR_FULL)
        exchange_answer_message(exchange, 503,
                                "Too much traffic or too little room on the "
                                "disk, try again",
                                lsn);
    else
        exchange_answer_message(exchange, 500,
                                "The directory cannot be written", lsn);
    free(call);
}

void route_compact(struct service *service, struct exchange *exchange)
{
    uint64_t lsn = engine_lsn(service->engine);

    if (!exchange->is_local) {
        exchange_answer_message(exchange, 400, "Invalid path", lsn);
        return;
    }
    struct call *call = memory_alloc(sizeof(*call));
    call->service = service;
    call->exchange = exchange;
    if (!service->is_copied &&
        compactor_run(&service->compactor, call_on_done, call))
        return;
    exchange_answer_message(exchange, 400,
                            "A backup or a compaction is under way", lsn);
    free(call);
}
