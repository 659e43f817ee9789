#include "metrics/intake_hook.h"

#include <stdio.h>

#include "metrics/document.h"
#include "metrics/due.h"
#include "metrics/event_set.h"
#include "metrics/extra.h"
#include "metrics/metric.h"
#include "metrics/portrait.h"
#include "metrics/visit.h"

enum { NUMBER_SIZE = 32, UPDATE_SIZE_MAX = EXTRA_BYTES_MAX };

struct tally_call intake_call(struct intake *intake)
{
    const struct ingest *request = intake->request;
    struct tally_call call = {.plugins = intake->plugins,
                              .tally = intake->tally,
                              .arena = request->arena,
                              .now = request->now,
                              .params = request->params,
                              .query = request->query,
                              .address = request->address,
                              .is_bulk = request->is_item,
                              .app = intake->app,
                              .intake = intake,
                              .batch = &intake->tally->batch};

    if (request->visit) {
        call.path = request->visit->path;
        call.door = request->visit->door;
        call.door_user = request->visit->door_user;
    }
    return call;
}

/* --- payloads --- */

static struct text bool_json(bool value)
{
    return value ? TEXT("true") : TEXT("false");
}

static struct text number_json(char text[static NUMBER_SIZE], uint64_t number)
{
    int len = snprintf(text, NUMBER_SIZE, "%llu", (unsigned long long)number);

    return (struct text){text, (size_t)len};
}

static enum tally_err write_app(const struct tally_call *call,
                                const void *source, struct json *json)
{
    (void)source;
    return call_write_param(call, TEXT("app"), json) ? TALLY_OK
                                                     : TALLY_ERR_NOT_FOUND;
}

static enum tally_err write_app_id(const struct tally_call *call,
                                   const void *source, struct json *json)
{
    (void)source;
    json_string(json, call->app->id);
    return TALLY_OK;
}

static enum tally_err write_person(const struct tally_call *call,
                                   const void *source, struct json *json)
{
    (void)source;
    return intake_write_person(call->intake, json);
}

enum tally_err intake_write_person(struct intake *intake, struct json *json)
{
    struct person *person = &intake->person;
    struct tally *tally = intake->tally;
    enum tally_err err =
        person_load_profile(tally, intake->request->arena, person);
    struct portrait portrait = {.engine = tally->engine,
                                .catalog = tally->catalog,
                                .batch = &tally->batch,
                                .app = person->app,
                                .app_key = text_of(intake->app->key),
                                .arena = intake->request->arena,
                                .ordinal = person->ordinal,
                                .user = person->user,
                                .profile = person->profile,
                                .has_profile = true};

    return err ? err : portrait_write(&portrait, json);
}

/* The user that was absorbed, as the engine still has it. */
static enum tally_err write_absorbed(const struct tally_call *call,
                                     const void *source, struct json *json)
{
    const uint32_t *ordinal = source;
    struct portrait portrait = {.engine = call->tally->engine,
                                .catalog = call->tally->catalog,
                                .app = call->app->number,
                                .app_key = text_of(call->app->key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    enum tally_err err = portrait_turn(&portrait, *ordinal);

    if (!err)
        err = portrait_write(&portrait, json);
    arena_destroy(portrait.arena);
    return err;
}

static void write_metric(struct json *json, const struct metric *metric)
{
    json_open_object(json);
    if (metric->key)
        json_member_string(json, "name", metric->key);
    json_member_string(json, "set", metric->name);
    json_member_string(json, "short_code", metric->short_code);
    json_close_object(json);
}

/* Metrics of one collection stand together. */
static void write_collection(struct json *json, const struct metric_list *list,
                             unsigned from)
{
    const char *collection = list->at[from]->collection;

    json_open_object(json);
    json_member_string(json, "db", collection);
    json_key_string(json, "metrics");
    json_open_array(json);
    for (unsigned i = from; i < list->count; i++) {
        if (strcmp(list->at[i]->collection, collection) == 0)
            write_metric(json, list->at[i]);
    }
    json_close_array(json);
    json_close_object(json);
}

static enum tally_err write_metrics(const struct tally_call *call,
                                    const void *source, struct json *json)
{
    struct metric_list list = catalog_list(call->tally->catalog, NULL);

    (void)source;
    json_open_array(json);
    for (unsigned i = 0; i < list.count; i++) {
        unsigned first = 0;
        while (strcmp(list.at[first]->collection, list.at[i]->collection) != 0)
            first++;
        if (first == i)
            write_collection(json, &list, i);
    }
    json_close_array(json);
    return TALLY_OK;
}

/* --- what handlers change of the user --- */

int intake_set_extra(struct intake *intake, struct text name, struct text json)
{
    struct person *person = &intake->person;
    struct arena *arena = intake->request->arena;
    enum tally_err err = person_load_profile(intake->tally, arena, person);

    if (!err)
        err = extra_set(&person->profile.extra, arena, intake->tally->catalog,
                        name, json);
    if (err == TALLY_ERR_INVALID)
        return TALLY_E_INVALID;
    if (err == TALLY_ERR_EXISTS)
        return TALLY_E_EXISTS;
    if (err)
        return err == TALLY_ERR_TOO_BIG ? TALLY_E_TOO_BIG : TALLY_E_IO;
    person->profile_changed = true;
    intake->has_extra = true;
    return 0;
}

/* Sets the members of an object, or takes them away. What is unfit is left
 * out. */
static void take_members(struct intake *intake, const cJSON *object,
                         bool takes_away)
{
    const cJSON *member;
    struct buffer out;
    struct json json;

    buffer_init(&out, UPDATE_SIZE_MAX);
    cJSON_ArrayForEach(member, object)
    {
        if (!member->string)
            continue;
        buffer_clear(&out);
        json_init(&json, &out, JSON_PLAIN);
        if (takes_away)
            json_null(&json);
        else
            document_write(&json, member);
        if (buffer_is_whole(&out))
            (void)!intake_set_extra(intake, text_of(member->string),
                                    buffer_text(&out));
    }
    buffer_finish(&out);
}

/* `updates` are a list of {"$set": {...}, "$unset": {...}}. */
static void take_updates(struct intake *intake, const struct call_value *value)
{
    cJSON *updates =
        value->is_changed ? document_parse_value(value->json) : NULL;
    const cJSON *update;

    cJSON_ArrayForEach(update, updates)
    {
        take_members(intake, document_find(update, "$set"), false);
        take_members(intake, document_find(update, "$unset"), true);
    }
    cJSON_Delete(updates);
}

static void take_properties(struct intake *intake,
                            const struct call_value *value)
{
    cJSON *properties = value->is_changed ? document_parse(value->json) : NULL;

    take_members(intake, properties, false);
    cJSON_Delete(properties);
}

/* Adds a metric at once, in a batch of its own: this request's values are to
 * count. What cannot be added is left out. */
static void add_metric(struct tally *tally, const char *db,
                       const cJSON *described)
{
    struct batch kept = tally->batch;
    struct metric_definition definition = {
        .db = db,
        .name = document_string(described, "name"),
        .set = document_string(described, "set"),
        .short_code = document_string(described, "short_code"),
        .source = METRIC_CUSTOM,
        .tracks_changes = true,
    };
    char reason[DEFINITION_REASON_SIZE];

    if (!definition.set)
        definition.set = db;
    if (catalog_find(tally->catalog, db, definition.set) ||
        catalog_check(tally->catalog, &definition, reason))
        return;
    uint32_t number = catalog_number(tally->catalog, db, definition.set);
    batch_init(&tally->batch);
    definition_put(&tally->batch, &definition,
                   number ? number : catalog_next_number(tally->catalog), true);
    (void)!tally_apply(tally);
    batch_finish(&tally->batch);
    tally->batch = kept;
}

/* The guide's example appends its metrics. */
static void take_metrics(struct intake *intake, const struct call_value *value)
{
    cJSON *collections =
        value->is_changed ? document_parse_value(value->json) : NULL;
    const cJSON *collection;

    cJSON_ArrayForEach(collection, collections)
    {
        const char *db = document_string(collection, "db");
        const cJSON *metric;
        cJSON_ArrayForEach(metric, document_find(collection, "metrics"))
        {
            if (db)
                add_metric(intake->tally, db, metric);
        }
    }
    cJSON_Delete(collections);
}

/* --- firing --- */

static void fire(struct intake *intake, enum hook hook,
                 struct call_value *values, unsigned count)
{
    struct tally_call call = intake_call(intake);

    call.values = values;
    call.value_count = count;
    plugins_fire(intake->plugins, hook, &call);
}

void intake_tell(struct intake *intake, enum hook hook)
{
    struct call_value values[] = {{.name = "app", .write = write_app}};

    fire(intake, hook, values, 1);
}

void intake_ask(struct intake *intake)
{
    struct call_value values[] = {{.name = "app", .write = write_app}};
    struct visit *visit = intake->request->visit;
    struct tally_call call = intake_call(intake);

    call.values = values;
    call.value_count = 1;
    if (visit) {
        call.asked = visit->asked;
        call.is_cancelled = visit->is_cancelled;
        call.reason = visit->reason;
    }
    intake->waits =
        plugins_fire(intake->plugins, HOOK_SDK, &call) == FIRED_WAITS;
    intake->is_cancelled = call.is_cancelled && !intake->waits;
    intake->reason = call.reason;
    if (visit && intake->waits)
        visit_note(visit, &call);
}

static enum tally_err store_end(struct intake *intake)
{
    struct tally *tally = intake->tally;

    batch_clear(&tally->batch);
    intake_tell(intake, HOOK_SDK_END);
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

/* A store that is full for the moment has room when it was written: the
 * handlers are called again, nothing of what they did is there. */
void intake_tell_end(struct intake *intake)
{
    struct tally *tally = intake->tally;
    enum tally_err err = store_end(intake);

    if (err == TALLY_ERR_FULL && engine_flush(tally->engine) == TALLY_OK)
        err = store_end(intake);
    if (err)
        tally->plugins->runtime.complain("", hook_path(HOOK_SDK_END),
                                         "changes were not stored", err);
}

void intake_tell_absorbed(struct intake *intake, uint32_t before)
{
    const struct person *person = &intake->person;
    bool is_renamed = before == 0 && person->ordinal != 0;
    uint32_t old = is_renamed ? person->ordinal : person->absorbed;
    struct call_value values[] = {
        {.name = "app_id", .write = write_app_id},
        {.name = "oldUser", .write = write_absorbed, .source = &old},
        {.name = "newUser", .write = write_person},
    };

    if (old != 0 && intake_listens(intake, HOOK_DEVICE_ID))
        fire(intake, HOOK_DEVICE_ID, values, 3);
    if (person->absorbed != 0 && intake_listens(intake, HOOK_SESSION_POST))
        due_end(intake, person->absorbed);
}

static void tell_duration(struct intake *intake, uint32_t duration)
{
    char number[NUMBER_SIZE];
    struct call_value values[] = {
        {.name = "session_duration", .json = number_json(number, duration)}};

    fire(intake, HOOK_SESSION_DURATION, values, 1);
}

void intake_tell_post(struct intake *intake, uint64_t seconds, bool is_ended)
{
    char number[NUMBER_SIZE];
    struct call_value values[] = {
        {.name = "updates", .json = TEXT("[]"), .is_mutable = true},
        {.name = "dbAppUser", .write = write_person},
        {.name = "session_duration", .json = number_json(number, seconds)},
        {.name = "end_session", .json = bool_json(is_ended)},
    };

    fire(intake, HOOK_SESSION_POST, values, 4);
    take_updates(intake, &values[0]);
}

static void tell_metrics(struct intake *intake)
{
    struct call_value values[] = {
        {.name = "predefinedMetrics",
         .write = write_metrics,
         .is_mutable = true},
        {.name = "userProps", .json = TEXT("{}"), .is_mutable = true},
        {.name = "user", .write = write_person},
        {.name = "isNewUser", .json = bool_json(intake->was_new)},
    };

    fire(intake, HOOK_SESSION_METRICS, values, 4);
    take_metrics(intake, &values[0]);
    take_properties(intake, &values[1]);
}

static void tell_user(struct intake *intake)
{
    struct call_value values[] = {{.name = "dbAppUser", .write = write_person}};

    fire(intake, HOOK_SESSION_USER, values, 1);
}

/* What this request says of the session before: nobody ended it, or somebody
 * did and nothing resumes it any more. */
static void tell_over(struct intake *intake)
{
    const struct session *session = &intake->session;
    uint64_t seconds;

    if (session->has_closed)
        intake_tell_post(intake, session->seconds, false);
    else if (session->kind != SESSION_NONE && due_take(intake, &seconds) &&
             session->kind == SESSION_NEW)
        intake_tell_post(intake, seconds, true);
}

void intake_tell_usage(struct intake *intake,
                       const struct session_request *request)
{
    bool is_new = intake->session.kind == SESSION_NEW;

    if (request->duration > 0 && !is_new &&
        intake_listens(intake, HOOK_SESSION_DURATION))
        tell_duration(intake, request->duration);
    if (intake_listens(intake, HOOK_SESSION_POST))
        tell_over(intake);
    if (is_new && intake_listens(intake, HOOK_SESSION_USER))
        tell_user(intake);
    if ((is_new || params_has(intake->request->params, "metrics")) &&
        intake_listens(intake, HOOK_SESSION_METRICS))
        tell_metrics(intake);
}

static void tell_change(struct intake *intake, enum hook hook)
{
    struct call_value values[] = {
        {.name = "updates", .json = TEXT("[]"), .is_mutable = true},
        {.name = "dbAppUser", .write = write_person},
        {.name = "isNewUser", .json = bool_json(intake->was_new)},
    };

    fire(intake, hook, values, hook == HOOK_SESSION_BEGIN ? 3 : 2);
    take_updates(intake, &values[0]);
}

static void tell_retention(struct intake *intake)
{
    struct call_value values[] = {
        {.name = "user", .write = write_person},
        {.name = "isNewUser", .json = bool_json(intake->was_new)},
    };

    fire(intake, HOOK_SESSION_RETENTION, values, 2);
}

void intake_tell_session(struct intake *intake,
                         const struct session_request *request)
{
    static const enum hook hooks[] = {[SESSION_NONE] = HOOK_SESSION_END,
                                      [SESSION_NEW] = HOOK_SESSION_BEGIN,
                                      [SESSION_EXTENDED] = HOOK_SESSION_EXTEND};
    const struct session *session = &intake->session;
    bool has_changed = session->kind != SESSION_NONE || session->has_ended;

    if (has_changed && intake_listens(intake, hooks[session->kind]))
        tell_change(intake, hooks[session->kind]);
    if (session->has_ended && intake_listens(intake, HOOK_SESSION_POST))
        due_put(intake);
    if (request->begins && intake_listens(intake, HOOK_SESSION_RETENTION))
        tell_retention(intake);
}

bool intake_show_event(struct intake *intake, struct scan_value *item)
{
    struct call_value values[] = {
        {.name = "currEvent", .json = item->text, .is_mutable = true}};
    struct scan scan;

    fire(intake, HOOK_EVENT, values, 1);
    if (!values[0].is_changed)
        return false;
    scan_init(&scan, values[0].json);
    return scan_read(&scan, item);
}

void intake_tell_view(struct intake *intake, const struct view *view)
{
    struct buffer out;
    struct json json;

    buffer_init(&out, 2 * VALUE_MAX * 6);
    json_init(&json, &out, JSON_PLAIN);
    json_text(&json, value_text(&view->name));
    size_t name_len = out.len;
    json_init(&json, &out, JSON_PLAIN);
    json_double(&json, (double)view->duration / EVENT_PER_ONE);
    struct call_value values[] = {
        {.name = "viewName", .json = {out.at, name_len}},
        {.name = "duration", .json = {out.at + name_len, out.len - name_len}},
    };
    fire(intake, HOOK_VIEW_DURATION, values, 2);
    buffer_finish(&out);
}

void intake_tell_consent(struct intake *intake, struct text changes)
{
    struct call_value values[] = {{.name = "changes", .json = changes}};

    if (intake_listens(intake, HOOK_CONSENT_CHANGE))
        fire(intake, HOOK_CONSENT_CHANGE, values, 1);
}
