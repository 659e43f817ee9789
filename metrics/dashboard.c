#include "metrics/dashboard.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/bars.h"
#include "metrics/breakdown.h"
#include "metrics/card.h"
#include "metrics/ticks.h"

static const struct {
    const char *key;
    enum set set;
} tops[] = {
    {"platforms", SET_OS},
    {"resolutions", SET_RESOLUTIONS},
    {"carriers", SET_CARRIERS},
};

enum { TOPS = sizeof(tops) / sizeof(tops[0]) };

static const char *const cards[CARD_COUNT] = {
    [CARD_SESSIONS] = "total_sessions",
    [CARD_NEW_USERS] = "new_users",
    [CARD_USERS] = "total_users",
    [CARD_TIME] = "total_time",
    [CARD_AVERAGE_TIME] = "avg_time",
    [CARD_AVERAGE_REQUESTS] = "avg_requests",
};

static struct breakdown_question
question_of(uint32_t app, const struct period *period, size_t top)
{
    return (struct breakdown_question){
        .app = app, .set = tops[top].set, .period = period};
}

/* Periods overlap: each day is captured once. */
void dashboard_capture(const struct dashboard *dashboard, struct reader *reader)
{
    struct span days = card_days(&dashboard->parts[0].period);

    for (unsigned part = 0; part < dashboard->count; part++) {
        const struct period *period = &dashboard->parts[part].period;
        struct span more = card_days(period);

        days = span_hull(&days, &more);
        for (size_t top = 0; top < TOPS; top++) {
            struct breakdown_question question =
                question_of(dashboard->app, period, top);
            breakdown_capture(&question, reader);
        }
    }
    card_capture(reader, dashboard->app, &days);
}

static enum tally_err write_cards(uint32_t app, const struct period *period,
                                  struct reader *reader, struct json *json)
{
    struct card_figures figures;
    enum tally_err err = card_read(reader, app, period, &figures);
    if (err)
        return err;

    json_key_string(json, "dashboard");
    json_open_object(json);
    for (int card = 0; card < CARD_COUNT; card++) {
        json_key_string(json, cards[card]);
        card_write((enum card)card, &figures, json);
    }
    json_close_object(json);
    return TALLY_OK;
}

static enum tally_err write_top(uint32_t app, const struct period *period,
                                size_t top, struct reader *reader,
                                struct json *json)
{
    struct breakdown_question question = question_of(app, period, top);
    struct breakdown breakdown;
    enum tally_err err = breakdown_read(&question, reader, &breakdown);
    if (err)
        return err;

    json_key_string(json, tops[top].key);
    breakdown_write_bars(&breakdown, BREAKDOWN_T, json);
    breakdown_finish(&breakdown);
    return TALLY_OK;
}

static void write_best_ticks(const struct ticks *ticks, struct json *json)
{
    struct bar *bars = memory_alloc(ticks->count * sizeof(*bars));
    char(*labels)[TICK_LABEL_SIZE] =
        memory_alloc(ticks->count * sizeof(*labels));

    for (unsigned i = 0; i < ticks->count; i++) {
        ticks_label(ticks, i, labels[i]);
        bars[i].name = text_of(labels[i]);
        bars[i].value = ticks->at[i][CELL_T];
    }
    json_key_string(json, "users");
    bars_write(bars, ticks->count, json);
    free(labels);
    free(bars);
}

static enum tally_err write_bars(uint32_t app, const struct period *period,
                                 const struct ticks *ticks,
                                 struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_key_string(json, "top");
    json_open_object(json);
    for (size_t top = 0; !err && top < TOPS; top++)
        err = write_top(app, period, top, reader, json);
    write_best_ticks(ticks, json);
    json_close_object(json);
    return err;
}

static enum tally_err write_part(uint32_t app, const struct period *period,
                                 struct reader *reader, struct json *json)
{
    struct ticks ticks = ticks_create(period);
    char label[2 * TICK_LABEL_SIZE];
    enum tally_err err = ticks_read(&ticks, reader, app);

    json_open_object(json);
    if (!err)
        err = write_cards(app, period, reader, json);
    if (!err)
        err = write_bars(app, period, &ticks, reader, json);
    ticks_label_all(&ticks, label);
    json_member_string(json, "period", label);
    json_close_object(json);
    ticks_finish(&ticks);
    return err;
}

enum tally_err dashboard_write(const struct dashboard *dashboard,
                               struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_open_object(json);
    for (unsigned i = 0; !err && i < dashboard->count; i++) {
        json_key(json, dashboard->parts[i].key);
        err = write_part(dashboard->app, &dashboard->parts[i].period, reader,
                         json);
    }
    json_close_object(json);
    return err;
}
