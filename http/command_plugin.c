#include "http/command_plugin.h"

#include <stdio.h>
#include <string.h>

#include "http/grid.h"
#include "http/journal.h"
#include "http/plugin_loader.h"
#include "metrics/json.h"

enum { LIST_MAX = 1 << 20 };

static const char *const state_names[] = {
    [PLUGIN_FOUND] = "found",
    [PLUGIN_READY] = "loaded",
    [PLUGIN_DISABLED] = "disabled",
    [PLUGIN_REFUSED] = "failed",
};

/* Calls `each` with the paths that a plugin listens to, once each. */
static void each_hook(const struct plugins *plugins,
                      const struct tally_plugin *plugin, text_fn each,
                      void *user)
{
    const char *last = "";

    for (size_t i = 0; plugin && i < plugins->listener_count; i++) {
        const struct listener *listener = &plugins->listeners[i];

        if (listener->plugin != plugin || strcmp(listener->path, last) == 0)
            continue;
        last = listener->path;
        each(user, text_of(last));
    }
}

static const char *name_of(const struct plugin_entry *entry)
{
    return entry->description ? entry->description->name : "";
}

static const char *version_of(const struct plugin_entry *entry)
{
    return entry->description ? entry->description->version : "";
}

/* What it is about, or why it is not there. */
static const char *about_of(const struct plugin_entry *entry)
{
    if (entry->state == PLUGIN_REFUSED)
        return entry->reason;
    return entry->description ? entry->description->about : "";
}

static const char *file_of(const struct plugin_entry *entry)
{
    return entry->file ? entry->file : "built in";
}

/* --- plugin list --- */

static void add_hook(void *user, struct text path)
{
    struct buffer *hooks = user;

    if (hooks->len > 0)
        buffer_add_byte(hooks, ' ');
    buffer_add_text(hooks, path);
}

static void show(const struct plugin_loader *loader)
{
    static const char *const titles[] = {"NAME", "VERSION", "STATE",
                                         "FILE", "ABOUT",   "HOOKS"};
    struct grid *grid = grid_create(titles, 6);
    struct buffer hooks;

    for (size_t i = 0; i < loader->count; i++) {
        const struct plugin_entry *entry = &loader->entries[i];

        buffer_init(&hooks, LIST_MAX);
        each_hook(loader->plugins, entry->plugin, add_hook, &hooks);
        grid_add(grid, text_of(name_of(entry)));
        grid_add(grid, text_of(version_of(entry)));
        grid_add(grid, text_of(state_names[entry->state]));
        grid_add(grid, text_of(file_of(entry)));
        grid_add(grid, text_of(about_of(entry)));
        grid_add(grid, buffer_text(&hooks));
        buffer_finish(&hooks);
    }
    grid_write(grid, stdout);
    grid_destroy(grid);
}

static void write_hook(void *user, struct text path)
{
    json_text(user, path);
}

static void write_entry(const struct plugin_loader *loader,
                        const struct plugin_entry *entry, struct json *json)
{
    json_open_object(json);
    json_member_string(json, "name", name_of(entry));
    json_member_string(json, "version", version_of(entry));
    json_member_string(json, "state", state_names[entry->state]);
    json_key_string(json, "file");
    if (entry->file)
        json_string(json, entry->file);
    else
        json_null(json);
    json_key_string(json, "hooks");
    json_open_array(json);
    each_hook(loader->plugins, entry->plugin, write_hook, json);
    json_close_array(json);
    json_member_string(json, "about",
                       entry->description ? entry->description->about : "");
    json_key_string(json, "reason");
    if (entry->state == PLUGIN_REFUSED)
        json_string(json, entry->reason);
    else
        json_null(json);
    json_close_object(json);
}

static int print_json(const struct plugin_loader *loader)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, LIST_MAX);
    json_init(&json, &out, JSON_PLAIN);
    json_open_array(&json);
    for (size_t i = 0; i < loader->count; i++)
        write_entry(loader, &loader->entries[i], &json);
    json_close_array(&json);
    buffer_add_byte(&out, '\n');
    return command_print(&out);
}

int command_plugin_list(struct command_call *call)
{
    struct plugin_loader loader;
    int code = COMMAND_FAILED;

    journal_set_level(JOURNAL_ERROR);
    if (plugin_loader_open(&loader, &call->config) == TALLY_OK) {
        code = COMMAND_DONE;
        if (command_has(call, "json"))
            code = print_json(&loader);
        else
            show(&loader);
    }
    plugin_loader_close(&loader);
    return code;
}

/* --- plugin check --- */

static void print_hook(void *user, struct text path)
{
    (void)user;
    printf("  hook %.*s\n", (int)path.len, path.at);
}

static void print_entry(const struct plugin_loader *loader,
                        const struct plugin_entry *entry)
{
    printf("%s %s: %s\n", name_of(entry), version_of(entry), about_of(entry));
    each_hook(loader->plugins, entry->plugin, print_hook, NULL);
    for (size_t i = 0; i < loader->plugins->metric_count; i++) {
        const struct tally_metric *metric = &loader->plugins->metrics[i].metric;

        printf("  metric %s of %s\n", metric->name ? metric->name : metric->db,
               metric->db);
    }
}

int command_plugin_check(struct command_call *call)
{
    struct plugin_loader loader;
    int code = COMMAND_DONE;

    plugin_loader_open_file(&loader, &call->config, call->operand);
    const struct plugin_entry *entry = &loader.entries[0];
    if (entry->state == PLUGIN_REFUSED)
        code = command_fail(call->operand, entry->reason);
    else
        print_entry(&loader, entry);
    plugin_loader_close(&loader);
    return fflush(stdout) == 0 ? code : COMMAND_FAILED;
}
