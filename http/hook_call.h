/*
 * hook_call.h - what hooks are fired with for a request that is no SDK's, and
 * the answer of one whose handlers wait: what they were called for is stored
 * by then, the answer alone waits.
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

/* Answers with exchange->out, at once or when handlers have gone on; a NULL
 * content type is JSON. The exchange is gone afterwards, or will be. */
void hook_call_answer(struct service *service, struct exchange *exchange,
                      int status, const char *content_type);

/* Nobody goes on, since what was decided is not stored. */
void hook_call_drop(struct exchange *exchange);

#endif
