#include "metrics/ticks.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/set.h"

enum { MONTHS = 12 };

static int month_number(int32_t day)
{
    struct date date = date_of_day(day);

    return date.year * MONTHS + date.month - 1;
}

static struct ticks make(enum tick_unit unit, const struct span *days)
{
    struct ticks ticks = {.unit = unit, .first = days->first};

    switch (unit) {
    case TICK_HOUR:
        ticks.count = HOUR_ROWS;
        break;
    case TICK_DAY:
        ticks.count = (unsigned)span_days(days);
        break;
    case TICK_MONTH:
        ticks.first -= date_of_day(days->first).day - 1;
        ticks.count = (unsigned)(month_number(days->last) -
                                 month_number(days->first) + 1);
        break;
    }
    ticks.at = memory_alloc(ticks.count * sizeof(*ticks.at));
    return ticks;
}

static enum tick_unit unit_of(const struct period *period)
{
    if (period->is_special)
        return TICK_DAY;
    switch (period->active.unit) {
    case COVER_DAY:
        return TICK_HOUR;
    case COVER_YEAR:
        return TICK_MONTH;
    case COVER_MONTH:
    case COVER_WEEK:
        break;
    }
    return TICK_DAY;
}

struct ticks ticks_create(const struct period *period)
{
    struct span days = period_unit_days(period, false);

    return make(unit_of(period), &days);
}

bool ticks_create_bucket(const struct period *period, struct text bucket,
                         struct ticks *ticks)
{
    struct span days = period_unit_days(period, false);

    if (text_is(bucket, "daily"))
        *ticks = make(TICK_DAY, &days);
    else if (text_is(bucket, "monthly"))
        *ticks = make(TICK_MONTH, &days);
    else
        return false;
    return true;
}

void ticks_finish(struct ticks *ticks)
{
    free(ticks->at);
    *ticks = (struct ticks){0};
}

void ticks_capture(struct reader *reader, uint32_t app)
{
    series_capture(reader, app, SET_USERS);
}

/* The date of a tick's first day. */
static struct date date_of_tick(const struct ticks *ticks, unsigned tick)
{
    struct date date = date_of_day(ticks->first);

    if (ticks->unit == TICK_DAY)
        return date_of_day(ticks->first + (int32_t)tick);
    if (ticks->unit == TICK_HOUR)
        return date;
    int month = date.month - 1 + (int)tick;
    return date_of_day(
        date_to_day(date.year + month / MONTHS, month % MONTHS + 1, 1));
}

static int32_t last_day(const struct ticks *ticks)
{
    struct date date = date_of_tick(ticks, ticks->count - 1);
    int32_t day = date_to_day(date.year, date.month, date.day);

    return ticks->unit == TICK_MONTH
               ? day + date_days_in_month(date.year, date.month) - 1
               : day;
}

static void take_hour(void *user, const struct series_cell *cell)
{
    struct ticks *ticks = user;

    memcpy(ticks->at[cell->hour], cell->at, sizeof(*ticks->at));
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct ticks *ticks = user;

    if (cell->value == 0)
        memcpy(ticks->at[cell->day - ticks->first], cell->at,
               sizeof(*ticks->at));
}

/* A month has all columns but u from its days. */
static void add_day(void *user, const struct series_cell *cell)
{
    struct ticks *ticks = user;

    if (cell->value != 0)
        return;
    int64_t *at =
        ticks->at[month_number(cell->day) - month_number(ticks->first)];
    for (int i = 0; i < CELL_U; i++)
        counter_add(&at[i], cell->at[i]);
}

static void take_year(void *user, const struct series_year *row)
{
    struct ticks *ticks = user;
    int first = month_number(ticks->first);

    if (row->value != 0)
        return;
    for (int month = 0; month < MONTHS; month++) {
        int tick = row->year * MONTHS + month - first;
        if (tick >= 0 && tick < (int)ticks->count)
            ticks->at[tick][CELL_U] = row->at[YEAR_MONTH + month];
    }
}

static enum tally_err read_months(struct ticks *ticks, struct reader *reader,
                                  uint32_t app)
{
    int32_t last = last_day(ticks);
    enum tally_err err =
        series_days(reader, app, SET_USERS, ticks->first, last, add_day, ticks);

    return err ? err
               : series_years(reader, app, SET_USERS,
                              date_of_day(ticks->first).year,
                              date_of_day(last).year, take_year, ticks);
}

enum tally_err ticks_read(struct ticks *ticks, struct reader *reader,
                          uint32_t app)
{
    switch (ticks->unit) {
    case TICK_HOUR:
        return series_hours(reader, app, SET_USERS, ticks->first, ticks->first,
                            take_hour, ticks);
    case TICK_DAY:
        return series_days(reader, app, SET_USERS, ticks->first,
                           last_day(ticks), take_day, ticks);
    case TICK_MONTH:
        break;
    }
    return read_months(ticks, reader, app);
}

static void sum_day(void *user, const struct series_cell *cell)
{
    int64_t *sums = user;

    if (cell->value != 0)
        return;
    for (int i = 0; i < CELL_U; i++)
        counter_add(&sums[i], cell->at[i]);
}

enum tally_err ticks_sum(struct reader *reader, uint32_t app,
                         const struct span *days, int64_t sums[CELL_FIELDS])
{
    memset(sums, 0, CELL_FIELDS * sizeof(*sums));
    return series_days(reader, app, SET_USERS, days->first, days->last, sum_day,
                       sums);
}

/* Writing. */

static void print_id(const struct ticks *ticks, unsigned tick,
                     char id[TICK_LABEL_SIZE])
{
    struct date date = date_of_tick(ticks, tick);
    int len = snprintf(id, TICK_LABEL_SIZE, "%d-%d", date.year, date.month);
    size_t room = TICK_LABEL_SIZE - (size_t)len;

    if (ticks->unit == TICK_DAY)
        snprintf(id + len, room, "-%d", date.day);
    else if (ticks->unit == TICK_HOUR)
        snprintf(id + len, room, "-%d %u:00", date.day, tick);
}

void ticks_write(const struct ticks *ticks, struct json *json)
{
    static const struct {
        const char *key;
        enum cell_field field;
    } columns[] = {
        {"t", CELL_T}, {"n", CELL_N}, {"u", CELL_U},
        {"d", CELL_D}, {"e", CELL_E},
    };

    json_open_array(json);
    for (unsigned tick = 0; tick < ticks->count; tick++) {
        char id[TICK_LABEL_SIZE];

        print_id(ticks, tick, id);
        json_open_object(json);
        json_member_string(json, "_id", id);
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
            json_member_int(json, columns[i].key,
                            ticks->at[tick][columns[i].field]);
        json_close_object(json);
    }
    json_close_array(json);
}

void ticks_label(const struct ticks *ticks, unsigned tick,
                 char label[TICK_LABEL_SIZE])
{
    static const char *const months[MONTHS] = {"Jan", "Feb", "Mar", "Apr",
                                               "May", "Jun", "Jul", "Aug",
                                               "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_of_tick(ticks, tick);

    switch (ticks->unit) {
    case TICK_HOUR:
        snprintf(label, TICK_LABEL_SIZE, "%02u:00", tick);
        break;
    case TICK_DAY:
        snprintf(label, TICK_LABEL_SIZE, "%d %s", date.day,
                 months[date.month - 1]);
        break;
    case TICK_MONTH:
        snprintf(label, TICK_LABEL_SIZE, "%s", months[date.month - 1]);
        break;
    }
}

void ticks_label_all(const struct ticks *ticks, char label[2 * TICK_LABEL_SIZE])
{
    char first[TICK_LABEL_SIZE];
    char last[TICK_LABEL_SIZE];

    ticks_label(ticks, 0, first);
    ticks_label(ticks, ticks->count - 1, last);
    snprintf(label, 2 * TICK_LABEL_SIZE, "%.28s - %.28s", first, last);
}
