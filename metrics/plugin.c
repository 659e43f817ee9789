#include "metrics/plugin.h"

#include <stdio.h>
#include <string.h>

#include "metrics/document.h"
#include "metrics/host.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool plugin_is_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= PLUGIN_NAME_MAX;
}

/* Names of plugins stand in keys of the configuration: in lower case. */
static bool is_plugin_name(const char *name)
{
    struct text text = text_of(name);

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= 'A' && text.at[i] <= 'Z')
            return false;
    }
    return plugin_is_name(text) && is_letter(text.at[0]);
}

bool plugin_is_valid(const struct tally_plugin_description *description,
                     char reason[static PLUGIN_REASON_SIZE])
{
    uint64_t lacking = description->needs & ~host_capabilities;

    if (description->abi != TALLY_PLUGIN_ABI)
        snprintf(reason, PLUGIN_REASON_SIZE,
                 "it is for interface %u, this is interface %u",
                 (unsigned)description->abi, (unsigned)TALLY_PLUGIN_ABI);
    else if (description->size < sizeof(*description))
        snprintf(reason, PLUGIN_REASON_SIZE, "its description is cut short");
    else if (!is_plugin_name(description->name))
        snprintf(reason, PLUGIN_REASON_SIZE, "its name is no name");
    else if (!description->version || !description->about || !description->init)
        snprintf(reason, PLUGIN_REASON_SIZE,
                 "its description has no version, about or init");
    else if (lacking)
        snprintf(reason, PLUGIN_REASON_SIZE,
                 "it needs capabilities that are not here: 0x%llx",
                 (unsigned long long)lacking);
    else
        return true;
    return false;
}

bool plugin_serves(const struct tally_plugin *plugin, const struct app *app)
{
    return !app || !app->plugins ||
           !cJSON_IsFalse(
               document_find(app->plugins, plugin->description->name));
}
