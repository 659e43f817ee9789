#include "metrics/whole.h"

#include <stdlib.h>

#include "engine/date.h"
#include "engine/horizon.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/set.h"

enum { DAYS = 31, BUCKETS = 16, RANGES = 3, NO_NUMBER = -1 };

static const struct {
    enum set set;
    const char *key;
    const char *meta;
    bool is_refreshed;
} ranges[RANGES] = {
    {SET_FREQUENCY, "f", "f-ranges", true},
    {SET_LOYALTY, "l", "l-ranges", true},
    {SET_DURATIONS, "ds", "d-ranges", false},
};

static const char *const cell_names[CELL_FIELDS] = {
    [CELL_T] = "t", [CELL_N] = "n", [CELL_E] = "e",
    [CELL_D] = "d", [CELL_U] = "u",
};

/* The users of one bucket at the levels above the day, and at the days of the
 * month that was read, by day of the month. */
struct range {
    int64_t year[BUCKETS][YEAR_SLOTS];
    int64_t day[DAYS][BUCKETS];
    bool was_seen[BUCKETS];
};

struct whole {
    struct reader *reader;
    uint32_t app;
    uint32_t set;
    int range_count; /* of `ranges`, that the set has */
    enum whole_mode mode;
    int32_t first_day; /* those before are shown as part of their month */
    struct range ranges[RANGES];
    struct range *reading;
    int32_t month_first; /* the day number of the month's first day */
    int64_t uniques[YEAR_SLOTS];
    int64_t year[CELL_FIELDS];
    int64_t month[CELL_FIELDS];
    int64_t day[DAYS][CELL_FIELDS];
    int64_t hour[DAYS][HOUR_ROWS][CELL_FIELDS];
};

static int ranges_of(uint32_t set)
{
    return set == SET_USERS ? RANGES : 0;
}

void whole_capture(struct reader *reader, uint32_t app, uint32_t set)
{
    series_capture(reader, app, set);
    for (int i = 0; i < ranges_of(set); i++)
        series_capture(reader, app, ranges[i].set);
}

struct whole *whole_create(struct reader *reader, uint32_t app, uint32_t set,
                           enum whole_mode mode)
{
    struct whole *whole = memory_alloc(sizeof(*whole));

    whole->reader = reader;
    whole->app = app;
    whole->set = set;
    whole->range_count = ranges_of(set);
    whole->mode = mode;
    whole->first_day = horizon_captured(reader, app).days;
    return whole;
}

void whole_destroy(struct whole *whole)
{
    free(whole);
}

/* Reading. */

struct year_finder {
    int first;
    bool *has;
};

static void find_year(void *user, const struct series_cell *cell)
{
    const struct year_finder *finder = user;

    if (cell->value == 0)
        finder->has[date_of_day(cell->day).year - finder->first] = true;
}

enum tally_err whole_find_years(struct whole *whole, int first, int last,
                                bool *has)
{
    struct year_finder finder = {first, has};

    return series_days(whole->reader, whole->app, whole->set,
                       date_to_day(first, 1, 1), date_to_day(last, 12, 31),
                       find_year, &finder);
}

static void take_year(void *user, const struct series_year *row)
{
    struct whole *whole = user;

    if (row->value == 0)
        memcpy(whole->uniques, row->at, sizeof(whole->uniques));
}

static void take_range_year(void *user, const struct series_year *row)
{
    struct whole *whole = user;

    if (row->value == 0 || row->value > BUCKETS)
        return;
    int64_t *slots = whole->reading->year[row->value - 1];
    memcpy(slots, row->at, YEAR_SLOTS * sizeof(*slots));
    for (int i = 0; i < YEAR_SLOTS; i++) {
        if (slots[i] > 0)
            whole->reading->was_seen[row->value - 1] = true;
    }
}

enum tally_err whole_read_year(struct whole *whole, int year)
{
    memset(whole->uniques, 0, sizeof(whole->uniques));
    memset(whole->year, 0, sizeof(whole->year));
    memset(whole->month, 0, sizeof(whole->month));
    enum tally_err err = series_years(whole->reader, whole->app, whole->set,
                                      year, year, take_year, whole);

    for (int i = 0; !err && i < whole->range_count; i++) {
        whole->reading = &whole->ranges[i];
        memset(whole->reading->year, 0, sizeof(whole->reading->year));
        err = series_years(whole->reader, whole->app, ranges[i].set, year, year,
                           take_range_year, whole);
    }
    return err;
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct whole *whole = user;

    if (cell->value == 0)
        memcpy(whole->day[cell->day - whole->month_first], cell->at,
               sizeof(whole->day[0]));
}

static void take_hour(void *user, const struct series_cell *cell)
{
    struct whole *whole = user;

    memcpy(whole->hour[cell->day - whole->month_first][cell->hour], cell->at,
           sizeof(whole->hour[0][0]));
}

static void take_range_day(void *user, const struct series_cell *cell)
{
    struct whole *whole = user;

    if (cell->value > 0 && cell->value <= BUCKETS)
        whole->reading->day[cell->day - whole->month_first][cell->value - 1] =
            cell->at[CELL_U];
}

enum tally_err whole_read_days(struct whole *whole, int32_t first, int32_t last)
{
    struct reader *reader = whole->reader;
    uint32_t app = whole->app;

    whole->month_first = first - date_of_day(first).day + 1;
    memset(whole->day, 0, sizeof(whole->day));
    memset(whole->hour, 0, sizeof(whole->hour));
    enum tally_err err =
        series_days(reader, app, whole->set, first, last, take_day, whole);
    if (!err)
        err = series_hours(reader, app, whole->set, first, last, take_hour,
                           whole);

    for (int i = 0; !err && i < whole->range_count; i++) {
        whole->reading = &whole->ranges[i];
        memset(whole->reading->day, 0, sizeof(whole->reading->day));
        err = series_days(reader, app, ranges[i].set, first, last,
                          take_range_day, whole);
    }
    return err;
}

/* Writing. */

static void write_cell(struct nest *nest, const int64_t cell[CELL_FIELDS])
{
    for (int i = 0; i < CELL_FIELDS; i++)
        nest_count(nest, cell_names[i], cell[i]);
}

static void write_bucket(struct nest *nest, int bucket, int64_t count)
{
    if (count <= 0)
        return;
    struct json *json = nest_open(nest);
    json_key_int(json, bucket);
    json_int(json, count);
}

static void write_day(struct whole *whole, struct nest *nest, int32_t of_month)
{
    for (int hour = 0; hour < HOUR_ROWS; hour++) {
        nest_enter(nest, "", hour);
        write_cell(nest, whole->hour[of_month][hour]);
        nest_leave(nest);
    }
    write_cell(nest, whole->day[of_month]);
    for (int i = 0; i < whole->range_count; i++) {
        nest_enter(nest, ranges[i].key, NO_NUMBER);
        for (int bucket = 0; bucket < BUCKETS; bucket++)
            write_bucket(nest, bucket, whole->ranges[i].day[of_month][bucket]);
        nest_leave(nest);
    }
}

void whole_write_day(struct whole *whole, struct nest *nest, int32_t day)
{
    int32_t of_month = day - whole->month_first;

    if (day >= whole->first_day)
        write_day(whole, nest, of_month);
    for (int i = 0; i < CELL_U; i++)
        whole->month[i] += whole->day[of_month][i];
}

/* What a level above the day has: sums of days, and uniques from its slot. */
static void write_level(struct whole *whole, struct nest *nest,
                        const int64_t sums[CELL_FIELDS], unsigned slot)
{
    if (sums && whole->mode == WHOLE_ALL)
        write_cell(nest, sums);
    nest_count(nest, cell_names[CELL_U], whole->uniques[slot]);
    for (int i = 0; i < whole->range_count; i++) {
        if (whole->mode == WHOLE_REFRESH && !ranges[i].is_refreshed)
            continue;
        nest_enter(nest, ranges[i].key, NO_NUMBER);
        for (int bucket = 0; bucket < BUCKETS; bucket++)
            write_bucket(nest, bucket, whole->ranges[i].year[bucket][slot]);
        nest_leave(nest);
    }
}

/* A month without days shows its sums whatever the mode. */
void whole_write_month(struct whole *whole, struct nest *nest, int month)
{
    if (whole->mode != WHOLE_ALL && whole->month_first < whole->first_day)
        write_cell(nest, whole->month);
    write_level(whole, nest, whole->month, YEAR_MONTH + (unsigned)month - 1);
    for (int i = 0; i < CELL_U; i++)
        whole->year[i] += whole->month[i];
    memset(whole->month, 0, sizeof(whole->month));
}

void whole_write_week(struct whole *whole, struct nest *nest, int week)
{
    write_level(whole, nest, NULL, YEAR_WEEK + (unsigned)week - 1);
}

void whole_write_year(struct whole *whole, struct nest *nest)
{
    write_level(whole, nest, whole->year, YEAR_U);
}

static bool has_buckets(const struct range *range)
{
    return memchr(range->was_seen, true, sizeof(range->was_seen)) != NULL;
}

static void write_buckets(const struct range *range, struct json *json)
{
    static const char *const names[BUCKETS] = {
        "0", "1", "2",  "3",  "4",  "5",  "6",  "7",
        "8", "9", "10", "11", "12", "13", "14", "15"};

    json_open_array(json);
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        if (range->was_seen[bucket])
            json_string(json, names[bucket]);
    }
    json_close_array(json);
}

void whole_write_meta(const struct whole *whole, struct json *json)
{
    for (int i = 0; i < RANGES; i++) {
        if (!has_buckets(&whole->ranges[i]))
            continue;
        json_key_string(json, ranges[i].meta);
        write_buckets(&whole->ranges[i], json);
    }
}
