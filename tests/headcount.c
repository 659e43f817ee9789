#include "headcount.h"

#include <glib.h>
#include <stdlib.h>
#include <time.h>

enum { PERSONS = 64, A_DAY = 86400 };

struct headcount {
    const char *zone;
    int origin;
    int persons;
    int becomes[PERSONS];           /* who was merged is this one, or itself */
    int devices[HEADCOUNT_DEVICES]; /* -1: nobody's */
    uint64_t active[HEADCOUNT_DAYS];
    uint64_t os[HEADCOUNT_NAMES][HEADCOUNT_DAYS];
    uint64_t version[HEADCOUNT_NAMES][HEADCOUNT_DAYS];
};

struct headcount *headcount_create(const char *zone, int origin)
{
    struct headcount *count = g_new0(struct headcount, 1);

    count->zone = zone;
    count->origin = origin;
    for (int i = 0; i < HEADCOUNT_DEVICES; i++)
        count->devices[i] = -1;
    return count;
}

void headcount_destroy(struct headcount *count)
{
    g_free(count);
}

int headcount_day(const struct headcount *count, int64_t seconds)
{
    time_t at = (time_t)seconds;
    struct tm tm;

    setenv("TZ", count->zone, 1);
    tzset();
    localtime_r(&at, &tm);
    struct tm midnight = {
        .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday};
    return (int)(timegm(&midnight) / A_DAY);
}

static struct tm date_of(int day)
{
    time_t at = (time_t)day * A_DAY;
    struct tm tm;

    gmtime_r(&at, &tm);
    return tm;
}

static void identify(struct headcount *count,
                     const struct headcount_request *request)
{
    int *own = &count->devices[request->device];

    if (request->old_device >= 0 && request->old_device != request->device) {
        int *old = &count->devices[request->old_device];
        if (*old >= 0 && *own >= 0)
            count->becomes[*old] = *own;
        else if (*old >= 0)
            *own = *old;
        *old = -1;
    }
    if (*own < 0) {
        *own = count->persons++;
        g_assert(*own < PERSONS);
        count->becomes[*own] = *own;
    }
}

void headcount_take(struct headcount *count,
                    const struct headcount_request *request)
{
    identify(count, request);
    uint64_t bit = UINT64_C(1) << count->devices[request->device];
    int at = headcount_day(count, request->seconds) - count->origin;

    if (!request->begins)
        return;
    g_assert(at >= 0 && at < HEADCOUNT_DAYS);
    count->active[at] |= bit;
    if (request->os >= 0)
        count->os[request->os][at] |= bit;
    if (request->version >= 0)
        count->version[request->version][at] |= bit;
}

static uint64_t merged(const struct headcount *count, uint64_t users)
{
    uint64_t now = 0;

    for (int i = 0; i < count->persons; i++) {
        int who = i;
        while (count->becomes[who] != who)
            who = count->becomes[who];
        if (users >> i & 1)
            now |= UINT64_C(1) << who;
    }
    return now;
}

/* Days outside what is kept have nobody. */
static uint64_t gather(const struct headcount *count, const uint64_t *days,
                       int first, int last)
{
    uint64_t users = 0;

    for (int day = first; day <= last; day++) {
        int at = day - count->origin;
        if (at >= 0 && at < HEADCOUNT_DAYS)
            users |= days[at];
    }
    return merged(count, users);
}

static uint64_t gather_names(const struct headcount *count,
                             const uint64_t names[][HEADCOUNT_DAYS],
                             unsigned wanted, int first, int last)
{
    uint64_t users = 0;

    for (int i = 0; i < HEADCOUNT_NAMES; i++) {
        if (wanted >> i & 1)
            users |= gather(count, names[i], first, last);
    }
    return users;
}

static uint64_t passing(const struct headcount *count, int first, int last,
                        const struct headcount_filter *filter)
{
    uint64_t users = gather(count, count->active, first, last);

    if (filter->os)
        users &= gather_names(count, count->os, *filter->os, first, last);
    if (filter->version)
        users &=
            gather_names(count, count->version, *filter->version, first, last);
    return users;
}

static int size_of(uint64_t users)
{
    int size = 0;

    for (; users; users >>= 1)
        size += (int)(users & 1);
    return size;
}

int headcount_users(const struct headcount *count, int first, int last,
                    const struct headcount_filter *filter, int os)
{
    uint64_t users = passing(count, first, last, filter);

    if (os >= 0)
        users &= gather(count, count->os[os], first, last);
    return size_of(users);
}

/* Numbers that days of the same unit share. */
static int unit_of(int unit, int day)
{
    struct tm date = date_of(day);

    if (unit == 1)
        return (day + 3) / 7;
    return unit == 2 ? date.tm_year * 12 + date.tm_mon : day;
}

/* Days of a unit up to `today`. */
static void days_of(int unit, int number, int today, int *first, int *last)
{
    *first = today;
    while (unit_of(unit, *first) > number)
        (*first)--;
    *last = *first;
    while (unit_of(unit, *first - 1) == number)
        (*first)--;
}

static uint64_t unit_users(const struct headcount *count, int unit, int number,
                           int today, const struct headcount_filter *filter)
{
    int first;
    int last;

    days_of(unit, number, today, &first, &last);
    return passing(count, first, last, filter);
}

/* Who had no session before the unit. */
static uint64_t newcomers(const struct headcount *count, int unit, int number,
                          int today)
{
    static const struct headcount_filter none;
    int first;
    int last;

    days_of(unit, number, today, &first, &last);
    return passing(count, first, last, &none) &
           ~passing(count, count->origin, first - 1, &none);
}

char *headcount_retention(const struct headcount *count, int unit, int type,
                          int today, int span,
                          const struct headcount_filter *filter)
{
    GString *text = g_string_new("[");
    int end = unit_of(unit, today);

    for (int number = end - span + 1; number <= end; number++) {
        uint64_t cohort = unit_users(count, unit, number, today, filter);
        int first;
        int last;
        days_of(unit, number, today, &first, &last);
        struct tm date = date_of(first);
        if (type == 1)
            cohort &= newcomers(count, unit, number, today);
        g_string_append_printf(text, "%s{\"_id\":\"%04d%02d%02d\",\"tu\":%d",
                               text->len > 1 ? "," : "", date.tm_year + 1900,
                               date.tm_mon + 1, date.tm_mday, size_of(cohort));
        for (int k = 1; number + k <= end; k++) {
            uint64_t back = 0;
            for (int later = number + k;
                 later <= (type == 2 ? end : number + k); later++)
                back |= unit_users(count, unit, later, today, filter);
            g_string_append_printf(text, ",\"%d\":%d", k,
                                   size_of(cohort & back));
        }
        g_string_append_c(text, '}');
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static void add_row(GString *text, struct tm date, bool is_month,
                    const double average[3])
{
    char label[32];
    size_t len = (size_t)g_snprintf(label, sizeof(label), "%d.%d",
                                    date.tm_year + 1900, date.tm_mon + 1);

    if (!is_month)
        g_snprintf(label + len, sizeof(label) - len, ".%d", date.tm_mday);
    g_string_append_printf(text, "%s\"%s\":{\"d\":%d,\"w\":%d,\"m\":%d}",
                           text->str[text->len - 1] == '{' ? "" : ",", label,
                           (int)(average[0] + 0.5), (int)(average[1] + 0.5),
                           (int)(average[2] + 0.5));
}

char *headcount_active(const struct headcount *count, int first, int last,
                       bool months, const struct headcount_filter *filter)
{
    static const int lengths[] = {1, 7, 30};
    GString *text = g_string_new("{\"calculating\":false,\"data\":{");
    int sums[3] = {0};
    int days = 0;

    for (int day = first; day <= last; day++) {
        bool ends = !months || day == last ||
                    date_of(day).tm_mon != date_of(day + 1).tm_mon;
        days++;
        for (int i = 0; i < 3; i++)
            sums[i] +=
                size_of(passing(count, day - lengths[i] + 1, day, filter));
        if (!ends)
            continue;
        double average[3];
        for (int i = 0; i < 3; i++) {
            average[i] = (double)sums[i] / days;
            sums[i] = 0;
        }
        add_row(text, date_of(day), months, average);
        days = 0;
    }
    g_string_append(text, "}}");
    return g_string_free(text, FALSE);
}
