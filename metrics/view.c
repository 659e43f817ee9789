#include "metrics/view.h"

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/event_marks.h"
#include "metrics/set.h"

/* Reading. */

struct reading {
    struct view *view;
    struct arena *arena;
    bool has_name;
    bool has_duration; /* the event has one of its own */
};

static void take_name(struct reading *reading, const struct scan_value *value)
{
    struct text name;

    reading->has_name = value->kind == SCAN_STRING && value->text.len > 0 &&
                        event_plain_text(value, reading->arena, &name);
    if (!reading->has_name)
        return;
    reading->view->name = event_plain_name(name);
    reading->has_name = reading->view->name.len > 0;
}

static void take_visit(struct reading *reading, const struct scan_value *value)
{
    reading->view->visit = event_is_true(value);
}

static void take_start(struct reading *reading, const struct scan_value *value)
{
    reading->view->start = event_is_true(value);
}

static void take_exit(struct reading *reading, const struct scan_value *value)
{
    reading->view->exit = event_is_true(value);
}

static void take_bounce(struct reading *reading, const struct scan_value *value)
{
    reading->view->bounce = event_is_true(value);
}

static void take_duration(struct reading *reading,
                          const struct scan_value *value)
{
    if (!reading->has_duration)
        reading->view->duration = event_units(value);
}

static const struct {
    const char *name;
    void (*take)(struct reading *reading, const struct scan_value *value);
} members[] = {
    {"name", take_name}, {"visit", take_visit},   {"start", take_start},
    {"exit", take_exit}, {"bounce", take_bounce}, {"dur", take_duration},
};

static void take_member(struct reading *reading, const struct scan_value *name,
                        const struct scan_value *value)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (text_is(name->text, members[i].name))
            members[i].take(reading, value);
    }
}

bool view_read(const struct event *event, struct arena *arena,
               struct view *view)
{
    struct reading reading = {view, arena, false, event->duration != 0};
    struct scan_value name;
    struct scan_value value;
    struct scan scan;

    *view = (struct view){.duration = event->duration};
    scan_init(&scan, event->segmentation);
    if (event->segmentation.len == 0 || !scan_enter(&scan, '{'))
        return false;
    while (scan_member(&scan, &name, &value) == SCAN_MORE)
        take_member(&reading, &name, &value);
    if (view->duration < 0)
        view->duration = 0;
    return reading.has_name;
}

/* Recording. */

struct recording {
    struct tally *tally;
    struct person *person;
    const struct moment *moment;
    const struct view *view;
    uint32_t id;
};

/* The id of a view that was visited before, in this request perhaps. */
static enum tally_err find(struct recording *recording)
{
    struct tally *tally = recording->tally;
    struct text name = value_text(&recording->view->name);
    struct key key = key_name(recording->person->app, SET_VIEWS, name);
    struct text number;
    enum tally_err err = dictionary_find(tally->engine, recording->person->app,
                                         SET_VIEWS, name, &recording->id);

    if (err != TALLY_ERR_NOT_FOUND ||
        !batch_find(&tally->batch, TABLE_NAMES, key_text(&key), &number))
        return err;
    struct unpack unpack = unpack_from(number);
    recording->id = unpack_u32(&unpack);
    return TALLY_OK;
}

/* Only a visit makes a view known. */
static enum tally_err identify(struct recording *recording)
{
    struct tally *tally = recording->tally;

    if (!recording->view->visit)
        return find(recording);
    return dictionary_count(
        tally->engine, &tally->batch, recording->person->app, SET_VIEWS,
        value_text(&recording->view->name), recording->moment->date.year,
        VIEW_LIMIT, &recording->id);
}

static void count(const struct recording *recording, uint32_t set, int64_t t,
                  int64_t n, int64_t e, int64_t d)
{
    struct count count = {
        .app = recording->person->app,
        .set = set,
        .value = recording->id,
        .hour = recording->moment->hour,
        .add = {[COUNT_T] = t, [COUNT_N] = n, [COUNT_E] = e, [COUNT_D] = d}};

    if (t != 0 || n != 0 || e != 0 || d != 0)
        effect_count(&recording->tally->batch, &count);
}

static void mark(const struct recording *recording, uint32_t set)
{
    struct tally *tally = recording->tally;
    struct mark mark = {.app = recording->person->app,
                        .ordinal = recording->person->ordinal,
                        .set = set,
                        .value = recording->id,
                        .day = recording->moment->day};

    if (event_marks_add(tally->event_marks, &mark))
        effect_mark(&tally->batch, &mark);
}

/* Is the day that of the user's first session? */
static bool is_new(const struct recording *recording)
{
    uint32_t fs = recording->person->user.fs;

    return fs != 0 &&
           moment_at(recording->moment->zone, fs).day == recording->moment->day;
}

enum tally_err view_record(struct tally *tally, struct person *person,
                           const struct moment *moment, const struct view *view)
{
    struct recording recording = {tally, person, moment, view, 0};
    enum tally_err err = identify(&recording);

    if (err == TALLY_ERR_NOT_FOUND || err == TALLY_ERR_TOO_BIG)
        return TALLY_OK;
    if (err)
        return err;
    count(&recording, SET_VIEWS, view->visit, 0, 0, view->duration);
    count(&recording, SET_VIEW_ENDS, view->start, view->exit, view->bounce, 0);
    if (view->visit)
        mark(&recording, SET_VIEWS);
    if (view->visit && is_new(&recording))
        mark(&recording, SET_VIEW_NEW);
    return TALLY_OK;
}
