#include "metrics/host.h"

#include <stdio.h>

#include "engine/memory.h"
#include "metrics/host_metric.h"
#include "metrics/plugins.h"

const uint64_t host_capabilities = TALLY_CAN_HOOK | TALLY_CAN_STORE |
                                   TALLY_CAN_COUNT | TALLY_CAN_WAIT |
                                   TALLY_CAN_SCHEDULE;

static bool is_path(const char *path)
{
    size_t len = path ? strlen(path) : 0;

    return len > 0 && len < PLUGIN_PATH_MAX && path[0] == '/';
}

/* Paths of plugins' own have two segments: what is below is theirs, too. */
static bool is_own_path(const char *path)
{
    const char *second = strchr(path + 1, '/');

    return !second || (second[1] != '\0' && !strchr(second + 1, '/'));
}

static int host_on(struct tally_plugin *self, const char *path,
                   tally_handler handler, void *user, int priority)
{
    struct listener listener = {
        .plugin = self, .handler = handler, .user = user, .priority = priority};

    if (self->is_ready)
        return TALLY_E_NOT_HERE;
    if (!handler || !is_path(path))
        return TALLY_E_INVALID;
    listener.hook = hook_of(text_of(path));
    if (listener.hook == HOOK_COUNT && !is_own_path(path))
        return TALLY_E_INVALID;
    snprintf(listener.path, sizeof(listener.path), "%s", path);
    return plugins_listen_to(self->plugins, &listener);
}

static int host_metric(struct tally_plugin *self,
                       const struct tally_metric *metric)
{
    struct plugins *plugins = self->plugins;

    if (self->is_ready)
        return TALLY_E_NOT_HERE;
    if (metric->size < sizeof(*metric) || !metric->db)
        return TALLY_E_INVALID;
    plugins->metrics =
        memory_one_more(plugins->metrics, plugins->metric_count,
                        &plugins->metric_room, sizeof(*plugins->metrics));
    plugins->metrics[plugins->metric_count++] =
        (struct plugin_metric){self, *metric};
    return 0;
}

static const char *host_setting(struct tally_plugin *self, const char *key,
                                const char *standard)
{
    const struct plugins_runtime *runtime = &self->plugins->runtime;
    const char *value =
        runtime->setting(runtime->user, self->description->name, key);

    return value ? value : standard;
}

static void host_set_state(struct tally_plugin *self, void *state)
{
    self->state = state;
}

static void *host_state(const struct tally_plugin *self)
{
    return self->state;
}

static void host_log(struct tally_plugin *self, enum tally_level level,
                     const char *message)
{
    self->plugins->runtime.log(self->description->name, level, message);
}

void host_init(struct tally_host *host, const char *version)
{
    *host = (struct tally_host){
        .abi = TALLY_PLUGIN_ABI,
        .size = sizeof(*host),
        .capabilities = host_capabilities,
        .version = version,
        .on = host_on,
        .metric = host_metric,
        .setting = host_setting,
        .set_state = host_set_state,
        .state = host_state,
        .log = host_log,
    };
    host_add_call(host);
    host_add_reply(host);
    host_add_metric(host);
    host_add_count(host);
    host_add_document(host);
    host_add_later(host);
}
