#include "metrics/event_ticks.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/memory.h"

struct event_ticks event_ticks_of(const struct period *period)
{
    struct event_ticks ticks = {.of = COVER_MONTH,
                                .first = period->current.first,
                                .count = (unsigned)span_days(&period->current)};

    if (period->is_special)
        return ticks;
    ticks.of = period->active.unit;
    ticks.first = period->active.day;
    ticks.count = (unsigned)(period->max - period->min + 1);
    return ticks;
}

void event_ticks_label(const struct event_ticks *ticks, unsigned tick,
                       char label[EVENT_TICK_LABEL_SIZE])
{
    struct date date = date_of_day(ticks->first);

    if (ticks->of == COVER_YEAR) {
        snprintf(label, EVENT_TICK_LABEL_SIZE, "%d-%u", date.year, tick + 1);
    } else if (ticks->of == COVER_DAY) {
        snprintf(label, EVENT_TICK_LABEL_SIZE, "%d-%d-%d %u:00", date.year,
                 date.month, date.day, tick);
    } else {
        date = date_of_day(ticks->first + (int32_t)tick);
        snprintf(label, EVENT_TICK_LABEL_SIZE, "%d-%d-%d", date.year,
                 date.month, date.day);
    }
}

struct target {
    const struct event_ticks *ticks;
    struct event_sum *sums;
};

static void take_cell(void *user, const struct event_cell *cell)
{
    const struct target *target = user;
    const struct event_ticks *ticks = target->ticks;
    unsigned tick = (unsigned)(cell->day - ticks->first);

    if (cell->value != 0)
        return;
    if (ticks->of == COVER_DAY)
        tick = cell->hour;
    else if (ticks->of == COVER_YEAR)
        tick = (unsigned)date_of_day(cell->day).month - 1;
    if (tick < ticks->count)
        event_sum_add(&target->sums[tick], &cell->sum);
}

enum tally_err event_ticks_read(const struct event_ticks *ticks,
                                struct reader *reader, uint32_t app,
                                uint32_t event, struct event_sum *sums)
{
    struct target target = {ticks, sums};
    int32_t last = ticks->first + (int32_t)ticks->count - 1;

    if (ticks->of == COVER_DAY)
        return event_series_hours(reader, app, event, ticks->first,
                                  ticks->first, take_cell, &target);
    if (ticks->of == COVER_YEAR)
        last = ticks->first +
               date_days_in_year(date_of_day(ticks->first).year) - 1;
    return event_series_days(reader, app, event, 0, ticks->first, last,
                             take_cell, &target);
}

enum tally_err event_ticks_write(const struct event_ticks *ticks,
                                 struct reader *reader, uint32_t app,
                                 uint32_t event, struct json *json)
{
    struct event_sum *sums = memory_alloc((ticks->count + 1) * sizeof(*sums));
    char label[EVENT_TICK_LABEL_SIZE];
    enum tally_err err = TALLY_OK;

    if (event != 0)
        err = event_ticks_read(ticks, reader, app, event, sums);
    json_open_array(json);
    for (unsigned i = 0; i < ticks->count; i++) {
        event_ticks_label(ticks, i, label);
        json_open_object(json);
        json_member_string(json, "_id", label);
        event_sum_write(&sums[i], true, json);
        json_close_object(json);
    }
    json_close_array(json);
    free(sums);
    return err;
}
