#include "metrics/view_sums.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/series.h"
#include "metrics/event_series.h"
#include "metrics/set.h"
#include "metrics/total.h"

static const char *const keys[VIEW_NUMBERS] = {"t", "u", "n", "s",
                                               "e", "b", "d"};

void view_list_finish(struct view_list *list)
{
    free(list->sums);
    *list = (struct view_list){0};
}

void view_sums_capture(struct reader *reader, uint32_t app,
                       const struct span *span)
{
    series_capture(reader, app, SET_VIEWS);
    series_capture_counts(reader, app, SET_VIEW_ENDS);
    total_capture_span(reader, app, SET_VIEWS, span);
    total_capture_span(reader, app, SET_VIEW_NEW, span);
}

/* Reading. */

static struct view_sums *touch(struct view_list *list, uint32_t value)
{
    if (value >= list->room) {
        size_t room = ((size_t)value + 1) * 2;
        list->sums = memory_resize(list->sums, room * sizeof(*list->sums));
        memset(list->sums + list->room, 0,
               (room - list->room) * sizeof(*list->sums));
        list->room = room;
    }
    return &list->sums[value];
}

struct adding {
    const struct span *span;
    struct view_list *list;
};

static void take_visits(void *user, const struct series_cell *cell)
{
    const struct adding *adding = user;

    if (!span_has(adding->span, cell->day))
        return;
    struct view_sums *sums = touch(adding->list, cell->value);
    sums->at[VIEW_VISITS] += cell->at[CELL_T];
    counter_add(&sums->at[VIEW_DURATION], cell->at[CELL_D]);
}

static void take_ends(void *user, const struct series_cell *cell)
{
    const struct adding *adding = user;

    if (!span_has(adding->span, cell->day))
        return;
    struct view_sums *sums = touch(adding->list, cell->value);
    sums->at[VIEW_STARTS] += cell->at[CELL_T];
    sums->at[VIEW_EXITS] += cell->at[CELL_N];
    sums->at[VIEW_BOUNCES] += cell->at[CELL_E];
}

static enum tally_err read_users(struct reader *reader, uint32_t app,
                                 uint32_t set, const struct span *span,
                                 enum view_number number,
                                 struct view_list *list)
{
    struct total_values users = {0};
    enum tally_err err = total_values(reader, app, set, span, &users);

    for (uint32_t value = 0; !err && value < users.room; value++) {
        if (users.users[value] > 0)
            touch(list, value)->at[number] = users.users[value];
    }
    total_values_finish(&users);
    return err;
}

enum tally_err view_sums_read(struct reader *reader, uint32_t app,
                              const struct span *span, struct view_list *list)
{
    struct adding adding = {span, list};
    enum tally_err err = series_days(reader, app, SET_VIEWS, span->first,
                                     span->last, take_visits, &adding);

    if (!err)
        err = series_days(reader, app, SET_VIEW_ENDS, span->first, span->last,
                          take_ends, &adding);
    if (!err)
        err = read_users(reader, app, SET_VIEWS, span, VIEW_USERS, list);
    if (!err)
        err = read_users(reader, app, SET_VIEW_NEW, span, VIEW_NEW, list);
    return err;
}

/* Writing. */

bool view_sums_is_zero(const struct view_sums *sums)
{
    for (int i = 0; i < VIEW_NUMBERS; i++) {
        if (sums->at[i] != 0)
            return false;
    }
    return true;
}

void view_sums_write(const struct view_sums *sums, bool zeros,
                     struct json *json)
{
    for (int i = 0; i < VIEW_NUMBERS; i++) {
        if (sums->at[i] == 0 && !zeros)
            continue;
        json_key_string(json, keys[i]);
        if (i == VIEW_DURATION)
            event_sum_write_units(sums->at[i], json);
        else
            json_int(json, sums->at[i]);
    }
}

/* Names. */

struct naming {
    struct view_names *names;
    struct arena *arena;
    size_t most;
    enum tally_err err;
};

static void take_name(void *user, uint32_t value, struct text name)
{
    struct naming *naming = user;
    struct view_names *names = naming->names;
    char *copy = arena_strndup(naming->arena, name.at, name.len);

    if (!copy || value >= naming->most) {
        naming->err = TALLY_ERR_TOO_BIG;
        return;
    }
    if (value >= names->room) {
        size_t room = ((size_t)value + 1) * 2;
        names->list = memory_resize(names->list, room * sizeof(*names->list));
        memset(names->list + names->room, 0,
               (room - names->room) * sizeof(*names->list));
        names->room = room;
    }
    names->list[value] = (struct text){copy, name.len};
}

enum tally_err view_names_read(struct reader *reader, uint32_t app,
                               struct arena *arena, size_t most,
                               struct view_names *names)
{
    struct naming naming = {names, arena, most, TALLY_OK};
    enum tally_err err =
        series_names(reader, app, SET_VIEWS, take_name, &naming);

    return err ? err : naming.err;
}

void view_names_finish(struct view_names *names)
{
    free(names->list);
    *names = (struct view_names){0};
}
