/*
 * route_user.h - the calls of /i/app_users that need no query.
 */
#ifndef HTTP_ROUTE_USER_H
#define HTTP_ROUTE_USER_H

#include "engine/text.h"
#include "http/exchange.h"
#include "http/service.h"

/* /i/app_users/create; what follows does not count */
void route_user_create(struct service *service, struct exchange *exchange,
                       struct text rest);

/* /i/app_users/deleteExport/<name> */
void route_user_forget(struct service *service, struct exchange *exchange,
                       struct text name);

#endif
