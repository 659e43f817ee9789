#include "metrics/plugins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "metrics/call.h"
#include "metrics/host.h"

struct plugins *plugins_create(const struct plugins_runtime *runtime)
{
    struct plugins *plugins = memory_alloc(sizeof(*plugins));

    plugins->runtime = *runtime;
    host_init(&plugins->host, runtime->version);
    return plugins;
}

static void forget(struct plugins *plugins, const struct tally_plugin *plugin)
{
    size_t kept = 0;

    for (size_t i = 0; i < plugins->listener_count; i++) {
        if (plugins->listeners[i].plugin != plugin)
            plugins->listeners[kept++] = plugins->listeners[i];
    }
    plugins->listener_count = kept;
    kept = 0;
    for (size_t i = 0; i < plugins->metric_count; i++) {
        if (plugins->metrics[i].plugin != plugin)
            plugins->metrics[kept++] = plugins->metrics[i];
    }
    plugins->metric_count = kept;
}

void plugins_destroy(struct plugins *plugins)
{
    if (!plugins)
        return;
    while (plugins->count > 0) {
        struct tally_plugin *plugin = plugins->list[--plugins->count];

        if (plugin->description->close)
            plugin->description->close(plugin);
        free(plugin);
    }
    free(plugins->listeners);
    free(plugins->metrics);
    free(plugins);
}

static enum tally_err check(const struct plugins *plugins,
                            const struct tally_plugin_description *description,
                            char reason[static PLUGIN_REASON_SIZE])
{
    if (!plugin_is_valid(description, reason))
        return description->abi == TALLY_PLUGIN_ABI ? TALLY_ERR_INVALID
                                                    : TALLY_ERR_VERSION;
    if (plugins->count == PLUGINS_MAX) {
        snprintf(reason, PLUGIN_REASON_SIZE, "there are %d plugins already",
                 PLUGINS_MAX);
        return TALLY_ERR_TOO_BIG;
    }
    if (plugins_find(plugins, text_of(description->name))) {
        snprintf(reason, PLUGIN_REASON_SIZE,
                 "there is a plugin of the name %s already", description->name);
        return TALLY_ERR_EXISTS;
    }
    return TALLY_OK;
}

enum tally_err plugins_add(struct plugins *plugins,
                           const struct tally_plugin_description *description,
                           struct tally_plugin **added,
                           char reason[static PLUGIN_REASON_SIZE])
{
    enum tally_err err = check(plugins, description, reason);

    if (err)
        return err;
    struct tally_plugin *plugin = memory_alloc(sizeof(*plugin));
    *plugin =
        (struct tally_plugin){.description = description, .plugins = plugins};
    int failure = description->init(&plugins->host, plugin);
    if (failure) {
        snprintf(reason, PLUGIN_REASON_SIZE, "its init returned %d", failure);
        forget(plugins, plugin);
        free(plugin);
        return TALLY_ERR_INVALID;
    }
    plugin->is_ready = true;
    plugins->list[plugins->count++] = plugin;
    for (size_t i = 0; i < plugins->listener_count; i++)
        plugins->listening |= UINT64_C(1) << plugins->listeners[i].hook;
    if (added)
        *added = plugin;
    return TALLY_OK;
}

/* --- who listens --- */

static bool comes_before(const struct listener *a, const struct listener *b)
{
    return a->hook != b->hook ? a->hook < b->hook : a->priority < b->priority;
}

int plugins_listen_to(struct plugins *plugins, const struct listener *listener)
{
    if (plugins->listener_count == PLUGIN_LISTENERS_MAX)
        return TALLY_E_TOO_BIG;
    plugins->listeners =
        memory_one_more(plugins->listeners, plugins->listener_count,
                        &plugins->listener_room, sizeof(*listener));
    size_t at = plugins->listener_count++;
    for (; at > 0 && comes_before(listener, &plugins->listeners[at - 1]); at--)
        plugins->listeners[at] = plugins->listeners[at - 1];
    plugins->listeners[at] = *listener;
    return 0;
}

/* Paths of plugins' own have what is below them, too. */
static bool hears(const struct listener *listener, enum hook hook,
                  struct text path)
{
    size_t len = strlen(listener->path);

    if (listener->hook != hook)
        return false;
    return hook != HOOK_COUNT || text_is(path, listener->path) ||
           (text_has_prefix(path, listener->path) && path.at[len] == '/');
}

bool plugins_have_path(const struct plugins *plugins, struct text path)
{
    for (size_t i = 0; plugins && i < plugins->listener_count; i++) {
        if (hears(&plugins->listeners[i], HOOK_COUNT, path))
            return true;
    }
    return false;
}

/* --- firing --- */

static int judge(struct plugins *plugins, struct tally_plugin *plugin,
                 const struct tally_call *call, int result, int64_t took)
{
    const struct plugins_runtime *runtime = &plugins->runtime;
    char path[PLUGIN_PATH_MAX];

    snprintf(path, sizeof(path), "%.*s", (int)call->hook_path.len,
             call->hook_path.at ? call->hook_path.at : "");
    if (took > runtime->budget_ns) {
        plugin->slow_calls++;
        runtime->complain(plugin->description->name, path,
                          "handler over its time budget, microseconds",
                          took / 1000);
    }
    if (result >= 0)
        return result;
    runtime->complain(plugin->description->name, path, "handler failed",
                      result);
    return TALLY_PASS;
}

int plugins_call(struct plugins *plugins, struct tally_plugin *plugin,
                 struct tally_call *call, tally_handler fn, void *user)
{
    struct tally_plugin *before = call->plugin;
    int64_t start = plugins->runtime.nanoseconds();

    call->plugin = plugin;
    call->wait = 0;
    int result = fn(call, user);
    int64_t took = plugins->runtime.nanoseconds() - start;
    call->plugin = before;
    return judge(plugins, plugin, call, result, took);
}

/* Async without a promise is a mistake: nobody would go on. */
static enum fired fired_of(const struct tally_call *call, int result)
{
    switch (result) {
    case TALLY_HANDLED:
        return FIRED_HANDLED;
    case TALLY_DENY:
        return call->hook == HOOK_VALIDATION_USER ? FIRED_DENIED : FIRED_PASS;
    case TALLY_ASYNC:
        return call->wait != 0 ? FIRED_WAITS : FIRED_PASS;
    default:
        return FIRED_PASS;
    }
}

static enum fired fire(struct plugins *plugins, struct tally_call *call)
{
    bool parks = hook_wait(call->hook) == HOOK_WAITS_BEFORE;
    enum fired fired = FIRED_PASS;
    unsigned number = 0;

    for (size_t i = 0; i < plugins->listener_count; i++) {
        const struct listener *listener = &plugins->listeners[i];

        if (!hears(listener, call->hook, call->hook_path) ||
            number++ < call->asked ||
            !plugin_serves(listener->plugin, call->app))
            continue;
        call->asked = number;
        enum fired one =
            fired_of(call, plugins_call(plugins, listener->plugin, call,
                                        listener->handler, listener->user));
        if (one == FIRED_DENIED || (one == FIRED_WAITS && parks))
            return one;
        if (one == FIRED_HANDLED) {
            fired = FIRED_HANDLED;
            call->handled_by = listener->plugin;
        }
    }
    return fired;
}

enum fired plugins_fire(struct plugins *plugins, enum hook hook,
                        struct tally_call *call)
{
    call->hook = hook;
    call->hook_path = text_of(hook_path(hook));
    call->plugins = plugins;
    return fire(plugins, call);
}

enum fired plugins_fire_path(struct plugins *plugins, struct text path,
                             struct tally_call *call)
{
    call->hook = HOOK_COUNT;
    call->hook_path = path;
    call->plugins = plugins;
    return fire(plugins, call);
}
