#include "metrics/app.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>

#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"

enum field_kind {
    FIELD_STRING,
    FIELD_OPTIONAL,
    FIELD_TIME,
    FIELD_FLAG,
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
};

#define FIELD(member, kind)                         \
    {                                               \
#member, kind, offsetof(struct app, member) \
    }

static const struct field fields[] = {
    {"_id", FIELD_STRING, offsetof(struct app, id)},
    FIELD(name, FIELD_STRING),
    FIELD(key, FIELD_STRING),
    FIELD(country, FIELD_STRING),
    FIELD(timezone, FIELD_STRING),
    FIELD(category, FIELD_STRING),
    FIELD(type, FIELD_STRING),
    FIELD(salt, FIELD_OPTIONAL),
    FIELD(checksum_salt, FIELD_OPTIONAL),
    FIELD(redirect_url, FIELD_OPTIONAL),
    FIELD(owner, FIELD_OPTIONAL),
    FIELD(created_at, FIELD_TIME),
    FIELD(edited_at, FIELD_TIME),
    FIELD(last_data, FIELD_TIME),
    FIELD(paused, FIELD_FLAG),
    FIELD(locked, FIELD_FLAG),
};

#undef FIELD

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

/* Names that are answered or decided by tallyd and never kept from outside;
 * those that begin with _ are its own too. */
static const char *const reserved[] = {
    "app_id", "seq", "plugins", "admin_of", "user_of", "result", "retention",
};

static bool is_reserved(const char *name)
{
    if (name[0] == '_')
        return true;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(reserved[i], name) == 0)
            return true;
    }
    return false;
}

bool app_keeps(const cJSON *member)
{
    if (!member->string || is_reserved(member->string))
        return false;
    if (cJSON_IsString(member))
        return strlen(member->valuestring) <= APP_VALUE_MAX;
    if (cJSON_IsNumber(member))
        return isfinite(member->valuedouble);
    return cJSON_IsBool(member);
}

static void read_field(const struct field *field, const cJSON *document,
                       struct app *app)
{
    void *at = (char *)app + field->offset;

    if (field->kind == FIELD_TIME)
        *(int64_t *)at = document_int(document, field->name);
    else if (field->kind == FIELD_FLAG)
        *(bool *)at = document_bool(document, field->name);
    else
        *(const char **)at = document_string(document, field->name);
}

/* How long something is kept. */
static const struct period {
    const char *name;
    size_t offset;
    int32_t max;
} periods[] = {
    {"hours", offsetof(struct app, keep_hours), APP_KEEP_HOURS_MAX},
    {"days", offsetof(struct app, keep_days), APP_KEEP_DAYS_MAX},
};

enum { PERIODS = sizeof(periods) / sizeof(periods[0]) };

static bool read_period(const struct period *period, const cJSON *sent,
                        int32_t *kept)
{
    if (cJSON_IsNull(sent)) {
        *kept = -1;
        return true;
    }
    if (!cJSON_IsNumber(sent) || !(sent->valuedouble >= 0) ||
        sent->valuedouble > period->max ||
        sent->valuedouble != (int32_t)sent->valuedouble)
        return false;
    *kept = (int32_t)sent->valuedouble;
    return true;
}

bool app_set_retention(struct app *app, const cJSON *sent)
{
    int32_t kept[PERIODS] = {app->keep_hours, app->keep_days};
    int known = 0;

    for (int i = 0; i < PERIODS; i++) {
        const cJSON *member = document_find(sent, periods[i].name);
        known += member != NULL;
        if (member && !read_period(&periods[i], member, &kept[i]))
            return false;
    }
    if (!cJSON_IsObject(sent) || cJSON_GetArraySize(sent) != known)
        return false;
    for (int i = 0; i < PERIODS; i++)
        *(int32_t *)((char *)app + periods[i].offset) = kept[i];
    return true;
}

static void write_retention(struct json *json, const struct app *app)
{
    if (app->keep_hours < 0 && app->keep_days < 0)
        return;
    json_key_string(json, "retention");
    json_open_object(json);
    if (app->keep_hours >= 0)
        json_member_int(json, "hours", app->keep_hours);
    if (app->keep_days >= 0)
        json_member_int(json, "days", app->keep_days);
    json_close_object(json);
}

static bool is_complete(const struct app *app)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const void *at = (const char *)app + fields[i].offset;

        if (fields[i].kind == FIELD_STRING && !*(const char *const *)at)
            return false;
    }
    return app->number != 0 && id_is_valid(text_of(app->id));
}

enum tally_err app_parse(struct text document, struct app *app)
{
    struct app parsed = {.document = document_parse(document)};
    int64_t number = document_int(parsed.document, "_number");

    if (!parsed.document)
        return TALLY_ERR_CORRUPT;
    parsed.source = parsed.document;
    parsed.number = number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        read_field(&fields[i], parsed.document, &parsed);
    parsed.cut = (int32_t)document_int(parsed.document, "_cut");
    parsed.cut_pending = document_bool(parsed.document, "_cut_pending");
    const cJSON *plugins = document_find(parsed.document, "plugins");
    parsed.plugins = cJSON_IsObject(plugins) ? plugins : NULL;
    parsed.keep_hours = parsed.keep_days = -1;
    (void)app_set_retention(&parsed,
                            document_find(parsed.document, "retention"));
    if (!is_complete(&parsed)) {
        app_finish(&parsed);
        return TALLY_ERR_CORRUPT;
    }
    *app = parsed;
    return TALLY_OK;
}

void app_finish(struct app *app)
{
    cJSON_Delete(app->document);
    *app = (struct app){0};
}

struct text app_salt(const struct app *app)
{
    bool has_salt = app->salt && app->salt[0];

    return text_of(has_salt ? app->salt : app->checksum_salt);
}

static void write_plugins(struct json *json, const struct app *app)
{
    if (!app->plugins)
        return;
    json_key_string(json, "plugins");
    document_write(json, app->plugins);
}

static void write_string(struct json *json, const char *name, const char *value)
{
    if (value)
        json_member_string(json, name, value);
}

static void write_field(struct json *json, const struct field *field,
                        const struct app *app)
{
    const void *at = (const char *)app + field->offset;

    if (field->kind == FIELD_TIME)
        json_member_int(json, field->name, *(const int64_t *)at);
    else if (field->kind == FIELD_FLAG)
        json_member_bool(json, field->name, *(const bool *)at);
    else
        write_string(json, field->name, *(const char *const *)at);
}

static void write_fields(struct json *json, const struct app *app)
{
    const cJSON *member;

    for (size_t i = 0; i < FIELD_COUNT; i++)
        write_field(json, &fields[i], app);
    write_retention(json, app);
    write_plugins(json, app);
    cJSON_ArrayForEach(member, app->source)
    {
        if (!app_keeps(member))
            continue;
        json_key_string(json, member->string);
        document_write(json, member);
    }
}

void app_write(struct json *json, const struct app *app)
{
    json_open_object(json);
    json_member_int(json, "_number", app->number);
    if (app->cut > 0) {
        json_member_int(json, "_cut", app->cut);
        json_member_bool(json, "_cut_pending", app->cut_pending);
    }
    write_fields(json, app);
    json_close_object(json);
}

bool app_put(struct batch *batch, const struct app *app)
{
    struct buffer document;
    struct json json;

    buffer_init(&document, DOCUMENT_SIZE_MAX);
    json_init(&json, &document, JSON_PLAIN);
    app_write(&json, app);
    bool is_whole = buffer_is_whole(&document);
    if (is_whole)
        effect_put_document(batch, KIND_APP, text_of(app->id),
                            buffer_text(&document));
    buffer_finish(&document);
    return is_whole;
}

void app_write_created(struct json *json, const struct app *app)
{
    json_open_object(json);
    write_fields(json, app);
    json_member_int(json, "seq", 0);
    json_close_object(json);
}

void app_write_listed(struct json *json, const struct app *app)
{
    json_open_object(json);
    json_member_string(json, "_id", app->id);
    json_member_string(json, "name", app->name);
    json_member_string(json, "key", app->key);
    json_member_string(json, "country", app->country);
    json_member_string(json, "timezone", app->timezone);
    json_member_string(json, "category", app->category);
    json_member_string(json, "type", app->type);
    write_string(json, "salt", app->salt);
    write_string(json, "checksum_salt", app->checksum_salt);
    write_retention(json, app);
    json_close_object(json);
}
