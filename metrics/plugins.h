/*
 * plugins.h - the plugins of a process, and who listens to which hook.
 *
 * Plugins are added before anything is served; from then on nothing changes.
 * Firing a hook that nobody listens to is one test of a bit: ask
 * plugins_listen() before a call is put together.
 */
#ifndef METRICS_PLUGINS_H
#define METRICS_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/error.h"
#include "metrics/hook.h"
#include "metrics/plugin.h"

struct tally_call;

enum {
    PLUGINS_MAX = 64,
    PLUGIN_LISTENERS_MAX = 1024, /* of all plugins */
    PLUGIN_PATH_MAX = 128,
};

struct listener {
    struct tally_plugin *plugin;
    tally_handler handler;
    void *user;
    int priority;
    enum hook hook;
    char path[PLUGIN_PATH_MAX];
};

/* A metric that a plugin registered, until the catalogue takes it over. */
struct plugin_metric {
    struct tally_plugin *plugin;
    struct tally_metric metric; /* borrows from the plugin */
};

/* What the process gives to its plugins; all of it on the owner's thread but
 * where tally_plugin.h says any. Each function is as the one there. */
struct plugins_runtime {
    int64_t (*nanoseconds)(void); /* of a clock that does not jump */
    void (*log)(const char *plugin, enum tally_level level,
                const char *message);
    /* A handler took longer than the budget, or returned an error. */
    void (*complain)(const char *plugin, const char *path, const char *what,
                     int64_t number);
    const char *(*setting)(void *user, const char *plugin, const char *key);
    int (*resume)(void *user, tally_wait wait);
    int (*run)(void *user, struct tally_plugin *plugin, void (*fn)(void *),
               void *fn_user);
    int (*post)(void *user, struct tally_plugin *plugin, tally_handler fn,
                void *fn_user);
    uint64_t (*timer)(void *user, struct tally_plugin *plugin, unsigned ms,
                      tally_handler fn, void *fn_user);
    void (*timer_stop)(void *user, uint64_t timer);
    void *user;
    const char *version;
    int64_t budget_ns;
};

struct plugins {
    uint64_t listening; /* a bit for each hook; HOOK_COUNT: paths of plugins */
    struct plugins_runtime runtime;
    struct tally_host host; /* what plugins get */
    struct tally_plugin *list[PLUGINS_MAX];
    unsigned count;
    struct listener *listeners; /* by hook, then by priority */
    size_t listener_count;
    size_t listener_room;
    struct plugin_metric *metrics;
    size_t metric_count;
    size_t metric_room;
};

struct plugins *plugins_create(const struct plugins_runtime *runtime);

/* Calls close of all plugins, the last first, and frees them; what dlopen()
 * gave is the loader's. NULL is a no-op. */
void plugins_destroy(struct plugins *plugins);

/* Adds a plugin and calls its init. On failure nothing is left of it, and
 * `reason` says why: TALLY_ERR_VERSION for another ABI or capabilities that
 * are not there, TALLY_ERR_EXISTS for a name that is taken,
 * TALLY_ERR_INVALID. `plugin` may be NULL. */
TALLY_MUST_CHECK
enum tally_err plugins_add(struct plugins *plugins,
                           const struct tally_plugin_description *description,
                           struct tally_plugin **plugin,
                           char reason[static PLUGIN_REASON_SIZE]);

/* NULL when there is none. */
static inline struct tally_plugin *plugins_find(const struct plugins *plugins,
                                                struct text name)
{
    for (unsigned i = 0; i < plugins->count; i++) {
        if (text_is(name, plugins->list[i]->description->name))
            return plugins->list[i];
    }
    return NULL;
}

static inline bool plugins_listen(const struct plugins *plugins, enum hook hook)
{
    return plugins && (plugins->listening >> hook & 1) != 0;
}

/* Does anybody have this path, or one that it lies below? */
bool plugins_have_path(const struct plugins *plugins, struct text path);

/* What came of firing a hook. */
enum fired {
    FIRED_PASS,
    FIRED_HANDLED,
    FIRED_DENIED,
    FIRED_WAITS, /* HOOK_WAITS_BEFORE: call->asked handlers were called, the
                    rest are when it is fired again with that */
};

/* Calls the handlers of a core hook, from number call->asked on. */
enum fired plugins_fire(struct plugins *plugins, enum hook hook,
                        struct tally_call *call);

/* The same of those that listen to a path of plugins' own. */
enum fired plugins_fire_path(struct plugins *plugins, struct text path,
                             struct tally_call *call);

/* Calls one function of a plugin: what was resumed, timed or posted. Returns
 * what it returns; an error is TALLY_PASS. */
int plugins_call(struct plugins *plugins, struct tally_plugin *plugin,
                 struct tally_call *call, tally_handler fn, void *user);

/* Registers, for plugin's init. TALLY_E_*. */
int plugins_listen_to(struct plugins *plugins, const struct listener *listener);

#endif
