#include "metrics/audit_event.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/audit_cell.h"
#include "metrics/event_set.h"

/* What SET_EVENTS has of an event on a day. */
struct entry {
    uint32_t event;
    int32_t day;
    int64_t at[CELL_FIELDS];
};

/* Values of a set and how often they came in a year. */
struct year {
    int number; /* 0: none yet */
    int64_t *t; /* by value */
    size_t room;
};

struct audit_event {
    struct scope *scope;
    struct entry *entries; /* by event, then day */
    size_t count;
    size_t room;
    size_t next; /* those before it have been held against their events */

    uint32_t set;                  /* that is read */
    uint32_t event;                /* whose whole `days` has; 0: none */
    int64_t (*days)[CELL_FIELDS];  /* the whole of the event, by day */
    int64_t (*other)[CELL_FIELDS]; /* hours, or durations, by day */
    int32_t day;                   /* of a segment: that is read */
    int64_t day_t;                 /* and how often its values came on it */
    struct year year;
};

static const enum cell_field fields[] = {CELL_T, CELL_E, CELL_D};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static void report(struct audit_event *audit, enum finding_rule rule,
                   int32_t day, uint32_t value, const char *of, int64_t is,
                   int64_t against)
{
    scope_add(audit->scope, (struct finding){.rule = rule,
                                             .set = audit->set,
                                             .day = day,
                                             .value = value,
                                             .of = of,
                                             .is = is,
                                             .against = against});
}

/* Years. */

static int64_t *year_value(struct audit_event *audit, uint32_t value)
{
    struct year *year = &audit->year;
    uint32_t last = scope_sequence(audit->scope, audit->set, 0);

    if (value > last) {
        report(audit, FINDING_VALUE, 0, value, NULL, value, last);
        return NULL;
    }
    if (value >= year->room) {
        size_t room = (size_t)last + 1;
        year->t = memory_resize(year->t, room * sizeof(*year->t));
        memset(year->t + year->room, 0, (room - year->room) * sizeof(*year->t));
        year->room = room;
    }
    return &year->t[value];
}

static void take_year(void *user, const struct series_year *row)
{
    struct audit_event *audit = user;
    int64_t *t = year_value(audit, row->value);

    if (!t)
        return;
    if (*t != row->at[YEAR_T])
        scope_add(audit->scope, (struct finding){.rule = FINDING_YEAR_TOTAL,
                                                 .set = audit->set,
                                                 .year = row->year,
                                                 .value = row->value,
                                                 .is = *t,
                                                 .against = row->at[YEAR_T]});
    /* Seen: what is left has no record. */
    *t = *t != 0 ? -1 : 0;
}

static bool has_name(const struct audit_event *audit, uint32_t value)
{
    struct key key = key_string(audit->scope->app, audit->set, value);
    struct text name;

    return engine_get(audit->scope->tally->engine, TABLE_STRINGS,
                      key_text(&key), &name) == TALLY_OK;
}

/* Each value that counted was admitted; deleted events may have given their
 * place back. */
static void check_admitted(struct audit_event *audit, int64_t counted,
                           int64_t named)
{
    int64_t admitted =
        scope_sequence(audit->scope, audit->set, audit->year.number);
    struct finding finding = {.rule = FINDING_ADMITTED,
                              .set = audit->set,
                              .year = audit->year.number,
                              .is = admitted,
                              .against = named};

    if (scope_is_cut(audit->scope, date_to_day(audit->year.number, 1, 1)))
        return;
    scope_at_least(audit->scope, finding);
    finding.against = counted;
    scope_at_most(audit->scope, finding);
}

static void end_year(struct audit_event *audit)
{
    struct year *year = &audit->year;
    struct scope *scope = audit->scope;
    int64_t counted = 0;
    int64_t named = 0;

    if (year->number == 0)
        return;
    scope_check(scope, audit->set,
                series_years(scope->counters, scope->app, audit->set,
                             year->number, year->number, take_year, audit));
    for (size_t value = 0; value < year->room; value++) {
        if (year->t[value] > 0)
            report(audit, FINDING_YEAR_TOTAL, 0, (uint32_t)value, NULL,
                   year->t[value], 0);
        if (value > 0 && year->t[value] != 0) {
            counted++;
            named += has_name(audit, (uint32_t)value);
        }
        year->t[value] = 0;
    }
    check_admitted(audit, counted, named);
    year->number = 0;
}

static void add_to_year(struct audit_event *audit,
                        const struct series_cell *cell)
{
    int number = date_of_day(cell->day).year;

    if (audit->year.number != number) {
        end_year(audit);
        audit->year.number = number;
    }
    int64_t *t = year_value(audit, cell->value);
    if (t)
        *t += cell->at[CELL_T];
}

/* Goes through the days of a set, and the years they are part of. */
static void walk(struct audit_event *audit, uint32_t set, series_cell_fn take)
{
    struct scope *scope = audit->scope;

    audit->set = set;
    scope_check(scope, set,
                series_days(scope->counters, scope->app, set, 0, SCOPE_DAYS - 1,
                            take, audit));
    end_year(audit);
    free(audit->year.t);
    audit->year = (struct year){0};
}

/* All events. */

static void take_entry(void *user, const struct series_cell *cell)
{
    struct audit_event *audit = user;
    struct entry entry = {.event = cell->value,
                          .day = scope_day(audit->scope, cell->day)};

    add_to_year(audit, cell);
    if (cell->at[CELL_T] <= 0 && !scope_is_folded(audit->scope, cell->day))
        report(audit, FINDING_NEGATIVE, cell->day, cell->value, "t",
               cell->at[CELL_T], 1);
    memcpy(entry.at, cell->at, sizeof(entry.at));
    audit->entries = memory_one_more(audit->entries, audit->count, &audit->room,
                                     sizeof(*audit->entries));
    audit->entries[audit->count++] = entry;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

/* Days that are checked as one become one entry. */
static void sort_entries(struct audit_event *audit)
{
    size_t kept = 0;

    if (audit->count == 0)
        return;
    qsort(audit->entries, audit->count, sizeof(*audit->entries),
          compare_entries);
    for (size_t i = 1; i < audit->count; i++) {
        if (compare_entries(&audit->entries[kept], &audit->entries[i]) != 0) {
            audit->entries[++kept] = audit->entries[i];
            continue;
        }
        for (int field = 0; field < CELL_FIELDS; field++)
            counter_add(&audit->entries[kept].at[field],
                        audit->entries[i].at[field]);
    }
    audit->count = kept + 1;
}

struct audit_event *audit_event_open(struct scope *scope)
{
    struct audit_event *audit = memory_alloc(sizeof(*audit));

    audit->scope = scope;
    audit->days = memory_alloc(SCOPE_DAYS * sizeof(*audit->days));
    audit->other = memory_alloc(SCOPE_DAYS * sizeof(*audit->other));
    walk(audit, SET_EVENTS, take_entry);
    sort_entries(audit);
    return audit;
}

static void check_entry(struct audit_event *audit, const struct entry *entry)
{
    bool is_own = entry->event == audit->event;

    for (int i = 0; i < FIELDS; i++) {
        int64_t own = is_own ? audit->days[entry->day][fields[i]] : 0;
        if (entry->at[fields[i]] != own &&
            !scope_is_cut(audit->scope, entry->day))
            report(audit, FINDING_EVENT, entry->day, 0,
                   audit_cell_field(fields[i]), own, entry->at[fields[i]]);
        if (is_own)
            audit->days[entry->day][fields[i]] = 0;
    }
}

/* Events up to one against what SET_EVENTS has of them; what is left of the
 * event's own days is in no entry. */
static void check_entries(struct audit_event *audit, uint32_t event)
{
    for (; audit->next < audit->count &&
           audit->entries[audit->next].event <= event;
         audit->next++)
        check_entry(audit, &audit->entries[audit->next]);
    for (int32_t day = audit->scope->cut; audit->event != 0 && day < SCOPE_DAYS;
         day++) {
        if (audit->days[day][CELL_T] != 0)
            report(audit, FINDING_EVENT, day, 0, "t", audit->days[day][CELL_T],
                   0);
    }
}

/* One event. */

static void take_hour(void *user, const struct series_cell *cell)
{
    struct audit_event *audit = user;

    for (int i = 0; i < FIELDS; i++)
        counter_add(&audit->other[cell->day][fields[i]], cell->at[fields[i]]);
}

/* Hours against the days of the whole. */
static void check_hours(struct audit_event *audit, int64_t (*days)[CELL_FIELDS])
{
    struct scope *scope = audit->scope;

    memset(audit->other, 0, SCOPE_DAYS * sizeof(*audit->other));
    scope_check(scope, audit->set,
                series_hours(scope->counters, scope->app, audit->set, 0,
                             SCOPE_DAYS - 1, take_hour, audit));
    for (int32_t day = scope->horizon.hours; day < SCOPE_DAYS; day++) {
        for (int i = 0; i < FIELDS; i++) {
            if (audit->other[day][fields[i]] != days[day][fields[i]])
                report(audit, FINDING_HOURS, day, 0,
                       audit_cell_field(fields[i]),
                       audit->other[day][fields[i]], days[day][fields[i]]);
        }
    }
}

/* Within a day the whole comes before its segments. */
static void take_whole(void *user, const struct series_cell *cell)
{
    struct audit_event *audit = user;
    bool is_folded = scope_is_folded(audit->scope, cell->day);
    int32_t day = scope_day(audit->scope, cell->day);

    add_to_year(audit, cell);
    for (int i = 0; cell->value == 0 && i < CELL_FIELDS; i++)
        counter_add(&audit->days[day][i], cell->at[i]);
    if (cell->value == 0 || is_folded)
        return;
    if (cell->at[CELL_T] <= 0 ||
        cell->at[CELL_T] > audit->days[cell->day][CELL_T])
        report(audit, FINDING_SEGMENT, cell->day, cell->value, "t",
               cell->at[CELL_T], audit->days[cell->day][CELL_T]);
}

static void check_day_of_values(struct audit_event *audit)
{
    if (audit->day >= 0 && !scope_is_cut(audit->scope, audit->day) &&
        audit->day_t > audit->days[audit->day][CELL_T])
        report(audit, FINDING_SEGMENT, audit->day, 0, "t of its values",
               audit->day_t, audit->days[audit->day][CELL_T]);
}

static void take_value(void *user, const struct series_cell *cell)
{
    struct audit_event *audit = user;
    int32_t day = scope_day(audit->scope, cell->day);

    add_to_year(audit, cell);
    if (day != audit->day) {
        check_day_of_values(audit);
        audit->day = day;
        audit->day_t = 0;
    }
    audit->day_t += cell->at[CELL_T];
}

static void take_duration(void *user, const struct series_cell *cell)
{
    struct audit_event *audit = user;

    int32_t day = scope_day(audit->scope, cell->day);

    if (audit->days[day][CELL_T] == 0 && !scope_is_cut(audit->scope, day))
        report(audit, FINDING_DURATION, cell->day, cell->value, "d",
               cell->at[CELL_D], 0);
}

static void check_whole(struct audit_event *audit, uint32_t event)
{
    check_entries(audit, event - 1);
    audit->event = event;
    memset(audit->days, 0, SCOPE_DAYS * sizeof(*audit->days));
    walk(audit, event_set(event, 0, EVENT_COUNTS), take_whole);
    check_hours(audit, audit->days);
}

void audit_event_check_set(struct audit_event *audit, uint32_t set)
{
    uint32_t event = event_set_event(set);
    struct scope *scope = audit->scope;

    if (event != audit->event)
        check_whole(audit, event);
    if (set == event_set(event, 0, EVENT_COUNTS))
        return;
    if (event_set_kind(set) == EVENT_COUNTS) {
        audit->day = -1;
        walk(audit, set, take_value);
        check_day_of_values(audit);
        return;
    }
    audit->set = set;
    scope_check(scope, set,
                series_days(scope->counters, scope->app, set, 0, SCOPE_DAYS - 1,
                            take_duration, audit));
}

void audit_event_close(struct audit_event *audit)
{
    audit->set = SET_EVENTS;
    check_entries(audit, UINT32_MAX);
    free(audit->entries);
    free(audit->days);
    free(audit->other);
    free(audit->year.t);
    free(audit);
}
