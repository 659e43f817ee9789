/*
 * plugin_runtime.h - what the process gives to its plugins (metrics/plugins.h)
 * out of clock, journal and configuration.
 */
#ifndef HTTP_PLUGIN_RUNTIME_H
#define HTTP_PLUGIN_RUNTIME_H

#include "http/config.h"
#include "metrics/plugins.h"

struct plugin_runtime {
    struct config *config; /* settings are asked of it */
};

/* Fills in the table, whose `user` the runtime is; it outlives the plugins. */
void plugin_runtime_init(struct plugin_runtime *runtime, struct config *config,
                         struct plugins_runtime *table);

#endif
