/*
 * plugin_runtime.h - what the process gives to its plugins (metrics/plugins.h)
 * out of clock, journal, configuration and loop: threads, posts, timers, and
 * the promises of waiting requests.
 *
 * All of it is the owner's thread's but resume() and post(), which any thread
 * may call from start to finish.
 */
#ifndef HTTP_PLUGIN_RUNTIME_H
#define HTTP_PLUGIN_RUNTIME_H

#include <stdbool.h>
#include <uv.h>

#include "engine/arena.h"
#include "http/config.h"
#include "http/link.h"
#include "http/promises.h"
#include "metrics/plugins.h"

struct service;

enum {
    PLUGIN_RUNS_AT_ONCE = 2, /* functions on other threads; more wait */
    PLUGIN_RUNS_MAX = 1024,
    PLUGIN_POSTS_MAX = 65536,
    PLUGIN_TIMERS_MAX = 1024,
};

struct plugin_runtime {
    struct config *config;   /* settings are asked of it */
    struct service *service; /* NULL: not started */
    struct promises *promises;
    struct arena *arena; /* of a call for no request */
    uv_async_t wake;
    uv_timer_t due;   /* the next deadline of a promise */
    uv_timer_t drain; /* the end of patience with promises */
    struct link timers;
    unsigned timer_count;
    uint64_t timer_number; /* the last one given */
    struct link runs;      /* that wait for a thread */
    unsigned run_count;    /* those, and the ones below */
    unsigned running;
    uv_mutex_t lock;   /* of what follows */
    uv_cond_t is_idle; /* nothing is on another thread */
    unsigned busy;     /* functions on other threads */
    struct link posts;
    unsigned post_count;
    bool is_open; /* takes posts */
};

/* Fills in the table, whose `user` the runtime is; it outlives the plugins. */
void plugin_runtime_init(struct plugin_runtime *runtime, struct config *config,
                         struct plugins_runtime *table);

/* From here on there are threads, posts, timers and promises: when the tally
 * of the service is there, before any hook fires. */
void plugin_runtime_start(struct plugin_runtime *runtime,
                          struct service *service);

/* Gives requests that wait `patience_ms`; then they go on without. */
void plugin_runtime_drain(struct plugin_runtime *runtime, unsigned patience_ms);

/* Closes its handles: posts that have come are called, no timer is, nothing is
 * taken any more. The loop ends once functions on other threads have. */
void plugin_runtime_stop(struct plugin_runtime *runtime);

/* Waits for functions on other threads, before plugins are closed. */
void plugin_runtime_settle(struct plugin_runtime *runtime);

/* When the plugins are closed. One that was not started is fine. */
void plugin_runtime_finish(struct plugin_runtime *runtime);

/* Promises that `promise` is gone on with; 0: there is no room. */
tally_wait plugin_runtime_promise(struct plugin_runtime *runtime,
                                  const struct promise *promise);

/* The deadline of a promise that is made now. */
uint64_t plugin_runtime_deadline(const struct plugin_runtime *runtime);

#endif
