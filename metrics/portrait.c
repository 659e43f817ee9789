#include "metrics/portrait.h"

#include <stdlib.h>

#include "engine/key.h"
#include "metrics/document.h"
#include "metrics/identity.h"

void portrait_capture(struct reader *reader, uint32_t app)
{
    struct key key = key_app(app);

    reader_capture_table(reader, TABLE_USERS, key_text(&key));
    reader_capture_table(reader, TABLE_COLD, key_text(&key));
    reader_capture_table(reader, TABLE_STRINGS, key_text(&key));
}

static enum tally_err get(const struct portrait *portrait, enum table table,
                          struct key key, struct text *value)
{
    if (portrait->batch &&
        batch_find(portrait->batch, table, key_text(&key), value))
        return TALLY_OK;
    return portrait->reader
               ? reader_get(portrait->reader, table, key_text(&key), value)
               : engine_get(portrait->engine, table, key_text(&key), value);
}

enum tally_err portrait_turn_to(struct portrait *portrait, uint32_t ordinal,
                                struct text record)
{
    arena_reset(portrait->arena);
    portrait->ordinal = ordinal;
    portrait->has_profile = false;
    return user_read(record, &portrait->user);
}

enum tally_err portrait_turn(struct portrait *portrait, uint32_t ordinal)
{
    struct text record;
    enum tally_err err =
        get(portrait, TABLE_USERS, key_user(portrait->app, ordinal), &record);

    return err ? err : portrait_turn_to(portrait, ordinal, record);
}

/* A profile borrows from its record, which the next read may move: the record
 * is copied. */
enum tally_err portrait_need_profile(struct portrait *portrait)
{
    struct text record;

    if (portrait->has_profile)
        return TALLY_OK;
    portrait->profile = (struct profile){0};
    portrait->has_profile = true;
    enum tally_err err =
        get(portrait, TABLE_COLD, key_user(portrait->app, portrait->ordinal),
            &record);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
    char *copy = arena_strndup(portrait->arena, record.at, record.len);
    if (!copy)
        return TALLY_ERR_TOO_BIG;
    return profile_read((struct text){copy, record.len}, portrait->arena,
                        &portrait->profile);
}

enum tally_err portrait_value(const struct portrait *portrait, uint32_t set,
                              struct text *value)
{
    const struct user_value *last = user_value(&portrait->user, set);
    struct text found = profile_text(&portrait->profile, set);
    enum tally_err err = TALLY_OK;

    if (last && last->value != 0)
        err = get(portrait, TABLE_STRINGS,
                  key_string(portrait->app, set, last->value), &found);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    *value = found;
    return TALLY_OK;
}

static void write_ids(struct json *json, const struct portrait *portrait)
{
    char id[IDENTITY_APP_USER_ID_SIZE];
    char uid[IDENTITY_UID_SIZE];

    identity_app_user_id(portrait->app_key, portrait->profile.did, id);
    identity_uid(portrait->ordinal, uid);
    json_member_string(json, "_id", id);
    json_member_text(json, "did", portrait->profile.did);
    json_member_string(json, "uid", uid);
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

static enum tally_err write_values(struct json *json,
                                   const struct portrait *portrait)
{
    const struct metric *metric;

    for (size_t at = 0; (metric = catalog_next(portrait->catalog, &at));) {
        struct text value;
        enum tally_err err = portrait_value(portrait, metric->set, &value);
        if (err)
            return err;
        if (value.len > 0)
            json_member_text(json, metric->short_code, value);
    }
    return TALLY_OK;
}

/* The members of a stored object, escaped as the answer is. */
static enum tally_err write_all_of(struct json *json, struct text object)
{
    if (object.len == 0)
        return TALLY_OK;
    cJSON *root = document_parse(object);
    if (!root)
        return TALLY_ERR_CORRUPT;
    const cJSON *member;
    cJSON_ArrayForEach(member, root)
    {
        json_key_string(json, member->string);
        document_write(json, member);
    }
    cJSON_Delete(root);
    return TALLY_OK;
}

static enum tally_err write_members(struct portrait *portrait,
                                    struct json *json)
{
    enum tally_err err = portrait_need_profile(portrait);
    if (err)
        return err;

    write_ids(json, portrait);
    write_numbers(json, &portrait->user);
    err = write_values(json, portrait);
    return err ? err : write_all_of(json, portrait->profile.extra);
}

enum tally_err portrait_write_brief(struct portrait *portrait,
                                    struct json *json)
{
    json_open_object(json);
    enum tally_err err = write_members(portrait, json);
    json_close_object(json);
    return err;
}

static void write_more_numbers(struct json *json, const struct user *user)
{
    json_member_int(json, "fac", user->fac);
    if (user->lbst > 0)
        json_member_int(json, "lbst", user->lbst);
    if (user->lest > 0)
        json_member_int(json, "lest", user->lest);
    if (user->merges > 0)
        json_member_int(json, "merges", user->merges);
    json_member_bool(json, "hasInfo", user->has_info);
    if (user_orientation_name(user))
        json_member_string(json, "ornt", user_orientation_name(user));
    if (user->events > 0) {
        json_key_string(json, "data");
        json_open_object(json);
        json_member_int(json, "events", (int64_t)user->events);
        json_close_object(json);
    }
}

static void write_some(struct json *json, const char *key, struct text value)
{
    if (value.len > 0)
        json_member_text(json, key, value);
}

/* Whoever had a session is somewhere (spec B.11). */
static void write_region(struct json *json, const struct portrait *portrait)
{
    struct text region = portrait->profile.rgn;

    if (region.len == 0 && portrait->user.sc > 0)
        region = TEXT("Unknown");
    write_some(json, "rgn", region);
}

/* As GeoJSON has it: the longitude first (spec B.11). */
static void write_location(struct json *json, struct text location)
{
    char text[80] = "";
    char *rest;

    if (location.len == 0 || location.len >= sizeof(text))
        return;
    memcpy(text, location.at, location.len);
    double latitude = strtod(text, &rest);
    double longitude = strtod(*rest ? rest + 1 : rest, NULL);
    json_key_string(json, "loc");
    json_open_object(json);
    json_key_string(json, "geo");
    json_open_object(json);
    json_member_string(json, "type", "Point");
    json_key_string(json, "coordinates");
    json_open_array(json);
    json_double(json, longitude);
    json_double(json, latitude);
    json_close_array(json);
    json_close_object(json);
    json_member_bool(json, "gps", true);
    json_close_object(json);
}

static enum tally_err write_stored(struct json *json, const char *key,
                                   struct text stored)
{
    if (stored.len == 0)
        return TALLY_OK;
    cJSON *root = cJSON_ParseWithLength(stored.at, stored.len);
    if (!root)
        return TALLY_ERR_CORRUPT;
    json_key_string(json, key);
    document_write(json, root);
    cJSON_Delete(root);
    return TALLY_OK;
}

enum tally_err portrait_write(struct portrait *portrait, struct json *json)
{
    const struct profile *profile = &portrait->profile;

    json_open_object(json);
    enum tally_err err = write_members(portrait, json);
    if (!err) {
        write_more_numbers(json, &portrait->user);
        write_region(json, portrait);
        write_location(json, profile->loc);
        write_some(json, "merged_uid", profile->merged_uid);
        write_some(json, "merged_did", profile->merged_did);
        err = write_all_of(json, profile->details);
    }
    if (!err)
        err = write_stored(json, "consent", profile->consent);
    if (!err)
        err = write_stored(json, "consent_changes", profile->changes);
    json_close_object(json);
    return err;
}
