#include "metrics/event_object.h"

#include <stdlib.h>

#include "engine/date.h"
#include "engine/horizon.h"
#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/event_meta.h"
#include "metrics/event_series.h"
#include "metrics/event_set.h"
#include "metrics/lookup.h"
#include "metrics/nest.h"
#include "metrics/plan.h"

enum { DAYS = 31, MEMBERS_MAX = 1 << 17, NAMES_BYTES_MAX = 64 << 20 };

struct writing {
    const struct event_object *object;
    struct reader *reader;
    struct plan plan;
    struct nest nest;
    int32_t first;     /* day number of the first of the month that was read */
    int32_t first_day; /* those before are shown as part of their month */

    struct arena *arena;  /* names */
    struct buffer key;    /* of the name that is looked for, escaped */
    struct lookup lookup; /* members by escaped name */
    struct text *names;   /* of members; without values there is one, empty */
    size_t count;
    size_t room;
    size_t *by_value; /* by value id: the member + 1, 0 for none */
    size_t values;

    struct event_sum *days; /* DAYS * count */
    struct event_sum *month;
    struct event_sum *year;
    struct event_sum hours[DAYS][HOUR_ROWS];
};

enum tally_err event_object_capture(const struct event_object *object,
                                    struct engine *engine,
                                    struct reader *reader)
{
    enum tally_err err =
        event_meta_capture(engine, reader, object->app, &object->choice);

    for (unsigned i = 0; !err && i < object->choice.count; i++)
        event_series_capture(reader, object->app, object->choice.list[i].id,
                             object->segment);
    return err;
}

/* Members. */

static bool add_member(struct writing *writing, struct text name,
                       enum json_escape escape, size_t *member)
{
    struct json json;

    buffer_clear(&writing->key);
    json_init(&json, &writing->key, escape);
    json_key(&json, name);
    struct text key = buffer_text(&writing->key);
    size_t *found = lookup_find(&writing->lookup, key);
    if (!found) {
        char *copy = arena_strndup(writing->arena, name.at, name.len);
        char *escaped = arena_strndup(writing->arena, key.at, key.len);
        found = arena_alloc(writing->arena, sizeof(*found));
        if (!copy || !escaped || !found || writing->count == MEMBERS_MAX)
            return false;
        *found = writing->count;
        writing->names = memory_one_more(writing->names, writing->count,
                                         &writing->room, sizeof(name));
        writing->names[writing->count++] = (struct text){copy, name.len};
        lookup_put(&writing->lookup, (struct text){escaped, key.len}, found);
    }
    *member = *found;
    return true;
}

struct naming {
    struct writing *writing;
    enum json_escape escape;
    enum tally_err err;
};

static void take_name(void *user, uint32_t value, struct text name)
{
    struct naming *naming = user;
    struct writing *writing = naming->writing;
    size_t member;

    if (naming->err)
        return;
    if (!add_member(writing, name, naming->escape, &member)) {
        naming->err = TALLY_ERR_TOO_BIG;
        return;
    }
    if (value >= writing->values) {
        size_t values = ((size_t)value + 1) * 2;
        writing->by_value = memory_resize(writing->by_value,
                                          values * sizeof(*writing->by_value));
        memset(writing->by_value + writing->values, 0,
               (values - writing->values) * sizeof(*writing->by_value));
        writing->values = values;
    }
    writing->by_value[value] = member + 1;
}

static enum tally_err name_members(struct writing *writing,
                                   enum json_escape escape)
{
    const struct event_object *object = writing->object;
    struct naming naming = {.writing = writing, .escape = escape};

    if (!object->by_value) {
        writing->count = 1;
        return TALLY_OK;
    }
    if (object->choice.count == 0 || object->segment == 0)
        return TALLY_OK;
    enum tally_err err = series_names(
        writing->reader, object->app,
        event_set(object->choice.list[0].id, object->segment, EVENT_COUNTS),
        take_name, &naming);
    return err ? err : naming.err;
}

/* The member of a cell; `count` for none. */
static size_t member_of(const struct writing *writing, uint32_t value)
{
    if (!writing->object->by_value)
        return value == 0 ? 0 : writing->count;
    if (value >= writing->values || writing->by_value[value] == 0)
        return writing->count;
    return writing->by_value[value] - 1;
}

/* Reading. */

static void take_day(void *user, const struct event_cell *cell)
{
    struct writing *writing = user;
    size_t member = member_of(writing, cell->value);
    size_t day = (size_t)(cell->day - writing->first);

    if (member < writing->count)
        event_sum_add(&writing->days[day * writing->count + member],
                      &cell->sum);
}

static void take_hour(void *user, const struct event_cell *cell)
{
    struct writing *writing = user;

    event_sum_add(&writing->hours[cell->day - writing->first][cell->hour],
                  &cell->sum);
}

static enum tally_err read_days(struct writing *writing, int32_t first,
                                int32_t last)
{
    const struct event_object *object = writing->object;
    enum tally_err err = TALLY_OK;

    memset(writing->days, 0, DAYS * writing->count * sizeof(*writing->days));
    memset(writing->hours, 0, sizeof(writing->hours));
    for (unsigned i = 0; !err && i < object->choice.count; i++) {
        uint32_t event = object->choice.list[i].id;
        err =
            event_series_days(writing->reader, object->app, event,
                              object->segment, first, last, take_day, writing);
        if (!err && !object->by_value)
            err = event_series_hours(writing->reader, object->app, event, first,
                                     last, take_hour, writing);
    }
    return err;
}

static void note_year(void *user, const struct event_cell *cell)
{
    struct plan *plan = user;

    plan->has[date_of_day(cell->day).year - plan->first] = true;
}

/* Of a full read only the years are written that have something. */
static enum tally_err plan_what_there_is(struct writing *writing)
{
    const struct event_object *object = writing->object;
    struct plan *plan = &writing->plan;
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < object->choice.count; i++)
        err = event_series_days(
            writing->reader, object->app, object->choice.list[i].id,
            object->segment, date_to_day(plan->first, 1, 1),
            date_to_day(plan->last, 12, 31), note_year, plan);
    for (int i = 0; i <= plan->last - plan->first; i++)
        plan->months[i] = PLAN_ALL_MONTHS;
    return err;
}

/* Writing. */

static void write_sums(struct writing *writing, const struct event_sum *sums)
{
    struct nest *nest = &writing->nest;

    for (size_t i = 0; i < writing->count; i++) {
        if (event_sum_is_zero(&sums[i]))
            continue;
        struct json *json = nest_open(nest);
        if (writing->object->by_value) {
            json_key(json, writing->names[i]);
            json_open_object(json);
        }
        event_sum_write(&sums[i], false, json);
        if (writing->object->by_value)
            json_close_object(json);
    }
}

/* Writes what a level collected, passes it on, and begins anew. A month
 * without days shows its sums whatever the mode. */
static void write_level(struct writing *writing, struct event_sum *sums,
                        struct event_sum *above)
{
    if (writing->object->mode == TIMEOBJECT_PERIOD ||
        (above && writing->first < writing->first_day))
        write_sums(writing, sums);
    for (size_t i = 0; i < writing->count; i++) {
        if (above)
            event_sum_add(&above[i], &sums[i]);
        sums[i] = (struct event_sum){0};
    }
}

static void show_day(struct writing *writing, int32_t day,
                     const struct event_sum *sums)
{
    const struct event_sum *hours = writing->hours[day - writing->first];
    struct nest *nest = &writing->nest;

    nest_enter(nest, "", date_of_day(day).day);
    for (int hour = 0; hour < HOUR_ROWS; hour++) {
        nest_enter(nest, "", hour);
        if (!event_sum_is_zero(&hours[hour]))
            event_sum_write(&hours[hour], false, nest_open(nest));
        nest_leave(nest);
    }
    write_sums(writing, sums);
    nest_leave(nest);
}

static void write_day(struct writing *writing, int32_t day)
{
    const struct event_sum *sums =
        writing->days + (size_t)(day - writing->first) * writing->count;

    if (day >= writing->first_day)
        show_day(writing, day, sums);
    for (size_t i = 0; i < writing->count; i++)
        event_sum_add(&writing->month[i], &sums[i]);
}

static enum tally_err write_days(struct writing *writing, int year, int month)
{
    int32_t first = date_to_day(year, month, 1);
    int32_t last = first + date_days_in_month(year, month) - 1;

    writing->first = first;
    if (writing->object->mode == TIMEOBJECT_REFRESH)
        first = last = writing->object->period->today;
    enum tally_err err = read_days(writing, first, last);
    for (int32_t day = first; !err && day <= last; day++)
        write_day(writing, day);
    return err;
}

static enum tally_err write_year(struct writing *writing, int year)
{
    struct nest *nest = &writing->nest;
    enum tally_err err = TALLY_OK;

    nest_enter(nest, "", year);
    for (int month = 1; !err && month <= 12; month++) {
        if (!plan_has_month(&writing->plan, year, month))
            continue;
        nest_enter(nest, "", month);
        err = write_days(writing, year, month);
        write_level(writing, writing->month, writing->year);
        nest_leave(nest);
    }
    write_level(writing, writing->year, NULL);
    nest_leave(nest);
    return err;
}

static enum tally_err write_meta(const struct writing *writing,
                                 struct json *json)
{
    const struct event_object *object = writing->object;
    struct event_meta_span span = {.app = object->app,
                                   .choice = &object->choice,
                                   .first = writing->plan.first,
                                   .last = writing->plan.last,
                                   .limit = object->value_limit};

    json_key_string(json, "meta");
    return event_meta_write(&span, writing->reader, json);
}

static enum tally_err write_object(struct writing *writing, struct json *json)
{
    struct plan *plan = &writing->plan;
    enum tally_err err = TALLY_OK;

    writing->days =
        memory_alloc((DAYS * writing->count + 1) * sizeof(*writing->days));
    writing->month =
        memory_alloc((writing->count + 1) * sizeof(*writing->month));
    writing->year = memory_alloc((writing->count + 1) * sizeof(*writing->year));
    if (writing->object->mode == TIMEOBJECT_FULL)
        err = plan_what_there_is(writing);
    json_open_object(json);
    nest_init(&writing->nest, json);
    for (int year = plan->first; !err && year <= plan->last; year++) {
        if (plan->has[year - plan->first])
            err = write_year(writing, year);
    }
    if (!err)
        err = write_meta(writing, json);
    json_close_object(json);
    return err;
}

enum tally_err event_object_write(const struct event_object *object,
                                  struct reader *reader, struct json *json)
{
    struct writing *writing = memory_alloc(sizeof(*writing));

    writing->object = object;
    writing->reader = reader;
    writing->first_day = horizon_captured(reader, object->app).days;
    writing->plan = plan_of(object->mode, object->period);
    writing->arena = arena_create(NAMES_BYTES_MAX);
    buffer_init(&writing->key, NAMES_BYTES_MAX);
    lookup_init(&writing->lookup);
    enum tally_err err = name_members(writing, json->escape);
    if (!err)
        err = write_object(writing, json);
    lookup_finish(&writing->lookup);
    buffer_finish(&writing->key);
    arena_destroy(writing->arena);
    free(writing->names);
    free(writing->by_value);
    free(writing->days);
    free(writing->month);
    free(writing->year);
    free(writing);
    return err;
}
