#include "metrics/audit_sum.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/audit_cell.h"

struct hours {
    struct scope *scope;
    int64_t (*sums)[CELL_FIELDS];
    int64_t *most; /* u of one hour */
};

static void take_hour(void *user, const struct series_cell *cell)
{
    struct hours *hours = user;

    audit_cell_signs(hours->scope, SET_USERS, cell);
    audit_cell_order(hours->scope, SET_USERS, cell);
    for (int i = 0; i < CELL_FIELDS; i++)
        hours->sums[cell->day][i] += cell->at[i];
    if (cell->at[CELL_U] > hours->most[cell->day])
        hours->most[cell->day] = cell->at[CELL_U];
}

static void check_hours(const struct hours *hours, int32_t day)
{
    struct scope *scope = hours->scope;
    const int64_t *whole = scope->days[day];
    struct finding finding = {
        .rule = FINDING_HOURS, .set = SET_USERS, .day = day};

    for (int i = CELL_T; i <= CELL_D; i++) {
        finding.of = audit_cell_field((enum cell_field)i);
        finding.is = hours->sums[day][i];
        finding.against = whole[i];
        scope_equal(scope, finding);
    }
    finding.of = NULL;
    finding.rule = FINDING_HOUR_USERS;
    finding.is = whole[CELL_U];
    finding.against = hours->sums[day][CELL_U];
    scope_at_most(scope, finding);
    finding.rule = FINDING_HOUR_MOST;
    finding.against = hours->most[day];
    if (scope->is_steady)
        scope_at_least(scope, finding);
}

void audit_sum_hours(struct scope *scope)
{
    struct hours hours = {
        .scope = scope,
        .sums = memory_alloc(SCOPE_DAYS * sizeof(*hours.sums)),
        .most = memory_alloc(SCOPE_DAYS * sizeof(*hours.most))};

    scope_check(scope, SET_USERS,
                series_hours(scope->counters, scope->app, SET_USERS, 0,
                             SCOPE_DAYS - 1, take_hour, &hours));
    for (int32_t day = scope->horizon.hours; day < SCOPE_DAYS; day++)
        check_hours(&hours, day);
    free(hours.sums);
    free(hours.most);
}

/* All values of a set on one day. */
struct sum {
    struct scope *scope;
    uint32_t set;
    int32_t day;
    const int64_t *all;   /* of the values */
    const int64_t *whole; /* of the app */
    int64_t first;        /* u of the first bucket */
};

static void hold(const struct sum *sum, enum finding_rule rule,
                 enum cell_field field, int64_t is)
{
    struct finding finding = {.rule = rule,
                              .set = sum->set,
                              .day = sum->day,
                              .of = audit_cell_field(field),
                              .is = is,
                              .against = sum->whole[field]};

    if (rule == FINDING_FREQUENCY)
        scope_at_most(sum->scope, finding);
    else if (rule == FINDING_COUNTRIES && field == CELL_U)
        scope_at_least(sum->scope, finding);
    else
        scope_equal(sum->scope, finding);
}

/* A set that is full counts no more values. */
static bool is_full(const struct sum *sum)
{
    uint32_t limit = sum->scope->tally->settings.metric_limit;
    int year = date_of_day(sum->day).year;

    return limit > 0 && scope_sequence(sum->scope, sum->set, year) >= limit;
}

static void check_countries(const struct sum *sum)
{
    bool counts = sum->all[CELL_T] != 0 || sum->whole[CELL_T] != 0;

    if (!counts || is_full(sum))
        return;
    hold(sum, FINDING_COUNTRIES, CELL_T, sum->all[CELL_T]);
    hold(sum, FINDING_COUNTRIES, CELL_N, sum->all[CELL_N]);
    hold(sum, FINDING_COUNTRIES, CELL_U, sum->all[CELL_U]);
}

static void check_frequency(const struct sum *sum)
{
    hold(sum, FINDING_FREQUENCY, CELL_T, sum->all[CELL_U]);
    hold(sum, FINDING_FIRST, CELL_N, sum->first);
}

static void check_loyalty(const struct sum *sum)
{
    hold(sum, FINDING_LOYALTY, CELL_U, sum->all[CELL_U]);
}

static void add_durations(const struct sum *sum)
{
    sum->scope->closed += sum->all[CELL_U];
}

static const struct {
    uint32_t set;
    void (*check)(const struct sum *sum);
} checks[] = {
    {SET_COUNTRIES, check_countries},
    {SET_FREQUENCY, check_frequency},
    {SET_LOYALTY, check_loyalty},
    {SET_DURATIONS, add_durations},
};

void audit_sum_values(struct scope *scope, uint32_t set,
                      int64_t (*days)[CELL_FIELDS], const int64_t *firsts)
{
    struct sum sum = {.scope = scope, .set = set};

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].set != set)
            continue;
        for (sum.day = scope->cut; sum.day < SCOPE_DAYS; sum.day++) {
            sum.all = days[sum.day];
            sum.whole = scope->days[sum.day];
            sum.first = firsts[sum.day];
            checks[i].check(&sum);
        }
    }
}
