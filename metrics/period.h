/*
 * period.h - the `period` of a read: which local days, and what they are
 * compared with (spec D.4, 0.4.9).
 *
 * A special period is a run of days; the others are one calendar unit (a day,
 * a month, a year) whose users were counted exactly. Text that is not
 * understood means 30 days, so parsing cannot fail.
 *
 * A period has at most COVER_DAYS_MAX days: more days, weeks or months are
 * cut to that many, and a longer range or `since` first ends today, if it
 * would end later, then begins later. A previous period may reach to days
 * before 1970.
 */
#ifndef METRICS_PERIOD_H
#define METRICS_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/text.h"
#include "engine/zone.h"
#include "metrics/cover.h"
#include "metrics/json.h"
#include "metrics/phrase.h"

struct period {
    enum period_kind kind;
    bool is_special;
    int32_t today;    /* the local day that the period is relative to */
    int64_t start_ms; /* UTC; the first millisecond */
    int64_t end_ms;   /* UTC; the last millisecond */
    struct span current;
    struct span previous;

    /* Not for special periods: */
    struct cover_bucket active;          /* the unit that it is */
    struct cover_bucket previous_active; /* the one before */
    int min; /* its ticks: hours 0..23, days 1..31 or months 1..12, to the */
    int max; /* end of the unit even when the period ends today */
};

/* Reads the period `text` relative to `now`, UTC seconds. */
struct period period_parse(struct text text, struct zone *zone, int64_t now);

bool period_has_today(const struct period *period);

/* The days whose counters add up to the figures of the period, or of the one
 * before: those of a special period or a day, else the months it touches. */
struct span period_summed_days(const struct period *period, bool previous);

/* The days whose users are counted for it: all of the unit that it is. */
struct span period_unit_days(const struct period *period, bool previous);

/* The moment.js format of its ticks. */
const char *period_date_format(const struct period *period);

/* Fills `cover` with the months (the years) of which a read returns all
 * documents: those touched by the current or the previous period. */
void period_months(const struct period *period, struct cover *cover);
void period_years(const struct period *period, struct cover *cover);

/* Writes the object of method=get_period_obj. */
void period_write_json(const struct period *period, struct json *json);

#endif
