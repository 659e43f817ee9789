/*
 * plugin.h - one plugin, as its host sees it.
 */
#ifndef METRICS_PLUGIN_H
#define METRICS_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/app.h"
#include "metrics/tally_plugin.h"

struct plugins;

enum { PLUGIN_NAME_MAX = 64, PLUGIN_REASON_SIZE = 256 };

struct tally_plugin {
    const struct tally_plugin_description *description;
    struct plugins *plugins;
    void *state;         /* the plugin's */
    bool is_ready;       /* init has returned: nothing more is registered */
    bool is_builtin;     /* part of the program */
    void *library;       /* of dlopen(), the loader's; NULL: built in */
    uint64_t slow_calls; /* past the budget */
};

/* Whether a description can be used by this host. `reason` says why not. */
bool plugin_is_valid(const struct tally_plugin_description *description,
                     char reason[static PLUGIN_REASON_SIZE]);

/* A name of plugins, of the settings and collections of theirs:
 * 1..PLUGIN_NAME_MAX bytes of letters, digits, _ and -. */
bool plugin_is_name(struct text name);

/* False when the app's record switches the plugin off; `app` may be NULL. */
bool plugin_serves(const struct tally_plugin *plugin, const struct app *app);

#endif
