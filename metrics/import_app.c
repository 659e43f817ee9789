#include "metrics/import_app.h"

#include <string.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/app_field.h"
#include "metrics/document.h"
#include "metrics/id.h"

static void read_strings(struct import *import, const cJSON *document,
                         struct app *app)
{
    const struct registry *registry = import->tally->registry;

    for (size_t i = 0; i < APP_FIELD_STRINGS; i++) {
        const struct app_field *field = &app_field_strings[i];
        const cJSON *sent = app_field_sent(document, field);
        bool is_empty = !sent || text_of(cJSON_GetStringValue(sent)).len == 0;

        *app_field_string(app, field) = field->fallback;
        if (sent && app_field_is_valid(field, registry, sent))
            *app_field_string(app, field) = sent->valuestring;
        else if (!is_empty || cJSON_IsNumber(sent))
            import_leave(import, IMPORT_APP_FIELD, field->name);
    }
    for (size_t i = 0; i < APP_FIELD_FLAGS; i++)
        *app_field_flag(app, &app_field_flags[i]) =
            document_bool(document, app_field_flags[i].name);
}

static void read_app(struct import *import, const cJSON *document,
                     struct app *app)
{
    *app = (struct app){
        .id = mongo_id(document_find(document, "_id")),
        .source = document,
        .owner = mongo_id(document_find(document, "owner")),
        .created_at = mongo_seconds(document_find(document, "created_at")),
        .edited_at = mongo_seconds(document_find(document, "edited_at")),
        .last_data = mongo_seconds(document_find(document, "last_data")),
    };
    read_strings(import, document, app);
    if (!app->name)
        app->name = app->key;
}

/* Users keep their uids: the next new one comes behind them. */
static void put_sequence(struct import *import, const struct app *app,
                         const cJSON *document)
{
    struct key key = key_sequence(app->number, 0, 0);
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));
    int64_t last;

    if (!mongo_int(document_find(document, "seq"), &last) || last <= 0 ||
        last > IMPORT_UIDS_MAX)
        return;
    pack_u32(&pack, (uint32_t)last);
    effect_put(&import->tally->batch, TABLE_SEQUENCES, key_text(&key),
               (struct text){(char *)bytes, sizeof(bytes)});
}

static void put_app(struct import *import, struct app *app,
                    const cJSON *document)
{
    struct batch *batch = &import->tally->batch;

    import->err =
        dictionary_next_app(import->tally->engine, batch, &app->number);
    if (import->err)
        return;
    if (!app_put(batch, app)) {
        import_leave(import, IMPORT_NOT_AN_APP, app->id);
        return;
    }
    put_sequence(import, app, document);
    import->report.apps++;
    import->is_due = true;
}

void import_app_take(struct import *import, const cJSON *document)
{
    const struct registry *registry = import->tally->registry;
    struct app app;

    read_app(import, document, &app);
    if (!app.id || !id_is_valid(text_of(app.id)) || !app.key) {
        import_leave(import, IMPORT_NOT_AN_APP, app.id);
        return;
    }
    if ((import->only && strcmp(app.id, import->only) != 0) ||
        registry_app(registry, text_of(app.id)))
        return;
    if (registry_app_by_key(registry, text_of(app.key)))
        import_leave(import, IMPORT_KEY_TAKEN, app.key);
    else if (import_step(import))
        put_app(import, &app, document);
}
