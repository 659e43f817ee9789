#include "metrics/cover.h"

#include <assert.h>
#include <stdio.h>

#include "engine/date.h"

enum { LAST_DAY = UINT16_MAX }; /* of a key */

static bool is_inside(const struct span *span, int32_t day)
{
    return span->first <= day && day <= span->last;
}

bool span_has(const struct span *span, int32_t day)
{
    return is_inside(span, day) && day != span->without;
}

unsigned span_runs(const struct span *span, struct span runs[static SPAN_RUNS])
{
    bool is_whole = !is_inside(span, span->without);
    int32_t first = span->first > 0 ? span->first : 0;
    int32_t last = span->last < LAST_DAY ? span->last : LAST_DAY;
    unsigned count = 0;

    if (first <= last && is_whole)
        runs[count++] = (struct span){first, last, SPAN_WHOLE};
    if (!is_whole && first < span->without)
        runs[count++] = (struct span){first, span->without - 1, SPAN_WHOLE};
    if (!is_whole && span->without < last)
        runs[count++] = (struct span){span->without + 1, last, SPAN_WHOLE};
    return count;
}

int span_days(const struct span *span)
{
    return span->last - span->first + 1 - is_inside(span, span->without);
}

struct span span_hull(const struct span *a, const struct span *b)
{
    return (struct span){
        .first = a->first < b->first ? a->first : b->first,
        .last = a->last > b->last ? a->last : b->last,
        .without = SPAN_WHOLE,
    };
}

/* How many of the days first..last the span has. */
static int days_shared(const struct span *span, int32_t first, int32_t last)
{
    struct span shared = {
        .first = first > span->first ? first : span->first,
        .last = last < span->last ? last : span->last,
        .without = span->without,
    };

    return shared.first <= shared.last ? span_days(&shared) : 0;
}

static int32_t month_first(int32_t day)
{
    return day - date_of_day(day).day + 1;
}

static int32_t month_last(int32_t day)
{
    struct date date = date_of_day(day);

    return day - date.day + date_days_in_month(date.year, date.month);
}

/* The last day of a day's month that has come, when the month is today's. */
static int32_t month_elapsed(int32_t day, int32_t today)
{
    return month_first(day) == month_first(today) ? today : month_last(day);
}

static bool has_month(const struct span *span, int32_t day, int32_t today)
{
    int32_t first = month_first(day);
    int32_t last = month_elapsed(day, today);

    return days_shared(span, first, last) == last - first + 1;
}

static bool has_half_month(const struct span *span, int32_t day, int32_t today)
{
    int32_t first = month_first(day);
    int32_t last = month_elapsed(day, today);

    return 2 * days_shared(span, first, last) >= last - first + 1;
}

static int32_t week_first(int32_t day)
{
    struct date date = date_of_day(day);

    return date_week_first(date.year, date.week);
}

static int32_t week_last(int32_t day)
{
    struct date date = date_of_day(day);

    return date_week_last(date.year, date.week);
}

static bool has_week(const struct span *span, int32_t day, int32_t today)
{
    int32_t first = week_first(day);
    int32_t last = week_last(day);

    return days_shared(span, first, last) == last - first + 1 &&
           !has_month(span, first, today) && !has_month(span, last, today);
}

static void add(struct cover *cover, enum cover_unit unit, int32_t day)
{
    assert(cover->count < COVER_MAX);
    cover->list[cover->count++] = (struct cover_bucket){unit, day};
}

/* Adds the bucket that begins at `day` and returns the day behind it. */
static int32_t cover_from(const struct span *span, int32_t day, int32_t today,
                          struct cover *cover)
{
    if (has_month(span, day, today)) {
        add(cover, COVER_MONTH, day);
        return month_last(day) + 1;
    }
    if (has_week(span, day, today)) {
        add(cover, COVER_WEEK, day);
        return week_last(day) + 1;
    }
    if (day != span->without)
        add(cover, COVER_DAY, day);
    return day + 1;
}

void cover_span(const struct span *span, int32_t today, struct cover *cover)
{
    int32_t day = span->first;

    cover->count = 0;
    while (day <= span->last)
        day = cover_from(span, day, today, cover);
}

/* Adds the weeks of the days first..last, but not the newest one again. */
static void add_weeks(struct cover *cover, int32_t first, int32_t last)
{
    for (int32_t week = week_first(first); week <= last;
         week = week_last(week) + 1) {
        const struct cover_bucket *newest =
            cover->count ? &cover->list[cover->count - 1] : NULL;

        if (!newest || newest->unit != COVER_WEEK || newest->day != week)
            add(cover, COVER_WEEK, week);
    }
}

void cover_check(const struct span *span, int32_t today, struct cover *cover)
{
    int32_t next;

    cover->count = 0;
    for (int32_t day = span->first; day <= span->last; day = next) {
        next = month_last(day) + 1;
        if (has_half_month(span, day, today))
            add(cover, COVER_MONTH, month_first(day));
        else
            add_weeks(cover, day, next <= span->last ? next - 1 : span->last);
    }
}

static void add_once(struct cover *cover, enum cover_unit unit, int32_t day)
{
    for (unsigned i = 0; i < cover->count; i++) {
        if (cover->list[i].unit == unit && cover->list[i].day == day)
            return;
    }
    add(cover, unit, day);
}

void cover_add_months(const struct span *span, struct cover *cover)
{
    for (int32_t day = month_first(span->first); day <= span->last;
         day = month_last(day) + 1)
        add_once(cover, COVER_MONTH, day);
}

void cover_add_years(const struct span *span, struct cover *cover)
{
    int last = date_of_day(span->last).year;

    for (int year = date_of_day(span->first).year; year <= last; year++)
        add_once(cover, COVER_YEAR, date_to_day(year, 1, 1));
}

void cover_label(struct cover_bucket bucket, char label[COVER_LABEL_SIZE])
{
    struct date date = date_of_day(bucket.day);
    int len = 0;

    switch (bucket.unit) {
    case COVER_DAY:
        len = snprintf(label, COVER_LABEL_SIZE, "%d.%d.%d", date.year,
                       date.month, date.day);
        break;
    case COVER_WEEK:
        len = snprintf(label, COVER_LABEL_SIZE, "%d.w%d", date.year, date.week);
        break;
    case COVER_MONTH:
        len = snprintf(label, COVER_LABEL_SIZE, "%d.%d", date.year, date.month);
        break;
    case COVER_YEAR:
        len = snprintf(label, COVER_LABEL_SIZE, "%d", date.year);
        break;
    }
    assert(len > 0 && len < COVER_LABEL_SIZE);
    (void)len;
}
