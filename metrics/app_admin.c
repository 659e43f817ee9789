#include "metrics/app_admin.h"

#include "engine/dictionary.h"
#include "engine/horizon.h"
#include "metrics/app_field.h"
#include "metrics/app_switch.h"
#include "metrics/cutting.h"
#include "metrics/document.h"
#include "metrics/id.h"
#include "metrics/kind.h"

enum { KEY_LEN = 40 };

static int success(struct manage *call)
{
    return answer_write(call->out, (struct answer){ANSWER_OK, "Success"});
}

static int refuse(struct manage *call, int status, const char *message)
{
    return answer_write(call->out, (struct answer){status, message});
}

/* An app key belongs to one app; `app` may have it already. */
static bool is_key_taken(const struct manage *call, const struct app *app)
{
    const struct app *same =
        registry_app_by_key(call->claim.registry, text_of(app->key));

    return same && strcmp(same->id, app->id) != 0;
}

static struct json open_body(struct manage *call)
{
    bool is_raw = params_is_true(call->claim.params, "raw");
    struct json json;

    json_init(&json, call->out, is_raw ? JSON_PLAIN : JSON_DATA);
    return json;
}

static void add_error(struct buffer *errors, const char *text, const char *name,
                      const char *end)
{
    if (errors->len > 0)
        buffer_add_byte(errors, ',');
    buffer_add_string(errors, text);
    buffer_add_string(errors, name);
    buffer_add_string(errors, end);
}

/* NULL when nothing or null was sent. */
static const cJSON *sent_retention(const cJSON *args)
{
    const cJSON *sent = document_find(args, "retention");

    return cJSON_IsNull(sent) ? NULL : sent;
}

/* Takes a new app's fields from args and lists what is wrong with them. */
static void read_new(struct manage *call, const cJSON *args, struct app *app,
                     struct buffer *errors)
{
    if (!args) {
        add_error(errors, "Missing 'args' parameter", "", "");
        return;
    }
    const cJSON *retention = sent_retention(args);
    if (retention && !app_set_retention(app, retention))
        add_error(errors, "Invalid value for ", "retention", "");
    if (!app_field_sent(args, &app_field_strings[0]))
        add_error(errors, "Missing ", app_field_strings[0].name, " argument");
    for (size_t i = 0; i < APP_FIELD_STRINGS; i++) {
        const struct app_field *field = &app_field_strings[i];
        const cJSON *sent = app_field_sent(args, field);

        *app_field_string(app, field) = field->fallback;
        if (!sent)
            continue;
        if (!cJSON_IsString(sent))
            add_error(errors, "Invalid type for ", field->name, "");
        else if (sent->valuestring[0] == '\0')
            continue;
        else if (app_field_is_valid(field, call->claim.registry, sent))
            *app_field_string(app, field) = sent->valuestring;
        else if (!field->fallback || call->claim.is_operator)
            add_error(errors, "Invalid value for ", field->name, "");
    }
}

static int make_app(struct manage *call, struct app *app)
{
    enum tally_err err =
        dictionary_next_app(call->engine, call->batch, &app->number);

    if (err)
        return answer_write_joined(call->out, 500, "Error creating App: ",
                                   text_of(tally_err_text(err)));
    if (!app_put(call->batch, app))
        return refuse(call, 400, "Error: Too many values");

    struct json json = open_body(call);

    app_write_created(&json, app);
    return ANSWER_OK;
}

int app_admin_create(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    char id[ID_SIZE];
    char key[KEY_LEN + 1];
    struct app app = {.source = args,
                      .id = id,
                      .owner = pass->member->id,
                      .keep_hours = -1,
                      .keep_days = -1,
                      .created_at = call->now,
                      .edited_at = call->now};
    struct buffer errors;
    int status;

    buffer_init(&errors, DOCUMENT_SIZE_MAX);
    id_draw(id, ID_LEN);
    id_draw(key, KEY_LEN);
    read_new(call, args, &app, &errors);
    if (!app.key)
        app.key = key;
    if (errors.len > 0)
        status = answer_write_joined(call->out, 400,
                                     "Error: ", buffer_text(&errors));
    else if (!app.name)
        status = refuse(call, 400, "Invalid app name");
    else if (is_key_taken(call, &app))
        status = refuse(call, 400, "App key already in use");
    else
        status = make_app(call, &app);
    buffer_finish(&errors);
    return status;
}

/* Lists the fields of an update that are not understood. A refusal of a
 * field's own comes first. */
static const char *check_update(struct manage *call, const cJSON *args,
                                struct buffer *invalid)
{
    for (size_t i = 0; i < APP_FIELD_STRINGS; i++) {
        const cJSON *sent = app_field_sent(args, &app_field_strings[i]);

        if (!sent || app_field_is_valid(&app_field_strings[i],
                                        call->claim.registry, sent))
            continue;
        if (app_field_strings[i].refusal)
            return app_field_strings[i].refusal;
        add_error(invalid, app_field_strings[i].name, "", "");
    }
    for (size_t i = 0; i < APP_FIELD_FLAGS; i++) {
        const cJSON *sent = app_field_sent(args, &app_field_flags[i]);

        if (sent && !cJSON_IsBool(sent))
            add_error(invalid, app_field_flags[i].name, "", "");
    }
    const cJSON *retention = sent_retention(args);
    struct app app = {0};
    if (retention && !app_set_retention(&app, retention))
        add_error(invalid, "retention", "", "");
    app_switch_check(args, call->plugins, invalid);
    return NULL;
}

/* Writes the fields that change into `app` and the body; returns how many. */
static unsigned change_strings(const cJSON *args, struct app *app,
                               struct json *json)
{
    unsigned changes = 0;

    for (size_t i = 0; i < APP_FIELD_STRINGS; i++) {
        const cJSON *sent = app_field_sent(args, &app_field_strings[i]);
        const char **value = app_field_string(app, &app_field_strings[i]);

        if (!sent || strcmp(*value ? *value : "", sent->valuestring) == 0)
            continue;
        *value = sent->valuestring[0] ? sent->valuestring : NULL;
        json_member_string(json, app_field_strings[i].name, sent->valuestring);
        changes++;
    }
    return changes;
}

static unsigned change_flags(const cJSON *args, struct app *app,
                             struct json *json)
{
    unsigned changes = 0;

    for (size_t i = 0; i < APP_FIELD_FLAGS; i++) {
        const cJSON *sent = app_field_sent(args, &app_field_flags[i]);
        bool *value = app_field_flag(app, &app_field_flags[i]);

        if (!sent || *value == (bool)cJSON_IsTrue(sent))
            continue;
        *value = cJSON_IsTrue(sent);
        json_member_bool(json, app_field_flags[i].name, *value);
        changes++;
    }
    return changes;
}

static unsigned change_retention(const cJSON *args, struct app *app,
                                 struct json *json)
{
    const cJSON *sent = sent_retention(args);
    struct app old = *app;

    if (!sent || !app_set_retention(app, sent) ||
        (old.keep_hours == app->keep_hours && old.keep_days == app->keep_days))
        return 0;
    json_key_string(json, "retention");
    document_write(json, sent);
    return 1;
}

static int change_app(struct manage *call, const cJSON *args,
                      const struct app *old)
{
    struct app app = *old;
    struct json json = open_body(call);
    cJSON *plugins = app_switch_merge(args, old);
    size_t start = call->out->len;

    app.edited_at = call->now;
    json_open_object(&json);

    unsigned changes = change_strings(args, &app, &json) +
                       change_flags(args, &app, &json) +
                       change_retention(args, &app, &json) +
                       app_switch_change(plugins, &app, &json);

    json_member_int(&json, "edited_at", app.edited_at);
    json_close_object(&json);

    bool is_put =
        changes > 0 && !is_key_taken(call, &app) && app_put(call->batch, &app);

    cJSON_Delete(plugins);
    if (is_put)
        return ANSWER_OK;

    call->out->len = start;
    if (changes == 0)
        return refuse(call, ANSWER_OK, "Nothing changed");
    if (is_key_taken(call, &app))
        return refuse(call, 400, "App key already in use");
    return refuse(call, 400, "Error: Too many values");
}

/* Only a global admin locks and unlocks; a locked app changes in nothing
 * else. */
static struct answer check_lock(const cJSON *args, const struct pass *pass)
{
    const cJSON *locked = document_find(args, "locked");

    if (cJSON_IsBool(locked) && !pass->member->global_admin)
        return (struct answer){401, "User does not have right"};
    if (pass->app->locked && !cJSON_IsFalse(locked))
        return (struct answer){403, "Application is locked"};
    return (struct answer){ANSWER_OK, ""};
}

int app_admin_update(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    struct answer answer = check_lock(args, pass);
    struct buffer invalid;
    int status;

    if (answer.status != ANSWER_OK)
        return answer_write(call->out, answer);
    buffer_init(&invalid, DOCUMENT_SIZE_MAX);

    const char *refusal = check_update(call, args, &invalid);

    if (refusal)
        status = refuse(call, 400, refusal);
    else if (invalid.len > 0)
        status = answer_write_joined(call->out, 400,
                                     "Invalid props: ", buffer_text(&invalid));
    else
        status = change_app(call, args, pass->app);
    buffer_finish(&invalid);
    return status;
}

static struct answer check_removal(const struct pass *pass)
{
    if (!pass->member->global_admin)
        return (struct answer){401, "User does not have right"};
    if (pass->app->locked)
        return (struct answer){403, "Application is locked"};
    return (struct answer){ANSWER_OK, ""};
}

/* The app loses what is older; its hours and activity at once. */
static int cut_app(struct manage *call, const struct pass *pass, int32_t day)
{
    struct app app = *pass->app;
    struct horizon horizon;

    if (horizon_get(call->engine, app.number, &horizon) != TALLY_OK)
        return refuse(call, 500, "Error resetting app");
    app.cut = day > app.cut ? day : app.cut;
    app.cut_pending = true;
    if (!app_put(call->batch, &app))
        return refuse(call, 500, "Error resetting app");
    horizon.hours = day > horizon.hours ? day : horizon.hours;
    horizon.days = day > horizon.days ? day : horizon.days;
    horizon_put(call->batch, app.number, &horizon);
    return success(call);
}

static bool is_period(const cJSON *args)
{
    const cJSON *period = document_find(args, "period");
    struct text text = text_of(cJSON_GetStringValue(period));

    return !period || text_is(text, "all") || text_is(text, "reset") ||
           text_is(text, "clear_all");
}

int app_admin_reset(struct manage *call, const cJSON *args,
                    const struct pass *pass)
{
    struct answer answer = check_removal(pass);
    struct app app = *pass->app;

    if (answer.status != ANSWER_OK)
        return answer_write(call->out, answer);
    const char *period = document_string(args, "period");
    int32_t day = cutting_day(&app, text_of(period), call->now);
    if (day > 0)
        return cut_app(call, pass, day);
    if (!is_period(args))
        return refuse(call, 400,
                      "Invalid period, must be 1month, 3month, 6month, 1year, "
                      "2year, all or reset");

    enum tally_err err =
        dictionary_next_app(call->engine, call->batch, &app.number);

    if (err)
        return refuse(call, 500, "Error resetting app");
    effect_erase_document(call->batch, KIND_EVENTS, text_of(app.id));
    effect_erase_document(call->batch, KIND_NOTE, text_of(app.id));
    app.last_data = 0;
    app.cut = 0;
    app.cut_pending = false;
    if (!app_put(call->batch, &app))
        return refuse(call, 500, "Error resetting app");
    effect_drop(call->batch, pass->app->number);
    return success(call);
}

int app_admin_delete(struct manage *call, const cJSON *args,
                     const struct pass *pass)
{
    struct answer answer = check_removal(pass);

    (void)args;
    if (answer.status != ANSWER_OK)
        return answer_write(call->out, answer);
    effect_erase_document(call->batch, KIND_APP, text_of(pass->app->id));
    effect_erase_document(call->batch, KIND_EVENTS, text_of(pass->app->id));
    effect_erase_document(call->batch, KIND_NOTE, text_of(pass->app->id));
    effect_erase_document(call->batch, KIND_ONLINE, text_of(pass->app->id));
    effect_drop(call->batch, pass->app->number);
    return success(call);
}
