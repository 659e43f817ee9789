/*
 * demand.h - what the calls on app users ask of a request before they begin,
 * in Countly's order: parameters, then rights (spec E.5).
 *
 * What fails has been answered.
 */
#ifndef HTTP_DEMAND_H
#define HTTP_DEMAND_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "engine/text.h"
#include "http/exchange.h"
#include "http/service.h"
#include "metrics/right.h"

/* Answers with a message. */
void demand_refuse(struct service *service, struct exchange *exchange,
                   int status, const char *message);

/* All of these, the last one NULL, must be there. */
bool demand_parameters(struct service *service, struct exchange *exchange,
                       const char *const *names);

/* The parameter as a tree; NULL when it cannot be read, or is `{}`: `empty`
 * says so. */
cJSON *demand_tree(struct service *service, struct exchange *exchange,
                   const char *name, const char *empty);

/* The right to do this with the users of the app. */
bool demand_right(struct service *service, struct exchange *exchange,
                  enum permission_action right, struct pass *pass);

/* What follows a prefix of the path and its slash. */
struct text demand_rest(struct text path, const char *prefix);

#endif
