#include "metrics/audit_activity.h"

#include <stdlib.h>

#include "engine/inventory.h"
#include "engine/memory.h"
#include "engine/series.h"

struct pair {
    uint32_t value;
    uint32_t ordinal;
};

/* The days of an app or a set with marks, and those of one day. */
struct activity {
    struct scope *scope;
    uint32_t set;
    bool *days;
    int32_t day;        /* whose pairs are loaded; -1: none */
    struct pair *pairs; /* sorted, each once */
    size_t count;
    size_t room;
    size_t next;     /* pairs before it have been held against a counter */
    uint8_t *active; /* bits of ordinals active on that day */
};

static void note_day(void *user, int32_t day)
{
    struct activity *activity = user;

    activity->days[day] = true;
}

static struct activity *open_activity(struct scope *scope, uint32_t set)
{
    struct activity *activity = memory_alloc(sizeof(*activity));

    activity->scope = scope;
    activity->set = set;
    activity->day = -1;
    activity->days = memory_alloc(SCOPE_DAYS * sizeof(*activity->days));
    activity->active = memory_alloc(scope->last_ordinal / 8 + 1);
    scope_check(scope, set,
                inventory_days(scope->tally->engine, scope->app, set, note_day,
                               activity));
    return activity;
}

static void close_activity(struct activity *activity)
{
    free(activity->days);
    free(activity->pairs);
    free(activity->active);
    free(activity);
}

static void take_pair(void *user, uint32_t value, uint32_t ordinal)
{
    struct activity *activity = user;

    if (activity->count == activity->room) {
        activity->room = activity->room ? activity->room * 2 : 256;
        activity->pairs = memory_resize(
            activity->pairs, activity->room * sizeof(*activity->pairs));
    }
    activity->pairs[activity->count++] = (struct pair){value, ordinal};
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static void drop_repeats(struct activity *activity)
{
    size_t kept = 0;

    if (activity->count > 1)
        qsort(activity->pairs, activity->count, sizeof(*activity->pairs),
              compare_pairs);
    for (size_t i = 0; i < activity->count; i++) {
        if (kept == 0 ||
            compare_pairs(&activity->pairs[kept - 1], &activity->pairs[i]) != 0)
            activity->pairs[kept++] = activity->pairs[i];
    }
    activity->count = kept;
}

static void take_active(void *user, uint32_t value, uint32_t ordinal)
{
    struct activity *activity = user;

    (void)value;
    if (ordinal <= activity->scope->last_ordinal)
        scope_set(activity->active, ordinal);
}

static bool exists(const struct scope *scope, uint32_t ordinal)
{
    return ordinal > 0 && ordinal <= scope->last_ordinal &&
           (scope->departed > 0 || scope_has(scope->alive, ordinal) ||
            scope_has(scope->dead, ordinal));
}

/* Events and views need none. */
static bool needs_session(uint32_t set)
{
    return set != 0 && set != SET_EVENTS && set != SET_VIEWS;
}

static void check_pair(struct activity *activity, const struct pair *pair)
{
    struct scope *scope = activity->scope;
    struct finding finding = {.rule = FINDING_ORDINAL,
                              .set = activity->set,
                              .day = activity->day,
                              .value = pair->value,
                              .ordinal = pair->ordinal,
                              .is = pair->ordinal,
                              .against = scope->last_ordinal};

    if (!exists(scope, pair->ordinal)) {
        /* Users were removed by a cut. */
        if (scope->cut == 0)
            scope_add(scope, finding);
    } else if (needs_session(activity->set) &&
               !scope_has(activity->active, pair->ordinal)) {
        finding.rule = FINDING_MARK;
        finding.is = 0;
        finding.against = 1;
        scope_add(scope, finding);
    }
}

static void load_day(struct activity *activity, int32_t day)
{
    struct scope *scope = activity->scope;

    activity->day = day;
    activity->count = 0;
    activity->next = 0;
    activity->days[day] = false;
    scope_check(scope, activity->set,
                inventory_marks(scope->tally->engine, scope->app, activity->set,
                                day, take_pair, activity));
    drop_repeats(activity);
    if (activity->set != 0) {
        memset(activity->active, 0, scope->last_ordinal / 8 + 1);
        scope_check(scope, 0,
                    inventory_marks(scope->tally->engine, scope->app, 0, day,
                                    take_active, activity));
    }
    for (size_t i = 0; i < activity->count; i++)
        check_pair(activity, &activity->pairs[i]);
}

/* As many users as sessions at the most, and none missing. */
static void check_users(struct activity *activity, uint32_t value,
                        int64_t users, const int64_t *cell)
{
    struct finding finding = {.rule = activity->set == 0 ? FINDING_ACTIVE
                                                         : FINDING_VALUE_USERS,
                              .set = activity->set,
                              .day = activity->day,
                              .value = value,
                              .of = "t",
                              .is = users,
                              .against = cell[CELL_T]};

    if (set_is_custom(activity->set))
        return;
    scope_at_most(activity->scope, finding);
    finding.against = cell[CELL_T] > 0;
    scope_at_least(activity->scope, finding);
    finding.of = "n";
    finding.against = cell[CELL_N];
    scope_at_least(activity->scope, finding);
    finding.of = "u";
    finding.against = cell[CELL_U];
    if (activity->set == 0 && activity->scope->is_steady)
        scope_at_least(activity->scope, finding);
}

void audit_activity_check_app(struct scope *scope)
{
    struct activity *activity = open_activity(scope, 0);

    for (int32_t day = scope->horizon.days; day < SCOPE_DAYS; day++) {
        if (!activity->days[day] && scope->days[day][CELL_T] == 0)
            continue;
        load_day(activity, day);
        check_users(activity, 0, (int64_t)activity->count, scope->days[day]);
    }
    close_activity(activity);
}

/* Pairs that no counter speaks of. */
static void check_rest(struct activity *activity, uint32_t before)
{
    static const int64_t none[CELL_FIELDS];

    while (activity->next < activity->count &&
           activity->pairs[activity->next].value < before) {
        uint32_t value = activity->pairs[activity->next].value;
        int64_t users = 0;
        for (; activity->next < activity->count &&
               activity->pairs[activity->next].value == value;
             activity->next++)
            users++;
        check_users(activity, value, users, none);
    }
}

static void take_cell(void *user, const struct series_cell *cell)
{
    struct activity *activity = user;
    int64_t users = 0;

    if (scope_is_folded(activity->scope, cell->day))
        return;
    if (cell->day != activity->day) {
        check_rest(activity, UINT32_MAX);
        load_day(activity, cell->day);
    }
    check_rest(activity, cell->value);
    for (; activity->next < activity->count &&
           activity->pairs[activity->next].value == cell->value;
         activity->next++)
        users++;
    check_users(activity, cell->value, users, cell->at);
}

void audit_activity_check_set(struct scope *scope, uint32_t set)
{
    struct activity *activity = open_activity(scope, set);

    scope_check(scope, set,
                series_days(scope->counters, scope->app, set, 0, SCOPE_DAYS - 1,
                            take_cell, activity));
    check_rest(activity, UINT32_MAX);
    for (int32_t day = 0; day < SCOPE_DAYS; day++) {
        if (!activity->days[day])
            continue;
        load_day(activity, day);
        check_rest(activity, UINT32_MAX);
    }
    close_activity(activity);
}
