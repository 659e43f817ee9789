#include "metrics/explain.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/docket.h"
#include "metrics/event_marks.h"
#include "metrics/event_set.h"
#include "metrics/identity.h"
#include "metrics/intake.h"
#include "metrics/json.h"
#include "metrics/metric.h"

struct telling {
    struct intake intake;
    struct json json;
    struct person before;
    bool was_known;
};

/* The call without what only explaining needs. */

static bool is_left_out(struct text parameter)
{
    static const char *const prefixes[] = {
        "explain=", "api_key=", "auth_token=", "app_id="};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (text_has_prefix(parameter, prefixes[i]))
            return true;
    }
    return false;
}

/* An empty text when the arena has no room. */
static struct text strip(struct arena *arena, struct text form)
{
    char *kept = arena_alloc(arena, form.len + 1);
    size_t len = 0;

    for (size_t at = 0; kept && at < form.len;) {
        const char *end = memchr(form.at + at, '&', form.len - at);
        size_t size = end ? (size_t)(end - form.at) - at : form.len - at;
        if (!is_left_out((struct text){form.at + at, size})) {
            if (len > 0)
                kept[len++] = '&';
            memcpy(kept + len, form.at + at, size);
            len += size;
        }
        at += size + 1;
    }
    return (struct text){kept, len};
}

static struct ingest plain_request(const struct ingest *request)
{
    struct ingest plain = *request;
    bool is_json = request->body.len > 0 && request->body.at[0] == '{';

    plain.query = strip(request->arena, request->query);
    if (!is_json)
        plain.body = strip(request->arena, request->body);
    return plain;
}

/* Names. */

static const char *set_name(uint32_t set, char text[32])
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
    const struct metric *metric = metric_by_set((enum set)set);

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
    struct tally *tally = telling->intake.tally;
    struct key key = key_string(telling->intake.person.app, set, value);
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

static void write_place(struct telling *telling, uint32_t set, uint32_t value)
{
    struct json *json = &telling->json;
    char text[32];

    json_member_string(json, "set", set_name(set, text));
    if (event_set_is_one(set))
        write_event(telling, set);
    if (value == 0)
        return;
    if (is_bucket_set(set))
        json_member_int(json, "bucket", value - 1);
    else if (!write_name(telling, "value", naming_set(set), value))
        json_member_int(json, "value_id", value);
}

static void write_date(struct json *json, int32_t day)
{
    struct date date = date_of_day(day);
    char text[40];

    snprintf(text, sizeof(text), "%d-%02d-%02d", date.year, date.month,
             date.day);
    json_member_string(json, "day", text);
}

/* The user. */

static void write_values(struct telling *telling, const struct user *user)
{
    struct json *json = &telling->json;
    struct text text;

    json_key_string(json, "values");
    json_open_array(json);
    for (unsigned i = 0; i < user->value_count; i++) {
        json_open_object(json);
        write_place(telling, user->values[i].set, user->values[i].value);
        text = user->values[i].value == 0
                   ? profile_text(&telling->intake.person.profile,
                                  user->values[i].set)
                   : (struct text){NULL, 0};
        if (text.len > 0)
            json_member_text(json, "value", text);
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_user(struct telling *telling, const char *name,
                       const struct user *user)
{
    struct json *json = &telling->json;

    json_key_string(json, name);
    json_open_object(json);
    json_member_int(json, "fs", user->fs);
    json_member_int(json, "ls", user->ls);
    json_member_int(json, "fac", user->fac);
    json_member_int(json, "lac", user->lac);
    json_member_int(json, "lbst", user->lbst);
    json_member_int(json, "lest", user->lest);
    json_member_int(json, "sc", user->sc);
    json_member_int(json, "sd", (int64_t)user->sd);
    json_member_int(json, "tsd", (int64_t)user->tsd);
    json_member_bool(json, "hos", user->is_open);
    write_values(telling, user);
    json_close_object(json);
}

static void write_person(struct telling *telling)
{
    const struct person *person = &telling->intake.person;
    struct json *json = &telling->json;
    char uid[IDENTITY_UID_SIZE];

    json_key_string(json, "user");
    json_open_object(json);
    json_member_bool(json, "is_new", !telling->was_known);
    identity_uid(person->ordinal, uid);
    if (person->ordinal != 0)
        json_member_string(json, "uid", uid);
    if (telling->was_known)
        write_user(telling, "before", &telling->before.user);
    if (telling->intake.is_decided)
        write_user(telling, "after", &person->user);
    json_close_object(json);
}

static const char *session_name(const struct telling *telling)
{
    const struct user *after = &telling->intake.person.user;

    if (telling->intake.session.kind == SESSION_NEW)
        return "new";
    if (telling->intake.session.kind == SESSION_EXTENDED)
        return "extended";
    return telling->before.user.is_open && !after->is_open ? "ended" : "none";
}

static void write_session(struct telling *telling)
{
    const struct moment *moment = &telling->intake.moment;
    struct json *json = &telling->json;

    json_key_string(json, "time");
    json_open_object(json);
    json_member_int(json, "seconds", moment->seconds);
    write_date(json, moment->day);
    json_member_int(json, "hour", moment->hour % 24);
    json_member_int(json, "week", moment->date.week);
    json_close_object(json);
    if (telling->intake.is_decided)
        json_member_string(json, "session", session_name(telling));
}

/* Effects. */

static void add_number(struct json *json, const char *name, int64_t number)
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
    write_place(telling, count->set, count->value);
    write_date(json, count->hour / 24);
    if (count->value == 0)
        json_member_int(json, "hour", count->hour % 24);
    json_key_string(json, "add");
    json_open_object(json);
    for (int i = 0; i < 4; i++)
        add_number(json, names[i], count->add[i]);
    json_close_object(json);
    json_key_string(json, "unique");
    json_open_object(json);
    for (int i = 0; i < 5; i++)
        add_number(json, levels[i], count->add[COUNT_U_HOUR + i]);
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
    write_place(telling, set, value);
    write_date(&telling->json, day);
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
    json_member_string(&telling->json, "set", set_name(unpack_u32(&key), text));
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

static void write_effects(struct telling *telling)
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
    struct text effects = buffer_text(&telling->intake.tally->batch.bytes);
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

/* What is not counted. */

static void write_unknown(struct telling *telling)
{
    const struct ingest *request = telling->intake.request;
    const struct param *sent = params_find(request->params, "metrics");
    struct params metrics = {0};

    json_key_string(&telling->json, "unknown_metrics");
    json_open_array(&telling->json);
    if (sent &&
        params_add_json(&metrics, request->arena, sent->value) == TALLY_OK) {
        for (unsigned i = 0; i < metrics.count; i++) {
            if (!metric_reads(metrics.list[i].name))
                json_text(&telling->json, metrics.list[i].name);
        }
    }
    json_close_array(&telling->json);
}

static void write_losses(struct telling *telling)
{
    const struct losses *losses = &telling->intake.tally->losses;

    json_key_string(&telling->json, "lost");
    json_open_object(&telling->json);
    for (int i = 0; i < LOSS_KINDS; i++)
        add_number(&telling->json, loss_name((enum loss)i), losses->at[i]);
    json_close_object(&telling->json);
    if (losses->at[LOSS_UNKNOWN_METRIC] > 0)
        write_unknown(telling);
}

static enum docket_outcome outcome_of(const struct intake *intake)
{
    if (intake->is_decided)
        return DOCKET_ACCEPTED;
    return intake->answer.status == ANSWER_OK ? DOCKET_IGNORED
                                              : DOCKET_REJECTED;
}

static void tell(struct telling *telling)
{
    const struct intake *intake = &telling->intake;
    struct json *json = &telling->json;

    json_open_object(json);
    json_member_string(json, "outcome",
                       docket_outcome_name(outcome_of(intake)));
    json_member_int(json, "status", intake->answer.status);
    json_member_string(json, "answer", intake->answer.message);
    if (intake->has_person) {
        write_session(telling);
        write_person(telling);
    }
    if (intake->is_decided) {
        write_losses(telling);
        write_effects(telling);
    }
    json_close_object(json);
}

/* The user as it is: nothing has been applied. */
static enum tally_err find_before(struct telling *telling)
{
    const struct intake *intake = &telling->intake;

    if (!intake->has_person)
        return TALLY_OK;
    enum tally_err err =
        person_find(intake->tally, intake->person.app,
                    params_text(intake->request->params, "device_id"),
                    (uint32_t)(intake->request->now / 1000), &telling->before);
    telling->was_known = telling->before.ordinal != 0;
    return err;
}

int explain(struct tally *tally, const struct ingest *request,
            struct buffer *out)
{
    struct ingest plain = plain_request(request);
    struct telling telling = {.intake = {.tally = tally, .request = &plain}};

    batch_clear(&tally->batch);
    intake_decide(&telling.intake);
    enum tally_err err = find_before(&telling);
    json_init(&telling.json, out,
              params_is_true(request->params, "raw") ? JSON_PLAIN : JSON_DATA);
    if (!err)
        tell(&telling);
    batch_clear(&tally->batch);
    event_marks_clear(tally->event_marks);
    return err ? 503 : ANSWER_OK;
}
