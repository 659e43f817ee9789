/*
 * /o/app_users/loyalty and /o/slipping: counts over all users of an app (spec
 * D.10).
 */
#include "http/read.h"
#include "http/route.h"
#include "metrics/census.h"

static enum tally_err write_loyalty(struct read *read)
{
    return census_write_loyalty(read->question, read->reader, &read->json);
}

static enum tally_err write_slipping(struct read *read)
{
    return census_write_slipping(read->question, read->reader, &read->json);
}

/* Which users are counted; what is wrong with it, or NULL. */
static const char *choose_users(struct read *read, struct filter *filter,
                                enum tally_err *err)
{
    struct text query = read_param(read, "query");

    if (query.len > 0 && !text_is(query, "{}"))
        return "Invalid parameter \"query\": use \"filter\"";
    return filter_read(read->service->tally->catalog, read->service->engine,
                       read->app->number, read_param(read, "filter"), filter,
                       err);
}

static enum tally_err start(struct read *read, read_fn run)
{
    struct census *census = read_question(read, sizeof(*census));
    enum tally_err err = TALLY_OK;
    const char *wrong = choose_users(read, &census->filter, &err);

    if (wrong)
        return read_refuse(read, 400, wrong);
    if (!err)
        err = read_open(read);
    if (err)
        return err;

    census->app = read->app->number;
    census->now = read_now(read);
    census_capture(census, read->reader);
    read->run = run;
    return TALLY_OK;
}

static enum tally_err read_loyalty(struct read *read)
{
    return start(read, write_loyalty);
}

static enum tally_err read_slipping(struct read *read)
{
    return start(read, write_slipping);
}

static const struct reading loyalty = {"loyalty", "core", read_loyalty};
static const struct reading slipping = {"slipping", "core", read_slipping};

void route_loyalty(struct service *service, struct exchange *exchange)
{
    read_start(service, exchange, &loyalty, "");
}

void route_slipping(struct service *service, struct exchange *exchange)
{
    read_start(service, exchange, &slipping, "");
}
