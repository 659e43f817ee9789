/*
 * config.h - the configuration: one table of keys drives flags, environment,
 * file, range checks, defaults, help and dump.
 *
 * A key `api.metric_limit` is the flag --api.metric_limit, the environment
 * variable TALLYD_API_METRIC_LIMIT and a line `api.metric_limit = 1000` of
 * the file. Flags win over the environment, the environment over the file.
 */
#ifndef HTTP_CONFIG_H
#define HTTP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/error.h"
#include "http/server.h"
#include "metrics/settings.h"

enum { CONFIG_TEXT_MAX = 512 };

enum config_origin {
    CONFIG_DEFAULT,
    CONFIG_FILE,
    CONFIG_ENVIRONMENT,
    CONFIG_FLAG,
};

struct config_store {
    uint64_t overlay;        /* bytes, see struct engine_options */
    uint64_t slot_bytes;
    uint64_t slots;
    uint64_t checkpoint_log;
    uint64_t checkpoint_s;
    uint64_t names;
    uint64_t free_bytes;
};

struct config {
    char data[CONFIG_TEXT_MAX];   /* the directory */
    char listen[CONFIG_TEXT_MAX]; /* HOST:PORT */
    char file[CONFIG_TEXT_MAX];   /* of --config; empty: none */
    char log_level[16];           /* error, warning, info, debug */
    struct config_store store;
    struct server_limits http;
    struct settings api; /* re-read on SIGHUP */
};

#endif
