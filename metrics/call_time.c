/*
 * When a call happened: params.time.
 */
#include <stdio.h>

#include "metrics/call.h"
#include "metrics/intake.h"

enum { TIME_SIZE = 64, MS_DIGITS = 13 };

bool call_moment(const struct tally_call *call, struct moment *moment)
{
    if (!call->app || !call->app->zone)
        return false;
    *moment = call->intake && call->intake->has_person
                  ? call->intake->moment
                  : moment_at(call->app->zone, call->now / 1000);
    return true;
}

static int64_t given_milliseconds(struct text timestamp)
{
    int64_t ms = 0;

    if (timestamp.len < MS_DIGITS)
        return 0;
    for (size_t i = MS_DIGITS - 3; i < MS_DIGITS; i++)
        ms = ms * 10 + (timestamp.at[i] - '0');
    return ms < 0 || ms > 999 ? 0 : ms;
}

int64_t call_milliseconds(const struct tally_call *call)
{
    if (!call->intake || !call->intake->has_person)
        return call->now;
    return (int64_t)call->intake->moment.seconds * 1000 +
           given_milliseconds(params_text(call->params, "timestamp"));
}

static void write_now(struct json *json, const struct tally_call *call)
{
    int64_t ms = call_milliseconds(call);
    int64_t seconds = ms / 1000;
    int64_t in_day = seconds % 86400;
    struct date date = date_of_day((int32_t)(seconds / 86400));
    char text[TIME_SIZE];

    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
             date.year, date.month, date.day, (int)(in_day / 3600),
             (int)(in_day / 60 % 60), (int)(in_day % 60), (int)(ms % 1000));
    json_member_string(json, "now", text);
}

/* The names of Countly's buckets: 2026, 2026.3, 2026.3.2, 2026.3.2.10. */
static void write_buckets(struct json *json, const struct date *date, int hour)
{
    static const char *const keys[] = {"yearly", "monthly", "daily", "hourly"};
    const int parts[] = {date->year, date->month, date->day, hour};
    char text[TIME_SIZE];
    int len = 0;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        len += snprintf(text + len, sizeof(text) - (size_t)len,
                        i == 0 ? "%d" : ".%d", parts[i]);
        json_member_string(json, keys[i], text);
    }
}

bool call_write_time(const struct tally_call *call, struct json *json)
{
    struct moment moment;

    if (!call_moment(call, &moment))
        return false;
    int hour = moment.hour - moment.day * 24;
    json_open_object(json);
    write_now(json, call);
    json_member_int(json, "timestamp", moment.seconds);
    json_member_int(json, "mstimestamp", call_milliseconds(call));
    write_buckets(json, &moment.date, hour);
    json_member_int(json, "weekly", moment.date.week);
    json_member_int(json, "month", moment.date.month);
    json_member_int(json, "day", moment.date.day);
    json_member_int(json, "hour", hour);
    json_member_int(json, "dow", date_weekday(moment.day));
    json_close_object(json);
    return true;
}
