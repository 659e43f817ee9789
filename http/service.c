#include "http/service.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "http/agent_file.h"
#include "http/journal.h"
#include "http/plugin_gate.h"
#include "http/plugin_start.h"
#include "http/route.h"
#include "metrics/bulk.h"
#include "metrics/due.h"
#include "metrics/member_admin.h"
#include "metrics/plugin_metric.h"
#include "metrics/right.h"
#include "metrics/token_admin.h"
#include "metrics/user_export.h"

enum {
    TICK_MS = 1000,
    ONLINE_TICKS = 60, /* at most once in these */
    EXPORT_TICKS = 3600,
    DRAIN_MS = 2000,
    PLUGIN_PATIENCE_MS = 1500, /* of these, with requests that wait */
    KEY_SIZE = 33,
    TOKENS_EVERY_S = 3600,
};

static const int signal_numbers[] = {SIGTERM, SIGINT, SIGHUP};

/* A test build takes the time from the request. */
static void set_time(struct exchange *exchange)
{
#ifdef TALLY_NOW_HEADER
    struct text now = exchange_header(exchange, "x-tally-now");
    int64_t seconds = 0;

    for (size_t i = 0; i < now.len; i++)
        seconds = seconds * 10 + (now.at[i] - '0');
    if (now.len > 0)
        exchange->now = seconds * 1000;
#else
    (void)exchange;
#endif
}

static void service_on_request(struct exchange *exchange, void *user)
{
    struct service *service = user;

    if (exchange_goes_on(exchange))
        return;
    set_time(exchange);
    plugin_gate_any(service, exchange);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void close_handles(struct service *service)
{
    close_handle((uv_handle_t *)&service->turn);
    close_handle((uv_handle_t *)&service->durable);
    close_handle((uv_handle_t *)&service->tick);
}

static void service_on_drained(void *user)
{
    struct service *service = user;

    if (--service->undrained > 0)
        return;
    plugin_runtime_stop(&service->plugins.runtime);
    close_handles(service);
}

static void store_online(struct service *service)
{
    if (tally_store_online(service->tally) != TALLY_OK)
        journal_warning("most users online not stored", NULL, NULL);
}

static void drain(struct service *service)
{
    store_online(service);
    service->draining = true;
    plugin_runtime_drain(&service->plugins.runtime, PLUGIN_PATIENCE_MS);
    keeper_stop(&service->keeper);
    compactor_stop(&service->compactor);
    service->undrained = service->crew ? 2 : 1;
    server_drain(service->server, DRAIN_MS, service_on_drained);
    if (service->crew)
        crew_drain(service->crew, DRAIN_MS, service_on_drained);
}

/* Nothing is acknowledged any more: end at once, the log has what was. */
static void fail(struct service *service)
{
    if (service->failed)
        return;
    service->failed = true;
    journal_error("writing to the data directory failed, stopping", "dir",
                  service->config->data);
    uv_stop(service->loop);
}

static void release(struct service *service, uint64_t lsn)
{
    if (service->server)
        server_set_durable(service->server, lsn);
    if (service->crew)
        crew_set_durable(service->crew, lsn);
}

static void turn(struct service *service)
{
    engine_turn(service->engine);
    if (engine_failed(service->engine))
        fail(service);
    else
        release(service, engine_durable(service->engine));
}

static void service_on_turn(uv_check_t *check)
{
    turn(check->data);
}

static void service_on_durable(uv_async_t *async)
{
    turn(async->data);
}

/* Called from the engine's threads. */
static void wake(void *user)
{
    struct service *service = user;

    uv_async_send(&service->durable);
}

/* A few at a time, until all tokens have been looked at; the next round is an
 * hour later. Those that have ended are not valid, erased or not. */
static void expire_tokens(struct tally *tally, int64_t now)
{
    if (now < tally->tokens_due)
        return;
    batch_clear(&tally->batch);
    if (token_admin_expire(tally->registry, now, &tally->token_at,
                           &tally->batch))
        tally->tokens_due = now + TOKENS_EVERY_S;
    if (!batch_is_empty(&tally->batch) && tally_apply(tally) != TALLY_OK)
        journal_warning("old tokens could not be erased", NULL, NULL);
}

/* Exports live for a day, give or take an hour. */
static void expire_exports(struct service *service)
{
    struct tally *tally = service->tally;

    batch_clear(&tally->batch);
    enum tally_err err = user_export_expire(tally, clock_now_ms() / 1000);
    if (!err && !batch_is_empty(&tally->batch))
        err = tally_apply(tally);
    if (err)
        journal_warning("old exports could not be deleted", NULL, NULL);
}

static void service_on_tick(uv_timer_t *timer)
{
    struct service *service = timer->data;
    int64_t now = clock_now_ms() / 1000;

    turn(service);
    if (service->draining)
        return;
    keeper_tick(&service->keeper, now);
    if (!service->is_copied)
        compactor_tick(&service->compactor, now);
    expire_tokens(service->tally, now);
    if (due_tick(service->tally, now) != TALLY_OK)
        journal_warning("session hooks could not be fired", NULL, NULL);
    if (bulk_expire(service->tally, now) != TALLY_OK)
        journal_warning("old bulk bodies could not be forgotten", NULL, NULL);
    service->ticks++;
    if (service->ticks % ONLINE_TICKS == 0)
        store_online(service);
    if (service->ticks % EXPORT_TICKS == 0)
        expire_exports(service);
    /* Else what was applied here waits until the loop wakes up. */
    turn(service);
}

/* Opens the configured file in place of the one that is open, which stays
 * when that fails. Nothing is being looked up between two requests. */
static enum tally_err open_geoip(struct service *service)
{
    const char *path = service->config->geoip;
    struct geoip *geoip = NULL;
    char reason[GEOIP_REASON_SIZE];

    enum tally_err err = path[0] ? geoip_open(path, &geoip, reason) : TALLY_OK;
    if (err) {
        journal_error("cannot read geoip.file", "reason", reason);
        return err;
    }
    geoip_close(service->geoip);
    service->geoip = geoip;
    service->tally->atlas =
        geoip ? (struct atlas){geoip_find, geoip} : (struct atlas){NULL, NULL};
    return TALLY_OK;
}

static enum tally_err read_agents(struct service *service)
{
    char reason[AGENT_FILE_REASON_SIZE];
    enum tally_err err =
        agent_file_read(service->config->useragent, &service->agents, reason);

    if (err)
        journal_error("cannot read useragent.file", "reason", reason);
    else
        namings_read_agents(service->tally->namings, service->agents);
    return err;
}

static void reload(struct service *service)
{
    char reason[CONFIG_REASON_SIZE];
    enum journal_level level;

    if (config_reload(service->config, reason) != TALLY_OK) {
        journal_error("configuration not read", "reason", reason);
        return;
    }
    service->tally->settings = service->config->api;
    if (journal_level_read(text_of(service->config->log_level), &level))
        journal_set_level(level);
    journal_info("configuration read", "file", service->config->file);
    (void)!open_geoip(service);
}

static void service_on_signal(uv_signal_t *signal, int number)
{
    struct service *service = signal->data;

    if (number == SIGHUP) {
        reload(service);
    } else if (!service->draining) {
        drain(service);
    }
}

static void start_handles(struct service *service)
{
    uv_check_init(service->loop, &service->turn);
    uv_timer_init(service->loop, &service->tick);
    keeper_init(&service->keeper, service->loop, service->tally);
    compactor_init(&service->compactor, service->loop, service->tally);
    service->turn.data = service;
    service->tick.data = service;
    uv_check_start(&service->turn, service_on_turn);
    uv_timer_start(&service->tick, service_on_tick, TICK_MS, TICK_MS);
    for (size_t i = 0; i < sizeof(signal_numbers) / sizeof(int); i++) {
        uv_signal_init(service->loop, &service->signals[i]);
        service->signals[i].data = service;
        uv_signal_start(&service->signals[i], service_on_signal,
                        signal_numbers[i]);
        /* Never closed, else a second signal would kill while closing. */
        uv_unref((uv_handle_t *)&service->signals[i]);
    }
}

static enum tally_err add_metrics(struct service *service)
{
    char reason[DEFINITION_REASON_SIZE];
    const struct tally_plugin *plugin = NULL;
    enum tally_err err = plugin_metrics_apply(service->plugins.plugins,
                                              service->tally, &plugin, reason);

    if (err) {
        const struct journal_field fields[] = {
            journal_string("plugin", plugin->description->name),
            journal_string("reason", reason), JOURNAL_END};

        journal_write(JOURNAL_ERROR, "cannot add a metric", fields);
        return err;
    }
    err = additions_apply(&service->config->metrics, service->tally, reason);
    if (err)
        journal_error("cannot add metrics.custom", "reason", reason);
    return err;
}

static enum tally_err open_engine(struct service *service)
{
    const struct config *config = service->config;
    struct engine_options options;
    char reason[256];

    config_engine(config, &options);
    options.on_durable = wake;
    options.user = service;
    enum tally_err err = engine_open(&options, &service->engine, reason);

    if (err) {
        journal_error("cannot open the data directory", "reason", reason);
        return err;
    }
    err = tally_open(service->engine, &service->tally);
    if (err) {
        journal_error("cannot load what is stored", "reason",
                      tally_err_text(err));
        return err;
    }
    service->tally->settings = config->api;
    service->tally->plugins = service->plugins.plugins;
    plugin_runtime_start(&service->plugins.runtime, service);
    return add_metrics(service);
}

static void random_key(char key[static KEY_SIZE])
{
    unsigned char bytes[KEY_SIZE / 2];

    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(key, KEY_SIZE, bytes, sizeof(bytes));
}

/* An installation without any member gets its first administrator. */
static enum tally_err found(struct service *service, const char *admin_key)
{
    struct tally *tally = service->tally;
    char key[KEY_SIZE];

    if (registry_member_at(tally->registry, 0))
        return TALLY_OK;
    if (!admin_key)
        random_key(key);
    const char *chosen = admin_key ? admin_key : key;
    batch_clear(&tally->batch);
    enum tally_err err = member_admin_found(
        tally->registry, "admin", chosen, clock_now_ms() / 1000, &tally->batch);
    if (!err)
        err = tally_apply(tally);
    if (!err)
        err = engine_flush(service->engine);
    if (err)
        journal_error("cannot create the first administrator", "reason",
                      tally_err_text(err));
    else if (!admin_key)
        printf("first administrator: username admin, api key %s "
               "(shown once)\n",
               key);
    return err;
}

static enum tally_err listen_all(struct service *service)
{
    const struct config *config = service->config;
    char host[CONFIG_HOST_SIZE];
    char path[CONFIG_TEXT_MAX + 16];
    int port;
    enum tally_err err = config_address(config, host, &port);

    if (!err && service->crew)
        err = crew_listen(service->crew, host, port, &port);
    else if (!err)
        err = server_listen(service->server, host, port, &port);
    if (err) {
        journal_error("cannot listen", "reason", tally_err_text(err));
        return err;
    }
    snprintf(path, sizeof(path), "%s/" CONFIG_SOCKET, config->data);
    err = server_listen_local(service->server, path);
    if (err) {
        journal_error("cannot listen on the control socket", "reason",
                      tally_err_text(err));
        return err;
    }
    bool colons = strchr(host, ':') != NULL;
    printf("listening on http://%s%s%s:%d\n", colons ? "[" : "", host,
           colons ? "]" : "", port);
    fflush(stdout);
    return TALLY_OK;
}

static void create_servers(struct service *service)
{
    const struct server_limits *limits = &service->config->http;
    unsigned threads = service->config->io_threads;

    if (threads == 0)
        threads = crew_size(uv_available_parallelism());
    service->server =
        server_create(service->loop, limits, service_on_request, service);
    if (threads > 1)
        service->crew = crew_create(service->loop, threads, limits,
                                    service_on_request, service);
}

enum tally_err service_open(struct service *service, struct config *config,
                            const char *admin_key)
{
    *service = (struct service){.loop = uv_default_loop(), .config = config};
    signal(SIGPIPE, SIG_IGN);
    uv_async_init(service->loop, &service->durable, service_on_durable);
    service->durable.data = service;
    enum tally_err err = plugin_loader_open(&service->plugins, config);
    if (!err)
        err = plugin_loader_judge(&service->plugins);
    if (!err)
        err = open_engine(service);
    if (!err)
        err = open_geoip(service);
    if (!err)
        err = read_agents(service);
    if (!err)
        err = found(service, admin_key);
    if (err)
        return err;

    err = plugin_start(service->tally, clock_now_ms());
    if (err) {
        journal_error("what plugins store at the start cannot be stored",
                      "reason", tally_err_text(err));
        return err;
    }
    create_servers(service);
    start_handles(service);
    return listen_all(service);
}

bool service_run(struct service *service)
{
    uv_run(service->loop, UV_RUN_DEFAULT);
    if (service->failed)
        return false;
    /* Not when drained: what was under way on other threads used it still. */
    crew_destroy(service->crew);
    server_destroy(service->server);
    service->crew = NULL;
    service->server = NULL;
    uv_run(service->loop, UV_RUN_DEFAULT);
    return true;
}

void service_close(struct service *service)
{
    plugin_loader_quiet(&service->plugins);
    tally_close(service->tally);
    engine_close(service->engine);
    geoip_close(service->geoip);
    agents_destroy(service->agents);
    plugin_loader_close(&service->plugins);
    service->geoip = NULL;
    service->agents = NULL;
    service->tally = NULL;
    service->engine = NULL;
}
