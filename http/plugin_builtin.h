/*
 * plugin_builtin.h - the plugins that are part of the program. Each is a
 * source of metrics/plugins/ that could as well be a shared object; its symbol
 * `tally_plugin` is renamed when it is compiled (metrics/plugins/meson.build).
 */
#ifndef HTTP_PLUGIN_BUILTIN_H
#define HTTP_PLUGIN_BUILTIN_H

#include "metrics/tally_plugin.h"

/* NULL ends the list. */
extern const struct tally_plugin_description *const plugin_builtins[];

#endif
