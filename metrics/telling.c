#include "metrics/telling.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/date.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/event_set.h"
#include "metrics/identity.h"

/* Names. */

static const char *set_name(const struct catalog *catalog, uint32_t set,
                            char text[32])
{
    static const char *const event_kinds[] = {
        [EVENT_COUNTS] = "event",
        [EVENT_DURATIONS] = "event durations",
        [EVENT_TIMES] = "event times",
    };
    static const struct {
        uint32_t set;
        const char *name;
    } wholes[] = {
        {SET_USERS, "users"},
        {SET_FREQUENCY, "frequency"},
        {SET_LOYALTY, "loyalty"},
        {SET_DURATIONS, "durations"},
        {SET_TIMES_OF_DAY, "times of day"},
        {SET_EVENTS, "events"},
        {SET_VIEWS, "views"},
        {SET_VIEW_ENDS, "view ends"},
        {SET_VIEW_NEW, "views of new users"},
    };
    const struct metric *metric = catalog_by_set(catalog, set);

    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        if (wholes[i].set == set)
            return wholes[i].name;
    }
    if (metric)
        return metric->name;
    if (event_set_is_one(set) && event_set_kind(set) <= EVENT_TIMES)
        return event_kinds[event_set_kind(set)];
    snprintf(text, 32, "set %" PRIu32, set);
    return text;
}

static bool is_bucket_set(uint32_t set)
{
    return set == SET_FREQUENCY || set == SET_LOYALTY || set == SET_DURATIONS;
}

/* The set that has the names of a set's values. */
static uint32_t naming_set(uint32_t set)
{
    if (event_set_is_one(set) && event_set_kind(set) == EVENT_DURATIONS)
        return event_set(event_set_event(set), event_set_segment(set),
                         EVENT_COUNTS);
    return set == SET_VIEW_ENDS || set == SET_VIEW_NEW ? SET_VIEWS : set;
}

/* Writes the name of a value as a member; false when it has none. */
static bool write_name(struct telling *telling, const char *member,
                       uint32_t set, uint32_t value)
{
    struct tally *tally = telling->tally;
    struct key key = key_string(telling->app, set, value);
    struct text name;

    if (!batch_find(&tally->batch, TABLE_STRINGS, key_text(&key), &name) &&
        engine_get(tally->engine, TABLE_STRINGS, key_text(&key), &name) !=
            TALLY_OK)
        return false;
    json_member_text(&telling->json, member, name);
    return true;
}

/* Which event, and which of its segments, a set is about. */
static void write_event(struct telling *telling, uint32_t set)
{
    uint32_t event = event_set_event(set);

    write_name(telling, "event", SET_EVENTS, event);
    if (event_set_segment(set) != 0)
        write_name(telling, "segment", event_set(event, 0, EVENT_COUNTS),
                   event_set_segment(set));
}

void telling_write_place(struct telling *telling, uint32_t set, uint32_t value)
{
    struct json *json = &telling->json;
    char text[32];

    json_member_string(json, "set",
                       set_name(telling->tally->catalog, set, text));
    if (event_set_is_one(set))
        write_event(telling, set);
    if (value == 0)
        return;
    if (is_bucket_set(set))
        json_member_int(json, "bucket", value - 1);
    else if (!write_name(telling, "value", naming_set(set), value))
        json_member_int(json, "value_id", value);
}

void telling_write_date(struct json *json, int32_t day)
{
    struct date date = date_of_day(day);
    char text[40];

    snprintf(text, sizeof(text), "%d-%02d-%02d", date.year, date.month,
             date.day);
    json_member_string(json, "day", text);
}

/* Effects. */

void telling_write_number(struct json *json, const char *name, int64_t number)
{
    if (number != 0)
        json_member_int(json, name, number);
}

static void write_counter(struct telling *telling, const struct count *count)
{
    static const char *const levels[] = {"hour", "day", "week", "month",
                                         "year"};
    static const char *const names[] = {"t", "n", "e", "d"};
    struct json *json = &telling->json;

    json_open_object(json);
    telling_write_place(telling, count->set, count->value);
    telling_write_date(json, count->hour / 24);
    if (count->value == 0)
        json_member_int(json, "hour", count->hour % 24);
    json_key_string(json, "add");
    json_open_object(json);
    for (int i = 0; i < 4; i++)
        telling_write_number(json, names[i], count->add[i]);
    json_close_object(json);
    json_key_string(json, "unique");
    json_open_object(json);
    for (int i = 0; i < 5; i++)
        telling_write_number(json, levels[i], count->add[COUNT_U_HOUR + i]);
    json_close_object(json);
    json_close_object(json);
}

/* What an item of a hit adds (engine/deltas.h). */
static void write_item(struct telling *telling, const struct hit *hit,
                       const struct hit_item *item)
{
    unsigned counts = item->counts;
    struct count count = {
        .set = item->set,
        .value = item->value,
        .hour = hit->hour,
        .add = {[COUNT_T] = (counts & HIT_T) != 0,
                [COUNT_N] = (counts & HIT_N) != 0,
                [COUNT_E] = item->value == 0,
                [COUNT_U_HOUR] = (counts & HIT_HOUR) != 0,
                [COUNT_U_DAY] = (counts & HIT_U_DAY) != 0,
                [COUNT_U_WEEK] = (counts & HIT_U_WEEK) != 0,
                [COUNT_U_MONTH] = (counts & HIT_U_MONTH) != 0,
                [COUNT_U_YEAR] = (counts & HIT_U_YEAR) != 0},
    };

    write_counter(telling, &count);
}

static void write_hit(struct telling *telling, const struct hit *hit)
{
    struct hit_item whole = {.set = hit->set, .counts = hit->counts};

    write_item(telling, hit, &whole);
    for (unsigned i = 0; i < hit->item_count; i++)
        write_item(telling, hit, &hit->items[i]);
}

static void write_mark(struct telling *telling, uint32_t set, uint32_t value,
                       int32_t day)
{
    json_open_object(&telling->json);
    telling_write_place(telling, set, value);
    telling_write_date(&telling->json, day);
    json_close_object(&telling->json);
}

static void tell_counter(struct telling *telling, const struct effect *effect)
{
    if (effect->kind == EFFECT_HIT)
        write_hit(telling, &effect->hit);
    else if (effect->kind == EFFECT_COUNT)
        write_counter(telling, &effect->count);
}

static void tell_mark(struct telling *telling, const struct effect *effect)
{
    const struct hit *hit = &effect->hit;

    if (effect->kind == EFFECT_MARK)
        write_mark(telling, effect->mark.set, effect->mark.value,
                   effect->mark.day);
    if (effect->kind != EFFECT_HIT)
        return;
    if (hit->counts & HIT_MARK)
        write_mark(telling, hit->set, 0, hit->hour / 24);
    for (unsigned i = 0; i < hit->item_count; i++) {
        if (hit->items[i].counts & HIT_MARK)
            write_mark(telling, hit->items[i].set, hit->items[i].value,
                       hit->hour / 24);
    }
}

/* A value that would be named for the first time. */
static void tell_name(struct telling *telling, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    char text[32];

    if (effect->kind != EFFECT_PUT || effect->table != TABLE_STRINGS)
        return;
    unpack_u32(&key);
    json_open_object(&telling->json);
    json_member_string(
        &telling->json, "set",
        set_name(telling->tally->catalog, unpack_u32(&key), text));
    json_member_text(&telling->json, "value", effect->value);
    json_close_object(&telling->json);
}

/* A user who would become another one. */
static void tell_merge(struct telling *telling, const struct effect *effect)
{
    struct unpack key = unpack_from(effect->key);
    struct unpack value = unpack_from(effect->value);
    char uid[IDENTITY_UID_SIZE];

    if (effect->kind != EFFECT_PUT || effect->table != TABLE_ALIASES)
        return;
    unpack_u32(&key);
    json_open_object(&telling->json);
    identity_uid(unpack_u32(&key), uid);
    json_member_string(&telling->json, "uid", uid);
    identity_uid(unpack_u32(&value), uid);
    json_member_string(&telling->json, "becomes", uid);
    json_close_object(&telling->json);
}

void telling_write_effects(struct telling *telling)
{
    static const struct {
        const char *name;
        void (*tell)(struct telling *, const struct effect *);
    } lists[] = {
        {"counters", tell_counter},
        {"marks", tell_mark},
        {"new_values", tell_name},
        {"merges", tell_merge},
    };
    struct text effects = buffer_text(&telling->tally->batch.bytes);
    struct effect effect;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_key_string(&telling->json, lists[i].name);
        json_open_array(&telling->json);
        for (size_t at = 0;
             at < effects.len && effect_read(effects, &at, &effect) == 0;)
            lists[i].tell(telling, &effect);
        json_close_array(&telling->json);
    }
}
