/*
 * Counters as rows. Each set has its days (the whole its hours, too), then
 * the users of its weeks, months and years: those do not add up.
 */
#include "engine/counter.h"
#include "engine/date.h"
#include "engine/series.h"
#include "metrics/export.h"
#include "metrics/set.h"

enum column {
    COLLECTION,
    SET_NAME,
    LEVEL,
    YEAR,
    WEEK,
    MONTH,
    DAY,
    HOUR,
    VALUE,
    COUNTER_T,
    COUNTER_N,
    COUNTER_U,
    COUNTER_D,
    COUNTER_E,
    COLUMNS,
};

static const char *const columns[COLUMNS] = {
    "collection", "set",   "level", "year", "week", "month", "day",
    "hour",       "value", "t",     "n",    "u",    "d",     "e"};

/* Sets that are no metric's, before those that are. */
static const struct {
    enum set set;
    const char *name;
    enum column counter; /* of a range: what there is of a bucket */
} own[] = {
    {SET_USERS, "users", COLUMNS},
    {SET_FREQUENCY, "frequency", COUNTER_T},
    {SET_LOYALTY, "loyalty", COUNTER_U},
    {SET_DURATIONS, "durations", COUNTER_T},
};

enum { OWN = sizeof(own) / sizeof(own[0]) };

static size_t series_count(const struct export *export)
{
    return OWN + export->metrics.count;
}

static const struct metric *metric_of(const struct export *export,
                                      size_t series)
{
    return export->metrics.at[series - OWN];
}

static uint32_t set_of(const struct export *export, size_t series)
{
    return series < OWN ? own[series].set : metric_of(export, series)->set;
}

static const char *name_of(const struct export *export, size_t series)
{
    return series < OWN ? own[series].name : metric_of(export, series)->name;
}

static const char *collection_of(const struct export *export, size_t series)
{
    return series < OWN ? "users" : metric_of(export, series)->collection;
}

static bool is_range(const struct export *export)
{
    return export->series > 0 && export->series < OWN;
}

static bool is_wanted(const struct export *export, size_t series)
{
    return !export->collection ||
           strcmp(export->collection, collection_of(export, series)) == 0;
}

static void open_row(struct export *export, const char *level, int year)
{
    size_t series = export->series;
    struct rows *rows = &export->rows;

    rows_open(rows, export->out);
    rows_text(rows, COLLECTION, text_of(collection_of(export, series)));
    rows_text(rows, SET_NAME, text_of(name_of(export, series)));
    rows_text(rows, LEVEL, text_of(level));
    rows_int(rows, YEAR, year);
}

static void put_value(struct export *export, uint32_t value)
{
    if (is_range(export))
        rows_int(&export->rows, VALUE, (int64_t)value - 1);
    else if (value > 0)
        rows_text(&export->rows, VALUE,
                  name_list_find(&export->names[0], value));
}

static void put_counter(struct rows *rows, enum column column, int64_t count)
{
    rows_int(rows, column, count > 0 ? count : 0);
}

static void put_cell(struct export *export, const int64_t *cell)
{
    struct rows *rows = &export->rows;

    if (is_range(export)) {
        put_counter(rows, own[export->series].counter, cell[CELL_U]);
        return;
    }
    put_counter(rows, COUNTER_T, cell[CELL_T]);
    put_counter(rows, COUNTER_N, cell[CELL_N]);
    put_counter(rows, COUNTER_U, cell[CELL_U]);
    if (export->series > 0)
        return;
    put_counter(rows, COUNTER_D, cell[CELL_D]);
    put_counter(rows, COUNTER_E, cell[CELL_E]);
}

static void open_day(struct export *export, const char *level, int32_t day)
{
    struct date date = date_of_day(day);

    open_row(export, level, date.year);
    rows_int(&export->rows, WEEK, date.week);
    rows_int(&export->rows, MONTH, date.month);
    rows_int(&export->rows, DAY, date.day);
}

static void take_hour(void *user, const struct series_cell *cell)
{
    struct export *export = user;

    open_day(export, "hour", cell->day);
    rows_int(&export->rows, HOUR, cell->hour);
    put_cell(export, cell->at);
    rows_close(&export->rows);
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct export *export = user;

    open_day(export, "day", cell->day);
    put_value(export, cell->value);
    put_cell(export, cell->at);
    rows_close(&export->rows);
}

static enum tally_err write_day(struct export *export)
{
    uint32_t set = set_of(export, export->series);
    int32_t day = export->day++;
    enum tally_err err = TALLY_OK;

    if (!span_has(&export->span, day))
        return TALLY_OK;
    if (export->series == 0)
        err = series_hours(export->reader, export->app, set, day, day,
                           take_hour, export);
    return err ? err
               : series_days(export->reader, export->app, set, day, day,
                             take_day, export);
}

static bool touches(const struct export *export, int32_t first, int32_t last)
{
    return first <= export->span.last && last >= export->span.first;
}

/* The slot as a level with its days; false when none of those is asked for. */
static bool open_slot(struct export *export, int year, unsigned slot)
{
    bool is_week = slot >= YEAR_WEEK;
    int number = (int)(slot - (is_week ? YEAR_WEEK : YEAR_MONTH)) + 1;
    int32_t first = date_to_day(year, 1, 1);
    int32_t last = date_to_day(year, 12, 31);

    if (slot != YEAR_U) {
        first = is_week ? date_week_first(year, number)
                        : date_to_day(year, number, 1);
        last = is_week ? date_week_last(year, number)
                       : first + date_days_in_month(year, number) - 1;
    }
    if (!touches(export, first, last))
        return false;
    open_row(export,
             slot == YEAR_U ? "year"
             : is_week      ? "week"
                            : "month",
             year);
    if (slot != YEAR_U)
        rows_int(&export->rows, is_week ? WEEK : MONTH, number);
    return true;
}

static void take_year(void *user, const struct series_year *row)
{
    struct export *export = user;
    int64_t users = row->at[export->slot];

    if (users <= 0 || !open_slot(export, row->year, export->slot))
        return;
    put_value(export, row->value);
    put_counter(&export->rows,
                is_range(export) ? own[export->series].counter : COUNTER_U,
                users);
    rows_close(&export->rows);
}

static enum tally_err write_slot(struct export *export)
{
    enum tally_err err = series_years(
        export->reader, export->app, set_of(export, export->series),
        export->year, export->year, take_year, export);

    if (++export->slot == YEAR_T) {
        export->slot = 0;
        export->year++;
    }
    return err;
}

static void begin_series(struct export *export)
{
    name_list_finish(&export->names[0]);
    export->has_names = false;
    export->is_above = false;
    export->day = export->span.first;
    while (export->series < series_count(export) &&
           !is_wanted(export, export->series))
        export->series++;
    export->is_done = export->series == series_count(export);
}

static enum tally_err write_some(struct export *export)
{
    if (!export->has_names) {
        export->has_names = true;
        return name_list_read(&export->names[0], export->reader, export->app,
                              set_of(export, export->series));
    }
    if (!export->is_above && export->day <= export->span.last)
        return write_day(export);
    if (!export->is_above) {
        export->is_above = true;
        export->year = date_of_day(export->span.first).year;
        export->slot = 0;
    }
    if (export->year <= date_of_day(export->span.last).year)
        return write_slot(export);
    export->series++;
    begin_series(export);
    return TALLY_OK;
}

void export_counter_open(struct export *export)
{
    export->step = write_some;
    export->rows.columns = columns;
    export->rows.count = COLUMNS;
    for (size_t i = 0; i < series_count(export); i++) {
        if (is_wanted(export, i))
            series_capture(export->reader, export->app, set_of(export, i));
    }
    begin_series(export);
}
