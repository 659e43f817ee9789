/*
 * /o?method=...: what was counted (spec D.2).
 */
#include "http/crowd_read.h"
#include "http/read.h"
#include "http/read_event.h"
#include "http/route.h"
#include "metrics/feature.h"
#include "metrics/latest.h"
#include "metrics/metric.h"
#include "metrics/overview.h"
#include "metrics/timeobject.h"

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

/* Places are not shown when they are not wanted (spec D.2). */
static bool is_hidden(const struct read *read, struct text method)
{
    const struct settings *settings = &read->service->tally->settings;

    return (text_is(method, "countries") && !settings->country_data) ||
           (text_is(method, "cities") &&
            !(settings->country_data && settings->city_data));
}

static enum tally_err read_collection(struct read *read)
{
    struct text method = read_param(read, "method");

    if (is_hidden(read, method)) {
        json_open_object(&read->json);
        json_close_object(&read->json);
        return TALLY_OK;
    }
    enum tally_err err = read_open(read);
    if (err)
        return err;
    struct timeobject *object = read_question(read, sizeof(*object));
    *object = (struct timeobject){.app = read->app->number,
                                  .collection = metric_collection(method),
                                  .mode = mode_of(read),
                                  .period = &read->period};
    timeobject_capture(object, read->reader);
    read->run = write_object;
    return TALLY_OK;
}

static enum tally_err read_period(struct read *read)
{
    period_write_json(&read->period, &read->json);
    return TALLY_OK;
}

static enum tally_err read_latest(struct read *read)
{
    return latest_write(read->service->engine, read->app, &read->json);
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

    if (!read->member->global_admin)
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

static const struct reading methods[] = {
    {"total_users", "core", crowd_read_total},
    {"retention", "core", crowd_read_retention},
    {"live", "core", crowd_read_live},
    {"concurrent", "core", crowd_read_concurrent},
    {"get_period_obj", "core", read_period},
    {"latest_users", "core", read_latest},
    {"events", "events", read_event_object},
    {"get_events", "events", read_event_list},
    {"top_events", "events", read_event_top},
    {"all_apps", "core", read_overview},
};

void route_read(struct service *service, struct exchange *exchange)
{
    struct text method = params_text(&exchange->params, "method");
    const struct reading collection = {"", feature_of_method(method),
                                       read_collection};
    const struct reading *reading =
        reading_find(methods, sizeof(methods) / sizeof(methods[0]), method);

    if (!reading && metric_collection(method))
        reading = &collection;
    read_start(service, exchange, reading, "Invalid method");
}
