#include "metrics/view_object.h"

#include "engine/date.h"
#include "metrics/nest.h"
#include "metrics/plan.h"
#include "metrics/view_sums.h"

enum { IDS_MAX = 1 << 18, NAMES_BYTES_MAX = 64 << 20 };

struct writing {
    const struct view_object *object;
    struct reader *reader;
    struct plan plan;
    struct nest nest;
    struct arena *arena;
    struct view_names names;
};

/* A refresh is of today alone. */
static struct span span_of(const struct view_object *object,
                           const struct plan *plan)
{
    int32_t today = object->period->today;

    if (object->mode == TIMEOBJECT_REFRESH)
        return (struct span){today, today, SPAN_WHOLE};
    return (struct span){date_to_day(plan->first, 1, 1),
                         date_to_day(plan->last, 12, 31), SPAN_WHOLE};
}

void view_object_capture(const struct view_object *object,
                         struct reader *reader)
{
    struct plan plan = plan_of(object->mode, object->period);
    struct span span = span_of(object, &plan);

    view_sums_capture(reader, object->app, &span);
}

static bool is_shown(const struct writing *writing, size_t id)
{
    struct text view = writing->object->view;

    return id < writing->names.room && writing->names.list[id].len > 0 &&
           (view.len == 0 || text_equal(view, writing->names.list[id]));
}

static void write_list(struct writing *writing, const struct view_list *list)
{
    for (size_t id = 1; id < list->room; id++) {
        if (!is_shown(writing, id) || view_sums_is_zero(&list->sums[id]))
            continue;
        struct json *json = nest_open(&writing->nest);
        json_key(json, writing->names.list[id]);
        json_open_object(json);
        view_sums_write(&list->sums[id], false, json);
        json_close_object(json);
    }
}

/* What the views have in some days together. */
static enum tally_err write_span(struct writing *writing, int32_t first,
                                 int32_t last)
{
    struct span span = {first, last, SPAN_WHOLE};
    struct view_list list = {0};
    enum tally_err err =
        view_sums_read(writing->reader, writing->object->app, &span, &list);

    if (!err)
        write_list(writing, &list);
    view_list_finish(&list);
    return err;
}

static enum tally_err write_days(struct writing *writing, int32_t first,
                                 int32_t last)
{
    enum tally_err err = TALLY_OK;

    for (int32_t day = first; !err && day <= last; day++) {
        nest_enter(&writing->nest, "", date_of_day(day).day);
        err = write_span(writing, day, day);
        nest_leave(&writing->nest);
    }
    return err;
}

static enum tally_err write_month(struct writing *writing, int year, int month)
{
    int32_t today = writing->object->period->today;
    int32_t first = date_to_day(year, month, 1);
    int32_t last = first + date_days_in_month(year, month) - 1;

    if (writing->object->mode == TIMEOBJECT_REFRESH)
        return write_days(writing, today, today);
    enum tally_err err = write_days(writing, first, last);
    return err ? err : write_span(writing, first, last);
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
        err = write_month(writing, year, month);
        nest_leave(nest);
    }
    if (!err && writing->object->mode == TIMEOBJECT_PERIOD)
        err = write_span(writing, date_to_day(year, 1, 1),
                         date_to_day(year, 12, 31));
    nest_leave(nest);
    return err;
}

/* The views that were seen in the days that were read. */
static enum tally_err write_meta(struct writing *writing, struct json *json)
{
    struct span span = span_of(writing->object, &writing->plan);
    struct view_list list = {0};
    enum tally_err err =
        view_sums_read(writing->reader, writing->object->app, &span, &list);

    json_key_string(json, "meta");
    json_open_object(json);
    json_key_string(json, "views");
    json_open_array(json);
    for (size_t id = 1; !err && id < list.room; id++) {
        if (is_shown(writing, id) && !view_sums_is_zero(&list.sums[id]))
            json_text(json, writing->names.list[id]);
    }
    json_close_array(json);
    json_close_object(json);
    view_list_finish(&list);
    return err;
}

static enum tally_err write_object(struct writing *writing, struct json *json)
{
    const struct plan *plan = &writing->plan;
    enum tally_err err =
        view_names_read(writing->reader, writing->object->app, writing->arena,
                        IDS_MAX, &writing->names);

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

enum tally_err view_object_write(const struct view_object *object,
                                 struct reader *reader, struct json *json)
{
    struct writing writing = {.object = object,
                              .reader = reader,
                              .plan = plan_of(object->mode, object->period),
                              .arena = arena_create(NAMES_BYTES_MAX)};
    enum tally_err err = write_object(&writing, json);

    view_names_finish(&writing.names);
    arena_destroy(writing.arena);
    return err;
}
