#include "metrics/card.h"

#include "metrics/figure.h"
#include "metrics/ticks.h"
#include "metrics/total.h"

enum { MINUTE_SECONDS = 60 };

struct span card_days(const struct period *period)
{
    struct span current = period_unit_days(period, false);
    struct span previous = period_unit_days(period, true);

    return span_hull(&current, &previous);
}

void card_capture(struct reader *reader, uint32_t app, const struct span *days)
{
    ticks_capture(reader, app);
    total_capture_span(reader, app, 0, days);
}

static enum tally_err read_side(struct reader *reader, uint32_t app,
                                const struct period *period, bool previous,
                                int64_t sums[CELL_FIELDS])
{
    struct span summed = period_summed_days(period, previous);
    struct span counted = period_unit_days(period, previous);
    uint64_t users;
    enum tally_err err = ticks_sum(reader, app, &summed, sums);

    if (!err)
        err = total_users(reader, app, &counted, &users);
    if (!err)
        sums[CELL_U] = (int64_t)users;
    return err;
}

static void lower(int64_t *number, int64_t most)
{
    if (*number > most)
        *number = most;
}

enum tally_err card_read(struct reader *reader, uint32_t app,
                         const struct period *period,
                         struct card_figures *figures)
{
    int64_t *current = figures->current;
    enum tally_err err = read_side(reader, app, period, false, current);

    if (!err)
        err = read_side(reader, app, period, true, figures->previous);
    if (err)
        return err;
    lower(&current[CELL_N], current[CELL_U]);
    lower(&current[CELL_U], current[CELL_T]);
    return TALLY_OK;
}

static double quotient(double of, int64_t by)
{
    return by > 0 ? of / (double)by : 0;
}

static double value_of(enum card card, const int64_t sums[CELL_FIELDS])
{
    double minutes = (double)sums[CELL_D] / MINUTE_SECONDS;

    switch (card) {
    case CARD_SESSIONS:
        return (double)sums[CELL_T];
    case CARD_NEW_USERS:
        return (double)sums[CELL_N];
    case CARD_USERS:
        return (double)sums[CELL_U];
    case CARD_TIME:
        return minutes;
    case CARD_AVERAGE_TIME:
        return quotient(minutes, sums[CELL_T]);
    case CARD_AVERAGE_REQUESTS:
        return quotient((double)sums[CELL_E], sums[CELL_U]);
    case CARD_COUNT:
        break;
    }
    return 0;
}

static void write_total(enum card card, double value, struct json *json)
{
    char text[FIGURE_SIZE];

    json_key_string(json, "total");
    if (card < CARD_TIME) {
        json_int(json, (int64_t)value);
        return;
    }
    if (card == CARD_AVERAGE_REQUESTS)
        figure_print(text, value);
    else
        figure_print_time(text, value);
    json_string(json, text);
}

void card_write(enum card card, const struct card_figures *figures,
                struct json *json)
{
    double current = value_of(card, figures->current);
    double previous = value_of(card, figures->previous);
    struct figure_change change = figure_change(current, previous);

    json_open_object(json);
    write_total(card, current, json);
    json_member_string(json, "change", change.text);
    json_member_string(json, "trend", change.trend);
    if (card == CARD_USERS)
        json_member_bool(json, "is_estimate", false);
    json_close_object(json);
}
