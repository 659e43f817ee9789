#include "metrics/event_series.h"

#include "engine/key.h"
#include "engine/series.h"
#include "metrics/event_set.h"

enum { APP_BYTES = 4, EVENT_BYTES = 6 };

void event_sum_add(struct event_sum *sum, const struct event_sum *other)
{
    counter_add(&sum->c, other->c);
    counter_add(&sum->s, other->s);
    counter_add(&sum->dur, other->dur);
}

bool event_sum_is_zero(const struct event_sum *sum)
{
    return sum->c == 0 && sum->s == 0 && sum->dur == 0;
}

void event_sum_write_units(int64_t units, struct json *json)
{
    if (units % EVENT_PER_ONE == 0)
        json_int(json, units / EVENT_PER_ONE);
    else
        json_double(json, (double)units / EVENT_PER_ONE);
}

static void write_units(const char *key, int64_t units, bool zeros,
                        struct json *json)
{
    if (units == 0 && !zeros)
        return;
    json_key_string(json, key);
    event_sum_write_units(units, json);
}

void event_sum_write(const struct event_sum *sum, bool zeros, struct json *json)
{
    if (sum->c != 0 || zeros)
        json_member_int(json, "c", sum->c);
    write_units("s", sum->s, zeros, json);
    write_units("dur", sum->dur, zeros, json);
}

void event_series_capture(struct reader *reader, uint32_t app, uint32_t event,
                          uint32_t segment)
{
    for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++)
        series_capture_counts(reader, app, event_set(event, segment, kind));
}

void event_series_capture_names(struct reader *reader, uint32_t app,
                                uint32_t event)
{
    struct key key = key_string(app, event_set(event, 0, EVENT_COUNTS), 0);

    key.len = event == 0 ? APP_BYTES : EVENT_BYTES;
    reader_capture_table(reader, TABLE_STRINGS, key_text(&key));
}

struct target {
    event_cell_fn fn;
    void *user;
    enum event_kind kind;
};

static void give(void *user, const struct series_cell *cell)
{
    const struct target *target = user;
    struct event_cell given = {cell->day, cell->hour, cell->value, {0}};

    if (target->kind == EVENT_DURATIONS) {
        given.sum.dur = cell->at[CELL_D];
    } else {
        given.sum.c = cell->at[CELL_E];
        given.sum.s = cell->at[CELL_D];
    }
    target->fn(target->user, &given);
}

enum tally_err event_series_days(struct reader *reader, uint32_t app,
                                 uint32_t event, uint32_t segment,
                                 int32_t first, int32_t last, event_cell_fn fn,
                                 void *user)
{
    enum tally_err err = TALLY_OK;

    for (enum event_kind kind = 0; !err && kind < EVENT_KINDS; kind++) {
        struct target target = {fn, user, kind};
        err = series_days(reader, app, event_set(event, segment, kind), first,
                          last, give, &target);
    }
    return err;
}

enum tally_err event_series_hours(struct reader *reader, uint32_t app,
                                  uint32_t event, int32_t first, int32_t last,
                                  event_cell_fn fn, void *user)
{
    enum tally_err err = TALLY_OK;

    for (enum event_kind kind = 0; !err && kind < EVENT_KINDS; kind++) {
        struct target target = {fn, user, kind};
        err = series_hours(reader, app, event_set(event, 0, kind), first, last,
                           give, &target);
    }
    return err;
}
