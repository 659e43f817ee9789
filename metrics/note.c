#include "metrics/note.h"

#include <string.h>
#include <strings.h>

#include "engine/key.h"
#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"
#include "metrics/right.h"

static const int64_t ms_min = 100000000000;
static const int64_t ts_max = 5000000000000;

static const char *const types[] = {"private", "public", "shared"};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

enum tally_err note_load(struct engine *engine, const struct app *app,
                         cJSON **notes)
{
    struct key key = key_document(KIND_NOTE, text_of(app->id));
    struct text text = TEXT("{\"notes\":[]}");
    enum tally_err err =
        engine_get(engine, TABLE_DOCUMENTS, key_text(&key), &text);

    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    *notes = document_parse(text);
    return *notes ? TALLY_OK : TALLY_ERR_CORRUPT;
}

bool note_put(struct batch *batch, const struct app *app, const cJSON *notes)
{
    struct buffer text;
    struct json json;

    buffer_init(&text, DOCUMENT_SIZE_MAX);
    json_init(&json, &text, JSON_PLAIN);
    document_write(&json, notes);
    bool fits = buffer_is_whole(&text);
    if (fits && note_first(notes))
        effect_put_document(batch, KIND_NOTE, text_of(app->id),
                            buffer_text(&text));
    else if (fits)
        effect_erase_document(batch, KIND_NOTE, text_of(app->id));
    buffer_finish(&text);
    return fits;
}

static bool has_text(const cJSON *sent, const char *name, size_t max)
{
    const char *text = document_string(sent, name);

    return text && text[0] && strlen(text) <= max;
}

static bool has_type(const cJSON *sent)
{
    const char *type = document_string(sent, "noteType");
    int i = 0;

    while (type && i < TYPES && strcmp(type, types[i]) != 0)
        i++;
    return type && i < TYPES;
}

static bool has_valid_emails(const cJSON *sent)
{
    const cJSON *emails = document_find(sent, "emails");
    const cJSON *item;

    cJSON_ArrayForEach(item, emails)
    {
        if (!cJSON_IsString(item) ||
            strlen(item->valuestring) > MEMBER_TEXT_MAX)
            return false;
    }
    return !emails || (cJSON_IsArray(emails) &&
                       cJSON_GetArraySize(emails) <= NOTE_EMAILS_MAX);
}

const char *note_flaw(const cJSON *sent)
{
    int64_t ts = document_int(sent, "ts");

    if (!cJSON_IsObject(sent))
        return "Invalid parameter \"args\"";
    if (!has_text(sent, "note", NOTE_TEXT_MAX))
        return "Invalid parameter \"note\"";
    if (ts <= 0 || ts > ts_max)
        return "Invalid parameter \"ts\"";
    if (!has_type(sent))
        return "Invalid parameter \"noteType\"";
    if (!has_text(sent, "color", NOTE_WORD_MAX))
        return "Invalid parameter \"color\"";
    if (document_find(sent, "category") &&
        !has_text(sent, "category", NOTE_WORD_MAX))
        return "Invalid parameter \"category\"";
    return has_valid_emails(sent) ? NULL : "Invalid parameter \"emails\"";
}

void note_edit(cJSON *note, const cJSON *sent, int64_t now)
{
    static const char *const members[] = {"note",  "ts",       "noteType",
                                          "color", "category", "emails"};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const cJSON *value = document_find(sent, members[i]);
        cJSON_DeleteItemFromObjectCaseSensitive(note, members[i]);
        if (value)
            cJSON_AddItemToObject(note, members[i], cJSON_Duplicate(value, 1));
    }
    cJSON_DeleteItemFromObjectCaseSensitive(note, "updated_at");
    cJSON_AddNumberToObject(note, "updated_at", (double)now);
}

/* The number of the next note: one more than the last has. */
static int64_t next_number(const cJSON *list)
{
    const cJSON *last = list->child ? list->child->prev : NULL;

    return last ? document_int(last, "number") + 1 : 0;
}

bool note_add(cJSON *notes, const cJSON *sent, const struct member *owner,
              int64_t now)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(notes, "notes");
    char id[ID_SIZE];

    if (!list || cJSON_GetArraySize(list) >= NOTES_MAX)
        return false;
    id_draw(id, ID_LEN);
    cJSON *note = cJSON_CreateObject();
    cJSON_AddStringToObject(note, "_id", id);
    cJSON_AddStringToObject(note, "owner", owner->id);
    cJSON_AddNumberToObject(note, "number", (double)next_number(list));
    cJSON_AddNumberToObject(note, "created_at", (double)now);
    note_edit(note, sent, now);
    cJSON_AddItemToArray(list, note);
    return true;
}

cJSON *note_first(const cJSON *notes)
{
    const cJSON *list = document_find(notes, "notes");

    return list ? list->child : NULL;
}

cJSON *note_find(const cJSON *notes, struct text id)
{
    cJSON *note = note_first(notes);

    while (note && !text_is(id, document_string(note, "_id")))
        note = note->next;
    return note;
}

static bool has_email(const cJSON *note, const char *email)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, document_find(note, "emails"))
    {
        if (strcasecmp(item->valuestring, email) == 0)
            return true;
    }
    return false;
}

static bool is_own(const cJSON *note, const struct member *member)
{
    return strcmp(document_string(note, "owner"), member->id) == 0;
}

bool note_is_shown(const cJSON *note, const struct member *member)
{
    const char *type = document_string(note, "noteType");

    return is_own(note, member) || strcmp(type, "public") == 0 ||
           (strcmp(type, "shared") == 0 && has_email(note, member->email));
}

bool note_may_change(const cJSON *note, const struct app *app,
                     const struct member *member)
{
    return is_own(note, member) || right_administers(member, text_of(app->id));
}

int64_t note_time(const cJSON *note)
{
    int64_t ts = document_int(note, "ts");

    return ts < ms_min ? ts * 1000 : ts;
}

void note_letters(uint32_t number, char letters[static NOTE_LETTERS_SIZE])
{
    char backwards[NOTE_LETTERS_SIZE];
    int len = 0;

    for (uint64_t left = (uint64_t)number + 1; left > 0; left = (left - 1) / 26)
        backwards[len++] = (char)('A' + (left - 1) % 26);
    for (int i = 0; i < len; i++)
        letters[i] = backwards[len - 1 - i];
    letters[len] = '\0';
}
