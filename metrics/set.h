/*
 * set.h - the numbers of the sets of counters.
 *
 * A set is what the engine counts values in: the users of an app as a whole,
 * their countries, each predefined metric. Numbers are stored: append, never
 * reorder. Sets whose values are bucket numbers have bucket + 1 as value id;
 * what is shown of them is u, while t says whether a bucket counted at all.
 */
#ifndef METRICS_SET_H
#define METRICS_SET_H

#include <stdbool.h>
#include <stdint.h>

enum set {
    SET_USERS = 1,     /* the whole: value 0, with hours */
    SET_COUNTRIES = 2, /* spec C.1 */
    SET_FREQUENCY = 3, /* buckets, spec C.3 */
    SET_LOYALTY = 4,
    SET_DURATIONS = 5, /* buckets, spec C.4 */
    SET_CARRIERS = 6,
    SET_DEVICES = 7,
    SET_MANUFACTURERS = 8,
    SET_APP_VERSIONS = 9,
    SET_OS = 10,
    SET_DEVICE_TYPE = 11,
    SET_OS_VERSIONS = 12,
    SET_RESOLUTIONS = 13,
    SET_HAS_HINGE = 14,
    SET_CITIES = 15,
    SET_LANGS = 16,
    SET_DENSITY = 17,
    SET_BROWSER = 18,
    SET_BROWSER_VERSION = 19,
    SET_SOURCES = 20,
    SET_SDKS = 21,
    SET_EVENTS = 22, /* keys of events, see event_set.h */
    SET_VIEWS = 23,  /* see view.h; so are the next two */
    SET_VIEW_ENDS = 24,
    SET_VIEW_NEW = 25,
    SET_CONSENT_IN = 27,   /* opt-ins by feature, spec B.11 */
    SET_CONSENT_OUT = 28,  /* opt-outs */
    SET_TIMES_OF_DAY = 29, /* hours of the week, see timesofday.h */
    SET_CORE_END,
    SET_CUSTOM_FIRST = 64, /* given to metrics that are added, catalog.h */
    SET_CUSTOM_END = SET_CUSTOM_FIRST + 15,
};

/* Is it of a metric, be it in the catalogue now or not? */
static inline bool set_is_metric(uint32_t set)
{
    return set == SET_COUNTRIES || (set >= SET_CARRIERS && set <= SET_SDKS) ||
           (set >= SET_CUSTOM_FIRST && set < SET_CUSTOM_END);
}

/* May a plugin count to it whatever it likes (tally_plugin.h, count())? Then
 * sessions say nothing about it. */
static inline bool set_is_custom(uint32_t set)
{
    return set >= SET_CUSTOM_FIRST && set < SET_CUSTOM_END;
}

#endif
