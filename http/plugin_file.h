/*
 * plugin_file.h - a plugin in a shared object.
 *
 * Loading one runs foreign code: it is tried in a child process first, so that
 * one that crashes, hangs or ends the process is a reason and not the end.
 */
#ifndef HTTP_PLUGIN_FILE_H
#define HTTP_PLUGIN_FILE_H

#include <stdbool.h>

#include "http/config.h"
#include "metrics/plugin.h"

enum { PLUGIN_FILE_TRY_MS = 10000 };

/* A library that dlclose() closes, and the description in it that is valid.
 * False with a reason: nothing is open. */
bool plugin_file_open(const char *path, void **library,
                      const struct tally_plugin_description **description,
                      char reason[static PLUGIN_REASON_SIZE]);

/* Opens it in a child process, calls its init, unless it is disabled, and its
 * close. What it logged is shown when that fails. To be called while there are
 * no other threads. */
bool plugin_file_try(const char *path, struct config *config,
                     char reason[static PLUGIN_REASON_SIZE]);

/* Whether plugins.disabled names it. */
bool plugin_file_is_disabled(const struct tally_plugin_description *description,
                             const struct config *config);

#endif
