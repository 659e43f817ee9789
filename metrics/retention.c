#include "metrics/retention.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/date.h"
#include "engine/memory.h"
#include "metrics/phrase.h"

enum { DAYS_IN_WEEK = 7, SECONDS_PER_DAY = 86400, MONDAY = 1 };

static const struct {
    const char *period;
    unsigned standard; /* units when neither range nor span is given */
    unsigned maximum;
} units[] = {
    [RETENTION_DAY] = {"adaily", 30, RETENTION_DAYS_MAX},
    [RETENTION_WEEK] = {"aweekly", 12, RETENTION_WEEKS_MAX},
    [RETENTION_MONTH] = {"amonthly", 12, RETENTION_MONTHS_MAX},
};

static const char *const types[] = {
    [RETENTION_FULL] = "full",
    [RETENTION_CLASSIC] = "classic",
    [RETENTION_UNBOUNDED] = "unbounded",
};

/* Units. */

static int32_t unit_first(enum retention_unit unit, int32_t day)
{
    int since_monday = (date_weekday(day) + DAYS_IN_WEEK - MONDAY) % 7;

    switch (unit) {
    case RETENTION_DAY:
        break;
    case RETENTION_WEEK:
        return day - since_monday;
    case RETENTION_MONTH:
        return day - date_of_day(day).day + 1;
    }
    return day;
}

/* The first day of the unit `count` units later, or earlier. */
static int32_t unit_after(enum retention_unit unit, int32_t first, int count)
{
    struct date date = date_of_day(first);
    int months = date.year * 12 + date.month - 1 + count;

    switch (unit) {
    case RETENTION_DAY:
        break;
    case RETENTION_WEEK:
        return first + count * DAYS_IN_WEEK;
    case RETENTION_MONTH:
        return date_to_day(months / 12, months % 12 + 1, 1);
    }
    return first + count;
}

/* A unit as far as it has come. */
static struct span unit_span(const struct retention *retention, unsigned number)
{
    int32_t first = unit_after(retention->unit, retention->first, (int)number);
    int32_t last = unit_after(retention->unit, first, 1) - 1;

    return (struct span){
        first, last < retention->today ? last : retention->today, SPAN_WHOLE};
}

/* The request. */

static const char *read_unit(struct text period, struct retention *retention)
{
    if (period.len == 0)
        return "Missing parameter \"period\"";
    for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (text_is(period, units[i].period)) {
            retention->unit = (enum retention_unit)i;
            return NULL;
        }
    }
    return "Invalid parameter \"period\": must be adaily, aweekly or amonthly";
}

static const char *read_type(struct text type, struct retention *retention)
{
    if (type.len == 0)
        return NULL;
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (text_is(type, types[i])) {
            retention->type = (enum retention_type)i;
            return NULL;
        }
    }
    return "Invalid parameter \"rettype\": must be full, classic or unbounded";
}

static bool read_count(struct text text, unsigned maximum, unsigned *count)
{
    unsigned read = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        read = read * 10 + (unsigned)(text.at[i] - '0');
        if (read > maximum)
            return false;
    }
    *count = read;
    return read > 0;
}

static const char *read_span(struct text span, struct retention *retention)
{
    unsigned count = units[retention->unit].standard;
    int32_t last = unit_first(retention->unit, retention->today);

    if (span.len > 0 &&
        !read_count(span, units[retention->unit].maximum, &count))
        return "Invalid parameter \"span\": must be a number up to 365 days, "
               "104 weeks or 36 months";
    retention->count = count;
    retention->first = unit_after(retention->unit, last, 1 - (int)count);
    return NULL;
}

/* The units that the local days first..last touch, none after today's. */
static const char *place(struct retention *retention, int64_t first,
                         int64_t last)
{
    enum retention_unit unit = retention->unit;
    unsigned count = 0;

    if (first < 0)
        first = 0;
    if (last > retention->today)
        last = retention->today;
    retention->first = unit_first(unit, first <= last ? (int32_t)first : 0);
    for (int32_t day = retention->first;
         first <= last && day <= last && count <= units[unit].maximum;
         day = unit_after(unit, day, 1))
        count++;
    if (count > units[unit].maximum)
        return "Invalid parameter \"range\": at most 365 days, 104 weeks or "
               "36 months";
    retention->count = count;
    return NULL;
}

static int64_t day_of(int64_t local)
{
    return local >= 0 ? local / SECONDS_PER_DAY
                      : (local + 1) / SECONDS_PER_DAY - 1;
}

static const char *read_range(struct text range, struct zone *zone, int64_t now,
                              struct retention *retention)
{
    struct phrase phrase = phrase_read(range, zone, now);
    bool is_range =
        range.at[0] == '[' && phrase.days == 0 &&
        (phrase.kind == PERIOD_DAYS || phrase.kind == PERIOD_SINGLE);

    if (!is_range)
        return "Invalid parameter \"range\": must be [from,to]";
    if (phrase.kind == PERIOD_SINGLE)
        phrase.to = phrase.from;
    return place(retention, day_of(phrase.from), day_of(phrase.to));
}

const char *retention_read(const struct retention_request *request,
                           struct zone *zone, int64_t now,
                           struct retention *retention)
{
    const char *wrong = read_unit(request->period, retention);

    retention->today = (int32_t)day_of(zone_local(zone, now));
    if (!wrong)
        wrong = read_type(request->type, retention);
    if (!wrong && request->query.len > 0 && !text_is(request->query, "{}"))
        wrong = "Invalid parameter \"query\": use \"filter\"";
    if (wrong)
        return wrong;
    return request->range.len > 0
               ? read_range(request->range, zone, now, retention)
               : read_span(request->span, retention);
}

/* The answer. */

/* What is counted, as long as it is. */
struct triangle {
    const struct retention *retention;
    struct reader *reader;
    struct ordinals *users; /* by unit; unbounded: of it and all after it */
    uint64_t *counts;       /* a row a unit: its cohort, then who came back */
    struct ordinals cohort; /* classic */
    struct ordinals seen;
};

void retention_capture(const struct retention *retention, struct reader *reader)
{
    if (retention->count == 0)
        return;
    struct span span = unit_span(retention, retention->count - 1);

    span.first = retention->first;
    if (retention->type != RETENTION_CLASSIC || retention->filter->count > 0)
        filter_capture(retention->filter, reader, &span);
    /* Whose first session it was is asked of all days there are. */
    if (retention->type == RETENTION_CLASSIC)
        crowd_capture(reader, retention->filter->app, 0, 0, span.last);
}

static enum tally_err gather(struct triangle *triangle)
{
    const struct retention *retention = triangle->retention;
    size_t chunks = 0;

    for (unsigned i = 0; i < retention->count; i++) {
        struct span span = unit_span(retention, i);
        enum tally_err err = filter_users(retention->filter, triangle->reader,
                                          &span, &triangle->users[i]);
        chunks += ordinals_chunks(&triangle->users[i]);
        if (!err && chunks > RETENTION_CHUNKS_MAX)
            err = TALLY_ERR_TOO_BIG;
        if (err)
            return err;
    }
    return TALLY_OK;
}

static void count_row(struct triangle *triangle, unsigned unit,
                      const struct ordinals *cohort)
{
    unsigned count = triangle->retention->count;
    uint64_t *row = triangle->counts + (size_t)unit * count;

    row[0] = ordinals_count(cohort);
    for (unsigned k = 1; unit + k < count; k++)
        row[k] = ordinals_shared(cohort, &triangle->users[unit + k]);
}

static enum tally_err count_full(struct triangle *triangle)
{
    for (unsigned i = 0; i < triangle->retention->count; i++)
        count_row(triangle, i, &triangle->users[i]);
    return TALLY_OK;
}

/* From the last unit back: behind it are its own users and all after it. */
static enum tally_err count_unbounded(struct triangle *triangle)
{
    unsigned count = triangle->retention->count;

    for (unsigned i = count; i-- > 0;) {
        count_row(triangle, i, &triangle->users[i]);
        if (i + 1 < count)
            ordinals_unite(&triangle->users[i], &triangle->users[i + 1]);
    }
    return TALLY_OK;
}

static enum tally_err count_classic(struct triangle *triangle)
{
    const struct retention *retention = triangle->retention;
    uint32_t app = retention->filter->app;
    enum tally_err err = TALLY_OK;

    if (retention->first > 0)
        err = crowd_active(triangle->reader, app, 0, retention->first - 1,
                           &triangle->seen);

    for (unsigned i = 0; !err && i < retention->count; i++) {
        struct span span = unit_span(retention, i);
        ordinals_clear(&triangle->cohort);
        err =
            crowd_active(triangle->reader, app, span.first > 0 ? span.first : 0,
                         span.last, &triangle->cohort);
        ordinals_remove(&triangle->cohort, &triangle->seen);
        ordinals_unite(&triangle->seen, &triangle->cohort);
        ordinals_meet(&triangle->cohort, &triangle->users[i]);
        count_row(triangle, i, &triangle->cohort);
    }
    return err;
}

static void write_row(const struct triangle *triangle, unsigned unit,
                      struct json *json)
{
    unsigned count = triangle->retention->count;
    const uint64_t *row = triangle->counts + (size_t)unit * count;
    struct date date = date_of_day(unit_after(
        triangle->retention->unit, triangle->retention->first, (int)unit));
    char id[32];

    snprintf(id, sizeof(id), "%d%02d%02d", date.year, date.month, date.day);
    json_open_object(json);
    json_member_string(json, "_id", id);
    json_member_int(json, "tu", (int64_t)row[0]);
    for (unsigned k = 1; unit + k < count; k++) {
        json_key_int(json, k);
        json_int(json, (int64_t)row[k]);
    }
    json_close_object(json);
}

static enum tally_err fill(struct triangle *triangle)
{
    static enum tally_err (*const counting[])(struct triangle *) = {
        [RETENTION_FULL] = count_full,
        [RETENTION_CLASSIC] = count_classic,
        [RETENTION_UNBOUNDED] = count_unbounded,
    };
    enum tally_err err = gather(triangle);

    return err ? err : counting[triangle->retention->type](triangle);
}

enum tally_err retention_write(const struct retention *retention,
                               struct reader *reader, struct json *json)
{
    size_t count = retention->count;
    struct triangle triangle = {
        .retention = retention,
        .reader = reader,
        .users = memory_alloc((count + 1) * sizeof(*triangle.users)),
        .counts = memory_alloc((count * count + 1) * sizeof(*triangle.counts)),
    };
    enum tally_err err = count > 0 ? fill(&triangle) : TALLY_OK;

    json_open_array(json);
    for (unsigned i = 0; !err && i < count; i++)
        write_row(&triangle, i, json);
    json_close_array(json);
    for (size_t i = 0; i < count; i++)
        ordinals_finish(&triangle.users[i]);
    ordinals_finish(&triangle.cohort);
    ordinals_finish(&triangle.seen);
    free(triangle.users);
    free(triangle.counts);
    return err;
}
