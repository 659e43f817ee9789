/*
 * /o?method=...: what was counted (spec D.2).
 */
#include "engine/dictionary.h"
#include "http/crowd_read.h"
#include "http/plugin_door.h"
#include "http/plugin_gate.h"
#include "http/read.h"
#include "http/read_event.h"
#include "http/read_user.h"
#include "http/read_view.h"
#include "http/route.h"
#include "metrics/collection.h"
#include "metrics/event_set.h"
#include "metrics/feature.h"
#include "metrics/latest.h"
#include "metrics/overview.h"
#include "metrics/timeobject.h"
#include "metrics/timesofday.h"

static enum tally_err write_object(struct read *read)
{
    return timeobject_write(read->question, read->reader, &read->json);
}

static enum timeobject_mode mode_of(const struct read *read)
{
    if (text_is(read_param(read, "action"), "refresh"))
        return TIMEOBJECT_REFRESH;
    return read_flag(read, "fullRange") ? TIMEOBJECT_FULL : TIMEOBJECT_PERIOD;
}

static enum tally_err read_collection_of(struct read *read, struct text method)
{
    const struct catalog *catalog = read->service->tally->catalog;
    const struct metric *metric = catalog_by_name(catalog, method);
    const char *collection = collection_of_method(catalog, method);

    if (metric && read_hides(read, metric->set)) {
        json_open_object(&read->json);
        json_close_object(&read->json);
        return TALLY_OK;
    }
    enum tally_err err = read_open(read);
    if (err)
        return err;
    struct timeobject *object = read_question(read, sizeof(*object));
    *object = (struct timeobject){.app = read->app->number,
                                  .collection = collection,
                                  .metrics = catalog_list(catalog, collection),
                                  .mode = mode_of(read),
                                  .period = &read->period};
    timeobject_capture(object, read->reader);
    read->run = write_object;
    return TALLY_OK;
}

static enum tally_err read_collection(struct read *read)
{
    return read_collection_of(read, read_param(read, "method"));
}

/* The one that a plugin answers with. */
static enum tally_err read_answer(struct read *read)
{
    return read_collection_of(read, text_of(read->exchange->door->collection));
}

void route_collection(struct service *service, struct exchange *exchange,
                      const struct pass *pass)
{
    static const struct reading reading = {"", "core", read_answer};

    read_start_for(service, exchange, &reading, pass);
}

static enum tally_err read_period(struct read *read)
{
    period_write_json(&read->period, &read->json);
    return TALLY_OK;
}

static enum tally_err read_latest(struct read *read)
{
    return latest_write(read->service->tally->catalog, read->service->engine,
                        read->app, &read->json);
}

static enum tally_err write_overview(struct read *read)
{
    return overview_write(read->question, read->reader, &read->json);
}

/* Which app an overview begins with; how many come before it. */
static bool overview_start(const struct read *read, unsigned *first)
{
    enum { DIGITS_MAX = 6 };
    struct text skip = read_param(read, "skip");

    *first = 0;
    for (size_t i = 0; i < skip.len; i++) {
        if (skip.at[i] < '0' || skip.at[i] > '9')
            return false;
        *first = *first * 10 + (unsigned)(skip.at[i] - '0');
    }
    return skip.len <= DIGITS_MAX;
}

static enum tally_err read_overview(struct read *read)
{
    const struct registry *registry = read->service->tally->registry;
    const struct app *app;
    unsigned at;

    if (!read->member->global_admin || read->is_limited)
        return read_refuse(read, 401, "User does not have right");
    if (!overview_start(read, &at))
        return read_refuse(read, 400, "Invalid parameter \"skip\"");
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct overview *overview = read_question(read, sizeof(*overview));
    for (; overview->count < OVERVIEW_APPS_MAX &&
           (app = registry_app_at(registry, at)) != NULL;
         at++) {
        struct period period =
            read_period_of(read, app, read_param(read, "period"));
        overview_add(overview, app, &period);
    }
    overview_capture(overview, read->reader);
    read->run = write_overview;
    return TALLY_OK;
}

/* What `tod_type` names: sessions, or an event by its key. */
static enum tally_err find_times(const struct read *read, uint32_t *set)
{
    struct text type = read_param(read, "tod_type");
    uint32_t event;

    *set = 0;
    if (text_is(type, "[CLY]_session"))
        *set = SET_TIMES_OF_DAY;
    if (*set != 0 || type.len == 0 || type.len > KEY_NAME_MAX)
        return TALLY_OK;
    enum tally_err err = dictionary_find(
        read->service->engine, read->app->number, SET_EVENTS, type, &event);
    if (!err)
        *set = event_set(event, 0, EVENT_TIMES);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err write_times(struct read *read)
{
    return timesofday_write(read->question, read->reader, &read->json);
}

static enum tally_err read_times(struct read *read)
{
    struct timesofday *times = read_question(read, sizeof(*times));
    struct text range = read_param(read, "date_range");

    times->app = read->app->number;
    times->spans[times->count++] = read->period.current;
    if (range.len > 0 && timesofday_read_range(times, range) != TALLY_OK)
        return read_refuse(read, 400, "Invalid parameter \"date_range\"");
    enum tally_err err = find_times(read, &times->set);
    if (!err)
        err = read_open(read);
    if (err)
        return err;
    timesofday_capture(times, read->reader);
    read->run = write_times;
    return TALLY_OK;
}

static const struct reading methods[] = {
    {"total_users", "core", crowd_read_total},
    {"retention", "core", crowd_read_retention},
    {"live", "core", crowd_read_live},
    {"concurrent", "core", crowd_read_concurrent},
    {"get_period_obj", "core", read_period},
    {"latest_users", "core", read_latest},
    {"user_details", "users", read_user_details},
    {"consents", "compliance_hub", read_user_consents},
    {"events", "events", read_event_object},
    {"get_events", "events", read_event_list},
    {"top_events", "events", read_event_top},
    {"all_apps", "core", read_overview},
    {"times-of-day", "times_of_day", read_times},
    {"views", "views", read_views},
};

/* Methods that are no readings of one app. */
static const struct {
    const char *method;
    route_fn handle;
} others[] = {
    {"notes", route_notes},
};

enum { OTHERS = sizeof(others) / sizeof(others[0]) };

void route_read_each(const char *path, text_fn each, void *user)
{
    struct catalog *catalog = catalog_create();

    (void)path;
    reading_each(methods, sizeof(methods) / sizeof(methods[0]), each, user);
    collection_each_method(catalog, each, user);
    for (size_t i = 0; i < OTHERS; i++)
        each(user, text_of(others[i].method));
    catalog_destroy(catalog);
}

void route_read(struct service *service, struct exchange *exchange)
{
    struct text method = params_text(&exchange->params, "method");
    const struct reading collection = {"", feature_of_method(method),
                                       read_collection};
    const struct reading *reading =
        reading_find(methods, sizeof(methods) / sizeof(methods[0]), method);

    if (!reading && collection_of_method(service->tally->catalog, method))
        reading = &collection;
    for (size_t i = 0; i < OTHERS; i++) {
        if (text_is(method, others[i].method)) {
            others[i].handle(service, exchange);
            return;
        }
    }
    if (!reading && params_has(&exchange->params, "app_id"))
        plugin_gate_method(service, exchange);
    else
        read_start(service, exchange, reading, "Invalid method");
}
