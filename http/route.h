/*
 * route.h - the whole API: path to handler.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/exchange.h"
#include "http/service.h"
#include "metrics/right.h"

typedef void (*route_fn)(struct service *service, struct exchange *exchange);

/* The handler of a path; that of one which the core does not know asks
 * plugins. Countly's paths are exact (spec 0.4.18). */
route_fn route_find(struct text path);

/* Decides a request whose parameters are known. */
void route_request(struct service *service, struct exchange *exchange);

/* Tells what a path has below it or what its `method` may be, one by one. */
typedef void (*route_each_fn)(const char *path, text_fn each, void *user);

/* Tells every endpoint: `/i/bulk`, `/o?method=users`, `/i/apps/create`; what
 * clients choose stands in braces. The text lives for the call. */
void route_each(text_fn each, void *user);

/* Those of the routes below. */
void route_read_each(const char *path, text_fn each, void *user);
void route_analytics_each(const char *path, text_fn each, void *user);
void route_sdk_each(const char *path, text_fn each, void *user);
void route_users_each(const char *path, text_fn each, void *user);
void route_export_each(const char *path, text_fn each, void *user);

/* /i and /i/bulk */
void route_ingest(struct service *service, struct exchange *exchange);
void route_bulk(struct service *service, struct exchange *exchange);

/* /o?method= */
void route_read(struct service *service, struct exchange *exchange);

/* Answers with the time object that a plugin has chosen (plugin_door.h), for
 * whom it has let in. */
void route_collection(struct service *service, struct exchange *exchange,
                      const struct pass *pass);

/* /o/analytics: what was counted, in the shapes of a dashboard */
void route_analytics(struct service *service, struct exchange *exchange);

/* /o/app_users/loyalty, /o/slipping */
void route_loyalty(struct service *service, struct exchange *exchange);
void route_slipping(struct service *service, struct exchange *exchange);
/* /o/active_users */
void route_active_users(struct service *service, struct exchange *exchange);
/* What became of requests: /o/requests, and /i with explain=1 */
void route_requests(struct service *service, struct exchange *exchange);
void route_explain(struct service *service, struct exchange *exchange);

/* /o/langmap, /o/sources, /o/keywords */
void route_languages(struct service *service, struct exchange *exchange);
void route_sources(struct service *service, struct exchange *exchange);
void route_keywords(struct service *service, struct exchange *exchange);

/* What SDKs ask for: /o/sdk and its like (spec A.7) */
void route_sdk(struct service *service, struct exchange *exchange);
void route_content(struct service *service, struct exchange *exchange);
void route_widget(struct service *service, struct exchange *exchange);
void route_widgets(struct service *service, struct exchange *exchange);

/* /i/apps, /i/users, /i/token, /i/events, /o/apps, /o/users, /o/token */
void route_manage(struct service *service, struct exchange *exchange);

/* /o/notes under another path. */
void route_notes(struct service *service, struct exchange *exchange);

/* /i/app_users/..., /o/app_users/download/<name> */
void route_users(struct service *service, struct exchange *exchange);
void route_export(struct service *service, struct exchange *exchange);
/* /api-key: the key of a member, by HTTP Basic (spec E.1) */
void route_api_key(struct service *service, struct exchange *exchange);

/* /o/export/data */
void route_export_data(struct service *service, struct exchange *exchange);

/* /i/backup, for the operator alone */
void route_backup(struct service *service, struct exchange *exchange);

/* /i/compact, likewise */
void route_compact(struct service *service, struct exchange *exchange);

/* /i/retention, likewise */
void route_keeping(struct service *service, struct exchange *exchange);

/* /o/ping, /o/system/version */
void route_ping(struct service *service, struct exchange *exchange);
void route_version(struct service *service, struct exchange *exchange);

/* /o/countly_version, for members */
void route_countly_version(struct service *service, struct exchange *exchange);

/* What a request shows of itself. What a token costs goes to `batch`, which is
 * cleared before. */
struct claim route_claim(struct service *service, struct exchange *exchange,
                         struct batch *batch);

/* The same behind what the batch has. */
struct claim route_claim_of(struct service *service, struct exchange *exchange,
                            struct batch *batch);

/* For claims with the batch of the tally: pays what the token cost. Returns
 * `answer`, or 503 when there is no room for that. */
struct answer route_pay(struct service *service, struct answer answer);

/* Answers what every handler answers in the same way. */
void route_answer_no_room(struct exchange *exchange, uint64_t lsn);

#endif
