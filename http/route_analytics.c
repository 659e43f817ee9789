/*
 * /o/analytics/...: what was counted, in the shapes of a dashboard (spec D.7).
 */
#include "http/read.h"
#include "http/read_event.h"
#include "http/route.h"
#include "metrics/breakdown.h"
#include "metrics/countries.h"
#include "metrics/dashboard.h"
#include "metrics/spread.h"
#include "metrics/ticks.h"
#include "metrics/tops.h"

#define PREFIX "/o/analytics/"

static const char unknown_path[] =
    "Invalid path, must be one of /dashboard,  /countries, /sessions, "
    "/metric, /tops, /loyalty, /frequency, /durations, /events";

/* Sessions. */

struct sessions {
    uint32_t app;
    struct ticks ticks;
};

static enum tally_err write_sessions(struct read *read)
{
    struct sessions *sessions = read->question;
    enum tally_err err =
        ticks_read(&sessions->ticks, read->reader, sessions->app);

    if (!err)
        ticks_write(&sessions->ticks, &read->json);
    ticks_finish(&sessions->ticks);
    return err;
}

static enum tally_err read_sessions(struct read *read)
{
    struct text bucket = read_param(read, "bucket");
    struct ticks ticks;

    if (bucket.len == 0)
        ticks = ticks_create(&read->period);
    else if (!ticks_create_bucket(&read->period, bucket, &ticks))
        return read_refuse(read, 400, "Invalid parameter \"bucket\"");
    enum tally_err err = read_open(read);
    if (err) {
        ticks_finish(&ticks);
        return err;
    }

    struct sessions *sessions = read_question(read, sizeof(*sessions));
    *sessions = (struct sessions){read->app->number, ticks};
    ticks_capture(read->reader, read->app->number);
    read->run = write_sessions;
    return TALLY_OK;
}

/* One metric. */

static void write_nothing(struct json *json)
{
    json_open_array(json);
    json_close_array(json);
}

static enum tally_err write_metric(struct read *read)
{
    struct breakdown breakdown;
    enum tally_err err =
        breakdown_read(read->question, read->reader, &breakdown);
    if (err)
        return err;

    breakdown_sort(&breakdown, BREAKDOWN_U);
    breakdown_write(&breakdown, &read->json);
    breakdown_finish(&breakdown);
    return TALLY_OK;
}

static enum tally_err read_metric(struct read *read)
{
    struct text name = read_param(read, "metric");
    const struct metric *metric =
        catalog_by_analytics_name(read->service->tally->catalog, name);

    if (name.len == 0)
        return read_refuse(read, 400, "Must provide metric");
    if (!metric || read_hides(read, metric->set)) {
        write_nothing(&read->json);
        return TALLY_OK;
    }
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct breakdown_question *question =
        read_question(read, sizeof(*question));
    *question = (struct breakdown_question){.app = read->app->number,
                                            .set = metric->set,
                                            .period = &read->period,
                                            .with_users = true};
    breakdown_capture(question, read->reader);
    read->run = write_metric;
    return TALLY_OK;
}

/* The dashboard. */

static enum tally_err write_dashboard(struct read *read)
{
    return dashboard_write(read->question, read->reader, &read->json);
}

/* What three periods at once are called, and which they are. */
static const struct {
    const char *key;
    const char *period;
} usual[] = {{"30days", "30days"}, {"7days", "7days"}, {"today", "hour"}};

enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

static void place_dashboard(const struct read *read,
                            struct dashboard *dashboard)
{
    struct text period = read_param(read, "period");

    if (period.len > 0 && !text_is(period, usual[0].period)) {
        dashboard->count = 1;
        dashboard->parts[0].key = period;
        dashboard->parts[0].period = read->period;
        return;
    }
    dashboard->count = USUAL;
    for (int i = 0; i < USUAL; i++) {
        dashboard->parts[i].key = text_of(usual[i].key);
        dashboard->parts[i].period =
            read_period_of(read, read->app, text_of(usual[i].period));
    }
}

static enum tally_err read_dashboard(struct read *read)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct dashboard *dashboard = read_question(read, sizeof(*dashboard));
    dashboard->app = read->app->number;
    place_dashboard(read, dashboard);
    dashboard_capture(dashboard, read->reader);
    read->run = write_dashboard;
    return TALLY_OK;
}

/* Countries. */

static enum tally_err write_countries(struct read *read)
{
    return countries_write(read->question, read->reader, &read->json);
}

static enum tally_err read_countries(struct read *read)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct countries *countries = read_question(read, sizeof(*countries));
    countries->app = read->app->number;
    countries->count = USUAL;
    for (int i = 0; i < USUAL; i++) {
        countries->parts[i].key = usual[i].key;
        countries->parts[i].period =
            read_period_of(read, read->app, text_of(usual[i].period));
    }
    countries_capture(countries, read->reader);
    read->run = write_countries;
    return TALLY_OK;
}

/* Tops. */

static enum tally_err write_tops(struct read *read)
{
    return tops_write(read->question, read->reader, &read->json);
}

/* Asks for what the parameters name. */
static enum tally_err place_tops(const struct read *read, struct tops *tops)
{
    struct text metric = read_param(read, "metric");
    struct text metrics = read_param(read, "metrics");

    if (metric.len > 0)
        tops_add_single(tops, metric);
    else if (params_find(&read->exchange->params, "metrics"))
        return tops_add_list(tops, metrics, read->exchange->arena);
    else
        tops_add_usual(tops);
    return TALLY_OK;
}

static enum tally_err read_tops(struct read *read)
{
    struct tops *tops = read_question(read, sizeof(*tops));

    *tops = (struct tops){.catalog = read->service->tally->catalog,
                          .app = read->app->number,
                          .period = &read->period};
    enum tally_err err = place_tops(read, tops);
    if (!err)
        err = read_open(read);
    if (err)
        return err;

    tops_capture(tops, read->reader);
    read->run = write_tops;
    return TALLY_OK;
}

/* Spreads. */

static enum tally_err write_spread(struct read *read)
{
    return spread_write(read->question, read->reader, &read->json);
}

static enum tally_err read_spread(struct read *read, enum set set,
                                  const char *key)
{
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct spread *spread = read_question(read, sizeof(*spread));
    *spread = (struct spread){read->app->number, set, key, &read->period};
    spread_capture(spread, read->reader);
    read->run = write_spread;
    return TALLY_OK;
}

static enum tally_err read_frequency(struct read *read)
{
    return read_spread(read, SET_FREQUENCY, "f");
}

static enum tally_err read_durations(struct read *read)
{
    return read_spread(read, SET_DURATIONS, "ds");
}

static enum tally_err read_loyalty(struct read *read)
{
    return read_spread(read, SET_LOYALTY, "l");
}

static const struct reading readings[] = {
    {"dashboard", "core", read_dashboard},
    {"countries", "core", read_countries},
    {"sessions", "core", read_sessions},
    {"metric", "core", read_metric},
    {"tops", "core", read_tops},
    {"loyalty", "core", read_loyalty},
    {"frequency", "core", read_frequency},
    {"durations", "core", read_durations},
    {"events", "events", read_event_ticks},
};

void route_analytics_each(const char *path, text_fn each, void *user)
{
    (void)path;
    reading_each(readings, sizeof(readings) / sizeof(readings[0]), each, user);
}

/* What follows the prefix; empty for the bare path. */
static struct text name_of(struct text path)
{
    size_t len = sizeof(PREFIX) - 1;

    if (path.len < len)
        return (struct text){0};
    return (struct text){path.at + len, path.len - len};
}

void route_analytics(struct service *service, struct exchange *exchange)
{
    const struct reading *reading =
        reading_find(readings, sizeof(readings) / sizeof(readings[0]),
                     name_of(exchange->path));

    read_start(service, exchange, reading, unknown_path);
}
