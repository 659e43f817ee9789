/*
 * hook_call.h - what hooks are fired with for a request that is no SDK's.
 */
#ifndef HTTP_HOOK_CALL_H
#define HTTP_HOOK_CALL_H

#include "http/exchange.h"
#include "http/service.h"
#include "metrics/call.h"

/* Fills in what is known of the request; false when nobody listens to
 * anything. The effects of handlers go to tally->batch. */
bool hook_call_fill(struct service *service, struct exchange *exchange,
                    struct tally_call *call);

#endif
