/*
 * plugin_loader.h - finds the plugins of a configuration, built in and in
 * files, and initialises them in the order that it says.
 */
#ifndef HTTP_PLUGIN_LOADER_H
#define HTTP_PLUGIN_LOADER_H

#include <stddef.h>

#include "engine/error.h"
#include "http/config.h"
#include "http/plugin_runtime.h"
#include "metrics/plugins.h"

enum plugin_state {
    PLUGIN_FOUND,
    PLUGIN_READY,
    PLUGIN_DISABLED,
    PLUGIN_REFUSED, /* `reason` says why */
};

struct plugin_entry {
    char *file;                                         /* NULL: built in */
    const struct tally_plugin_description *description; /* NULL: none fits */
    void *library;                                      /* of dlopen() */
    struct tally_plugin *plugin;                        /* PLUGIN_READY */
    enum plugin_state state;
    char reason[PLUGIN_REASON_SIZE];
};

struct plugin_loader {
    struct plugin_runtime runtime;
    struct plugins *plugins;
    struct plugin_entry *entries; /* in the order of their inits */
    size_t count;
    size_t room;
};

/* Finds and initialises all, while there are no other threads; `entries` say
 * what came of it. TALLY_ERR_IO, told to the journal, for a directory that
 * cannot be read. Close the loader even then. */
TALLY_MUST_CHECK
enum tally_err plugin_loader_open(struct plugin_loader *loader,
                                  struct config *config);

/* The same of one file and nothing else, disabled or not. */
void plugin_loader_open_file(struct plugin_loader *loader,
                             struct config *config, const char *path);

/* Tells the journal what was loaded and what was not. TALLY_ERR_INVALID when
 * something failed and plugins.optional is not set, or when no plugin asked for
 * a setting. */
TALLY_MUST_CHECK
enum tally_err plugin_loader_judge(const struct plugin_loader *loader);

/* Nothing of a plugin is under way any more when it returns. */
void plugin_loader_quiet(struct plugin_loader *loader);

/* Ends the plugins and unloads them; a zeroed loader is fine. */
void plugin_loader_close(struct plugin_loader *loader);

#endif
