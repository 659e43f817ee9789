#include "http/plugin_builtin.h"

#include <stdio.h>
#include <stdlib.h>

#include "http/config_list.h"
#include "metrics/plugin_metric.h"

extern const struct tally_plugin_description tally_plugin_browser;
extern const struct tally_plugin_description tally_plugin_density;
extern const struct tally_plugin_description tally_plugin_locale;
extern const struct tally_plugin_description tally_plugin_sources;

const struct tally_plugin_description *const plugin_builtins[] = {
    &tally_plugin_browser,
    &tally_plugin_density,
    &tally_plugin_locale,
    &tally_plugin_sources,
    NULL,
};

static int64_t no_time(void)
{
    return 0;
}

static void log_nothing(const char *plugin, enum tally_level level,
                        const char *message)
{
    (void)plugin;
    (void)level;
    (void)message;
}

static void ignore(const char *plugin, const char *path, const char *what,
                   int64_t number)
{
    (void)plugin;
    (void)path;
    (void)what;
    (void)number;
}

static const char *no_setting(void *user, const char *plugin, const char *key)
{
    (void)user;
    (void)plugin;
    (void)key;
    return NULL;
}

/* What comes with the program can be used by it, or it is broken. */
static void must(enum tally_err err, const char *reason)
{
    if (!err)
        return;
    fprintf(stderr, "built-in plugin: %s\n", reason);
    abort();
}

struct plugins *plugin_builtin_create(struct text disabled)
{
    static const struct plugins_runtime runtime = {.nanoseconds = no_time,
                                                   .log = log_nothing,
                                                   .complain = ignore,
                                                   .setting = no_setting,
                                                   .version = ""};
    struct plugins *plugins = plugins_create(&runtime);
    char reason[PLUGIN_REASON_SIZE];

    for (size_t i = 0; plugin_builtins[i]; i++) {
        if (!config_list_has(disabled, text_of(plugin_builtins[i]->name)))
            must(plugins_add(plugins, plugin_builtins[i], NULL, reason),
                 reason);
    }
    return plugins;
}

void plugin_builtin_add_metrics(const struct plugins *plugins,
                                struct catalog *catalog)
{
    char reason[DEFINITION_REASON_SIZE];

    for (size_t i = 0; i < plugins->metric_count; i++) {
        struct metric_definition definition =
            plugin_metric_define(&plugins->metrics[i]);
        must(catalog_add(catalog, &definition, reason), reason);
    }
}
