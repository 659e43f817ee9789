/*
 * What the values of a set counted, as the answer of a plugin
 * (tally_plugin.h, fetch_values()).
 */
#include "http/plugin_door.h"
#include "http/read.h"
#include "http/route.h"
#include "metrics/ranking.h"

static enum tally_err write_values(struct read *read)
{
    return ranking_write(read->question, read->reader, &read->json);
}

static enum tally_err read_values(struct read *read)
{
    const struct door *door = read->exchange->door;
    enum tally_err err = read_open(read);
    if (err)
        return err;

    struct ranking *ranking = read_question(read, sizeof(*ranking));
    *ranking = (struct ranking){read->app->number, door->set, &read->period,
                                door->rename};
    ranking_capture(ranking, read->reader);
    read->run = write_values;
    return TALLY_OK;
}

void route_values(struct service *service, struct exchange *exchange,
                  const struct pass *pass)
{
    static const struct reading reading = {"", "core", read_values};

    read_start_for(service, exchange, &reading, pass);
}
