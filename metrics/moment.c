#include "metrics/moment.h"

#include <stdlib.h>

enum { SECONDS_PER_HOUR = 3600, HOURS_PER_DAY = 24, NUMBER_SIZE = 40 };

struct moment moment_at(struct zone *zone, int64_t seconds)
{
    int64_t hour = zone_local(zone, seconds) / SECONDS_PER_HOUR;
    int32_t day = (int32_t)(hour / HOURS_PER_DAY);

    return (struct moment){.seconds = (uint32_t)seconds,
                           .hour = (int32_t)hour,
                           .day = day,
                           .date = date_of_day(day),
                           .zone = zone};
}

/* Digits with an optional fraction; -1 when it is something else. */
static int64_t whole_digits(struct text number, size_t *count)
{
    int64_t value = 0;
    size_t i = 0;

    for (;
         i < number.len && number.at[i] >= '0' && number.at[i] <= '9' && i < 18;
         i++)
        value = value * 10 + (number.at[i] - '0');
    *count = i;
    if (i < number.len && number.at[i] == '.')
        i++;
    while (i < number.len && number.at[i] >= '0' && number.at[i] <= '9')
        i++;
    return i == number.len && *count > 0 ? value : -1;
}

int64_t moment_seconds(struct text timestamp, int64_t now_ms)
{
    size_t digits = 0;
    int64_t value = whole_digits(text_trim(timestamp), &digits);
    int64_t now = now_ms / 1000;

    if (value < 0 || (digits != 10 && digits != 13))
        return now;
    if (digits == 13)
        value /= 1000;
    return value > now ? now : value;
}

/* The first local day of the bucket. */
static int32_t first_day(const struct moment *moment, enum moment_level level)
{
    const struct date *date = &moment->date;

    switch (level) {
    case MOMENT_WEEK:
        return date_week_first(date->year, date->week);
    case MOMENT_MONTH:
        return moment->day - date->day + 1;
    case MOMENT_YEAR:
        return moment->day - date->yday + 1;
    default:
        return moment->day;
    }
}

bool moment_is_first(const struct moment *moment, enum moment_level level,
                     uint32_t before)
{
    int64_t start =
        level == MOMENT_HOUR
            ? zone_hour_start(moment->zone, moment->hour)
            : zone_day_start(moment->zone, first_day(moment, level));

    return before < start;
}
