/*
 * settings.h - the settings that change what is counted and answered (spec
 * E.8), the namespace `api` of the configuration, and who may ask (E.2),
 * `security`.
 */
#ifndef METRICS_SETTINGS_H
#define METRICS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
    uint32_t metric_limit;             /* values of a set in a year; 0: none */
    uint32_t event_limit;              /* keys of events in a year; 0: any */
    uint32_t event_segmentation_limit; /* segments of an event */
    uint32_t event_segmentation_value_limit; /* values of a segment */
    uint32_t session_cooldown;               /* seconds */
    uint32_t session_duration_limit;         /* seconds of one report */
    uint32_t array_list_limit;               /* elements of a property */
    uint32_t requests_kept;                  /* of an app, for /o/requests */
    uint32_t online_window_s;                /* 0: nobody is online */
    uint32_t retention_hours; /* days that hours are kept; 0: for ever */
    uint32_t retention_days;  /* months that days are kept; likewise */
    bool country_data;
    bool city_data;
    bool prevent_duplicate_requests;
    uint32_t login_tries; /* wrong passwords before one has to wait */
    uint32_t login_wait;  /* seconds */
};

/* 1000; 500, 100, 1000; 15 s, 86400 s; 10; 100; 120 s; for ever; all true; 3,
 * 300 s. */
extern const struct settings settings_default;

#endif
