/*
 * plugin_gate.h - requests on their way past plugins: the hooks that are fired
 * before anything of a request is decided, `/`, paths of plugins' own and
 * methods of /o.
 *
 * A handler may answer the request, let it wait, or let it pass. One that
 * waits goes on behind the handlers that have been asked, and then as if it
 * had just come.
 */
#ifndef HTTP_PLUGIN_GATE_H
#define HTTP_PLUGIN_GATE_H

#include "http/exchange.h"
#include "http/service.h"

/* Fires `/` and hands the request to route_request(). */
void plugin_gate_any(struct service *service, struct exchange *exchange);

/* Fires a path that the core does not know, or /o for such a method; answers
 * as Countly when nobody has it. */
void plugin_gate_path(struct service *service, struct exchange *exchange);
void plugin_gate_method(struct service *service, struct exchange *exchange);

#endif
