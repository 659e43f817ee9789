/*
 * plugin_builtin.h - the plugins that are part of the program. Each is a
 * source of metrics/plugins/ that could as well be a shared object; its symbol
 * `tally_plugin` is renamed when it is compiled (metrics/plugins/meson.build).
 */
#ifndef HTTP_PLUGIN_BUILTIN_H
#define HTTP_PLUGIN_BUILTIN_H

#include "engine/text.h"
#include "metrics/catalog.h"
#include "metrics/plugins.h"

/* NULL ends the list. */
extern const struct tally_plugin_description *const plugin_builtins[];

/* All of them but those that the list `disabled` names, initialised where no
 * server is: they have no settings, and nobody hears what they log. Never
 * NULL; see plugins_destroy(). */
struct plugins *plugin_builtin_create(struct text disabled);

/* Adds their metrics to a catalogue, which they outlive. */
void plugin_builtin_add_metrics(const struct plugins *plugins,
                                struct catalog *catalog);

#endif
