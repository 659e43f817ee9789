/*
 * The document: {"until": UTC seconds, "app": its number, "user": {...}}. After
 * a reset of the app, users have the same names and are others.
 */
#include "metrics/user_export.h"

#include <stdio.h>

#include "engine/documents.h"
#include "metrics/identity.h"
#include "metrics/kind.h"
#include "metrics/params.h"
#include "metrics/portrait.h"

enum { EXPORT_BYTES_MAX = 200 * 1024, EXPIRED_AT_ONCE = 100 };

#define PREFIX "appUser_"
#define SUFFIX ".json"

void user_export_name(const struct app *app, uint32_t ordinal,
                      char name[static USER_EXPORT_NAME_SIZE])
{
    char uid[IDENTITY_UID_SIZE];

    identity_uid(ordinal, uid);
    snprintf(name, USER_EXPORT_NAME_SIZE, PREFIX "%s_%s" SUFFIX, app->id, uid);
}

bool user_export_is_of(struct text name, const struct app *app)
{
    char prefix[USER_EXPORT_NAME_SIZE];

    snprintf(prefix, sizeof(prefix), PREFIX "%s_", app->id);
    return name.len < USER_EXPORT_NAME_SIZE && text_has_prefix(name, prefix);
}

struct census {
    unsigned count;
    int64_t now;
    struct tally *tally; /* whose batch erases what is too old */
    enum tally_err err;
    struct arena *arena;
};

static int64_t number_of(const struct params *members, const char *name)
{
    struct text digits = params_text(members, name);
    int64_t number = 0;

    for (size_t i = 0; i < digits.len && i < 12; i++)
        number = number * 10 + (digits.at[i] - '0');
    return number;
}

static enum tally_err read_document(struct text document, struct arena *arena,
                                    int64_t *until, int64_t *app,
                                    struct text *user)
{
    struct params members = {0};
    enum tally_err err = params_add_json(&members, arena, document);

    if (err == TALLY_ERR_INVALID)
        return TALLY_ERR_CORRUPT;
    if (err)
        return err;
    *until = number_of(&members, "until");
    *app = number_of(&members, "app");
    *user = params_text(&members, "user");
    return TALLY_OK;
}

static bool take_export(void *user, struct text name, struct text document)
{
    struct census *census = user;
    struct text content;
    int64_t until;
    int64_t app;

    arena_reset(census->arena);
    census->err =
        read_document(document, census->arena, &until, &app, &content);
    if (census->err)
        return false;
    if (until > census->now) {
        census->count++;
        return true;
    }
    user_export_erase(census->tally, name);
    return batch_size(&census->tally->batch) <
           EXPIRED_AT_ONCE * USER_EXPORT_NAME_SIZE;
}

static enum tally_err take_census(struct tally *tally, int64_t now,
                                  unsigned *count)
{
    struct census census = {
        .now = now, .tally = tally, .arena = arena_create(PORTRAIT_ARENA)};
    enum tally_err err =
        documents_each(tally->engine, KIND_EXPORT, take_export, &census);

    arena_destroy(census.arena);
    *count = census.count;
    return err ? err : census.err;
}

static enum tally_err write_export(struct tally *tally, const struct app *app,
                                   uint32_t ordinal, int64_t now,
                                   struct buffer *out)
{
    struct portrait portrait = {.engine = tally->engine,
                                .catalog = tally->catalog,
                                .app = app->number,
                                .app_key = text_of(app->key),
                                .arena = arena_create(PORTRAIT_ARENA)};
    struct json json;
    enum tally_err err = portrait_turn(&portrait, ordinal);

    json_init(&json, out, JSON_PLAIN);
    json_open_object(&json);
    json_member_int(&json, "until", now + USER_EXPORT_SECONDS);
    json_member_int(&json, "app", app->number);
    json_key_string(&json, "user");
    if (!err)
        err = portrait_write(&portrait, &json);
    json_close_object(&json);
    arena_destroy(portrait.arena);
    if (!err && !buffer_is_whole(out))
        err = TALLY_ERR_TOO_BIG;
    return err;
}

enum tally_err user_export_put(struct tally *tally, const struct app *app,
                               uint32_t ordinal, int64_t now)
{
    char name[USER_EXPORT_NAME_SIZE];
    struct buffer out;
    unsigned count;
    enum tally_err err = take_census(tally, now, &count);

    if (!err && count >= USER_EXPORTS_MAX)
        err = TALLY_ERR_TOO_BIG;
    if (err)
        return err;
    buffer_init(&out, EXPORT_BYTES_MAX);
    err = write_export(tally, app, ordinal, now, &out);
    user_export_name(app, ordinal, name);
    if (!err)
        effect_put_document(&tally->batch, KIND_EXPORT, text_of(name),
                            buffer_text(&out));
    buffer_finish(&out);
    return err;
}

enum tally_err user_export_get(struct tally *tally, const struct app *app,
                               struct text name, int64_t now,
                               struct arena *arena, struct text *content)
{
    struct key key;
    struct text document;
    int64_t until = 0;
    int64_t number = 0;

    if (name.len == 0 || name.len >= USER_EXPORT_NAME_SIZE)
        return TALLY_ERR_NOT_FOUND;
    key = key_document(KIND_EXPORT, name);
    enum tally_err err =
        engine_get(tally->engine, TABLE_DOCUMENTS, key_text(&key), &document);
    if (err)
        return err;
    document.at = arena_strndup(arena, document.at, document.len);
    if (!document.at)
        return TALLY_ERR_TOO_BIG;
    err = read_document(document, arena, &until, &number, content);
    if (err)
        return err;
    return until > now && number == app->number ? TALLY_OK
                                                : TALLY_ERR_NOT_FOUND;
}

void user_export_erase(struct tally *tally, struct text name)
{
    effect_erase_document(&tally->batch, KIND_EXPORT, name);
}

enum tally_err user_export_expire(struct tally *tally, int64_t now)
{
    unsigned count;

    return take_census(tally, now, &count);
}
