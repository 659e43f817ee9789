#include "http/crowd_read.h"

#include "http/plugin_total.h"
#include "http/route.h"
#include "metrics/active.h"
#include "metrics/filter.h"
#include "metrics/moment.h"
#include "metrics/retention.h"
#include "metrics/set.h"
#include "metrics/total.h"

/* In `begin`: reads a filter; false when it is refused or *err. */
static bool read_filter_of(struct read *read, struct text json,
                           struct filter *filter, enum tally_err *err)
{
    read->refusal = (struct answer){
        400, filter_read(read->service->tally->catalog, read->service->engine,
                         read->app->number, json, filter, err)};
    return !*err && !read->refusal.message;
}

/* The same of the request's. */
static bool read_filter(struct read *read, struct filter *filter,
                        enum tally_err *err)
{
    return read_filter_of(read, read_param(read, "filter"), filter, err);
}

struct total_question {
    struct total total;
    struct filter filter;
};

static enum tally_err write_total(struct read *read)
{
    const struct total_question *question = read->question;

    return total_write(&question->total, read->reader, &read->json);
}

enum tally_err crowd_read_total(struct read *read)
{
    struct total_question *question = read_question(read, sizeof(*question));
    struct plugin_total asked;
    enum tally_err err = plugin_total_ask(read, &asked);

    if (err || !read_filter_of(read, asked.filter, &question->filter, &err))
        return err;
    err = read_open(read);
    if (err)
        return err;

    question->total = (struct total){
        .app = read->app->number,
        .metric = asked.metric,
        .period = &read->period,
        .with_previous = read_flag(read, "previous"),
        .filter = question->filter.count > 0 ? &question->filter : NULL};
    total_capture(&question->total, read->reader);
    read->run = write_total;
    return TALLY_OK;
}

struct active_question {
    struct active active;
    struct filter filter;
};

static enum tally_err write_active(struct read *read)
{
    const struct active_question *question = read->question;

    return active_write(&question->active, read->reader, &read->json);
}

static enum tally_err read_active(struct read *read)
{
    struct active_question *question = read_question(read, sizeof(*question));
    enum tally_err err;

    if (!read_filter(read, &question->filter, &err))
        return err;
    err = read_open(read);
    if (err)
        return err;

    question->active = (struct active){&question->filter, &read->period};
    active_capture(&question->active, read->reader);
    read->run = write_active;
    return TALLY_OK;
}

void route_active_users(struct service *service, struct exchange *exchange)
{
    static const struct reading reading = {"active_users", "core", read_active};

    read_start(service, exchange, &reading, NULL);
}

struct retention_question {
    struct retention retention;
    struct filter filter;
};

static enum tally_err write_retention(struct read *read)
{
    const struct retention_question *question = read->question;

    return retention_write(&question->retention, read->reader, &read->json);
}

/* An event other than the session is one more thing to have done. */
static enum tally_err require_event(struct read *read, struct filter *filter)
{
    struct text event = read_param(read, "evt");

    if (event.len == 0 || text_is(event, "[CLY]_session"))
        return TALLY_OK;
    return filter_require(read->service->engine, filter, SET_EVENTS, event);
}

static bool read_cohorts(struct read *read, struct retention *retention)
{
    struct retention_request request = {.period = read_param(read, "period"),
                                        .type = read_param(read, "rettype"),
                                        .range = read_param(read, "range"),
                                        .span = read_param(read, "span"),
                                        .query = read_param(read, "query")};
    int64_t now =
        moment_seconds(read_param(read, "timestamp"), read->exchange->now);

    read->refusal = (struct answer){
        400, retention_read(&request, read->app->zone, now, retention)};
    return !read->refusal.message;
}

enum tally_err crowd_read_retention(struct read *read)
{
    struct retention_question *question =
        read_question(read, sizeof(*question));
    enum tally_err err;

    question->retention.filter = &question->filter;
    if (!read_filter(read, &question->filter, &err))
        return err;
    if (!read_cohorts(read, &question->retention))
        return TALLY_OK;
    err = require_event(read, &question->filter);
    if (!err)
        err = read_open(read);
    if (err)
        return err;

    retention_capture(&question->retention, read->reader);
    read->run = write_retention;
    return TALLY_OK;
}

/* Who is online. */

enum {
    LIVE_USERS = 1 << 0,
    LIVE_FRESH = 1 << 1,
    LIVE_USERS_MAX = 1 << 2,
    LIVE_FRESH_MAX = 1 << 3,
    LIVE_ALL = LIVE_USERS | LIVE_FRESH | LIVE_USERS_MAX | LIVE_FRESH_MAX,
};

static const unsigned modes[] = {
    LIVE_ALL,       LIVE_USERS,     LIVE_FRESH,
    LIVE_USERS_MAX, LIVE_FRESH_MAX, LIVE_USERS | LIVE_FRESH,
};

static enum tally_err write_live(struct read *read, unsigned wanted)
{
    static const char *const names[] = {"o", "n", "om", "nm"};
    struct tally *tally = read->service->tally;

    tally_advance_online(tally, read->exchange->now / 1000);
    struct online_counts counts =
        online_counts(tally->online, read->app->number);
    uint32_t values[] = {counts.users, counts.fresh, counts.users_max,
                         counts.fresh_max};
    json_open_object(&read->json);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (wanted >> i & 1)
            json_member_int(&read->json, names[i], values[i]);
    }
    json_close_object(&read->json);
    return TALLY_OK;
}

enum tally_err crowd_read_live(struct read *read)
{
    return write_live(read, LIVE_ALL);
}

enum tally_err crowd_read_concurrent(struct read *read)
{
    struct text text = read_param(read, "mode");
    unsigned mode = text.len > 0 ? (unsigned char)text.at[0] - '0' : 0;

    if (text.len > 1 || mode >= sizeof(modes) / sizeof(modes[0])) {
        read->refusal =
            (struct answer){400, "Invalid parameter \"mode\": must be 0 to 5"};
        return TALLY_OK;
    }
    return write_live(read, modes[mode]);
}
