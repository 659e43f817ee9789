/*
 * config.h - the configuration: one table of keys (config_key.h) drives flags,
 * environment, file, range checks, defaults, help and dump.
 *
 * A key `api.metric_limit` is the flag --api.metric_limit, the environment
 * variable TALLYD_API_METRIC_LIMIT and a line `api.metric_limit = 1000` of
 * the file. Flags win over the environment, the environment over the file,
 * in whatever order they are read.
 *
 * Keys `plugins.NAME.KEY` are plugins' own: any is taken (config_setting.h).
 *
 * A failure comes with `reason`, one line for the operator that names the
 * place and the rule.
 */
#ifndef HTTP_CONFIG_H
#define HTTP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/text.h"
#include "http/config_setting.h"
#include "http/server.h"
#include "metrics/addition.h"
#include "metrics/settings.h"

enum {
    CONFIG_TEXT_MAX = 512,
    CONFIG_KEYS_MAX = 64,
    CONFIG_REASON_SIZE = 512,
    CONFIG_HOST_SIZE = 256,
};

/* The control socket, in the data directory. */
#define CONFIG_SOCKET "control.sock"

enum config_origin {
    CONFIG_DEFAULT,
    CONFIG_FILE,
    CONFIG_ENVIRONMENT,
    CONFIG_FLAG,
};

struct config_store {
    uint64_t overlay; /* bytes, see struct engine_options; 0: its default */
    uint64_t slot_bytes;
    uint64_t slots;
    uint64_t checkpoint_log;
    uint64_t checkpoint_s;
    uint64_t names;
    uint64_t free_bytes;
};

struct config_plugins {
    char dir[CONFIG_TEXT_MAX];      /* empty: none */
    char order[CONFIG_TEXT_MAX];    /* names, with commas */
    char disabled[CONFIG_TEXT_MAX]; /* the same */
    unsigned budget;                /* ms of a handler */
    unsigned timeout;               /* ms of a promise */
    bool optional;                  /* start without those that fail */
};

struct config {
    char data[CONFIG_TEXT_MAX];   /* the directory */
    char listen[CONFIG_TEXT_MAX]; /* HOST:PORT */
    char file[CONFIG_TEXT_MAX];   /* of --config; empty: none */
    char log_level[16];           /* error, warning, info, debug */
    unsigned io_threads;          /* 0: crew_size() */
    struct config_store store;
    struct server_limits http;
    struct config_plugins plugins;
    struct config_settings settings; /* of plugins */
    char useragent[CONFIG_TEXT_MAX]; /* a file, see agent_file.h */
    char geoip[CONFIG_TEXT_MAX];     /* a file; empty: none; re-read */
    struct additions metrics;
    struct settings api;                    /* re-read on SIGHUP */
    unsigned char origins[CONFIG_KEYS_MAX]; /* enum config_origin, by key */
};

/* All defaults. */
void config_init(struct config *config);

/* Sets one key. A value that a stronger origin has set stays, but the new one
 * is checked all the same. TALLY_ERR_NOT_FOUND for a key that is none,
 * TALLY_ERR_INVALID, TALLY_ERR_RANGE. */
TALLY_MUST_CHECK
enum tally_err config_set(struct config *config, struct text name,
                          struct text value, enum config_origin origin,
                          char reason[static CONFIG_REASON_SIZE]);

/* Adds what the environment (NAME=VALUE texts, NULL at the end; names that
 * are no key's are ignored) and the file say, and checks the whole. To be
 * called once, after the flags. As config_set(), and TALLY_ERR_IO,
 * TALLY_ERR_TOO_BIG for the file. */
TALLY_MUST_CHECK
enum tally_err config_complete(struct config *config, char *const environment[],
                               char reason[static CONFIG_REASON_SIZE]);

/* Reads the file again, if there is one: log.level, api.*, retention.* and
 * security.* become what it says now, or the default, unless a flag or the
 * environment sets them. The whole file is checked. On failure nothing
 * changes. */
TALLY_MUST_CHECK
enum tally_err config_reload(struct config *config,
                             char reason[static CONFIG_REASON_SIZE]);

/* How the engine of this configuration is opened; borrows `data`. */
void config_engine(const struct config *config, struct engine_options *options);

/* The parts of `listen`: a host without brackets, a port (0: any). */
TALLY_MUST_CHECK
enum tally_err config_address(const struct config *config,
                              char host[static CONFIG_HOST_SIZE], int *port);

#endif
