#include "metrics/import.h"

#include <stdio.h>
#include <stdlib.h>

#include "metrics/collection.h"
#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/import_app.h"
#include "metrics/import_counter.h"
#include "metrics/import_event.h"
#include "metrics/import_event_list.h"
#include "metrics/import_member.h"
#include "metrics/import_user.h"
#include "metrics/kind.h"
#include "metrics/moment.h"

enum { WAIT_MS = 60 * 1000, TRIES = 10, PROGRESS_MAX = 16 * 1024 };

enum { HASH_LEN = IMPORT_HASH_SIZE - 1 };

#define COUNTERS                                 \
    {                                            \
        import_counter_name, import_counter_take \
    }

static const struct import_kind kinds[] = {
    {"apps", 0, {import_app_take, NULL}},
    {"members", 0, {import_member_take, NULL}},
    {"", 0, COUNTERS},
    {"events", 0, {import_event_list_take, NULL}},
    {"events", HASH_LEN, {import_event_take, NULL}},
    {"events_data", 0, {import_event_take, NULL}},
    {"app_users", ID_LEN, {import_user_take, NULL}},
};

#undef COUNTERS

/* The file's name up to its ending: a collection. */
static struct text collection_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    struct text ending = text_of(dot);
    bool is_known = text_is(ending, ".json") || text_is(ending, ".jsonl") ||
                    text_is(ending, ".ndjson");

    return is_known ? (struct text){name, (size_t)(dot - name)}
                    : (struct text){NULL, 0};
}

/* NULL when the catalogue has no such collection; `sessions` and the like are
 * names of methods alone. */
static const char *counted(const struct catalog *catalog,
                           struct text collection)
{
    const char *found = collection_of_method(catalog, collection);

    return found && text_is(collection, found) ? found : NULL;
}

const struct import_kind *import_kind_find(const struct catalog *catalog,
                                           const char *name)
{
    struct text collection = collection_of(name);

    if (counted(catalog, collection))
        collection.len = 0;
    else if (collection.len == 0)
        return NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].name) + kinds[i].rest_len;
        if (collection.len == len && text_has_prefix(collection, kinds[i].name))
            return &kinds[i];
    }
    return NULL;
}

unsigned import_rank(const struct import_kind *kind)
{
    return (unsigned)(kind - kinds);
}

/* How far a file has got. */

static void write_done(const struct import *import, struct json *json)
{
    const cJSON *id;

    json_key_string(json, "done");
    json_open_array(json);
    cJSON_ArrayForEach(id, import->file.done)
        json_string(json, id->valuestring);
    json_close_array(json);
}

static void put_progress(struct import *import, uint32_t steps)
{
    const struct import_file *file = &import->file;
    struct buffer out;
    struct json json;

    buffer_init(&out, PROGRESS_MAX);
    json_init(&json, &out, JSON_PLAIN);
    json_open_object(&json);
    json_member_int(&json, "size", (int64_t)file->size);
    json_member_bool(&json, "all", file->is_done && !import->only);
    json_member_string(&json, "only", import->only ? import->only : "");
    json_member_int(&json, "pass", file->pass);
    json_member_int(&json, "offset", (int64_t)file->offset);
    json_member_int(&json, "lines", (int64_t)file->lines);
    json_member_int(&json, "steps", steps);
    write_done(import, &json);
    json_close_object(&json);
    effect_put_document(&import->tally->batch, KIND_IMPORT, text_of(file->name),
                        buffer_text(&out));
    buffer_finish(&out);
}

/* Applies the batch, with the first `steps` of the next line. */
static enum tally_err commit(struct import *import, uint32_t steps)
{
    struct tally *tally = import->tally;
    enum tally_err err = TALLY_ERR_FULL;

    put_progress(import, steps);
    for (int i = 0; i < TRIES && err == TALLY_ERR_FULL; i++) {
        if (i > 0)
            err = engine_checkpoint_wait(tally->engine, WAIT_MS);
        if (i == 0 || !err)
            err = engine_apply(tally->engine, &tally->batch, NULL);
    }
    if (!err)
        err = registry_accept(tally->registry, &tally->batch);
    batch_clear(&tally->batch);
    engine_turn(tally->engine);
    return err;
}

static bool was_done_for(const cJSON *done, const char *id)
{
    const cJSON *at;

    cJSON_ArrayForEach(at, done)
    {
        if (id && strcmp(at->valuestring, id) == 0)
            return true;
    }
    return false;
}

static enum tally_err go_on(struct import *import, const cJSON *progress)
{
    struct import_file *file = &import->file;
    const char *only = document_string(progress, "only");
    bool is_begun = document_int(progress, "offset") > 0 ||
                    document_int(progress, "steps") > 0 ||
                    document_int(progress, "pass") > 0;

    file->done = cJSON_Duplicate(document_find(progress, "done"), true);
    file->is_done = document_bool(progress, "all") ||
                    was_done_for(file->done, import->only);
    if (file->is_done)
        return TALLY_OK;
    if ((uint64_t)document_int(progress, "size") != file->size || !only ||
        (is_begun && strcmp(only, import->only ? import->only : "") != 0))
        return TALLY_ERR_MISMATCH;
    file->pass = (unsigned)document_int(progress, "pass") % IMPORT_PASSES;
    file->offset = (uint64_t)document_int(progress, "offset");
    file->lines = (uint64_t)document_int(progress, "lines");
    file->skip = (uint32_t)document_int(progress, "steps");
    return TALLY_OK;
}

enum tally_err import_open(struct import *import, const char *name,
                           uint64_t size)
{
    struct import_file *file = &import->file;
    struct text record;

    *file = (struct import_file){
        .size = size,
        .kind = import_kind_find(import->tally->catalog, name),
        .collection = counted(import->tally->catalog, collection_of(name)),
    };
    if (!file->kind || strlen(name) > IMPORT_NAME_MAX)
        return TALLY_ERR_INVALID;
    memcpy(file->name, name, strlen(name) + 1);
    file->rest = file->name + strlen(file->kind->name);
    struct key key = key_document(KIND_IMPORT, text_of(file->name));
    enum tally_err err = engine_get(import->tally->engine, TABLE_DOCUMENTS,
                                    key_text(&key), &record);
    if (err == TALLY_ERR_NOT_FOUND) {
        file->done = cJSON_CreateArray();
        return TALLY_OK;
    }
    if (err)
        return err;
    cJSON *progress = document_parse(record);
    err = progress ? go_on(import, progress) : TALLY_ERR_CORRUPT;
    cJSON_Delete(progress);
    return err;
}

void import_close(struct import *import)
{
    cJSON_Delete(import->file.done);
    import->file.done = NULL;
}

/* Lines. */

static void take(struct import *import, const struct text *line)
{
    cJSON *document = line ? mongo_parse(*line) : NULL;

    if (!line)
        import_leave(import, IMPORT_TOO_LONG, NULL);
    else if (!document)
        import_leave(import, IMPORT_NOT_JSON, NULL);
    else
        import->file.kind->passes[import->file.pass](import, document);
    cJSON_Delete(document);
}

enum tally_err import_line(struct import *import, const struct text *line,
                           uint64_t end)
{
    struct import_file *file = &import->file;

    import->step = 0;
    import->is_due = false;
    import->err = TALLY_OK;
    if (!line || line->len > 0)
        take(import, line);
    file->skip = 0;
    if (import->err)
        return import->err;
    file->offset = end;
    file->lines++;
    import->report.documents += file->pass == 0;
    if (import->is_due || batch_size(&import->tally->batch) > IMPORT_BATCH)
        return commit(import, 0);
    return TALLY_OK;
}

enum tally_err import_end_pass(struct import *import, bool *has_more)
{
    struct import_file *file = &import->file;
    unsigned next = file->pass + 1;

    *has_more = next < IMPORT_PASSES && file->kind->passes[next];
    file->is_done = !*has_more;
    file->pass = *has_more ? next : 0;
    file->offset = 0;
    file->lines = 0;
    if (file->is_done && import->only) {
        if (cJSON_GetArraySize(file->done) >= IMPORT_APPS_MAX)
            return TALLY_ERR_TOO_BIG;
        cJSON_AddItemToArray(file->done, cJSON_CreateString(import->only));
    }
    return commit(import, 0);
}

/* For those who take documents. */

bool import_step(struct import *import)
{
    uint32_t step = import->step++;

    if (import->err || step < import->file.skip)
        return false;
    if (batch_size(&import->tally->batch) > IMPORT_BATCH)
        import->err = commit(import, step);
    return !import->err;
}

void import_leave(struct import *import, enum import_reason reason,
                  const char *what)
{
    import_report_add(&import->report, reason, import->file.name,
                      import->file.lines + 1, what);
}

static struct text mark_name(uint32_t number, char name[static 24])
{
    int len = snprintf(name, 24, "app %u", (unsigned)number);

    return (struct text){name, (size_t)len};
}

int32_t import_last_day(struct tally *tally, uint32_t number)
{
    char name[24];
    struct key key = key_document(KIND_IMPORT, mark_name(number, name));
    struct text record;
    char *end;

    if (engine_get(tally->engine, TABLE_DOCUMENTS, key_text(&key), &record) !=
        TALLY_OK)
        return -1;
    snprintf(name, sizeof(name), "%.*s",
             (int)(record.len < 20 ? record.len : 20), record.at);
    long day = strtol(name, &end, 10);
    return *end == '\0' && day >= 0 && day <= UINT16_MAX ? (int32_t)day : -1;
}

static void mark_day(struct import *import, const struct app *app)
{
    struct batch *batch = &import->tally->batch;
    int32_t day = moment_at(app->zone, import->now).day;
    char name[24];
    char digits[24];

    import->marked = app->number;
    if (import_last_day(import->tally, app->number) >= day)
        return;
    int len = snprintf(digits, sizeof(digits), "%d", (int)day);
    effect_put_document(batch, KIND_IMPORT, mark_name(app->number, name),
                        (struct text){digits, (size_t)len});
}

const struct app *import_app(struct import *import, const char *id)
{
    const struct app *app =
        id ? registry_app(import->tally->registry, text_of(id)) : NULL;

    if (!app) {
        import_leave(import, IMPORT_NO_APP, id);
        return NULL;
    }
    if ((import->only && strcmp(id, import->only) != 0) ||
        (!import->only && was_done_for(import->file.done, id)))
        return NULL;
    if (import->marked != app->number)
        mark_day(import, app);
    return app;
}
