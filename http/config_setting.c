#include "http/config_setting.h"

#include <stdio.h>

#include "http/config_key.h"
#include "metrics/plugin.h"

static const char prefix[] = "plugins.";

bool config_setting_is_name(struct text name)
{
    if (!text_has_prefix(name, prefix))
        return false;
    name.at += sizeof(prefix) - 1;
    name.len -= sizeof(prefix) - 1;
    const char *dot = name.len > 0 ? memchr(name.at, '.', name.len) : NULL;
    if (!dot)
        return false;
    struct text plugin = {name.at, (size_t)(dot - name.at)};
    struct text key = {dot + 1, name.len - plugin.len - 1};

    return plugin_is_name(plugin) && plugin_is_name(key);
}

/* NULL when the value can be kept. */
static const char *flaw_of(struct text value)
{
    if (value.len >= CONFIG_SETTING_SIZE)
        return "is too long";
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f)
            return "must not have control characters";
    }
    return NULL;
}

static struct config_setting *place(struct config_settings *settings,
                                    struct text name, unsigned char origin)
{
    for (unsigned i = 0; i < settings->count; i++) {
        struct config_setting *setting = &settings->list[i];

        if (setting->origin == origin && text_is(name, setting->name))
            return setting;
    }
    if (settings->count == CONFIG_SETTINGS_MAX)
        return NULL;
    return &settings->list[settings->count++];
}

enum tally_err config_setting_set(struct config_settings *settings,
                                  struct text name, struct text value,
                                  unsigned char origin, const char **rule)
{
    *rule = name.len < CONFIG_SETTING_NAME_SIZE ? flaw_of(value)
                                                : "has a name that is too long";
    if (*rule)
        return TALLY_ERR_INVALID;
    struct config_setting *setting = place(settings, name, origin);
    if (!setting) {
        *rule = "is one setting of plugins too many";
        return TALLY_ERR_TOO_BIG;
    }
    *setting = (struct config_setting){.origin = origin};
    memcpy(setting->name, name.at, name.len);
    if (value.len > 0)
        memcpy(setting->value, value.at, value.len);
    return TALLY_OK;
}

static bool means(const struct config_setting *setting, const char *name)
{
    char variable[CONFIG_VARIABLE_SIZE];

    if (setting->origin != CONFIG_ENVIRONMENT)
        return strcmp(setting->name, name) == 0;
    config_key_variable(name, variable);
    return strcmp(setting->name, variable) == 0;
}

const char *config_setting_ask(struct config_settings *settings,
                               const char *plugin, const char *key)
{
    const struct config_setting *found = NULL;
    char name[CONFIG_SETTING_NAME_SIZE];

    snprintf(name, sizeof(name), "%s%s.%s", prefix, plugin, key);
    for (unsigned i = 0; i < settings->count; i++) {
        struct config_setting *setting = &settings->list[i];

        if (!means(setting, name))
            continue;
        setting->is_asked = true;
        if (!found || setting->origin > found->origin)
            found = setting;
    }
    return found ? found->value : NULL;
}

void config_setting_excuse(struct config_settings *settings, const char *plugin)
{
    char name[CONFIG_SETTING_NAME_SIZE];
    char variable[CONFIG_VARIABLE_SIZE];

    snprintf(name, sizeof(name), "%s%s.", prefix, plugin);
    config_key_variable(name, variable);
    for (unsigned i = 0; i < settings->count; i++) {
        struct config_setting *setting = &settings->list[i];
        bool is_variable = setting->origin == CONFIG_ENVIRONMENT;

        setting->is_asked |= text_has_prefix(text_of(setting->name),
                                             is_variable ? variable : name);
    }
}

const struct config_setting *
config_setting_unasked(const struct config_settings *settings)
{
    for (unsigned i = 0; i < settings->count; i++) {
        if (!settings->list[i].is_asked)
            return &settings->list[i];
    }
    return NULL;
}
