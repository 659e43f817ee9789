/*
 * service.h - the running tallyd: engine and rules on one loop, the owner of
 * all that is stored, and servers on it or on threads of their own.
 *
 * After each turn of the loop the engine gets what was applied, and answers
 * leave as far as the log is durable.
 */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

#include <stdbool.h>
#include <uv.h>

#include "engine/engine.h"
#include "http/compactor.h"
#include "http/config.h"
#include "http/crew.h"
#include "http/exchange.h"
#include "http/geoip.h"
#include "http/keeper.h"
#include "http/plugin_loader.h"
#include "http/server.h"
#include "metrics/tally.h"

struct service {
    uv_loop_t *loop;
    struct config *config;
    struct plugin_loader plugins;
    struct engine *engine;
    struct tally *tally;
    struct agents *agents; /* NULL: nobody reads user agents */
    struct geoip *geoip;   /* NULL: no file is configured */
    struct server *server;
    struct crew *crew; /* NULL: the server alone has all clients */
    uv_check_t turn;
    uv_async_t durable;
    uv_timer_t tick;
    struct keeper keeper;
    struct compactor compactor;
    uv_signal_t signals[3];
    unsigned reads;     /* under way on other threads */
    unsigned scans;     /* for users that a call means, the same */
    unsigned ticks;     /* seconds that it has run */
    unsigned exports;   /* whose clients take one piece after the other */
    unsigned passwords; /* being hashed on other threads */
    unsigned undrained; /* the server and the crew, while draining */
    bool draining;
    bool is_copied; /* a backup is under way */
    bool failed;
};

/* Opens the directory of the configuration, loads what is stored, creates the
 * first administrator when there is no member (its key is printed once, or
 * given as `admin_key`) and listens. On failure one line says why. */
TALLY_MUST_CHECK
enum tally_err service_open(struct service *service, struct config *config,
                            const char *admin_key);

/* Runs until SIGTERM or SIGINT; false when it ended by a failure. */
bool service_run(struct service *service);

/* Makes everything durable and closes; a zeroed service is fine. */
void service_close(struct service *service);

#endif
