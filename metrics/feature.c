#include "metrics/feature.h"

#include <stddef.h>

#include "metrics/plugins.h"

static const struct {
    const char *name;
    bool is_plugin;
} features[] = {
    {"core", false},      {"events", false},        {"users", false},
    {"views", true},      {"browser", true},        {"density", true},
    {"locale", true},     {"sources", true},        {"devices", false},
    {"dashboard", false}, {"compliance_hub", true}, {"times_of_day", true},
};

enum { FEATURES = sizeof(features) / sizeof(features[0]) };

static const struct {
    const char *method;
    const char *feature;
} methods[] = {
    {"browser", "browser"},  {"density", "density"}, {"langs", "locale"},
    {"languages", "locale"}, {"sources", "sources"},
};

const char *feature_of_method(struct text method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (text_is(method, methods[i].method))
            return methods[i].feature;
    }
    return "core";
}

static bool is_listed(const char *name)
{
    for (size_t i = 0; i < FEATURES; i++) {
        if (strcmp(features[i].name, name) == 0)
            return true;
    }
    return false;
}

/* What Countly has as a plugin is there without one. */
static const char *name_of(const struct plugins *plugins, unsigned at)
{
    const char *name = plugins->list[at]->description->name;

    return is_listed(name) ? NULL : name;
}

static void write_loaded(struct json *json, const struct plugins *plugins)
{
    for (unsigned i = 0; plugins && i < plugins->count; i++) {
        const char *name = name_of(plugins, i);

        if (name)
            json_string(json, name);
    }
}

void feature_write_all(struct json *json, const struct plugins *plugins)
{
    json_open_object(json);
    json_key_string(json, "features");
    json_open_array(json);
    for (size_t i = 0; i < FEATURES; i++)
        json_string(json, features[i].name);
    write_loaded(json, plugins);
    json_close_array(json);
    json_key_string(json, "featuresPermissionDependency");
    json_open_object(json);
    json_close_object(json);
    json_close_object(json);
}

void feature_write_plugins(struct json *json, const struct plugins *plugins)
{
    json_open_array(json);
    for (size_t i = 0; i < FEATURES; i++) {
        if (features[i].is_plugin)
            json_string(json, features[i].name);
    }
    write_loaded(json, plugins);
    json_close_array(json);
}

void feature_write_plugin_map(struct json *json, const struct plugins *plugins)
{
    json_open_object(json);
    json_key_string(json, "plugins");
    json_open_object(json);
    for (size_t i = 0; i < FEATURES; i++) {
        if (features[i].is_plugin)
            json_member_bool(json, features[i].name, true);
    }
    for (unsigned i = 0; plugins && i < plugins->count; i++) {
        const char *name = name_of(plugins, i);

        if (name)
            json_member_bool(json, name, true);
    }
    json_close_object(json);
    json_close_object(json);
}
