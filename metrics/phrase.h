/*
 * phrase.h - the grammar of a period's text (spec D.4.1).
 *
 * Names (hour, yesterday, day, prevMonth, month), counts (7days, 3weeks,
 * 2months), ranges ([a,b] of timestamps or "DD-MM-YYYY[ HH:mm:ss]") and
 * {"since":ts}. A timestamp is in milliseconds, or in seconds when it has ten
 * digits.
 */
#ifndef METRICS_PHRASE_H
#define METRICS_PHRASE_H

#include <stdint.h>

#include "engine/text.h"
#include "engine/zone.h"

enum period_kind {
    PERIOD_DAYS, /* days, weeks, months, a range, since: special */
    PERIOD_HOUR, /* today */
    PERIOD_YESTERDAY,
    PERIOD_SINGLE,     /* [a,a]: one day */
    PERIOD_DAY,        /* this month up to today */
    PERIOD_PREV_MONTH, /* the month before */
    PERIOD_MONTH,      /* this year up to today */
};

struct phrase {
    enum period_kind kind;
    int32_t days; /* the last so many days; 0 for ranges and since */
    int64_t from; /* ranges, since and [a,a]: local seconds */
    int64_t to;
};

/* What `text` means in a zone at `now`, UTC seconds; 30 days when it is not
 * understood. */
struct phrase phrase_read(struct text text, struct zone *zone, int64_t now);

#endif
