#include "metrics/feature.h"

#include <stddef.h>

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

void feature_write_all(struct json *json)
{
    json_open_object(json);
    json_key_string(json, "features");
    json_open_array(json);
    for (size_t i = 0; i < FEATURES; i++)
        json_string(json, features[i].name);
    json_close_array(json);
    json_key_string(json, "featuresPermissionDependency");
    json_open_object(json);
    json_close_object(json);
    json_close_object(json);
}

void feature_write_plugins(struct json *json)
{
    json_open_array(json);
    for (size_t i = 0; i < FEATURES; i++) {
        if (features[i].is_plugin)
            json_string(json, features[i].name);
    }
    json_close_array(json);
}

void feature_write_plugin_map(struct json *json)
{
    json_open_object(json);
    json_key_string(json, "plugins");
    json_open_object(json);
    for (size_t i = 0; i < FEATURES; i++) {
        if (features[i].is_plugin)
            json_member_bool(json, features[i].name, true);
    }
    json_close_object(json);
    json_close_object(json);
}
