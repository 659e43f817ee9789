#include "metrics/phrase.h"

#include <stdbool.h>
#include <string.h>

#include "engine/date.h"
#include "metrics/cover.h"

enum {
    DEFAULT_DAYS = 30,
    DAYS_PER_WEEK = 7,
    DAYS_PER_MONTH = 30,
    SECONDS_PER_DAY = 86400,
};

static const int64_t latest_ms = INT64_C(253402300799999); /* of year 9999 */

static void skip_blanks(struct text *text)
{
    while (text->len > 0 && strchr(" \t\r\n", *text->at) && *text->at) {
        text->at++;
        text->len--;
    }
}

static bool take_byte(struct text *text, char byte)
{
    if (text->len == 0 || *text->at != byte)
        return false;

    text->at++;
    text->len--;
    return true;
}

/* Takes up to `most` digits; false when there is none. */
static bool take_number(struct text *text, int most, int64_t *number)
{
    int64_t value = 0;
    int digits = 0;

    while (digits < most && text->len > 0 && *text->at >= '0' &&
           *text->at <= '9') {
        value = value * 10 + (*text->at - '0');
        text->at++;
        text->len--;
        digits++;
    }
    if (digits == 0)
        return false;

    *number = value;
    return true;
}

/* Milliseconds, or seconds when there are ten digits. */
static bool take_timestamp(struct text *text, struct zone *zone, int64_t *local)
{
    size_t before = text->len;
    int64_t value = 0;

    if (!take_number(text, 15, &value))
        return false;
    if (before - text->len == 10)
        value *= 1000;
    if (value > latest_ms)
        return false;

    *local = zone_local(zone, value / 1000);
    return true;
}

/* HH:mm:ss */
static bool take_clock(struct text *text, int64_t *seconds)
{
    static const int64_t limits[] = {24, 60, 60};
    int64_t total = 0;

    for (int i = 0; i < 3; i++) {
        int64_t part = 0;

        if ((i > 0 && !take_byte(text, ':')) || !take_number(text, 2, &part) ||
            part >= limits[i])
            return false;
        total = total * 60 + part;
    }

    *seconds = total;
    return true;
}

/* "DD-MM-YYYY" or "DD-MM-YYYY HH:mm:ss" */
static bool take_date(struct text *text, int64_t *local)
{
    int64_t day = 0;
    int64_t month = 0;
    int64_t year = 0;
    int64_t clock = 0;

    if (!take_byte(text, '"') || !take_number(text, 2, &day) ||
        !take_byte(text, '-') || !take_number(text, 2, &month) ||
        !take_byte(text, '-') || !take_number(text, 4, &year))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > date_days_in_month((int)year, (int)month))
        return false;
    if (take_byte(text, ' ') && !take_clock(text, &clock))
        return false;
    if (!take_byte(text, '"'))
        return false;

    int64_t days = date_to_day((int)year, (int)month, (int)day);
    *local = days * SECONDS_PER_DAY + clock;
    return true;
}

static bool take_moment(struct text *text, struct zone *zone, int64_t *local)
{
    skip_blanks(text);
    bool taken = take_date(text, local) || take_timestamp(text, zone, local);
    skip_blanks(text);
    return taken;
}

static bool read_range(struct text text, struct zone *zone,
                       struct phrase *phrase)
{
    int64_t from = 0;
    int64_t to = 0;

    skip_blanks(&text);
    if (!take_byte(&text, '[') || !take_moment(&text, zone, &from) ||
        !take_byte(&text, ',') || !take_moment(&text, zone, &to) ||
        !take_byte(&text, ']'))
        return false;
    skip_blanks(&text);
    if (text.len > 0 || from > to)
        return false;

    *phrase = (struct phrase){
        .kind = from == to ? PERIOD_SINGLE : PERIOD_DAYS,
        .from = from,
        .to = to,
    };
    return true;
}

static bool take_string(struct text *text, const char *string)
{
    skip_blanks(text);
    if (!text_has_prefix(*text, string))
        return false;

    text->at += strlen(string);
    text->len -= strlen(string);
    skip_blanks(text);
    return true;
}

static bool read_since(struct text text, struct zone *zone, int64_t now,
                       struct phrase *phrase)
{
    int64_t from = 0;

    if (!take_string(&text, "{") || !take_string(&text, "\"since\"") ||
        !take_string(&text, ":") || !take_timestamp(&text, zone, &from) ||
        !take_string(&text, "}") || text.len > 0 || from > now)
        return false;

    *phrase = (struct phrase){.from = from, .to = now};
    return true;
}

static bool read_count(struct text text, struct phrase *phrase)
{
    static const struct {
        const char *unit;
        int days;
    } units[] = {
        {"days", 1},
        {"weeks", DAYS_PER_WEEK},
        {"months", DAYS_PER_MONTH},
    };
    int64_t count = 0;

    if (!take_number(&text, 15, &count) || count < 1)
        return false;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!text_is(text, units[i].unit))
            continue;
        int64_t most = COVER_DAYS_MAX / units[i].days;

        phrase->kind = PERIOD_DAYS;
        phrase->days = (int32_t)(count < most ? count : most) * units[i].days;
        return true;
    }
    return false;
}

static bool read_name(struct text text, struct phrase *phrase)
{
    static const struct {
        const char *name;
        enum period_kind kind;
    } names[] = {
        {"hour", PERIOD_HOUR},   {"yesterday", PERIOD_YESTERDAY},
        {"day", PERIOD_DAY},     {"prevMonth", PERIOD_PREV_MONTH},
        {"month", PERIOD_MONTH},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text_is(text, names[i].name)) {
            phrase->kind = names[i].kind;
            return true;
        }
    }
    return false;
}

struct phrase phrase_read(struct text text, struct zone *zone, int64_t now)
{
    struct phrase phrase = {.kind = PERIOD_DAYS};

    if (!read_name(text, &phrase) && !read_count(text, &phrase) &&
        !read_range(text, zone, &phrase) &&
        !read_since(text, zone, zone_local(zone, now), &phrase))
        phrase.days = DEFAULT_DAYS;
    return phrase;
}
