#include "metrics/event_admin.h"

#include <stdlib.h>

#include "engine/dictionary.h"
#include "metrics/document.h"
#include "metrics/event.h"
#include "metrics/event_plan.h"
#include "metrics/kind.h"
#include "metrics/lookup.h"
#include "metrics/moment.h"
#include "metrics/set.h"

static int answer(struct manage *call, int status, const char *message)
{
    return answer_write(call->out, (struct answer){status, message});
}

/* A parameter that holds JSON of any kind; NULL when it holds none. Free it
 * with cJSON_Delete(). */
static cJSON *json_of(const struct manage *call, const char *name)
{
    return document_parse_value(params_text(call->claim.params, name));
}

/* Forms. */

static bool is_list_of_texts(const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (!cJSON_IsString(item))
            return false;
    }
    return cJSON_IsArray(json);
}

static bool is_plain_object(const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (cJSON_IsObject(item) || cJSON_IsArray(item))
            return false;
    }
    return cJSON_IsObject(json);
}

static bool is_list_of_objects(const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (!is_plain_object(item))
            return false;
    }
    return cJSON_IsArray(json);
}

static bool is_map_of_objects(const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (!is_plain_object(item))
            return false;
    }
    return cJSON_IsObject(json);
}

static bool is_map_of_lists(const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (!is_list_of_texts(item))
            return false;
    }
    return cJSON_IsObject(json);
}

/* The plan. */

static cJSON *load_plan(struct manage *call, const struct app *app)
{
    cJSON *plan = NULL;

    if (event_plan_load(call->engine, app, &plan) != TALLY_OK)
        return NULL;
    return plan ? plan : cJSON_CreateObject();
}

static void drop(cJSON *object, const char *name)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
}

/* Takes the value; one without content goes. */
static void set(cJSON *object, const char *name, cJSON *value)
{
    drop(object, name);
    if (value && value->child)
        cJSON_AddItemToObject(object, name, value);
    else
        cJSON_Delete(value);
}

/* The object under a name, made when it is not there. */
static cJSON *part(cJSON *plan, const char *name)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(plan, name);

    return found ? found : cJSON_AddObjectToObject(plan, name);
}

static void tidy(cJSON *plan, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(plan, name);

    if (found && !found->child)
        drop(plan, name);
}

/* Stores the plan and frees it. */
static int store_plan(struct manage *call, const struct app *app, cJSON *plan)
{
    struct buffer text;
    struct json json;

    buffer_init(&text, DOCUMENT_SIZE_MAX);
    json_init(&json, &text, JSON_PLAIN);
    document_write(&json, plan);
    bool fits = buffer_is_whole(&text);
    if (fits && plan->child)
        effect_put_document(call->batch, KIND_EVENTS, text_of(app->id),
                            buffer_text(&text));
    else if (fits)
        effect_erase_document(call->batch, KIND_EVENTS, text_of(app->id));
    buffer_finish(&text);
    cJSON_Delete(plan);
    return fits ? answer(call, ANSWER_OK, "Success")
                : answer(call, 400, "Too many values");
}

/* Each list of `lists` replaces the event's; an empty one is none. Frees
 * `lists`. */
static void replace_lists(cJSON *plan, const char *name, cJSON *lists)
{
    cJSON *object = part(plan, name);
    cJSON *list = lists->child;

    while (list) {
        cJSON *next = list->next;
        cJSON_DetachItemViaPointer(lists, list);
        char *key = list->string;
        list->string = NULL;
        set(object, key, list);
        cJSON_free(key);
        list = next;
    }
    cJSON_Delete(lists);
    tidy(plan, name);
}

int event_admin_whitelist(struct manage *call, const cJSON *args,
                          const struct pass *pass)
{
    cJSON *lists = json_of(call, "whitelisted_segments");

    (void)args;
    if (!is_map_of_lists(lists)) {
        cJSON_Delete(lists);
        return answer(call, 400, "Invalid parameter \"whitelisted_segments\"");
    }
    cJSON *plan = load_plan(call, pass->app);
    if (!plan) {
        cJSON_Delete(lists);
        return answer(call, 500, "Stored data cannot be read");
    }
    replace_lists(plan, "whitelisted_segments", lists);
    return store_plan(call, pass->app, plan);
}

/* Parameters of edit_map: what they must be, and which part of the plan they
 * replace. */
static const struct {
    const char *param;
    const char *part;
    bool (*is_valid)(const cJSON *json);
    const char *refusal;
} edits[] = {
    {"event_map", "map", is_map_of_objects, "Invalid parameter \"event_map\""},
    {"event_order", "order", is_list_of_texts,
     "Invalid parameter \"event_order\""},
    {"event_overview", "overview", is_list_of_objects,
     "Invalid parameter \"event_overview\""},
    {"omitted_segments", "omitted_segments", is_map_of_lists,
     "Invalid parameter \"omitted_segments\""},
};

enum { EDITS = sizeof(edits) / sizeof(edits[0]) };

/* The refusal of the first parameter that is not understood, or NULL. */
static const char *read_edits(const struct manage *call, cJSON *sent[EDITS])
{
    bool any = false;

    for (int i = 0; i < EDITS; i++) {
        if (!params_has(call->claim.params, edits[i].param))
            continue;
        any = true;
        sent[i] = json_of(call, edits[i].param);
        if (!edits[i].is_valid(sent[i]))
            return edits[i].refusal;
    }
    return any ? NULL : "Missing parameter \"event_map\"";
}

static int apply_edits(struct manage *call, const struct app *app,
                       cJSON *sent[EDITS])
{
    cJSON *plan = load_plan(call, app);

    if (!plan)
        return answer(call, 500, "Stored data cannot be read");
    for (int i = 0; i < EDITS; i++) {
        if (!sent[i])
            continue;
        if (edits[i].is_valid == is_map_of_lists)
            replace_lists(plan, edits[i].part, sent[i]);
        else
            set(plan, edits[i].part, sent[i]);
        sent[i] = NULL;
    }
    return store_plan(call, app, plan);
}

int event_admin_edit(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    cJSON *sent[EDITS] = {NULL};
    const char *refusal = read_edits(call, sent);
    int status = refusal ? answer(call, 400, refusal)
                         : apply_edits(call, pass->app, sent);

    (void)args;
    for (int i = 0; i < EDITS; i++)
        cJSON_Delete(sent[i]);
    return status;
}

/* Events. */

static cJSON *events_of(const struct manage *call)
{
    cJSON *events = json_of(call, "events");

    if (is_list_of_texts(events) && events->child)
        return events;
    cJSON_Delete(events);
    return NULL;
}

int event_admin_show(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    struct text how = params_text(call->claim.params, "set_visibility");
    bool shows = text_is(how, "show");
    const cJSON *item;

    (void)args;
    if (!shows && !text_is(how, "hide"))
        return answer(call, 400, "Invalid parameter \"set_visibility\"");
    cJSON *events = events_of(call);
    if (!events)
        return answer(call, 400, "Invalid parameter \"events\"");
    cJSON *plan = load_plan(call, pass->app);
    if (!plan) {
        cJSON_Delete(events);
        return answer(call, 500, "Stored data cannot be read");
    }
    cJSON_ArrayForEach(item, events)
    {
        cJSON *entry = part(part(plan, "map"), item->valuestring);
        drop(entry, "is_visible");
        cJSON_AddBoolToObject(entry, "is_visible", shows);
    }
    cJSON_Delete(events);
    return store_plan(call, pass->app, plan);
}

/* Takes an event out of lists of keys, or of objects with `eventKey`. */
static void drop_listed(cJSON *list, const char *key)
{
    cJSON *item = list ? list->child : NULL;

    while (item) {
        cJSON *next = item->next;
        const char *of = cJSON_IsString(item)
                             ? item->valuestring
                             : document_string(item, "eventKey");
        if (of && strcmp(of, key) == 0)
            cJSON_Delete(cJSON_DetachItemViaPointer(list, item));
        item = next;
    }
}

static void drop_event(cJSON *plan, const char *key)
{
    static const char *const maps[] = {"map", "whitelisted_segments",
                                       "omitted_segments"};
    static const char *const lists[] = {"order", "overview"};

    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        drop(cJSON_GetObjectItemCaseSensitive(plan, maps[i]), key);
        tidy(plan, maps[i]);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        drop_listed(cJSON_GetObjectItemCaseSensitive(plan, lists[i]), key);
        tidy(plan, lists[i]);
    }
}

static enum tally_err delete_events(struct manage *call, const struct app *app,
                                    cJSON *events, cJSON *plan)
{
    int year = moment_at(app->zone, call->now).date.year;
    enum tally_err err = TALLY_OK;
    struct lookup seen;
    cJSON *item;

    lookup_init(&seen);
    cJSON_ArrayForEach(item, events)
    {
        struct text key = text_of(item->valuestring);
        if (key.len == 0 || key.len > EVENT_KEY_MAX || lookup_find(&seen, key))
            continue;
        lookup_put(&seen, key, item);
        drop_event(plan, item->valuestring);
        err = dictionary_forget(call->engine, call->batch, app->number,
                                SET_EVENTS, key, year);
        if (err && err != TALLY_ERR_NOT_FOUND)
            break;
        err = TALLY_OK;
    }
    lookup_finish(&seen);
    return err;
}

int event_admin_delete(struct manage *call, const cJSON *args,
                       const struct pass *pass)
{
    cJSON *events = events_of(call);

    (void)args;
    if (!events)
        return answer(call, 400, "Invalid parameter \"events\"");
    cJSON *plan = load_plan(call, pass->app);
    enum tally_err err =
        plan ? delete_events(call, pass->app, events, plan) : TALLY_ERR_CORRUPT;

    cJSON_Delete(events);
    if (!err)
        return store_plan(call, pass->app, plan);
    cJSON_Delete(plan);
    return answer(call, 500, "Stored data cannot be read");
}
