#include "metrics/visit.h"

#include "metrics/ingest.h"

void visit_finish(struct visit *visit)
{
    arena_destroy(visit->arena);
    *visit = (struct visit){0};
}

int visit_resume(struct tally *tally, const struct ingest *request,
                 const struct visit_promise *promise)
{
    struct tally_call call = {.plugins = tally->plugins,
                              .tally = tally,
                              .hook = promise->hook,
                              .arena = request->arena,
                              .now = request->now,
                              .params = request->params,
                              .query = request->query,
                              .address = request->address,
                              .is_bulk = request->is_item};

    return plugins_call(tally->plugins, promise->plugin, &call, promise->next,
                        promise->user);
}
