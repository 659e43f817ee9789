/*
 * config_setting.h - settings of plugins: keys `plugins.NAME.KEY`, which no
 * table has, because only the plugin NAME knows them.
 *
 * All of that form are kept until plugins ask for theirs; what nobody has
 * asked for then is a mistake.
 */
#ifndef HTTP_CONFIG_SETTING_H
#define HTTP_CONFIG_SETTING_H

#include <stdbool.h>

#include "engine/error.h"
#include "engine/text.h"

enum {
    CONFIG_SETTINGS_MAX = 128,
    CONFIG_SETTING_NAME_SIZE = 160,
    CONFIG_SETTING_SIZE = 512,
};

struct config_setting {
    char name[CONFIG_SETTING_NAME_SIZE]; /* the variable of the environment for
                                            what comes from there */
    char value[CONFIG_SETTING_SIZE];
    unsigned char origin; /* enum config_origin */
    bool is_asked;
};

struct config_settings {
    struct config_setting list[CONFIG_SETTINGS_MAX];
    unsigned count;
};

/* Whether a key has the form plugins.NAME.KEY. */
bool config_setting_is_name(struct text name);

/* Keeps a setting, in place of one of the same name and origin. `rule` says
 * what is wrong: TALLY_ERR_INVALID, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err config_setting_set(struct config_settings *settings,
                                  struct text name, struct text value,
                                  unsigned char origin, const char **rule);

/* The value of a plugin's key, that of the strongest origin; NULL when it is
 * not set. It has been asked for then. */
const char *config_setting_ask(struct config_settings *settings,
                               const char *plugin, const char *key);

/* Takes all settings of a plugin that is not used for asked. */
void config_setting_excuse(struct config_settings *settings,
                           const char *plugin);

/* The first that nobody has asked for, or NULL. */
const struct config_setting *
config_setting_unasked(const struct config_settings *settings);

#endif
