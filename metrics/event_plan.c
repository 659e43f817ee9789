#include "metrics/event_plan.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/document.h"
#include "metrics/kind.h"
#include "metrics/tally.h"

enum { PLACES = 64 };

struct event_plan {
    uint32_t app;    /* its number; 0: the place is free */
    cJSON *document; /* NULL: the app has none */
};

struct event_plans {
    struct event_plan places[PLACES]; /* by the app's number */
};

struct event_plans *event_plans_create(void)
{
    return memory_alloc(sizeof(struct event_plans));
}

static void forget(struct event_plan *plan)
{
    cJSON_Delete(plan->document);
    *plan = (struct event_plan){0};
}

static void forget_all(struct event_plans *plans)
{
    for (int i = 0; i < PLACES; i++)
        forget(&plans->places[i]);
}

void event_plans_destroy(struct event_plans *plans)
{
    if (!plans)
        return;
    forget_all(plans);
    free(plans);
}

void event_plans_accept(struct event_plans *plans, const struct batch *batch)
{
    struct text bytes = buffer_text(&batch->bytes);
    struct effect effect;
    size_t at = 0;

    while (at < bytes.len && effect_read(bytes, &at, &effect) == TALLY_OK) {
        bool keyed = effect.kind == EFFECT_PUT || effect.kind == EFFECT_ERASE;
        if (keyed && effect.table == TABLE_DOCUMENTS &&
            effect.key.at[0] == KIND_EVENTS)
            forget_all(plans);
    }
}

enum tally_err event_plan_load(struct engine *engine, const struct app *app,
                               cJSON **document)
{
    struct key key = key_document(KIND_EVENTS, text_of(app->id));
    struct text text;
    enum tally_err err =
        engine_get(engine, TABLE_DOCUMENTS, key_text(&key), &text);

    *document = NULL;
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    *document = document_parse(text);
    return *document ? TALLY_OK : TALLY_ERR_CORRUPT;
}

enum tally_err event_plan_find(struct tally *tally, const struct app *app,
                               const struct event_plan **plan)
{
    struct event_plan *place =
        &tally->event_plans->places[app->number % PLACES];

    if (place->app != app->number) {
        forget(place);
        enum tally_err err =
            event_plan_load(tally->engine, app, &place->document);
        if (err)
            return err;
        place->app = app->number;
    }
    *plan = place->document ? place : NULL;
    return TALLY_OK;
}

/* The member of an object under the key; NULL for none. */
static const cJSON *member_of(const cJSON *object, struct text key)
{
    const cJSON *list;

    cJSON_ArrayForEach(list, object)
    {
        if (text_is(key, list->string))
            return list;
    }
    return NULL;
}

static bool has(const cJSON *list, struct text segment)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && text_is(segment, item->valuestring))
            return true;
    }
    return false;
}

bool event_plan_admits(const struct event_plan *plan, struct text key,
                       struct text segment)
{
    if (!plan)
        return true;
    const cJSON *only =
        member_of(document_find(plan->document, "whitelisted_segments"), key);
    const cJSON *never =
        member_of(document_find(plan->document, "omitted_segments"), key);

    return (!only || has(only, segment)) && !has(never, segment);
}

bool event_plan_shows(const struct event_plan *plan, struct text key)
{
    const cJSON *map = document_find(event_plan_document(plan), "map");

    return !cJSON_IsFalse(document_find(member_of(map, key), "is_visible"));
}

const cJSON *event_plan_document(const struct event_plan *plan)
{
    return plan ? plan->document : NULL;
}
