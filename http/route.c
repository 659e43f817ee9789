#include "http/route.h"

static void answer_unknown(struct service *service, struct exchange *exchange)
{
    exchange_answer_message(exchange, 400, "Invalid path",
                            engine_lsn(service->engine));
}

/* `has_actions`: what follows the path and a slash is the handler's. */
static const struct {
    const char *path;
    bool has_actions;
    route_fn handle;
} routes[] = {
    {"/i", false, route_ingest},
    {"/i/bulk", false, route_bulk},
    {"/o", false, route_read},
    {"/o/analytics", true, route_analytics},
    {"/o/app_users/loyalty", false, route_loyalty},
    {"/o/slipping", false, route_slipping},
    {"/o/active_users", false, route_active_users},
    {"/o/langmap", false, route_languages},
    {"/o/sources", false, route_sources},
    {"/o/keywords", false, route_keywords},
    {"/o/sdk", false, route_sdk},
    {"/o/sdk/content", false, route_content},
    {"/o/feedback/widget", false, route_widget},
    {"/o/feedback/multiple-widgets-by-id", false, route_widgets},
    {"/o/ping", false, route_ping},
    {"/o/system/version", false, route_version},
    {"/o/system/plugins", false, route_manage},
    {"/o/countly_version", false, route_countly_version},
    {"/o/export/data", false, route_export_data},
    {"/i/backup", false, route_backup},
    {"/i/retention", false, route_keeping},
    {"/o/requests", false, route_requests},
    {"/i/app_users", true, route_users},
    {"/o/app_users/download", true, route_export},
    {"/i/apps", true, route_manage},
    {"/i/users", true, route_manage},
    {"/i/events", true, route_manage},
    {"/i/notes", true, route_manage},
    {"/o/notes", false, route_manage},
    {"/o/apps", true, route_manage},
    {"/o/users", true, route_manage},
    {"/i/token", true, route_manage},
    {"/o/token", true, route_manage},
    {"/api-key", false, route_api_key},
};

route_fn route_find(struct text path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        size_t len = strlen(routes[i].path);
        if (text_is(path, routes[i].path) ||
            (routes[i].has_actions && text_has_prefix(path, routes[i].path) &&
             path.at[len] == '/'))
            return routes[i].handle;
    }
    return answer_unknown;
}

static const struct answer no_room = {503, "No room at present, try again"};

struct claim route_claim(struct service *service,
                         const struct exchange *exchange, struct batch *batch)
{
    batch_clear(batch);
    return (struct claim){.registry = service->tally->registry,
                          .params = &exchange->params,
                          .token = exchange_header(exchange, "countly-token"),
                          .path = exchange->path,
                          .now = exchange->now / 1000,
                          .batch = batch,
                          .is_operator = exchange->is_local};
}

struct answer route_pay(struct service *service, struct answer answer)
{
    struct tally *tally = service->tally;
    bool is_free = batch_is_empty(&tally->batch);

    return is_free || tally_apply(tally) == TALLY_OK ? answer : no_room;
}

void route_answer_no_room(struct exchange *exchange, uint64_t lsn)
{
    exchange_answer_message(exchange, no_room.status, no_room.message, lsn);
}
