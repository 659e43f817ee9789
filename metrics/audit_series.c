#include "metrics/audit_series.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/audit_cell.h"
#include "metrics/audit_sum.h"

enum { VALUES_MAX = 1 << 20, BUCKETS_MAX = 255, FIRST_SESSION = 1 };

/* A set while its days and years are gone through. */
struct series {
    struct scope *scope;
    uint32_t set;
    int year;
    bool has_year[SCOPE_YEARS];
    bool is_whole;  /* SET_USERS */
    bool is_bucket; /* its values are buckets: they have u alone */
    bool is_metric;
    uint32_t last; /* the last value id that may be in use */

    int64_t (*days)[CELL_FIELDS]; /* all values together */
    int64_t *firsts;              /* u of the first bucket, by day */
    int64_t sum[YEAR_SLOTS];      /* of YEARS, all values together */

    /* Of one year, by value: what its days add up to, what they have at the
     * most, what YEARS says. */
    int64_t (*parts)[YEAR_SLOTS];
    int64_t (*most)[YEAR_SLOTS];
    int64_t (*rows)[YEAR_SLOTS];
    size_t room;
    size_t used;
};

/* Room for a value; false for an id that nothing may have. */
static bool make_room(struct series *series, uint32_t value)
{
    size_t row = sizeof(*series->parts);

    if (value > series->last)
        return false;
    if (value >= series->room) {
        size_t room = ((size_t)value + 1) * 2;
        int64_t(**lists[])[YEAR_SLOTS] = {&series->parts, &series->most,
                                          &series->rows};
        for (int i = 0; i < 3; i++) {
            *lists[i] = memory_resize(*lists[i], room * row);
            memset(*lists[i] + series->room, 0, (room - series->room) * row);
        }
        series->room = room;
    }
    if (value >= series->used)
        series->used = value + 1;
    return true;
}

static void clear_year(struct series *series)
{
    size_t bytes = series->used * sizeof(*series->parts);

    if (series->used == 0)
        return;
    memset(series->parts, 0, bytes);
    memset(series->most, 0, bytes);
    memset(series->rows, 0, bytes);
    series->used = 0;
}

static void check_value(struct series *series, const struct series_cell *cell)
{
    const int64_t *whole = series->scope->days[cell->day];

    audit_cell_order(series->scope, series->set, cell);
    for (int i = CELL_T; i <= CELL_N; i++)
        scope_at_most(
            series->scope,
            (struct finding){.set = series->set,
                             .rule = FINDING_VALUE_TOTAL,
                             .day = cell->day,
                             .value = cell->value,
                             .of = audit_cell_field((enum cell_field)i),
                             .is = cell->at[i],
                             .against = whole[i]});
}

/* The uniques of a year, and what was admitted in it, are all there. */
static bool is_year_known(const struct series *series)
{
    return !scope_is_cut(series->scope, date_to_day(series->year, 1, 1));
}

/* Of what was counted on days before the horizon nothing is known by week. */
static bool is_slot_known(const struct series *series, int slot)
{
    int week = slot - YEAR_WEEK + 1;
    int month = slot - YEAR_MONTH + 1;

    if (slot == YEAR_T)
        return true;
    if (slot == YEAR_U)
        return is_year_known(series);
    if (week >= 1)
        return !scope_is_folded(series->scope,
                                date_week_first(series->year, week));
    return !scope_is_cut(series->scope, date_to_day(series->year, month, 1));
}

/* What a day counts is part of its week, month and year. */
static void add_part(struct series *series, const struct series_cell *cell)
{
    struct date date = date_of_day(cell->day);
    int64_t *parts = series->parts[cell->value];
    int64_t *most = series->most[cell->value];
    const int slots[] = {YEAR_U, YEAR_MONTH + date.month - 1,
                         YEAR_WEEK + date.week - 1};

    parts[YEAR_T] += cell->at[CELL_T];
    for (int i = 0; i < 3; i++) {
        parts[slots[i]] += cell->at[CELL_U];
        if (cell->at[CELL_U] > most[slots[i]] &&
            !scope_is_folded(series->scope, cell->day))
            most[slots[i]] = cell->at[CELL_U];
    }
}

static void check_cell(struct series *series, const struct series_cell *cell)
{
    audit_cell_signs(series->scope, series->set, cell);
    if (series->is_whole || series->is_bucket)
        audit_cell_order(series->scope, series->set, cell);
    if (series->is_metric && !set_is_custom(series->set))
        check_value(series, cell);
}

static void take_day(void *user, const struct series_cell *cell)
{
    struct series *series = user;
    int32_t day = scope_day(series->scope, cell->day);

    if (!scope_is_folded(series->scope, cell->day))
        check_cell(series, cell);
    for (int i = 0; i < CELL_FIELDS; i++)
        series->days[day][i] += cell->at[i];
    if (series->is_bucket && cell->value == FIRST_SESSION)
        series->firsts[day] += cell->at[CELL_U];
    if (make_room(series, cell->value))
        add_part(series, cell);
    else
        scope_add(series->scope, (struct finding){.set = series->set,
                                                  .rule = FINDING_VALUE,
                                                  .day = cell->day,
                                                  .value = cell->value,
                                                  .is = cell->value,
                                                  .against = series->last});
}

static void take_year(void *user, const struct series_year *row)
{
    struct series *series = user;

    if (!make_room(series, row->value)) {
        scope_add(series->scope, (struct finding){.set = series->set,
                                                  .rule = FINDING_VALUE,
                                                  .year = row->year,
                                                  .value = row->value,
                                                  .is = row->value,
                                                  .against = series->last});
        return;
    }
    memcpy(series->rows[row->value], row->at, sizeof(*series->rows));
    for (int i = 0; i < YEAR_SLOTS; i++)
        series->sum[i] += row->at[i];
}

static const char *slot_name(int slot, char name[16])
{
    if (slot == YEAR_U)
        return "u";
    if (slot == YEAR_T)
        return "t";
    bool week = slot >= YEAR_WEEK;
    int number = slot - (week ? YEAR_WEEK : YEAR_MONTH) + 1;
    name[0] = week ? 'w' : 'm';
    name[1] = (char)('0' + number / 10);
    name[2] = (char)('0' + number % 10);
    name[3] = '\0';
    return name;
}

/* One week or month, or the year, of one value against its days. */
static void check_slot(struct series *series, uint32_t value, int slot)
{
    char name[16];
    struct finding finding = {
        .set = series->set,
        .year = series->year,
        .value = value,
        .of = slot_name(slot, name),
        .is = series->rows[value][slot],
        .against = series->parts[value][slot],
    };

    if (!is_slot_known(series, slot))
        return;
    if (finding.is < 0) {
        finding.rule = FINDING_NEGATIVE;
        scope_add(series->scope, finding);
    } else if (slot == YEAR_T) {
        finding.rule = FINDING_YEAR_TOTAL;
        scope_equal(series->scope, finding);
    } else if (series->set == SET_FREQUENCY || series->set == SET_DURATIONS) {
        finding.rule = FINDING_BUCKETS;
        scope_equal(series->scope, finding);
    } else {
        finding.rule = FINDING_UNIQUE_SUM;
        scope_at_most(series->scope, finding);
    }
    if (!series->is_whole || !series->scope->is_steady || slot == YEAR_T)
        return;
    finding.rule = FINDING_UNIQUE_MOST;
    finding.against = series->most[value][slot];
    scope_at_least(series->scope, finding);
}

/* The year against its months and weeks. */
static void check_spans(struct series *series, uint32_t value)
{
    static const struct {
        const char *of;
        int first;
        int count;
    } spans[] = {
        {"months", YEAR_MONTH, 12},
        {"weeks", YEAR_WEEK, DATE_LAST_WEEK},
    };
    const int64_t *row = series->rows[value];

    for (int i = 0; i < 2; i++) {
        struct finding finding = {.set = series->set,
                                  .rule = FINDING_UNIQUE_SUM,
                                  .year = series->year,
                                  .value = value,
                                  .of = spans[i].of,
                                  .is = row[YEAR_U]};
        int64_t most = 0;
        for (int slot = spans[i].first; slot < spans[i].first + spans[i].count;
             slot++) {
            finding.against += row[slot];
            most = row[slot] > most ? row[slot] : most;
        }
        scope_at_most(series->scope, finding);
        finding.rule = FINDING_UNIQUE_MOST;
        finding.against = most;
        if (series->is_whole && series->scope->is_steady)
            scope_at_least(series->scope, finding);
    }
}

static void check_admitted(struct series *series)
{
    struct finding finding = {
        .set = series->set,
        .rule = FINDING_ADMITTED,
        .year = series->year,
        .is = scope_sequence(series->scope, series->set, series->year)};

    for (size_t value = 1; value < series->used; value++)
        finding.against += series->rows[value][YEAR_T] != 0;
    scope_equal(series->scope, finding);
}

/* Loyalty counts exactly where the whole is unique. */
static void check_loyalty_year(struct series *series)
{
    const int64_t *whole =
        series->scope->years[series->year - SCOPE_FIRST_YEAR];
    char name[16];

    for (int slot = 0; slot < YEAR_T; slot++)
        scope_equal(series->scope, (struct finding){.set = series->set,
                                                    .rule = FINDING_LOYALTY,
                                                    .year = series->year,
                                                    .of = slot_name(slot, name),
                                                    .is = series->sum[slot],
                                                    .against = whole[slot]});
}

static void check_year(struct series *series)
{
    struct scope *scope = series->scope;
    int32_t first = date_to_day(series->year, 1, 1);
    int32_t last = first + date_days_in_year(series->year) - 1;

    clear_year(series);
    memset(series->sum, 0, sizeof(series->sum));
    scope_check(scope, series->set,
                series_days(scope->counters, scope->app, series->set, first,
                            last, take_day, series));
    scope_check(scope, series->set,
                series_years(scope->counters, scope->app, series->set,
                             series->year, series->year, take_year, series));
    for (uint32_t value = 0; value < series->used; value++) {
        for (int slot = 0; slot < YEAR_SLOTS; slot++)
            check_slot(series, value, slot);
        if (is_year_known(series))
            check_spans(series, value);
    }
    if (series->is_metric && is_year_known(series))
        check_admitted(series);
    if (series->set == SET_LOYALTY && is_year_known(series))
        check_loyalty_year(series);
    if (series->is_whole && series->used > 0)
        memcpy(scope->years[series->year - SCOPE_FIRST_YEAR], series->rows[0],
               sizeof(*scope->years));
}

static void note_day(void *user, const struct series_cell *cell)
{
    struct series *series = user;

    series->has_year[date_of_day(cell->day).year - SCOPE_FIRST_YEAR] = true;
}

static void note_year(void *user, const struct series_year *row)
{
    struct series *series = user;
    int year = row->year - SCOPE_FIRST_YEAR;

    if (year >= 0 && year < SCOPE_YEARS)
        series->has_year[year] = true;
}

/* The years in which anything counts. */
static void find_years(struct series *series)
{
    struct scope *scope = series->scope;

    scope_check(scope, series->set,
                series_days(scope->counters, scope->app, series->set, 0,
                            SCOPE_DAYS - 1, note_day, series));
    scope_check(
        scope, series->set,
        series_years(scope->counters, scope->app, series->set, SCOPE_FIRST_YEAR,
                     SCOPE_FIRST_YEAR + SCOPE_YEARS - 1, note_year, series));
}

static uint32_t last_value(const struct series *series)
{
    if (series->is_whole)
        return 0;
    if (series->is_bucket)
        return BUCKETS_MAX;
    return series->is_metric ? scope_sequence(series->scope, series->set, 0)
                             : VALUES_MAX;
}

void audit_series_check(struct scope *scope, uint32_t set)
{
    struct series series = {
        .scope = scope,
        .set = set,
        .is_whole = set == SET_USERS,
        .is_bucket =
            set == SET_FREQUENCY || set == SET_LOYALTY || set == SET_DURATIONS,
        .is_metric = set_is_metric(set),
        .firsts = memory_alloc(SCOPE_DAYS * sizeof(*series.firsts)),
    };

    series.days = series.is_whole
                      ? scope->days
                      : memory_alloc(SCOPE_DAYS * sizeof(*series.days));
    series.last = last_value(&series);
    find_years(&series);
    for (int i = 0; i < SCOPE_YEARS; i++) {
        series.year = SCOPE_FIRST_YEAR + i;
        if (series.has_year[i])
            check_year(&series);
    }
    if (series.is_whole)
        audit_sum_hours(scope);
    audit_sum_values(scope, set, series.days, series.firsts);
    if (!series.is_whole)
        free(series.days);
    free(series.firsts);
    free(series.parts);
    free(series.most);
    free(series.rows);
}
