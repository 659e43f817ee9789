#include "metrics/import_event_list.h"

#include <stdio.h>
#include <string.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "metrics/document.h"
#include "metrics/event_set.h"
#include "metrics/identity.h"
#include "metrics/kind.h"
#include "metrics/set.h"
#include "metrics/value.h"

static void name_event(struct import *import, const struct app *app,
                       const char *key)
{
    struct tally *tally = import->tally;
    uint32_t value;

    if (!key || key[0] == '\0' || strlen(key) > VALUE_MAX ||
        !import_step(import))
        return;
    import->err = dictionary_name(tally->engine, &tally->batch, app->number,
                                  SET_EVENTS, text_of(key), &value);
}

static bool has_plan(struct import *import, const struct app *app)
{
    struct key key = key_document(KIND_EVENTS, text_of(app->id));
    struct text record;

    return engine_get(import->tally->engine, TABLE_DOCUMENTS, key_text(&key),
                      &record) == TALLY_OK;
}

static void put_plan(struct import *import, const struct app *app,
                     const cJSON *document)
{
    static const char *const members[] = {
        "map", "order", "overview", "whitelisted_segments", "omitted_segments"};
    struct buffer out;
    struct json json;

    buffer_init(&out, DOCUMENT_SIZE_MAX);
    json_init(&json, &out, JSON_PLAIN);
    json_open_object(&json);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const cJSON *member = document_find(document, members[i]);
        if (!member || !member->child)
            continue;
        json_key_string(&json, members[i]);
        document_write(&json, member);
    }
    json_close_object(&json);
    if (buffer_is_whole(&out))
        effect_put_document(&import->tally->batch, KIND_EVENTS,
                            text_of(app->id), buffer_text(&out));
    buffer_finish(&out);
}

void import_event_list_take(struct import *import, const cJSON *document)
{
    const struct app *app =
        import_app(import, mongo_id(document_find(document, "_id")));
    const cJSON *key;

    if (!app)
        return;
    cJSON_ArrayForEach(key, document_find(document, "list"))
        name_event(import, app, cJSON_GetStringValue(key));
    if (!has_plan(import, app) && import_step(import))
        put_plan(import, app, document);
}

/* Which event. */

static enum tally_err find_in_app(struct import *import, const struct app *app,
                                  const char *hash, uint32_t *event)
{
    struct engine *engine = import->tally->engine;
    char found[IDENTITY_APP_USER_ID_SIZE] = "";
    uint32_t last = 0;
    enum tally_err err =
        dictionary_last_value(engine, app->number, SET_EVENTS, &last);

    *event = 0;
    for (uint32_t id = 1; !err && id <= last && id <= EVENT_ID_MAX; id++) {
        struct text key;
        err = dictionary_string(engine, app->number, SET_EVENTS, id, &key);
        if (err)
            return err;
        identity_app_user_id(key, text_of(app->id), found);
        if (strcmp(found, hash) != 0)
            continue;
        *event = id;
        return TALLY_OK;
    }
    return err;
}

void import_event_list_find(struct import *import, const struct app *app,
                            const char *hash)
{
    const struct registry *registry = import->tally->registry;
    const struct app *at = app;

    snprintf(import->event_hash, sizeof(import->event_hash), "%s", hash);
    import->event = 0;
    for (unsigned i = 0; !import->err && import->event == 0; i++) {
        if (!app)
            at = registry_app_at(registry, i);
        if (!at || (app && i > 0))
            break;
        import->event_app = at;
        import->err = find_in_app(import, at, hash, &import->event);
    }
}
