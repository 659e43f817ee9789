#include "http/hook_call.h"

bool hook_call_fill(struct service *service, struct exchange *exchange,
                    struct tally_call *call)
{
    struct tally *tally = service->tally;

    if (!tally->plugins || tally->plugins->listening == 0)
        return false;
    *call = (struct tally_call){.plugins = tally->plugins,
                                .tally = tally,
                                .arena = exchange->arena,
                                .now = exchange->now,
                                .params = &exchange->params,
                                .path = exchange->path,
                                .query = exchange->query,
                                .address = text_of(exchange->address),
                                .batch = &tally->batch};
    return true;
}
