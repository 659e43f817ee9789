#include "metrics/overview.h"

#include <assert.h>
#include <stdio.h>

#include "metrics/card.h"
#include "metrics/ticks.h"

static const struct {
    const char *key;
    enum card card;
} cards[] = {
    {"sessions", CARD_SESSIONS},        {"users", CARD_USERS},
    {"newusers", CARD_NEW_USERS},       {"duration", CARD_TIME},
    {"avgduration", CARD_AVERAGE_TIME},
};

static const struct {
    const char *key;
    enum cell_field field;
} charts[] = {
    {"total-sessions", CELL_T},
    {"total-users", CELL_U},
    {"new-users", CELL_N},
    {"time-spent", CELL_D},
};

void overview_add(struct overview *overview, const struct app *app,
                  const struct period *period)
{
    assert(overview->count < OVERVIEW_APPS_MAX);
    struct overview_app *added = &overview->apps[overview->count++];
    added->number = app->number;
    added->period = *period;
    snprintf(added->id, sizeof(added->id), "%s", app->id);
    snprintf(added->name, sizeof(added->name), "%s", app->name);
}

void overview_capture(const struct overview *overview, struct reader *reader)
{
    for (size_t i = 0; i < overview->count; i++) {
        const struct overview_app *app = &overview->apps[i];
        struct span days = card_days(&app->period);
        card_capture(reader, app->number, &days);
    }
}

static void write_cards(const struct card_figures *figures, struct json *json)
{
    for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
        json_key_string(json, cards[i].key);
        card_write(cards[i].card, figures, json);
    }
}

static void write_chart(const struct ticks *ticks, enum cell_field field,
                        struct json *json)
{
    json_open_array(json);
    for (unsigned tick = 0; tick < ticks->count; tick++) {
        json_open_array(json);
        json_int(json, tick);
        json_int(json, ticks->at[tick][field]);
        json_close_array(json);
    }
    json_close_array(json);
}

static enum tally_err write_charts(const struct overview_app *app,
                                   struct reader *reader, struct json *json)
{
    struct ticks ticks = ticks_create(&app->period);
    enum tally_err err = ticks_read(&ticks, reader, app->number);

    json_key_string(json, "charts");
    json_open_object(json);
    for (size_t i = 0; !err && i < sizeof(charts) / sizeof(charts[0]); i++) {
        json_key_string(json, charts[i].key);
        write_chart(&ticks, charts[i].field, json);
    }
    json_close_object(json);
    ticks_finish(&ticks);
    return err;
}

static enum tally_err write_app(const struct overview_app *app,
                                struct reader *reader, struct json *json)
{
    struct card_figures figures;
    enum tally_err err = card_read(reader, app->number, &app->period, &figures);
    if (err)
        return err;

    json_open_object(json);
    json_member_string(json, "_id", app->id);
    json_member_string(json, "name", app->name);
    json_member_string(json, "test", "1");
    write_cards(&figures, json);
    err = write_charts(app, reader, json);
    json_close_object(json);
    return err;
}

enum tally_err overview_write(const struct overview *overview,
                              struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_open_array(json);
    for (size_t i = 0; !err && i < overview->count; i++)
        err = write_app(&overview->apps[i], reader, json);
    json_close_array(json);
    return err;
}
