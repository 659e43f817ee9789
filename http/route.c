#include "http/route.h"

#include "http/plugin_door.h"
#include "http/plugin_gate.h"
#include "metrics/manage.h"

enum { ENDPOINT_MAX = 256 };

enum spread {
    ALONE,
    ACTIONS, /* what follows the path and a slash is the handler's */
    METHODS, /* the parameter `method` says what is wanted */
};

static const struct {
    const char *path;
    route_fn handle;
    enum spread spread;
    route_each_fn each; /* unless it stands alone */
} routes[] = {
    {"/i", route_ingest, ALONE, NULL},
    {"/i/bulk", route_bulk, ALONE, NULL},
    {"/o", route_read, METHODS, route_read_each},
    {"/o/analytics", route_analytics, ACTIONS, route_analytics_each},
    {"/o/app_users/loyalty", route_loyalty, ALONE, NULL},
    {"/o/slipping", route_slipping, ALONE, NULL},
    {"/o/active_users", route_active_users, ALONE, NULL},
    {"/o/langmap", route_languages, ALONE, NULL},
    {"/o/sources", route_sources, ALONE, NULL},
    {"/o/keywords", route_keywords, ALONE, NULL},
    {"/o/sdk", route_sdk, METHODS, route_sdk_each},
    {"/o/sdk/content", route_content, ALONE, NULL},
    {"/o/feedback/widget", route_widget, ALONE, NULL},
    {"/o/feedback/multiple-widgets-by-id", route_widgets, ALONE, NULL},
    {"/o/ping", route_ping, ALONE, NULL},
    {"/o/system/version", route_version, ALONE, NULL},
    {"/o/system/plugins", route_manage, ALONE, NULL},
    {"/o/countly_version", route_countly_version, ALONE, NULL},
    {"/o/export/data", route_export_data, ALONE, NULL},
    {"/i/backup", route_backup, ALONE, NULL},
    {"/i/compact", route_compact, ALONE, NULL},
    {"/i/retention", route_keeping, ALONE, NULL},
    {"/o/requests", route_requests, ALONE, NULL},
    {"/i/app_users", route_users, ACTIONS, route_users_each},
    {"/o/app_users/download", route_export, ACTIONS, route_export_each},
    {"/i/apps", route_manage, ACTIONS, manage_each_action},
    {"/i/users", route_manage, ACTIONS, manage_each_action},
    {"/i/events", route_manage, ACTIONS, manage_each_action},
    {"/i/notes", route_manage, ACTIONS, manage_each_action},
    {"/o/notes", route_manage, ALONE, NULL},
    {"/i/metrics", route_manage, ACTIONS, manage_each_action},
    {"/o/metrics", route_manage, ALONE, NULL},
    {"/o/apps", route_manage, ACTIONS, manage_each_action},
    {"/o/users", route_manage, ACTIONS, manage_each_action},
    {"/i/token", route_manage, ACTIONS, manage_each_action},
    {"/o/token", route_manage, ACTIONS, manage_each_action},
    {"/api-key", route_api_key, ALONE, NULL},
};

route_fn route_find(struct text path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        size_t len = strlen(routes[i].path);
        if (text_is(path, routes[i].path) ||
            (routes[i].spread == ACTIONS &&
             text_has_prefix(path, routes[i].path) && path.at[len] == '/'))
            return routes[i].handle;
    }
    return plugin_gate_path;
}

void route_request(struct service *service, struct exchange *exchange)
{
    uint64_t lsn = engine_lsn(service->engine);

    if (exchange->method == EXCHANGE_PUT) {
        exchange_answer_message(exchange, 405, "Method not allowed", lsn);
        return;
    }
    struct answer answer = right_ids(&exchange->params);
    if (answer.status != ANSWER_OK) {
        exchange_answer_message(exchange, answer.status, answer.message, lsn);
        return;
    }
    route_find(exchange->path)(service, exchange);
}

struct telling {
    const char *path;
    const char *sign; /* between the path and what comes behind it */
    text_fn each;
    void *user;
};

static void tell(void *user, struct text name)
{
    const struct telling *telling = user;
    struct buffer endpoint;

    buffer_init(&endpoint, ENDPOINT_MAX);
    buffer_add_string(&endpoint, telling->path);
    buffer_add_string(&endpoint, telling->sign);
    buffer_add_text(&endpoint, name);
    telling->each(telling->user, buffer_text(&endpoint));
    buffer_finish(&endpoint);
}

void route_each(text_fn each, void *user)
{
    static const char *const signs[] = {
        [ALONE] = "", [ACTIONS] = "/", [METHODS] = "?method="};

    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        struct telling telling = {routes[i].path, signs[routes[i].spread], each,
                                  user};

        if (routes[i].each)
            routes[i].each(routes[i].path, tell, &telling);
        else
            each(user, text_of(routes[i].path));
    }
}

static const struct answer no_room = {503, "No room at present, try again"};

/* Without room to ask plugins nobody may. */
static bool refuse_all(const struct claim *claim, const struct pass *pass,
                       bool reads)
{
    (void)claim;
    (void)pass;
    (void)reads;
    return false;
}

/* Plugins that listen are asked, too. */
static void add_permit(struct service *service, struct exchange *exchange,
                       struct claim *claim)
{
    const struct plugins *plugins = service->tally->plugins;

    if (!plugins_listen(plugins, HOOK_VALIDATION_USER) &&
        !plugins_listen(plugins, HOOK_O_VALIDATE))
        return;
    claim->permit_user = door_of(service, exchange);
    claim->permit = claim->permit_user ? door_permit : refuse_all;
}

struct claim route_claim_of(struct service *service, struct exchange *exchange,
                            struct batch *batch)
{
    struct claim claim = {.registry = service->tally->registry,
                          .params = &exchange->params,
                          .token = exchange_header(exchange, "countly-token"),
                          .path = exchange->path,
                          .now = exchange->now / 1000,
                          .batch = batch,
                          .is_operator = exchange->is_local};

    add_permit(service, exchange, &claim);
    return claim;
}

struct claim route_claim(struct service *service, struct exchange *exchange,
                         struct batch *batch)
{
    batch_clear(batch);
    return route_claim_of(service, exchange, batch);
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
