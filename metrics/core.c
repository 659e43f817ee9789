#include "metrics/core.h"

#define ROW(number_, db_, name_, set_, alias_, code_)                       \
    {                                                                       \
        .db = (db_), .name = (name_), .set = (set_), .short_code = (code_), \
        .alias = (alias_), .tracks_changes = true, .number = (number_)      \
    }

/* Cities are a user property. */
const struct metric_definition core_metrics[CORE_METRICS] = {
    ROW(SET_COUNTRIES, "users", NULL, "countries", NULL, "cc"),
    ROW(SET_CARRIERS, "carriers", "_carrier", "carriers", NULL, "c"),
    ROW(SET_DEVICES, "devices", "_device", "devices", NULL, "d"),
    ROW(SET_MANUFACTURERS, "devices", "_manufacturer", "manufacturers", NULL,
        "mnf"),
    ROW(SET_APP_VERSIONS, "device_details", "_app_version", "app_versions",
        NULL, "av"),
    ROW(SET_OS, "device_details", "_os", "os", "platforms", "p"),
    ROW(SET_DEVICE_TYPE, "device_details", "_device_type", "device_type", NULL,
        "dt"),
    ROW(SET_OS_VERSIONS, "device_details", "_os_version", "os_versions",
        "platform_versions", "pv"),
    ROW(SET_RESOLUTIONS, "device_details", "_resolution", "resolutions", NULL,
        "r"),
    ROW(SET_HAS_HINGE, "device_details", "_has_hinge", "has_hinge", NULL, "hh"),
    {.db = "cities",
     .set = "cities",
     .short_code = "cty",
     .number = SET_CITIES},
};

#undef ROW
