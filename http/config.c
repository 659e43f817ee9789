#include "http/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "http/config_file.h"
#include "http/config_key.h"

enum {
    LOG_BLOCK_BYTES = 4096,
    SOCKET_PATH_MAX = 107, /* of the control socket in the data directory */
};

static void set_default(struct config *config, unsigned at)
{
    const struct config_key *key = &config_keys[at];
    char reason[CONFIG_REASON_SIZE];
    enum tally_err err =
        config_key_read(key, text_of(key->standard), config, reason);

    if (err) {
        fprintf(stderr, "tallyd: the default of %s %s\n", key->name, reason);
        abort();
    }
    config->origins[at] = CONFIG_DEFAULT;
}

void config_init(struct config *config)
{
    *config = (struct config){0};
    for (unsigned i = 0; i < config_key_count; i++)
        set_default(config, i);
}

/* Cuts the value, and keeps the line one. */
static void explain(char reason[static CONFIG_REASON_SIZE], struct text name,
                    struct text value, const char *rule)
{
    int name_len = (int)(name.len < 64 ? name.len : 64);
    int value_len = (int)(value.len < 64 ? value.len : 64);

    snprintf(reason, CONFIG_REASON_SIZE, "%.*s %.300s, not \"%.*s\"", name_len,
             name.at ? name.at : "", rule, value_len, value.at ? value.at : "");
    for (char *at = reason; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
}

static enum tally_err set_key(struct config *config, unsigned at,
                              struct text value, enum config_origin origin,
                              char reason[static CONFIG_REASON_SIZE])
{
    const struct config_key *key = &config_keys[at];
    char *field = (char *)config + key->offset;
    char *before = memory_alloc(key->size);
    char rule[CONFIG_REASON_SIZE];

    memcpy(before, field, key->size);
    enum tally_err err = config_key_read(key, value, config, rule);
    if (err)
        explain(reason, text_of(key->name), value, rule);
    if (err || config->origins[at] > origin)
        memcpy(field, before, key->size);
    else
        config->origins[at] = (unsigned char)origin;
    free(before);
    return err;
}

static enum tally_err set_setting(struct config *config, struct text name,
                                  struct text value, enum config_origin origin,
                                  char reason[static CONFIG_REASON_SIZE])
{
    const char *rule;
    enum tally_err err = config_setting_set(&config->settings, name, value,
                                            (unsigned char)origin, &rule);

    if (err)
        explain(reason, name, value, rule);
    return err;
}

enum tally_err config_set(struct config *config, struct text name,
                          struct text value, enum config_origin origin,
                          char reason[static CONFIG_REASON_SIZE])
{
    unsigned at = config_key_find(name);

    if (config_setting_is_name(name))
        return set_setting(config, name, value, origin, reason);
    if (at == config_key_count) {
        int len = (int)(name.len < 64 ? name.len : 64);

        snprintf(reason, CONFIG_REASON_SIZE, "there is no key \"%.*s\"", len,
                 name.at ? name.at : "");
        return TALLY_ERR_NOT_FOUND;
    }
    return set_key(config, at, value, origin, reason);
}

/* NULL when the environment does not have the variable. */
static const char *variable(char *const environment[], const char *name)
{
    size_t len = strlen(name);

    for (; *environment; environment++) {
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    }
    return NULL;
}

static bool is_key_variable(struct text name)
{
    char variable[CONFIG_VARIABLE_SIZE];

    for (unsigned i = 0; i < config_key_count; i++) {
        config_key_variable(config_keys[i].name, variable);
        if (text_is(name, variable))
            return true;
    }
    return false;
}

/* Which plugin a variable is for shows when that asks for it. */
static enum tally_err read_settings(struct config *config,
                                    char *const environment[],
                                    char reason[static CONFIG_REASON_SIZE])
{
    enum tally_err err = TALLY_OK;

    for (; *environment && !err; environment++) {
        struct text name = {*environment, strcspn(*environment, "=")};

        if (!text_has_prefix(name, "TALLYD_PLUGINS_") ||
            (*environment)[name.len] == '\0' || is_key_variable(name))
            continue;
        err = set_setting(config, name, text_of(*environment + name.len + 1),
                          CONFIG_ENVIRONMENT, reason);
    }
    return err;
}

static enum tally_err read_environment(struct config *config,
                                       char *const environment[],
                                       char reason[static CONFIG_REASON_SIZE])
{
    char name[CONFIG_VARIABLE_SIZE];
    char cause[CONFIG_REASON_SIZE];

    for (unsigned i = 0; i < config_key_count; i++) {
        config_key_variable(config_keys[i].name, name);
        const char *value = variable(environment, name);

        if (!value)
            continue;
        enum tally_err err =
            set_key(config, i, text_of(value), CONFIG_ENVIRONMENT, cause);

        if (err) {
            snprintf(reason, CONFIG_REASON_SIZE, "%.100s: %.400s", name, cause);
            return err;
        }
    }
    return TALLY_OK;
}

void config_engine(const struct config *config, struct engine_options *options)
{
    *options = (struct engine_options){
        .dir = config->data,
        .overlay_bytes = config->store.overlay,
        .slot_bytes = config->store.slot_bytes,
        .slot_count = (unsigned)config->store.slots,
        .checkpoint_log = config->store.checkpoint_log,
        .checkpoint_s = (unsigned)config->store.checkpoint_s,
        .names_bytes = config->store.names,
        .free_bytes = config->store.free_bytes,
    };
}

enum tally_err config_address(const struct config *config,
                              char host[static CONFIG_HOST_SIZE], int *port)
{
    const char *start = config->listen;
    const char *colon = strrchr(start, ':');
    unsigned number = 0;

    if (!colon || colon == start || strspn(colon + 1, "0123456789") > 5 ||
        colon[1] == '\0' || colon[1 + strspn(colon + 1, "0123456789")] != '\0')
        return TALLY_ERR_INVALID;
    for (const char *at = colon + 1; *at; at++)
        number = number * 10 + (unsigned)(*at - '0');
    bool has_brackets = *start == '[' && colon[-1] == ']';
    size_t len = (size_t)(colon - start) - (has_brackets ? 2 : 0);

    if (number > 65535 || len == 0 || len >= CONFIG_HOST_SIZE ||
        (!has_brackets && memchr(start, ':', len)))
        return TALLY_ERR_INVALID;
    memcpy(host, has_brackets ? start + 1 : start, len);
    host[len] = '\0';
    *port = (int)number;
    return TALLY_OK;
}

static enum tally_err check(const struct config *config,
                            char reason[static CONFIG_REASON_SIZE])
{
    const char *flaw = NULL;
    char host[CONFIG_HOST_SIZE];
    int port;

    if (config_address(config, host, &port))
        flaw = "listen must be HOST:PORT, like 127.0.0.1:3001 or [::1]:3001";
    else if (strlen(config->data) + sizeof("/" CONFIG_SOCKET) - 1 >
             SOCKET_PATH_MAX)
        flaw = "data must be shorter: the control socket in it has a path of "
               "at most 107 bytes";
    else if (config->store.slot_bytes % LOG_BLOCK_BYTES != 0)
        flaw = "store.slot_bytes must be a multiple of 4k";
    else if (config->http.bulk_body < config->http.body)
        flaw = "http.bulk_body must not be smaller than http.body";
    if (!flaw)
        return TALLY_OK;
    snprintf(reason, CONFIG_REASON_SIZE, "%s", flaw);
    return TALLY_ERR_INVALID;
}

enum tally_err config_complete(struct config *config, char *const environment[],
                               char reason[static CONFIG_REASON_SIZE])
{
    enum tally_err err = read_environment(config, environment, reason);

    if (!err)
        err = read_settings(config, environment, reason);
    if (!err)
        err = config_file_read(config, reason);
    return err ? err : check(config, reason);
}

static void take(struct config *config, const struct config *from, unsigned at)
{
    const struct config_key *key = &config_keys[at];

    memcpy((char *)config + key->offset, (const char *)from + key->offset,
           key->size);
    config->origins[at] = from->origins[at];
}

enum tally_err config_reload(struct config *config,
                             char reason[static CONFIG_REASON_SIZE])
{
    struct config read = *config;

    for (unsigned i = 0; i < config_key_count; i++) {
        if (read.origins[i] == CONFIG_FILE)
            set_default(&read, i);
    }
    enum tally_err err = config_file_read(&read, reason);

    if (!err)
        err = check(&read, reason);
    if (err)
        return err;
    for (unsigned i = 0; i < config_key_count; i++) {
        if (config_keys[i].is_reloaded)
            take(config, &read, i);
    }
    return TALLY_OK;
}
