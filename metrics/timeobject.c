#include "metrics/timeobject.h"

#include "engine/date.h"
#include "metrics/nest.h"
#include "metrics/plan.h"
#include "metrics/roster.h"
#include "metrics/whole.h"

struct writing {
    const struct timeobject *object;
    struct plan plan;
    struct roster *roster;
    struct whole *whole; /* NULL: not of this collection */
    struct nest nest;
    struct date today;
};

/* The set whose counters as a whole are shown, 0 for none: that of the users,
 * or the one that plugins count to without a value. */
static uint32_t whole_set(const struct timeobject *object)
{
    if (strcmp(object->collection, "users") == 0)
        return SET_USERS;
    for (unsigned i = 0; i < object->metrics.count; i++) {
        const struct metric *metric = object->metrics.at[i];
        if (set_is_custom(metric->set) &&
            strcmp(metric->name, object->collection) == 0)
            return metric->set;
    }
    return 0;
}

void timeobject_capture(const struct timeobject *object, struct reader *reader)
{
    uint32_t set = whole_set(object);

    roster_capture(reader, object->app, &object->metrics);
    if (set != 0)
        whole_capture(reader, object->app, set);
}

/* Of a full read only the years are written that have something. */
static enum tally_err plan_what_there_is(struct writing *writing)
{
    struct plan *plan = &writing->plan;
    enum tally_err err = TALLY_OK;

    if (writing->whole)
        err = whole_find_years(writing->whole, plan->first, plan->last,
                               plan->has);
    for (int year = plan->first; year <= plan->last; year++) {
        int i = year - plan->first;
        plan->has[i] = plan->has[i] || roster_has_year(writing->roster, year);
        plan->months[i] = PLAN_ALL_MONTHS;
    }
    return err;
}

/* Writing. Objects are named before what could be in them is looked at: the
 * nest leaves out those that stay empty. */

static void write_day(struct writing *writing, int32_t day)
{
    nest_enter(&writing->nest, "", date_of_day(day).day);
    roster_write_day(writing->roster, &writing->nest, day);
    if (writing->whole)
        whole_write_day(writing->whole, &writing->nest, day);
    nest_leave(&writing->nest);
}

static enum tally_err write_days(struct writing *writing, int year, int month)
{
    int32_t first = date_to_day(year, month, 1);
    int32_t last = first + date_days_in_month(year, month) - 1;

    if (writing->object->mode == TIMEOBJECT_REFRESH)
        first = last = writing->object->period->today;
    enum tally_err err = roster_read_days(writing->roster, first, last);
    if (!err && writing->whole)
        err = whole_read_days(writing->whole, first, last);
    for (int32_t day = first; !err && day <= last; day++)
        write_day(writing, day);
    return err;
}

static bool shows_month(const struct writing *writing, int month)
{
    return writing->object->mode != TIMEOBJECT_REFRESH ||
           month == writing->today.month;
}

static bool shows_week(const struct writing *writing, int week)
{
    return writing->object->mode != TIMEOBJECT_REFRESH ||
           week == writing->today.week;
}

static enum tally_err write_month(struct writing *writing, int year, int month)
{
    struct nest *nest = &writing->nest;
    enum tally_err err = TALLY_OK;

    nest_enter(nest, "", month);
    if (plan_has_month(&writing->plan, year, month))
        err = write_days(writing, year, month);
    roster_write_month(writing->roster, nest, year, month);
    if (writing->whole)
        whole_write_month(writing->whole, nest, month);
    nest_leave(nest);
    return err;
}

static void write_week(struct writing *writing, int year, int week)
{
    struct nest *nest = &writing->nest;

    nest_enter(nest, "w", week);
    roster_write_week(writing->roster, nest, year, week);
    if (writing->whole)
        whole_write_week(writing->whole, nest, week);
    nest_leave(nest);
}

/* Values come before weeks and counters, see ledger.h. */
static enum tally_err write_year(struct writing *writing, int year)
{
    struct nest *nest = &writing->nest;
    enum tally_err err = TALLY_OK;

    if (writing->whole)
        err = whole_read_year(writing->whole, year);
    nest_enter(nest, "", year);
    for (int month = 1; !err && month <= 12; month++) {
        if (shows_month(writing, month))
            err = write_month(writing, year, month);
    }
    roster_write_year(writing->roster, nest, year);
    for (int week = 1; week <= DATE_LAST_WEEK; week++) {
        if (shows_week(writing, week))
            write_week(writing, year, week);
    }
    if (writing->whole)
        whole_write_year(writing->whole, nest);
    nest_leave(nest);
    return err;
}

static void write_meta(const struct writing *writing, struct json *json)
{
    json_key_string(json, "meta");
    json_open_object(json);
    roster_write_meta(writing->roster, json);
    if (writing->whole)
        whole_write_meta(writing->whole, json);
    json_close_object(json);
}

static enum tally_err write_object(struct writing *writing, struct json *json)
{
    const struct plan *plan = &writing->plan;
    enum tally_err err = TALLY_OK;

    if (writing->object->mode == TIMEOBJECT_FULL)
        err = plan_what_there_is(writing);
    json_open_object(json);
    nest_init(&writing->nest, json);
    for (int year = plan->first; !err && year <= plan->last; year++) {
        if (plan->has[year - plan->first])
            err = write_year(writing, year);
    }
    write_meta(writing, json);
    json_close_object(json);
    return err;
}

enum tally_err timeobject_write(const struct timeobject *object,
                                struct reader *reader, struct json *json)
{
    static const enum roster_mode roster_modes[] = {
        [TIMEOBJECT_PERIOD] = ROSTER_ALL,
        [TIMEOBJECT_REFRESH] = ROSTER_DAYS,
        [TIMEOBJECT_FULL] = ROSTER_UNIQUES,
    };
    static const enum whole_mode whole_modes[] = {
        [TIMEOBJECT_PERIOD] = WHOLE_ALL,
        [TIMEOBJECT_REFRESH] = WHOLE_REFRESH,
        [TIMEOBJECT_FULL] = WHOLE_UNIQUES,
    };
    struct writing writing = {
        .object = object,
        .plan = plan_of(object->mode, object->period),
        .today = date_of_day(object->period->today),
    };
    struct roster_span span = {object->app, &object->metrics,
                               writing.plan.first, writing.plan.last};
    enum tally_err err =
        roster_create(reader, &span, roster_modes[object->mode], json->escape,
                      &writing.roster);
    if (err)
        return err;

    uint32_t set = whole_set(object);
    if (set != 0)
        writing.whole =
            whole_create(reader, object->app, set, whole_modes[object->mode]);
    err = write_object(&writing, json);
    whole_destroy(writing.whole);
    roster_destroy(writing.roster);
    return err;
}
