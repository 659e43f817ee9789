#include "metrics/latest.h"

#include <stdlib.h>

#include "engine/arena.h"
#include "engine/dictionary.h"
#include "engine/key.h"
#include "metrics/identity.h"
#include "metrics/metric.h"
#include "metrics/profile.h"
#include "metrics/user.h"

enum { ARENA_MAX = 1 << 20 };

struct ranked {
    uint32_t ordinal;
    uint32_t ls;
};

/* All that is written of one user. */
struct portrait {
    struct engine *engine;
    const struct app *app;
    uint32_t ordinal;
    struct user user;
    struct profile profile;
};

static enum tally_err get_user(struct engine *engine, uint32_t app,
                               uint32_t ordinal, struct user *user)
{
    struct key key = key_user(app, ordinal);
    struct text record;
    enum tally_err err =
        engine_get(engine, TABLE_USERS, key_text(&key), &record);

    return err ? err : user_read(record, user);
}

/* A profile borrows from its record, which the next call to the engine may
 * move: the record is copied. */
static enum tally_err get_profile(struct portrait *portrait,
                                  struct arena *arena)
{
    struct key key = key_user(portrait->app->number, portrait->ordinal);
    struct text record;
    enum tally_err err =
        engine_get(portrait->engine, TABLE_COLD, key_text(&key), &record);

    portrait->profile = (struct profile){0};
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    char *copy = arena_strndup(arena, record.at, record.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    return profile_read((struct text){copy, record.len}, arena,
                        &portrait->profile);
}

static void write_numbers(struct json *json, const struct user *user)
{
    json_member_int(json, "fs", user->fs);
    json_member_int(json, "ls", user->ls);
    json_member_int(json, "lac", user->lac);
    json_member_int(json, "sc", user->sc);
    json_member_int(json, "sd", (int64_t)user->sd);
    json_member_int(json, "tsd", (int64_t)user->tsd);
    json_member_bool(json, "hos", user->is_open);
    if (user->has_tz)
        json_member_int(json, "tz", user->tz);
}

static void write_ids(struct json *json, const struct portrait *portrait)
{
    char id[IDENTITY_APP_USER_ID_SIZE];
    char uid[IDENTITY_UID_SIZE];

    identity_app_user_id(text_of(portrait->app->key), portrait->profile.did,
                         id);
    identity_uid(portrait->ordinal, uid);
    json_member_string(json, "_id", id);
    json_member_text(json, "did", portrait->profile.did);
    json_member_string(json, "uid", uid);
}

/* Empty when the user has no value of the set. */
static enum tally_err value_of_set(const struct portrait *portrait,
                                   uint32_t set, struct text *value)
{
    const struct user_value *last = user_value(&portrait->user, set);

    *value = profile_text(&portrait->profile, set);
    if (!last || last->value == 0)
        return TALLY_OK;
    enum tally_err err = dictionary_string(
        portrait->engine, portrait->app->number, set, last->value, value);
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err write_values(struct json *json,
                                   const struct portrait *portrait)
{
    for (size_t i = 0; i < metric_count; i++) {
        struct text value;
        enum tally_err err =
            value_of_set(portrait, metric_table[i].set, &value);
        if (err)
            return err;
        if (value.len > 0)
            json_member_text(json, metric_table[i].short_code, value);
    }
    return TALLY_OK;
}

static enum tally_err write_user(struct portrait *portrait, struct arena *arena,
                                 struct json *json)
{
    enum tally_err err = get_user(portrait->engine, portrait->app->number,
                                  portrait->ordinal, &portrait->user);

    if (!err)
        err = get_profile(portrait, arena);
    if (err)
        return err;
    json_open_object(json);
    write_ids(json, portrait);
    write_numbers(json, &portrait->user);
    err = write_values(json, portrait);
    json_close_object(json);
    return err;
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->ls != y->ls)
        return x->ls < y->ls ? 1 : -1;
    return (x->ordinal < y->ordinal) - (x->ordinal > y->ordinal);
}

/* The engine's order is that of begins; a merge may have moved `ls`. */
static enum tally_err rank(struct engine *engine, uint32_t app,
                           struct ranked ranked[static RECENT_MAX],
                           unsigned *count)
{
    struct recent_user recent[RECENT_MAX];
    unsigned found = engine_recent(engine, app, recent);

    *count = 0;
    for (unsigned i = 0; i < found; i++) {
        struct user user;
        enum tally_err err = get_user(engine, app, recent[i].ordinal, &user);
        if (err && err != TALLY_ERR_NOT_FOUND)
            return err;
        if (!err)
            ranked[(*count)++] = (struct ranked){recent[i].ordinal, user.ls};
    }
    qsort(ranked, *count, sizeof(*ranked), compare_ranked);
    return TALLY_OK;
}

enum tally_err latest_write(struct engine *engine, const struct app *app,
                            struct json *json)
{
    struct ranked ranked[RECENT_MAX];
    struct portrait portrait = {.engine = engine, .app = app};
    unsigned count;
    enum tally_err err = rank(engine, app->number, ranked, &count);
    if (err)
        return err;

    struct arena *arena = arena_create(ARENA_MAX);
    json_open_array(json);
    for (unsigned i = 0; !err && i < count && i < LATEST_MAX; i++) {
        portrait.ordinal = ranked[i].ordinal;
        arena_reset(arena);
        err = write_user(&portrait, arena, json);
    }
    json_close_array(json);
    arena_destroy(arena);
    return err;
}
