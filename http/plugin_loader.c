#include "http/plugin_loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "http/config_list.h"
#include "http/journal.h"
#include "http/plugin_builtin.h"
#include "http/plugin_file.h"

static const char suffix[] = ".so";

static struct plugin_entry *add_entry(struct plugin_loader *loader)
{
    loader->entries = memory_one_more(loader->entries, loader->count,
                                      &loader->room, sizeof(*loader->entries));
    struct plugin_entry *entry = &loader->entries[loader->count++];

    *entry = (struct plugin_entry){0};
    return entry;
}

/* What a file has to say about itself; nothing of it is initialised here. */
static void read_file(struct plugin_entry *entry, struct config *config)
{
    if (!plugin_file_try(entry->file, config, entry->reason) ||
        !plugin_file_open(entry->file, &entry->library, &entry->description,
                          entry->reason))
        entry->state = PLUGIN_REFUSED;
}

static bool is_library(const char *name)
{
    size_t len = strlen(name);
    size_t end = sizeof(suffix) - 1;

    return name[0] != '.' && len > end && strcmp(name + len - end, suffix) == 0;
}

/* `dir` ends with its slash. */
static char *join(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 1;
    char *path = memory_alloc(size);

    snprintf(path, size, "%s%s", dir, name);
    return path;
}

static enum tally_err find_files(struct plugin_loader *loader,
                                 struct config *config)
{
    char path[CONFIG_TEXT_MAX + 1];

    snprintf(path, sizeof(path), "%s/", config->plugins.dir);
    DIR *dir = opendir(path);
    const struct dirent *item;

    if (!dir) {
        const struct journal_field fields[] = {
            journal_string("dir", config->plugins.dir),
            journal_string("reason", strerror(errno)), JOURNAL_END};

        journal_write(JOURNAL_ERROR, "cannot read plugins.dir", fields);
        return TALLY_ERR_IO;
    }
    while ((item = readdir(dir)) != NULL) {
        if (!is_library(item->d_name))
            continue;
        struct plugin_entry *entry = add_entry(loader);
        entry->file = join(path, item->d_name);
        read_file(entry, config);
    }
    closedir(dir);
    return TALLY_OK;
}

static enum tally_err find_all(struct plugin_loader *loader,
                               struct config *config)
{
    for (size_t i = 0; plugin_builtins[i]; i++)
        add_entry(loader)->description = plugin_builtins[i];
    return config->plugins.dir[0] ? find_files(loader, config) : TALLY_OK;
}

/* --- the order --- */

struct place {
    unsigned rank; /* in plugins.order */
    const char *name;
    const char *file;
};

/* What could not be read has no name but that of its file. */
static struct place place_of(const struct plugin_entry *entry,
                             const char *order)
{
    struct place place = {.file = entry->file ? entry->file : ""};

    place.name = entry->description ? entry->description->name : place.file;
    place.rank = config_list_find(text_of(order), text_of(place.name));
    return place;
}

static bool comes_before(struct place a, struct place b)
{
    int names = strcmp(a.name, b.name);

    if (a.rank != b.rank)
        return a.rank < b.rank;
    return names != 0 ? names < 0 : strcmp(a.file, b.file) < 0;
}

static void sort(struct plugin_loader *loader, const char *order)
{
    for (size_t i = 1; i < loader->count; i++) {
        struct plugin_entry moving = loader->entries[i];
        struct place place = place_of(&moving, order);
        size_t at = i;

        for (; at > 0 &&
               comes_before(place, place_of(&loader->entries[at - 1], order));
             at--)
            loader->entries[at] = loader->entries[at - 1];
        loader->entries[at] = moving;
    }
}

/* --- their inits --- */

static void init_one(struct plugin_loader *loader, struct plugin_entry *entry,
                     const struct config *config)
{
    if (entry->state == PLUGIN_REFUSED)
        return;
    if (plugin_file_is_disabled(entry->description, config)) {
        entry->state = PLUGIN_DISABLED;
        return;
    }
    if (plugins_add(loader->plugins, entry->description, &entry->plugin,
                    entry->reason) != TALLY_OK) {
        entry->state = PLUGIN_REFUSED;
        return;
    }
    entry->state = PLUGIN_READY;
    entry->plugin->library = entry->library;
    entry->plugin->is_builtin = !entry->file;
}

static void tell(const struct plugin_entry *entry)
{
    const struct tally_plugin_description *description = entry->description;
    const struct journal_field loaded[] = {
        journal_string("plugin", description ? description->name : ""),
        journal_string("version", description ? description->version : ""),
        journal_string("file", entry->file ? entry->file : "built in"),
        JOURNAL_END};
    const struct journal_field failed[] = {
        journal_string("file", entry->file ? entry->file : "built in"),
        journal_string("reason", entry->reason), JOURNAL_END};

    if (entry->state == PLUGIN_READY)
        journal_write(JOURNAL_INFO, "plugin loaded", loaded);
    else if (entry->state == PLUGIN_REFUSED)
        journal_write(JOURNAL_ERROR, "plugin cannot be loaded", failed);
}

/* What is wrong with a setting that nobody asked for, unless its plugin may be
 * one of those that failed. */
static enum tally_err check_settings(const struct config *config,
                                     bool has_refused)
{
    const struct config_setting *setting =
        config_setting_unasked(&config->settings);

    if (!setting)
        return TALLY_OK;
    if (has_refused) {
        journal_warning("no plugin asks for a setting", "key", setting->name);
        return TALLY_OK;
    }
    journal_error("no plugin asks for a setting", "key", setting->name);
    return TALLY_ERR_INVALID;
}

enum tally_err plugin_loader_judge(const struct plugin_loader *loader)
{
    const struct config *config = loader->runtime.config;
    bool has_refused = false;

    for (size_t i = 0; i < loader->count; i++) {
        tell(&loader->entries[i]);
        has_refused |= loader->entries[i].state == PLUGIN_REFUSED;
    }
    if (has_refused && !config->plugins.optional)
        return TALLY_ERR_INVALID;
    return check_settings(config, has_refused);
}

static void init_all(struct plugin_loader *loader, struct config *config)
{
    for (size_t i = 0; i < loader->count; i++) {
        struct plugin_entry *entry = &loader->entries[i];

        init_one(loader, entry, config);
        if (entry->state == PLUGIN_DISABLED)
            config_setting_excuse(&config->settings, entry->description->name);
    }
}

static void start(struct plugin_loader *loader, struct config *config)
{
    struct plugins_runtime table;

    *loader = (struct plugin_loader){0};
    plugin_runtime_init(&loader->runtime, config, &table);
    loader->plugins = plugins_create(&table);
}

enum tally_err plugin_loader_open(struct plugin_loader *loader,
                                  struct config *config)
{
    start(loader, config);
    enum tally_err err = find_all(loader, config);
    if (err)
        return err;
    sort(loader, config->plugins.order);
    init_all(loader, config);
    return TALLY_OK;
}

void plugin_loader_open_file(struct plugin_loader *loader,
                             struct config *config, const char *path)
{
    config->plugins.disabled[0] = '\0';
    start(loader, config);
    struct plugin_entry *entry = add_entry(loader);
    /* Without a slash dlopen() would search for it. */
    entry->file = strchr(path, '/') ? join("", path) : join("./", path);
    read_file(entry, config);
    init_all(loader, config);
}

void plugin_loader_quiet(struct plugin_loader *loader)
{
    if (!loader->plugins)
        return;
    plugin_runtime_stop(&loader->runtime);
    plugin_runtime_settle(&loader->runtime);
}

void plugin_loader_close(struct plugin_loader *loader)
{
    if (loader->plugins) {
        plugins_destroy(loader->plugins);
        plugin_runtime_finish(&loader->runtime);
    }
    for (size_t i = 0; i < loader->count; i++) {
        if (loader->entries[i].library)
            dlclose(loader->entries[i].library);
        free(loader->entries[i].file);
    }
    free(loader->entries);
    *loader = (struct plugin_loader){0};
}
