#include "metrics/metric.h"

const struct metric metric_table[] = {
    {SET_COUNTRIES, NULL, "countries", NULL, "users", "cc", false},
    {SET_CARRIERS, "_carrier", "carriers", NULL, "carriers", "c", false},
    {SET_DEVICES, "_device", "devices", NULL, "devices", "d", false},
    {SET_MANUFACTURERS, "_manufacturer", "manufacturers", NULL, "devices",
     "mnf", false},
    {SET_APP_VERSIONS, "_app_version", "app_versions", NULL, "device_details",
     "av", false},
    {SET_OS, "_os", "os", "platforms", "device_details", "p", false},
    {SET_DEVICE_TYPE, "_device_type", "device_type", NULL, "device_details",
     "dt", false},
    {SET_OS_VERSIONS, "_os_version", "os_versions", "platform_versions",
     "device_details", "pv", false},
    {SET_RESOLUTIONS, "_resolution", "resolutions", NULL, "device_details", "r",
     false},
    {SET_HAS_HINGE, "_has_hinge", "has_hinge", NULL, "device_details", "hh",
     false},
    {SET_CITIES, NULL, "cities", NULL, "cities", "cty", true},
    {SET_LANGS, "_lang", "langs", "languages", "langs", "la", false},
    {SET_DENSITY, "_density", "density", "densities", "density", "dnst", false},
    {SET_BROWSER, "_browser", "browser", "browsers", "browser", "brw", false},
    {SET_BROWSER_VERSION, "_browser_version", "browser_version", NULL,
     "browser", "brwv", false},
    {SET_SOURCES, "_store", "sources", NULL, "sources", "src", false},
    {SET_SDKS, NULL, "sdks", NULL, "sdks", "sdk", false},
};

const size_t metric_count = sizeof(metric_table) / sizeof(metric_table[0]);

const struct metric *metric_by_name(struct text name)
{
    for (size_t i = 0; i < metric_count; i++) {
        const struct metric *metric = &metric_table[i];
        if (text_is(name, metric->name) ||
            (metric->alias && text_is(name, metric->alias)))
            return metric;
    }
    return NULL;
}

const struct metric *metric_by_analytics_name(struct text name)
{
    if (text_is(name, "locations"))
        return metric_by_set(SET_COUNTRIES);
    if (text_is(name, "platform_version"))
        return metric_by_set(SET_OS_VERSIONS);
    return metric_by_name(name);
}

bool metric_reads(struct text key)
{
    /* languages and what the user agent says */
    if (text_is(key, "_locale") || text_is(key, "_ua"))
        return true;
    for (size_t i = 0; i < metric_count; i++) {
        if (metric_table[i].key && text_is(key, metric_table[i].key))
            return true;
    }
    return false;
}

const struct metric *metric_by_set(enum set set)
{
    for (size_t i = 0; i < metric_count; i++) {
        if (metric_table[i].set == set)
            return &metric_table[i];
    }
    return NULL;
}

static const struct {
    const char *method;
    const char *collection;
} renamed[] = {
    {"sessions", "users"},
    {"locations", "users"},
    {"countries", "users"},
    {"app_versions", "device_details"},
};

const char *metric_collection(struct text method)
{
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (text_is(method, renamed[i].method))
            return renamed[i].collection;
    }
    for (size_t i = 0; i < metric_count; i++) {
        if (text_is(method, metric_table[i].collection))
            return metric_table[i].collection;
    }
    return NULL;
}

/* Metrics share collections. */
static bool is_first_of_collection(size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(metric_table[i].collection, metric_table[at].collection) ==
            0)
            return false;
    }
    return true;
}

void metric_each_collection(text_fn each, void *user)
{
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
        each(user, text_of(renamed[i].method));
    for (size_t i = 0; i < metric_count; i++) {
        if (is_first_of_collection(i))
            each(user, text_of(metric_table[i].collection));
    }
}
