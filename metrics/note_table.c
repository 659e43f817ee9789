#include "metrics/note_table.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/document.h"
#include "metrics/moment.h"
#include "metrics/note.h"
#include "metrics/period.h"

enum { SEARCH_SIZE = 256, DIGITS_MAX = 9 };

struct row {
    const cJSON *note;
    const struct app *app;
};

struct listing {
    struct manage *call;
    const struct member *member;
    struct text period;
    int64_t now; /* that the period is relative to */
    struct text type;
    cJSON *categories; /* NULL: all */
    char search[SEARCH_SIZE];
    const struct app *apps[NOTE_TABLE_APPS_MAX];
    cJSON *notes[NOTE_TABLE_APPS_MAX];
    unsigned app_count;
    struct row *rows;
    size_t count;
    size_t room;
};

static struct text param(const struct listing *listing, const char *name)
{
    return params_text(listing->call->claim.params, name);
}

static void add_app(struct listing *listing, struct text id)
{
    struct pass pass;
    struct answer answer = right_feature_of(&listing->call->claim, id,
                                            PERMISSION_READ, "core", &pass);

    if (answer.status != ANSWER_OK)
        return;
    for (unsigned i = 0; i < listing->app_count; i++) {
        if (listing->apps[i] == pass.app)
            return;
    }
    listing->apps[listing->app_count++] = pass.app;
}

static const char *read_apps(struct listing *listing, const struct app *app)
{
    struct text sent = param(listing, "notes_apps");
    cJSON *list = sent.len > 0 ? document_parse_value(sent) : NULL;
    bool is_fit =
        cJSON_IsArray(list) && cJSON_GetArraySize(list) <= NOTE_TABLE_APPS_MAX;
    const cJSON *item;

    if (sent.len == 0)
        listing->apps[listing->app_count++] = app;
    if (is_fit)
        cJSON_ArrayForEach(item, list)
            add_app(listing, text_of(cJSON_GetStringValue(item)));
    cJSON_Delete(list);
    return is_fit || sent.len == 0 ? NULL : "Invalid parameter \"notes_apps\"";
}

/* A category as it is, or an array of them. */
static const char *read_categories(struct listing *listing)
{
    struct text sent = param(listing, "category");
    char copy[NOTE_WORD_MAX + 1] = "";

    if (sent.len == 0)
        return NULL;
    if (sent.at[0] == '[') {
        listing->categories = document_parse_value(sent);
        return listing->categories ? NULL : "Invalid parameter \"category\"";
    }
    if (sent.len > NOTE_WORD_MAX)
        return "Invalid parameter \"category\"";
    memcpy(copy, sent.at, sent.len);
    listing->categories = cJSON_CreateArray();
    cJSON_AddItemToArray(listing->categories, cJSON_CreateString(copy));
    return NULL;
}

static const char *read_search(struct listing *listing)
{
    struct text sent = param(listing, "sSearch");

    if (sent.len >= SEARCH_SIZE)
        return "Invalid parameter \"sSearch\"";
    if (sent.len > 0)
        memcpy(listing->search, sent.at, sent.len);
    return NULL;
}

static const char *read_filters(struct listing *listing, const struct app *app)
{
    const char *flaw = read_apps(listing, app);

    listing->type = param(listing, "note_type");
    listing->period = param(listing, "period");
    listing->now =
        moment_seconds(param(listing, "timestamp"), listing->call->now * 1000);
    if (!flaw)
        flaw = read_categories(listing);
    return flaw ? flaw : read_search(listing);
}

static bool is_listed(const cJSON *list, const char *word)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, word) == 0)
            return true;
    }
    return false;
}

static bool matches(const struct listing *listing, const struct period *period,
                    const cJSON *note)
{
    const char *category = document_string(note, "category");
    int64_t time = note_time(note);

    return note_is_shown(note, listing->member) && time >= period->start_ms &&
           time <= period->end_ms &&
           (listing->type.len == 0 ||
            text_is(listing->type, document_string(note, "noteType"))) &&
           (!listing->categories ||
            is_listed(listing->categories, category ? category : "")) &&
           strcasestr(document_string(note, "note"), listing->search);
}

static enum tally_err collect(struct listing *listing, unsigned at)
{
    const struct app *app = listing->apps[at];
    struct period period =
        period_parse(listing->period, app->zone, listing->now);
    enum tally_err err =
        note_load(listing->call->engine, app, &listing->notes[at]);

    if (err)
        return err;
    for (const cJSON *note = note_first(listing->notes[at]); note;
         note = note->next) {
        if (!matches(listing, &period, note))
            continue;
        listing->rows = memory_one_more(listing->rows, listing->count,
                                        &listing->room, sizeof(*listing->rows));
        listing->rows[listing->count++] = (struct row){note, app};
    }
    return TALLY_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const cJSON *x = ((const struct row *)a)->note;
    const cJSON *y = ((const struct row *)b)->note;
    int64_t p = note_time(x);
    int64_t q = note_time(y);

    if (p != q)
        return p < q ? 1 : -1;
    return strcmp(document_string(x, "_id"), document_string(y, "_id"));
}

static void write_row(const struct listing *listing, const struct row *row,
                      struct json *json)
{
    const struct member *owner =
        registry_member(listing->call->claim.registry,
                        text_of(document_string(row->note, "owner")));
    char letters[NOTE_LETTERS_SIZE];
    const cJSON *item;

    note_letters((uint32_t)document_int(row->note, "number"), letters);
    json_open_object(json);
    cJSON_ArrayForEach(item, row->note)
    {
        if (strcmp(item->string, "number") == 0)
            continue;
        json_key_string(json, item->string);
        document_write(json, item);
    }
    json_member_string(json, "indicator", letters);
    json_member_string(json, "app_id", row->app->id);
    json_member_string(json, "app_name", row->app->name);
    json_member_string(json, "owner_name", owner ? owner->full_name : "");
    json_close_object(json);
}

/* A number of few digits; `fallback` for anything else. */
static size_t number_of(const struct listing *listing, const char *name,
                        size_t fallback)
{
    struct text text = param(listing, name);
    size_t number = 0;

    if (text.len == 0 || text.len > DIGITS_MAX)
        return fallback;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return fallback;
        number = number * 10 + (size_t)(text.at[i] - '0');
    }
    return number;
}

static void write(struct listing *listing, struct json *json)
{
    size_t start = number_of(listing, "iDisplayStart", 0);
    size_t length = number_of(listing, "iDisplayLength", NOTE_TABLE_PAGE);

    if (length > NOTE_TABLE_PAGE_MAX)
        length = NOTE_TABLE_PAGE_MAX;
    if (listing->count > 0)
        qsort(listing->rows, listing->count, sizeof(*listing->rows),
              compare_rows);
    json_open_object(json);
    json_member_text(json, "sEcho", param(listing, "sEcho"));
    json_member_int(json, "iTotalRecords", (int64_t)listing->count);
    json_member_int(json, "iTotalDisplayRecords", (int64_t)listing->count);
    json_key_string(json, "aaData");
    json_open_array(json);
    for (size_t i = start; i < listing->count && i - start < length; i++)
        write_row(listing, &listing->rows[i], json);
    json_close_array(json);
    json_close_object(json);
}

struct answer note_table_write(struct manage *call, const struct pass *pass,
                               struct json *json)
{
    struct listing listing = {.call = call, .member = pass->member};
    const char *flaw = read_filters(&listing, pass->app);
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; !flaw && !err && i < listing.app_count; i++)
        err = collect(&listing, i);
    if (!flaw && !err)
        write(&listing, json);
    for (unsigned i = 0; i < listing.app_count; i++)
        cJSON_Delete(listing.notes[i]);
    cJSON_Delete(listing.categories);
    free(listing.rows);
    if (err)
        return (struct answer){500, "Stored data cannot be read"};
    return (struct answer){flaw ? 400 : ANSWER_OK, flaw ? flaw : ""};
}
