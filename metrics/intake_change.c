#include "metrics/intake_change.h"

#include "metrics/document.h"
#include "metrics/extra.h"
#include "metrics/intake_hook.h"

enum { UPDATE_SIZE_MAX = EXTRA_BYTES_MAX };

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
void change_by_updates(struct intake *intake, const struct call_value *value)
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

void change_by_properties(struct intake *intake, const struct call_value *value)
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
void change_by_metrics(struct intake *intake, const struct call_value *value)
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
