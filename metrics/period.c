#include "metrics/period.h"

#include <stdio.h>

#include "engine/date.h"

enum { SECONDS_PER_DAY = 86400 };

static int32_t local_day(int64_t local)
{
    return (int32_t)(local >= 0 ? local / SECONDS_PER_DAY
                                : (local + 1) / SECONDS_PER_DAY - 1);
}

static struct span days_between(int32_t first, int32_t last)
{
    return (struct span){first, last, SPAN_WHOLE};
}

/* The same days, as many days earlier as there are. */
static struct span days_before(struct span span)
{
    int32_t days = span.last - span.first + 1;

    return days_between(span.first - days, span.last - days);
}

/* The day of `year` and `month` with this number or the month's last. */
static int32_t clamped_day(int year, int month, int day)
{
    int last = date_days_in_month(year, month);

    return date_to_day(year, month, day < last ? day : last);
}

static struct cover_bucket month_bucket(int32_t day)
{
    return (struct cover_bucket){COVER_MONTH, day - date_of_day(day).day + 1};
}

static void place_days(struct period *period, const struct phrase *phrase)
{
    int32_t first = period->today - phrase->days + 1;
    int32_t last = period->today;

    if (phrase->days == 0) {
        first = local_day(phrase->from);
        last = local_day(phrase->to);
    }
    if (last - first >= COVER_DAYS_MAX) {
        if (last > period->today && period->today >= first)
            last = period->today;
        if (last - first >= COVER_DAYS_MAX)
            first = last - COVER_DAYS_MAX + 1;
    }
    period->is_special = true;
    period->current = days_between(first, last);
    period->previous = days_before(period->current);
}

static void place_day(struct period *period, int32_t day)
{
    period->current = days_between(day, day);
    period->previous = days_between(day - 1, day - 1);
    period->active = (struct cover_bucket){COVER_DAY, day};
    period->previous_active = (struct cover_bucket){COVER_DAY, day - 1};
    period->max = 23;
}

/* The month that `last` is in, up to it. */
static void place_month(struct period *period, int32_t last)
{
    struct date date = date_of_day(last);
    int year = date.month > 1 ? date.year : date.year - 1;
    int month = date.month > 1 ? date.month - 1 : 12;

    period->current = days_between(last - date.day + 1, last);
    period->previous = days_between(date_to_day(year, month, 1),
                                    clamped_day(year, month, date.day));
    period->active = month_bucket(last);
    period->previous_active = month_bucket(period->previous.first);
    period->min = 1;
    period->max = date_days_in_month(date.year, date.month);
}

/* No day of a common year is compared with the leap day before it. */
static void place_year(struct period *period)
{
    struct date date = date_of_day(period->today);
    int before = date.year - 1;

    period->current = days_between(date_to_day(date.year, 1, 1), period->today);
    period->previous = days_between(date_to_day(before, 1, 1),
                                    clamped_day(before, date.month, date.day));
    if (date_is_leap(before) && date.month > 2)
        period->previous.without = date_to_day(before, 2, 29);
    period->active = (struct cover_bucket){COVER_YEAR, period->current.first};
    period->previous_active =
        (struct cover_bucket){COVER_YEAR, period->previous.first};
    period->min = 1;
    period->max = 12;
}

static void place(struct period *period, const struct phrase *phrase)
{
    int32_t today = period->today;

    switch (phrase->kind) {
    case PERIOD_DAYS:
        place_days(period, phrase);
        break;
    case PERIOD_HOUR:
        place_day(period, today);
        break;
    case PERIOD_YESTERDAY:
        place_day(period, today - 1);
        break;
    case PERIOD_SINGLE:
        place_day(period, local_day(phrase->from));
        break;
    case PERIOD_DAY:
        place_month(period, today);
        break;
    case PERIOD_PREV_MONTH:
        place_month(period, today - date_of_day(today).day);
        break;
    case PERIOD_MONTH:
        place_year(period);
        break;
    }
}

struct period period_parse(struct text text, struct zone *zone, int64_t now)
{
    struct phrase phrase = phrase_read(text, zone, now);
    struct period period = {
        .kind = phrase.kind,
        .today = local_day(zone_local(zone, now)),
    };

    place(&period, &phrase);
    period.start_ms = zone_day_start(zone, period.current.first) * 1000;
    period.end_ms = zone_day_start(zone, period.current.last + 1) * 1000 - 1;
    return period;
}

bool period_has_today(const struct period *period)
{
    return span_has(&period->current, period->today);
}

static int32_t month_last(int32_t day)
{
    struct date date = date_of_day(day);

    return day - date.day + date_days_in_month(date.year, date.month);
}

struct span period_summed_days(const struct period *period, bool previous)
{
    struct span span = previous ? period->previous : period->current;

    if (period->is_special || period->active.unit == COVER_DAY)
        return span;
    return days_between(month_bucket(span.first).day, month_last(span.last));
}

struct span period_unit_days(const struct period *period, bool previous)
{
    struct cover_bucket unit =
        previous ? period->previous_active : period->active;

    if (period->is_special)
        return previous ? period->previous : period->current;
    switch (unit.unit) {
    case COVER_YEAR:
        return days_between(unit.day,
                            date_to_day(date_of_day(unit.day).year, 12, 31));
    case COVER_MONTH:
        return days_between(unit.day, month_last(unit.day));
    case COVER_WEEK:
    case COVER_DAY:
        break;
    }
    return days_between(unit.day, unit.day);
}

const char *period_date_format(const struct period *period)
{
    static const char *const formats[] = {
        [PERIOD_DAYS] = "D MMM",
        [PERIOD_HOUR] = "HH:mm",
        [PERIOD_YESTERDAY] = "D MMM, HH:mm",
        [PERIOD_SINGLE] = "D MMM, HH:mm",
        [PERIOD_DAY] = "D MMM",
        [PERIOD_PREV_MONTH] = "D MMM",
        [PERIOD_MONTH] = "MMM",
    };

    return formats[period->kind];
}

void period_months(const struct period *period, struct cover *cover)
{
    cover->count = 0;
    cover_add_months(&period->current, cover);
    cover_add_months(&period->previous, cover);
}

void period_years(const struct period *period, struct cover *cover)
{
    cover->count = 0;
    cover_add_years(&period->current, cover);
    cover_add_years(&period->previous, cover);
}

static void write_label(struct json *json, struct cover_bucket bucket)
{
    char label[COVER_LABEL_SIZE];

    cover_label(bucket, label);
    json_string(json, label);
}

static void write_days(struct json *json, const char *key,
                       const struct span *span)
{
    json_key_string(json, key);
    json_open_array(json);
    for (int32_t day = span->first; day <= span->last; day++) {
        if (span_has(span, day))
            write_label(json, (struct cover_bucket){COVER_DAY, day});
    }
    json_close_array(json);
}

static void write_cover(struct json *json, const char *key,
                        const struct cover *cover)
{
    json_key_string(json, key);
    json_open_array(json);
    for (unsigned i = 0; i < cover->count; i++)
        write_label(json, cover->list[i]);
    json_close_array(json);
}

static void write_covers(struct json *json, const struct period *period,
                         struct cover *cover)
{
    cover_span(&period->current, period->today, cover);
    write_cover(json, "uniquePeriodArr", cover);
    cover_check(&period->current, period->today, cover);
    write_cover(json, "uniquePeriodCheckArr", cover);
    cover_span(&period->previous, period->today, cover);
    write_cover(json, "previousUniquePeriodArr", cover);
    cover_check(&period->previous, period->today, cover);
    write_cover(json, "previousUniquePeriodCheckArr", cover);
}

/* A year is written as a number, as Countly does. */
static void write_active(struct json *json, const char *key,
                         struct cover_bucket bucket)
{
    json_key_string(json, key);
    if (bucket.unit == COVER_YEAR)
        json_int(json, date_of_day(bucket.day).year);
    else
        write_label(json, bucket);
}

static void write_unit(struct json *json, const struct period *period)
{
    static const char *const keys[] = {"activePeriod", "previousPeriod",
                                       "periodMax", "periodMin"};

    if (period->is_special) {
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            json_member_string(json, keys[i], "NA");
        return;
    }
    write_active(json, keys[0], period->active);
    write_active(json, keys[1], period->previous_active);
    json_member_int(json, keys[2], period->max);
    json_member_int(json, keys[3], period->min);
}

/* Writes "Y:M" for months and "Y:0" for years. */
static void write_documents(struct json *json, const char *key,
                            const struct cover *cover)
{
    json_key_string(json, key);
    json_open_array(json);
    for (unsigned i = 0; i < cover->count; i++) {
        struct date date = date_of_day(cover->list[i].day);
        int month = cover->list[i].unit == COVER_YEAR ? 0 : date.month;
        char id[2 * COVER_LABEL_SIZE];

        snprintf(id, sizeof(id), "%d:%d", date.year, month);
        json_string(json, id);
    }
    json_close_array(json);
}

void period_write_json(const struct period *period, struct json *json)
{
    struct cover cover;

    json_open_object(json);
    json_member_int(json, "start", period->start_ms);
    json_member_int(json, "end", period->end_ms);
    write_days(json, "currentPeriodArr", &period->current);
    write_days(json, "previousPeriodArr", &period->previous);
    json_member_string(json, "dateString", period_date_format(period));
    json_member_bool(json, "isSpecialPeriod", period->is_special);
    json_member_int(json, "daysInPeriod", span_days(&period->current));
    json_member_bool(json, "periodContainsToday", period_has_today(period));
    write_covers(json, period, &cover);
    write_unit(json, period);
    period_months(period, &cover);
    write_documents(json, "reqMonthDbDateIds", &cover);
    period_years(period, &cover);
    write_documents(json, "reqZeroDbDateIds", &cover);
    json_close_object(json);
}
