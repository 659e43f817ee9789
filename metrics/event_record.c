#include "metrics/event_record.h"

#include "engine/dictionary.h"
#include "metrics/event.h"
#include "metrics/event_marks.h"
#include "metrics/event_plan.h"
#include "metrics/event_set.h"
#include "metrics/intake_hook.h"
#include "metrics/set.h"
#include "metrics/timesofday.h"
#include "metrics/view.h"

/* One event while it is counted. */
struct counting {
    struct event_record *record;
    const struct event *event;
    uint32_t id;
    const struct moment *moment;
    int year;
};

/* Numbers of sets have no room for an id above `most`. */
static enum tally_err check_room(const struct counting *counting, uint32_t set,
                                 struct text string, uint32_t most)
{
    struct engine *engine = counting->record->tally->engine;
    uint32_t app = counting->record->person->app;
    uint32_t last;
    enum tally_err err = dictionary_find(engine, app, set, string, &last);

    if (err == TALLY_ERR_NOT_FOUND) {
        err = dictionary_last_value(engine, app, set, &last);
        last++;
    }
    return !err && last > most ? TALLY_ERR_TOO_BIG : err;
}

static enum tally_err ask(const struct counting *counting, uint32_t set,
                          struct text string, uint32_t limit, uint32_t most,
                          uint32_t *value)
{
    struct tally *tally = counting->record->tally;
    enum tally_err err = check_room(counting, set, string, most);

    if (!err)
        err = dictionary_count(tally->engine, &tally->batch,
                               counting->record->person->app, set, string,
                               counting->year, limit, value);
    return !err && *value > most ? TALLY_ERR_TOO_BIG : err;
}

static struct count start(const struct counting *counting, uint32_t set,
                          uint32_t value)
{
    return (struct count){.app = counting->record->person->app,
                          .set = set,
                          .value = value,
                          .hour = counting->moment->hour};
}

static void count_once(const struct counting *counting, uint32_t set,
                       uint32_t value)
{
    struct count count = start(counting, set, value);

    count.add[COUNT_T] = 1;
    effect_count(&counting->record->tally->batch, &count);
}

static void count_numbers(const struct counting *counting, uint32_t set,
                          uint32_t value)
{
    struct count count = start(counting, set, value);

    count.add[COUNT_T] = 1;
    count.add[COUNT_E] = counting->event->count;
    count.add[COUNT_D] = counting->event->sum;
    effect_count(&counting->record->tally->batch, &count);
}

/* The event itself, or a value of one of its segments. */
static void count_all(const struct counting *counting, uint32_t segment,
                      uint32_t value)
{
    struct count count = start(
        counting, event_set(counting->id, segment, EVENT_DURATIONS), value);

    count_numbers(counting, event_set(counting->id, segment, EVENT_COUNTS),
                  value);
    if (counting->event->duration == 0)
        return;
    count.add[COUNT_D] = counting->event->duration;
    effect_count(&counting->record->tally->batch, &count);
}

/* The id under which a string counts; a request names the same ones often.
 * TALLY_ERR_TOO_BIG: it does not count. */
static enum tally_err name(const struct counting *counting, uint32_t set,
                           struct text string, uint32_t limit, uint32_t most,
                           uint32_t *value)
{
    struct event_record *record = counting->record;
    uint64_t hash = hash_text(&record->tally->request_key, string);
    struct event_named *named =
        &record->named[(hash ^ set) % EVENT_RECORD_NAMES];

    if (named->hash != hash || named->set != set ||
        named->year != counting->year) {
        uint32_t id = 0;
        enum tally_err err = ask(counting, set, string, limit, most, &id);
        if (err && err != TALLY_ERR_TOO_BIG)
            return err;
        *named = (struct event_named){hash, set, err ? 0 : id, counting->year};
    }
    *value = named->id;
    return named->id != 0 ? TALLY_OK : TALLY_ERR_TOO_BIG;
}

/* Which segments of an event have been counted. */
struct seen {
    uint64_t bits[(EVENT_SEGMENT_ID_MAX + 1) / 64];
};

static bool see(struct seen *seen, uint32_t segment)
{
    uint64_t bit = UINT64_C(1) << segment % 64;
    bool is_new = (seen->bits[segment / 64] & bit) == 0;

    seen->bits[segment / 64] |= bit;
    return is_new;
}

/* Names that come out alike are one segment: its first value counts. */
static enum tally_err count_segment(const struct counting *counting,
                                    const struct value *segment,
                                    const struct value *value,
                                    struct seen *seen)
{
    const struct settings *settings = &counting->record->tally->settings;
    uint32_t whole = event_set(counting->id, 0, EVENT_COUNTS);
    uint32_t segment_id;
    uint32_t value_id;

    if (!event_plan_admits(counting->record->plan, counting->event->key,
                           value_text(segment))) {
        loss_add(&counting->record->tally->losses, LOSS_SEGMENT_OMITTED, 1);
        return TALLY_OK;
    }
    enum tally_err err = name(counting, whole, value_text(segment),
                              settings->event_segmentation_limit,
                              EVENT_SEGMENT_ID_MAX, &segment_id);
    if (err || !see(seen, segment_id))
        return err;
    count_once(counting, whole, segment_id);
    err = name(counting, event_set(counting->id, segment_id, EVENT_COUNTS),
               value_text(value), settings->event_segmentation_value_limit,
               UINT32_MAX, &value_id);
    if (!err)
        count_all(counting, segment_id, value_id);
    return err;
}

/* What is past its limit counts nothing; the rest goes on. */
static enum tally_err count_segmentation(const struct counting *counting)
{
    struct arena *arena = counting->record->arena;
    struct scan scan;
    struct value segment;
    struct value value;
    struct seen seen = {{0}};
    enum tally_err err = TALLY_OK;

    scan_init(&scan, counting->event->segmentation);
    if (!scan_enter(&scan, '{'))
        return TALLY_OK;
    while ((!err || err == TALLY_ERR_TOO_BIG) &&
           batch_is_whole(&counting->record->tally->batch) &&
           event_next_segment(&scan, arena, &segment, &value)) {
        err = count_segment(counting, &segment, &value, &seen);
        loss_add(&counting->record->tally->losses, LOSS_SEGMENT_LIMIT,
                 err == TALLY_ERR_TOO_BIG);
    }
    return err == TALLY_ERR_TOO_BIG ? TALLY_OK : err;
}

static void mark(const struct counting *counting)
{
    struct event_record *record = counting->record;
    struct mark mark = {.app = record->person->app,
                        .ordinal = record->person->ordinal,
                        .set = SET_EVENTS,
                        .value = counting->id,
                        .day = counting->moment->day};

    if (event_marks_add(record->tally->event_marks, &mark))
        effect_mark(&record->tally->batch, &mark);
}

/* The hour of the week that the event has, or else the request. */
static void count_time(const struct counting *counting)
{
    const struct event_record *record = counting->record;
    const struct event *event = counting->event;
    uint32_t value = timesofday_value(event->hour, event->dow);

    if (value == 0 && event->hour.len == 0 && event->dow.len == 0)
        value = timesofday_value(record->hour, record->dow);
    if (value != 0)
        count_once(counting, event_set(counting->id, 0, EVENT_TIMES), value);
}

static enum tally_err take_view(const struct counting *counting)
{
    struct event_record *record = counting->record;
    struct view view;

    if (!view_read(counting->event, record->arena, &view))
        return TALLY_OK;
    enum tally_err err =
        view_record(record->tally, record->person, counting->moment, &view);
    if (!err && view.duration > 0 &&
        intake_listens(record->intake, HOOK_VIEW_DURATION))
        intake_tell_view(record->intake, &view);
    return err;
}

static enum tally_err take_orientation(const struct counting *counting)
{
    struct user *user = &counting->record->person->user;
    struct value name;
    struct value mode;
    struct scan scan;

    scan_init(&scan, counting->event->segmentation);
    if (!scan_enter(&scan, '{'))
        return TALLY_OK;
    while (event_next_segment(&scan, counting->record->arena, &name, &mode)) {
        if (!text_is(value_text(&name), "mode"))
            continue;
        if (text_is(value_text(&mode), "portrait"))
            user->orientation = USER_PORTRAIT;
        else if (text_is(value_text(&mode), "landscape"))
            user->orientation = USER_LANDSCAPE;
    }
    return TALLY_OK;
}

/* What events of Countly's own mean besides. */
static const struct {
    const char *key;
    enum tally_err (*take)(const struct counting *counting);
} features[] = {
    {"[CLY]_view", take_view},
    {"[CLY]_orientation", take_orientation},
};

static enum tally_err take_feature(const struct counting *counting)
{
    if (counting->event->segmentation.len == 0)
        return TALLY_OK;
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        if (text_is(counting->event->key, features[i].key))
            return features[i].take(counting);
    }
    return TALLY_OK;
}

static enum tally_err count_event(const struct counting *counting)
{
    count_numbers(counting, SET_EVENTS, counting->id);
    count_all(counting, 0, 0);
    count_time(counting);
    mark(counting);
    if (!counting->event->is_internal) {
        counting->record->person->user.events++;
    } else {
        enum tally_err err = take_feature(counting);
        if (err)
            return err;
    }
    return counting->event->segmentation.len > 0 ? count_segmentation(counting)
                                                 : TALLY_OK;
}

/* An event may have its own time; that of the request does not move. */
static struct moment moment_of(const struct event_record *record,
                               const struct event *event)
{
    if (event->timestamp.len == 0)
        return *record->moment;
    int64_t seconds = moment_seconds(event->timestamp, record->now);

    return seconds == record->moment->seconds
               ? *record->moment
               : moment_at(record->app->zone, seconds);
}

static enum tally_err take_event(struct event_record *record,
                                 const struct event *event)
{
    struct moment moment = moment_of(record, event);
    struct counting counting = {.record = record,
                                .event = event,
                                .moment = &moment,
                                .year = moment.date.year};
    enum tally_err err =
        name(&counting, SET_EVENTS, event->key,
             record->tally->settings.event_limit, EVENT_ID_MAX, &counting.id);

    loss_add(&record->tally->losses, LOSS_EVENT_LIMIT,
             err == TALLY_ERR_TOO_BIG);
    if (err)
        return err == TALLY_ERR_TOO_BIG ? TALLY_OK : err;
    return count_event(&counting);
}

static enum tally_err take_items(struct event_record *record, struct text items)
{
    enum tally_err err = TALLY_OK;
    struct scan_value item;
    struct event event;
    struct scan scan;

    scan_init(&scan, items);
    if (!scan_enter(&scan, '['))
        return TALLY_OK;
    record->named =
        arena_alloc(record->arena, EVENT_RECORD_NAMES * sizeof(*record->named));
    if (!record->named)
        return TALLY_ERR_TOO_BIG;
    err = event_plan_find(record->tally, record->app, &record->plan);
    while (!err && batch_is_whole(&record->tally->batch) &&
           scan_item(&scan, &item) == SCAN_MORE) {
        bool is_event = event_read(&item, record->arena, &event);
        if (is_event && intake_listens(record->intake, HOOK_EVENT) &&
            intake_show_event(record->intake, &item))
            is_event = event_read(&item, record->arena, &event);
        loss_add(&record->tally->losses, LOSS_NO_EVENT, !is_event);
        if (is_event)
            err = take_event(record, &event);
    }
    return err;
}

static bool find_items(const struct param *param, struct text *items)
{
    struct scan_value list;

    if (!scan_one(param->value, &list) || list.kind != SCAN_ARRAY)
        return false;
    *items = list.text;
    return true;
}

enum tally_err event_record_all(struct event_record *record)
{
    struct text items;

    if (!record->param)
        return TALLY_OK;
    if (find_items(record->param, &items))
        return take_items(record, items);
    loss_add(&record->tally->losses, LOSS_BAD_EVENTS, 1);
    return TALLY_OK;
}
