#include "metrics/event_table.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/event.h"
#include "metrics/event_series.h"
#include "metrics/event_set.h"

/* Segments. */

/* The list of one event; opened by its first segment. */
struct listing {
    struct json *json;
    struct text key;
    bool is_open;
};

static void write_key(struct json *json, struct text key)
{
    char bytes[EVENT_KEY_MAX];

    for (size_t i = 0; i < key.len; i++)
        bytes[i] = key.at[i] == '.' ? ':' : key.at[i];
    json_key(json, (struct text){bytes, key.len});
}

static void take_segment(void *user, uint32_t value, struct text name)
{
    struct listing *listing = user;

    (void)value;
    if (!listing->is_open) {
        write_key(listing->json, listing->key);
        json_open_array(listing->json);
        listing->is_open = true;
    }
    json_text(listing->json, name);
}

enum tally_err event_table_write_segments(const struct event_choice *choice,
                                          struct reader *reader, uint32_t app,
                                          struct json *json)
{
    enum tally_err err = TALLY_OK;

    json_open_object(json);
    for (unsigned i = 0; !err && i < choice->count; i++) {
        struct listing listing = {json, choice->list[i].key, false};
        err = series_names(reader, app,
                           event_set(choice->list[i].id, 0, EVENT_COUNTS),
                           take_segment, &listing);
        if (listing.is_open)
            json_close_array(json);
    }
    json_close_object(json);
    return err;
}

/* Values. */

struct row {
    struct event_sum sum;
    uint32_t value;
    bool is_there; /* it had something in the period */
    struct text name;
};

struct rows {
    const struct span *span;
    struct row *list; /* by value */
    size_t room;
    struct arena *arena;
    enum tally_err err;
};

static struct row *row_of(struct rows *rows, uint32_t value)
{
    if (value >= rows->room) {
        size_t room = ((size_t)value + 1) * 2;
        rows->list = memory_resize(rows->list, room * sizeof(*rows->list));
        memset(rows->list + rows->room, 0,
               (room - rows->room) * sizeof(*rows->list));
        rows->room = room;
    }
    return &rows->list[value];
}

static void take_day(void *user, const struct event_cell *cell)
{
    struct rows *rows = user;

    if (!span_has(rows->span, cell->day))
        return;
    struct row *row = row_of(rows, cell->value);
    row->value = cell->value;
    row->is_there = true;
    event_sum_add(&row->sum, &cell->sum);
}

static void take_name(void *user, uint32_t value, struct text name)
{
    struct rows *rows = user;

    if (value >= rows->room || !rows->list[value].is_there)
        return;
    char *copy = arena_strndup(rows->arena, name.at, name.len);
    if (copy)
        rows->list[value].name = (struct text){copy, name.len};
    else
        rows->err = TALLY_ERR_TOO_BIG;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    if (x->sum.c != y->sum.c)
        return x->sum.c < y->sum.c ? 1 : -1;
    return (x->value > y->value) - (x->value < y->value);
}

static void write_rows(struct rows *rows, struct json *json)
{
    if (rows->room > 0)
        qsort(rows->list, rows->room, sizeof(*rows->list), compare_rows);
    json_open_array(json);
    for (size_t i = 0; i < rows->room; i++) {
        const struct row *row = &rows->list[i];
        if (row->name.len == 0 || event_sum_is_zero(&row->sum))
            continue;
        json_open_object(json);
        json_member_text(json, "_id", row->name);
        event_sum_write(&row->sum, true, json);
        json_close_object(json);
    }
    json_close_array(json);
}

enum { NAMES_BYTES_MAX = 64 << 20 };

enum tally_err event_table_write_values(uint32_t app, uint32_t event,
                                        uint32_t segment,
                                        const struct period *period,
                                        struct reader *reader,
                                        struct json *json)
{
    struct rows rows = {.span = &period->current,
                        .arena = arena_create(NAMES_BYTES_MAX)};
    enum tally_err err = TALLY_OK;

    if (event != 0 && segment != 0)
        err = event_series_days(reader, app, event, segment,
                                period->current.first, period->current.last,
                                take_day, &rows);
    if (!err && rows.room > 0)
        err = series_names(reader, app, event_set(event, segment, EVENT_COUNTS),
                           take_name, &rows);
    if (!err)
        err = rows.err;
    if (!err)
        write_rows(&rows, json);
    free(rows.list);
    arena_destroy(rows.arena);
    return err;
}
