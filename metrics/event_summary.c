#include "metrics/event_summary.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/event_set.h"
#include "metrics/event_ticks.h"
#include "metrics/figure.h"

/* An event in both periods. */
struct standing {
    const struct event_chosen *event;
    struct event_sum now;
    struct event_sum before;
};

void event_summary_capture(const struct event_summary *summary,
                           struct reader *reader)
{
    for (unsigned i = 0; i < summary->choice.count; i++)
        event_series_capture(reader, summary->app, summary->choice.list[i].id,
                             0);
}

/* Reading. */

struct adding {
    const struct span *span;
    struct event_sum *sum;
};

static void take_day(void *user, const struct event_cell *cell)
{
    const struct adding *adding = user;

    if (cell->value == 0 && span_has(adding->span, cell->day))
        event_sum_add(adding->sum, &cell->sum);
}

static enum tally_err read_span(const struct event_summary *summary,
                                struct reader *reader, uint32_t event,
                                const struct span *span, struct event_sum *sum)
{
    struct adding adding = {span, sum};

    return event_series_days(reader, summary->app, event, 0, span->first,
                             span->last, take_day, &adding);
}

static enum tally_err read_standing(const struct event_summary *summary,
                                    struct reader *reader, unsigned i,
                                    struct standing *standing)
{
    const struct event_chosen *event = &summary->choice.list[i];

    *standing = (struct standing){.event = event};
    enum tally_err err = read_span(summary, reader, event->id,
                                   &summary->period->current, &standing->now);
    return err ? err
               : read_span(summary, reader, event->id,
                           &summary->period->previous, &standing->before);
}

/* Writing. */

enum number { NUMBER_COUNT, NUMBER_SUM, NUMBER_DURATION, NUMBERS };

static int64_t number_of(const struct event_sum *sum, enum number number)
{
    switch (number) {
    case NUMBER_COUNT:
        return sum->c;
    case NUMBER_SUM:
        return sum->s;
    default:
        return sum->dur;
    }
}

static void write_number(enum number number, int64_t value, struct json *json)
{
    if (number == NUMBER_COUNT)
        json_int(json, value);
    else
        event_sum_write_units(value, json);
}

/* As on the dashboard. */
static void write_change(int64_t now, int64_t before, struct json *json)
{
    struct figure_change change = figure_change((double)now, (double)before);

    json_member_string(json, "change", change.text);
    json_member_string(json, "trend", change.trend);
}

static void write_one(const struct standing *standing, enum number number,
                      const struct event_ticks *ticks,
                      const struct event_sum *sums, struct json *json)
{
    int64_t now = number_of(&standing->now, number);
    int64_t before = number_of(&standing->before, number);

    json_open_object(json);
    json_key_string(json, "total");
    write_number(number, now, json);
    json_key_string(json, "prev-total");
    write_number(number, before, json);
    write_change(now, before, json);
    json_key_string(json, "sparkline");
    json_open_array(json);
    for (unsigned i = 0; i < ticks->count; i++)
        write_number(number, number_of(&sums[i], number), json);
    json_close_array(json);
    json_close_object(json);
}

static enum tally_err write_standing(const struct event_summary *summary,
                                     const struct standing *standing,
                                     struct reader *reader, struct json *json)
{
    static const char *const names[] = {"count", "sum", "dur"};
    struct event_ticks ticks = event_ticks_of(summary->period);
    struct event_sum *sums = memory_alloc((ticks.count + 1) * sizeof(*sums));
    enum tally_err err = event_ticks_read(&ticks, reader, summary->app,
                                          standing->event->id, sums);

    json_key(json, standing->event->key);
    json_open_object(json);
    json_key_string(json, "data");
    json_open_object(json);
    for (enum number number = 0; number < NUMBERS; number++) {
        json_key_string(json, names[number]);
        write_one(standing, number, &ticks, sums, json);
    }
    json_close_object(json);
    json_close_object(json);
    free(sums);
    return err;
}

enum tally_err event_summary_write(const struct event_summary *summary,
                                   struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;
    struct standing standing;

    json_open_object(json);
    for (unsigned i = 0; !err && i < summary->choice.count; i++) {
        err = read_standing(summary, reader, i, &standing);
        if (!err)
            err = write_standing(summary, &standing, reader, json);
    }
    json_close_object(json);
    return err;
}

/* The top. */

static int compare_standings(const void *a, const void *b)
{
    const struct standing *x = a;
    const struct standing *y = b;

    if (x->now.c != y->now.c)
        return x->now.c < y->now.c ? 1 : -1;
    return text_compare(x->event->key, y->event->key);
}

static void write_totals(const struct standing *list, unsigned count,
                         struct json *json)
{
    static const char *const names[NUMBERS][2] = {
        {"totalCount", "prevTotalCount"},
        {"totalSum", "prevTotalSum"},
        {"totalDuration", "prevTotalDuration"},
    };
    struct event_sum now = {0};
    struct event_sum before = {0};

    for (unsigned i = 0; i < count; i++) {
        event_sum_add(&now, &list[i].now);
        event_sum_add(&before, &list[i].before);
    }
    for (enum number number = 0; number < NUMBERS; number++) {
        json_key_string(json, names[number][0]);
        write_number(number, number_of(&now, number), json);
        json_key_string(json, names[number][1]);
        write_number(number, number_of(&before, number), json);
    }
}

static enum tally_err write_top(const struct event_summary *summary,
                                const struct standing *list, unsigned count,
                                struct reader *reader, struct json *json)
{
    enum tally_err err = TALLY_OK;

    write_totals(list, count, json);
    json_key_string(json, "data");
    json_open_object(json);
    for (unsigned i = 0; !err && i < count && i < summary->limit; i++) {
        if (!event_sum_is_zero(&list[i].now))
            err = write_standing(summary, &list[i], reader, json);
    }
    json_close_object(json);
    return err;
}

enum tally_err event_summary_write_top(const struct event_summary *summary,
                                       struct reader *reader, struct json *json)
{
    unsigned count = summary->choice.count;
    struct standing *list = memory_alloc((count + 1) * sizeof(*list));
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !err && i < count; i++)
        err = read_standing(summary, reader, i, &list[i]);
    qsort(list, count, sizeof(*list), compare_standings);
    if (!err)
        err = write_top(summary, list, count, reader, json);
    free(list);
    return err;
}
