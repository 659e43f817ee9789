#include "metrics/consent_object.h"

#include <stdlib.h>

#include "engine/date.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/lookup.h"
#include "metrics/nest.h"
#include "metrics/set.h"

enum {
    FIRST_YEAR = 1970,
    LAST_YEAR = 2148,
    WAYS = 2, /* in and out */
    MONTH_DAYS = 31,
    CLASHES_END = 32, /* names that could be an hour, a day or a month */
};

static const uint32_t sets[WAYS] = {SET_CONSENT_IN, SET_CONSENT_OUT};
static const char *const keys[WAYS] = {"i", "o"};

enum level { LEVEL_DAY, LEVEL_MONTH, LEVEL_YEAR, LEVELS };

/* Feature 0 are all of them together. */
struct feature {
    struct text name;
    bool counted; /* in a year that is read */
    int64_t counts[LEVELS][WAYS];
};

struct cell {
    int32_t day;
    uint32_t feature;
    int way;
    int64_t count;
};

struct writing {
    struct reader *reader;
    uint32_t app;
    const struct period *period;
    enum timeobject_mode mode;
    struct nest nest;
    struct feature *features;
    size_t count;
    size_t room;
    struct lookup by_name;
    uint32_t *of_value[WAYS]; /* the feature of a value id */
    size_t values[WAYS];
    int way; /* which is being read */
    struct cell *cells;
    size_t cell_count;
    size_t cell_room;
    int64_t hours[MONTH_DAYS][HOUR_ROWS][WAYS];
};

void consent_object_capture(struct reader *reader, uint32_t app)
{
    for (int way = 0; way < WAYS; way++)
        series_capture(reader, app, sets[way]);
}

/* Names. */

static char *copy_of(struct text name)
{
    char *copy = memory_alloc(name.len + 1);

    memcpy(copy, name.at, name.len);
    return copy;
}

static uint32_t feature_of(struct writing *writing, struct text name)
{
    uintptr_t known = (uintptr_t)lookup_find(&writing->by_name, name);

    if (known != 0)
        return (uint32_t)known;
    writing->features =
        memory_one_more(writing->features, writing->count, &writing->room,
                        sizeof(*writing->features));
    struct feature *feature = &writing->features[writing->count];
    *feature = (struct feature){.name = {copy_of(name), name.len}};
    lookup_put(&writing->by_name, feature->name, (void *)writing->count);
    return (uint32_t)writing->count++;
}

static void take_name(void *user, uint32_t value, struct text name)
{
    struct writing *writing = user;
    size_t *room = &writing->values[writing->way];
    uint32_t **list = &writing->of_value[writing->way];

    if (value >= *room) {
        size_t more = ((size_t)value + 1) * 2;
        *list = memory_resize(*list, more * sizeof(uint32_t));
        memset(*list + *room, 0, (more - *room) * sizeof(uint32_t));
        *room = more;
    }
    (*list)[value] = feature_of(writing, name);
}

static enum tally_err read_names(struct writing *writing)
{
    enum tally_err err = TALLY_OK;

    /* All together are the first. */
    writing->features =
        memory_one_more(NULL, 0, &writing->room, sizeof(*writing->features));
    writing->features[0] = (struct feature){0};
    writing->count = 1;
    for (int way = 0; !err && way < WAYS; way++) {
        writing->way = way;
        err = series_names(writing->reader, writing->app, sets[way], take_name,
                           writing);
    }
    return err;
}

/* Reading the days of a month. */

static void take_cell(void *user, const struct series_cell *cell)
{
    struct writing *writing = user;
    int way = writing->way;
    uint32_t feature = 0;

    if (cell->value > 0 && cell->value < writing->values[way])
        feature = writing->of_value[way][cell->value];
    if ((cell->value > 0 && feature == 0) || cell->at[CELL_T] <= 0)
        return;
    writing->cells =
        memory_one_more(writing->cells, writing->cell_count,
                        &writing->cell_room, sizeof(*writing->cells));
    writing->cells[writing->cell_count++] =
        (struct cell){cell->day, feature, way, cell->at[CELL_T]};
}

static void take_hour(void *user, const struct series_cell *cell)
{
    struct writing *writing = user;
    int day = date_of_day(cell->day).day;

    writing->hours[day - 1][cell->hour][writing->way] = cell->at[CELL_T];
}

static int compare_cells(const void *a, const void *b)
{
    const struct cell *x = a;
    const struct cell *y = b;

    return (x->day > y->day) - (x->day < y->day);
}

static enum tally_err read_days(struct writing *writing, int32_t first,
                                int32_t last)
{
    enum tally_err err = TALLY_OK;

    writing->cell_count = 0;
    memset(writing->hours, 0, sizeof(writing->hours));
    for (int way = 0; !err && way < WAYS; way++) {
        writing->way = way;
        err = series_days(writing->reader, writing->app, sets[way], first, last,
                          take_cell, writing);
        if (!err)
            err = series_hours(writing->reader, writing->app, sets[way], first,
                               last, take_hour, writing);
    }
    if (writing->cell_count > 1)
        qsort(writing->cells, writing->cell_count, sizeof(*writing->cells),
              compare_cells);
    return err;
}

/* Writing. */

static void write_counts(struct nest *nest, const int64_t counts[WAYS])
{
    for (int way = 0; way < WAYS; way++)
        nest_count(nest, keys[way], counts[way]);
}

static bool is_clash(struct text name)
{
    int number = 0;

    if (name.len == 0 || name.len > 2)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return false;
        number = number * 10 + (name.at[i] - '0');
    }
    return number < CLASHES_END;
}

/* A name that is a small number gets the prefix of spec C.7. */
static void write_name(struct json *json, struct text name)
{
    char prefixed[] = "[CLY]\0\0";

    if (is_clash(name)) {
        memcpy(prefixed + strlen(prefixed), name.at, name.len);
        name = (struct text){prefixed, strlen("[CLY]") + name.len};
    }
    json_key(json, name);
}

static void write_feature(struct nest *nest, const struct feature *feature,
                          const int64_t counts[WAYS])
{
    struct json *json = nest_open(nest);

    write_name(json, feature->name);
    json_open_object(json);
    for (int way = 0; way < WAYS; way++) {
        if (counts[way] > 0)
            json_member_int(json, keys[way], counts[way]);
    }
    json_close_object(json);
}

/* Adds a level to the next one and empties it. */
static void carry(struct feature *feature, enum level level, bool sums)
{
    for (int way = 0; way < WAYS; way++) {
        if (sums && level < LEVEL_YEAR)
            feature->counts[level + 1][way] += feature->counts[level][way];
        feature->counts[level][way] = 0;
    }
}

/* The features, then all of them together. */
static void write_level(struct writing *writing, enum level level, bool sums)
{
    for (size_t i = writing->count; i-- > 0;) {
        struct feature *feature = &writing->features[i];
        const int64_t *counts = feature->counts[level];
        if (counts[0] == 0 && counts[1] == 0)
            continue;
        if (i > 0)
            write_feature(&writing->nest, feature, counts);
        else
            write_counts(&writing->nest, counts);
        feature->counted = true;
        carry(feature, level, sums);
    }
}

static size_t write_day(struct writing *writing, int32_t day, size_t next)
{
    int number = date_of_day(day).day;
    bool sums = writing->mode == TIMEOBJECT_PERIOD;

    for (; next < writing->cell_count && writing->cells[next].day == day;
         next++) {
        const struct cell *cell = &writing->cells[next];
        writing->features[cell->feature].counts[LEVEL_DAY][cell->way] +=
            cell->count;
    }
    nest_enter(&writing->nest, "", number);
    for (int hour = 0; hour < HOUR_ROWS; hour++) {
        nest_enter(&writing->nest, "", hour);
        write_counts(&writing->nest, writing->hours[number - 1][hour]);
        nest_leave(&writing->nest);
    }
    write_level(writing, LEVEL_DAY, sums);
    nest_leave(&writing->nest);
    return next;
}

static enum tally_err write_month(struct writing *writing, int year, int month)
{
    int32_t first = date_to_day(year, month, 1);
    int32_t last = first + date_days_in_month(year, month) - 1;
    size_t next = 0;

    if (writing->mode == TIMEOBJECT_REFRESH)
        first = last = writing->period->today;
    enum tally_err err = read_days(writing, first, last);
    nest_enter(&writing->nest, "", month);
    for (int32_t day = first; !err && day <= last; day++)
        next = write_day(writing, day, next);
    write_level(writing, LEVEL_MONTH, true);
    nest_leave(&writing->nest);
    return err;
}

/* Is the month, or any of the year (0), to be read? */
static bool has(const struct writing *writing, const struct cover *cover,
                int year, int month)
{
    struct date today = date_of_day(writing->period->today);

    if (writing->mode == TIMEOBJECT_FULL)
        return true;
    if (writing->mode == TIMEOBJECT_REFRESH)
        return year == today.year && (month == 0 || month == today.month);
    for (unsigned i = 0; i < cover->count; i++) {
        struct date date = date_of_day(cover->list[i].day);
        if (date.year == year && (month == 0 || date.month == month))
            return true;
    }
    return false;
}

static void note_year(void *user, const struct series_year *row)
{
    bool *years = user;

    years[row->year - FIRST_YEAR] = true;
}

/* The years in which anything counted. */
static enum tally_err find_years(struct writing *writing, bool *years)
{
    enum tally_err err = TALLY_OK;

    for (int way = 0; !err && way < WAYS; way++)
        err = series_years(writing->reader, writing->app, sets[way], FIRST_YEAR,
                           LAST_YEAR, note_year, years);
    return err;
}

static enum tally_err write_years(struct writing *writing)
{
    bool years[LAST_YEAR - FIRST_YEAR + 1] = {false};
    struct cover cover = {0};
    enum tally_err err = find_years(writing, years);

    period_months(writing->period, &cover);
    for (int year = FIRST_YEAR; !err && year <= LAST_YEAR; year++) {
        if (!years[year - FIRST_YEAR] || !has(writing, &cover, year, 0))
            continue;
        nest_enter(&writing->nest, "", year);
        for (int month = 1; !err && month <= 12; month++) {
            if (has(writing, &cover, year, month))
                err = write_month(writing, year, month);
        }
        write_level(writing, LEVEL_YEAR, false);
        nest_leave(&writing->nest);
    }
    return err;
}

static void write_meta(const struct writing *writing, struct json *json)
{
    json_key_string(json, "meta");
    json_open_object(json);
    json_key_string(json, "features");
    json_open_array(json);
    for (size_t i = 1; i < writing->count; i++) {
        if (writing->features[i].counted)
            json_text(json, writing->features[i].name);
    }
    json_close_array(json);
    json_close_object(json);
}

static void finish(struct writing *writing)
{
    for (size_t i = 1; i < writing->count; i++)
        free((void *)(uintptr_t)writing->features[i].name.at);
    for (int way = 0; way < WAYS; way++)
        free(writing->of_value[way]);
    lookup_finish(&writing->by_name);
    free(writing->features);
    free(writing->cells);
    free(writing);
}

enum tally_err consent_object_write(struct reader *reader, uint32_t app,
                                    const struct period *period,
                                    enum timeobject_mode mode,
                                    struct json *json)
{
    struct writing *writing = memory_alloc(sizeof(*writing));

    writing->reader = reader;
    writing->app = app;
    writing->period = period;
    writing->mode = mode;
    lookup_init(&writing->by_name);
    nest_init(&writing->nest, json);
    enum tally_err err = read_names(writing);
    json_open_object(json);
    if (!err)
        err = write_years(writing);
    write_meta(writing, json);
    json_close_object(json);
    finish(writing);
    return err;
}
