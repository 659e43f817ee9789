/*
 * moment.h - when a request happened, in its app's time zone (spec B.5).
 */
#ifndef METRICS_MOMENT_H
#define METRICS_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/date.h"
#include "engine/text.h"
#include "engine/zone.h"

struct moment {
    uint32_t seconds; /* UTC */
    int32_t hour;     /* local hours since 1970-01-01 00:00 local */
    int32_t day;      /* local days since 1970-01-01 */
    struct date date; /* of that day */
    struct zone *zone;
};

struct moment moment_at(struct zone *zone, int64_t seconds);

/* The UTC second that a `timestamp` parameter means: 10 digits of seconds or
 * 13 of milliseconds before the point, not later than `now_ms`; anything else
 * means now. */
int64_t moment_seconds(struct text timestamp, int64_t now_ms);

/* The levels at which a user counts anew. */
enum moment_level {
    MOMENT_HOUR,
    MOMENT_DAY,
    MOMENT_WEEK,
    MOMENT_MONTH,
    MOMENT_YEAR,
    MOMENT_LEVELS,
};

/* Did `before` (UTC) come before the start of the local hour, day, week,
 * month or year that the moment lies in (spec 0.4.4)? */
bool moment_is_first(const struct moment *moment, enum moment_level level,
                     uint32_t before);

#endif
