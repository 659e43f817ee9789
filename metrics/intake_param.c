/*
 * The properties of `params` that requests of SDKs have (the guide's table).
 */
#include <stdio.h>

#include "metrics/identity.h"
#include "metrics/intake_hook.h"
#include "metrics/whereabouts.h"

enum { REST_SIZE = 64 };

static bool write_app_user(const struct tally_call *call, struct json *json)
{
    return intake_write_person(call->intake, json) == TALLY_OK;
}

static bool write_app_user_id(const struct tally_call *call, struct json *json)
{
    char id[IDENTITY_APP_USER_ID_SIZE];

    identity_app_user_id(text_of(call->app->key), call->intake->device, id);
    json_string(json, id);
    return true;
}

static void write_place(struct json *json, const char *key, struct text part)
{
    json_member_text(json, key, part.len > 0 ? part : TEXT("Unknown"));
}

static bool write_user(const struct tally_call *call, struct json *json)
{
    struct whereabouts place = {0};
    const struct tally *tally = call->tally;
    struct text tz = params_text(call->params, "tz");

    whereabouts_find(call->params, &tally->settings, &tally->atlas,
                     call->address, &place);
    json_open_object(json);
    write_place(json, "country", place.country);
    write_place(json, "city", place.city);
    write_place(json, "region", place.region);
    if (tz.len > 0)
        json_member_text(json, "tz", tz);
    json_close_object(json);
    return true;
}

static bool write_duration(const struct tally_call *call, struct json *json)
{
    struct session_request request =
        session_request(call->params, &call->tally->settings);

    json_int(json, request.duration);
    return request.has_duration;
}

/* As Countly puts them together: hash, uid and time. */
static bool write_request_id(const struct tally_call *call, struct json *json)
{
    const struct ingest *request = call->intake->request;
    char uid[IDENTITY_UID_SIZE];
    char id[IDENTITY_UID_SIZE + REST_SIZE];
    uint64_t hash;

    if (identity_request_hash(&call->tally->request_key, call->arena,
                              request->query, request->body, &hash))
        return false;
    identity_uid(call->intake->person.ordinal, uid);
    snprintf(id, sizeof(id), "%016llx_%s_%lld", (unsigned long long)hash, uid,
             (long long)call_milliseconds(call));
    json_string(json, id);
    return true;
}

static bool write_last_begin(const struct tally_call *call, struct json *json)
{
    json_int(json, call->intake->last_begin);
    return call->intake->last_begin != 0;
}

static bool write_last_session(const struct tally_call *call, struct json *json)
{
    char uid[IDENTITY_UID_SIZE];
    char id[IDENTITY_UID_SIZE + REST_SIZE];

    if (call->intake->last_begin == 0)
        return false;
    identity_uid(call->intake->person.ordinal, uid);
    snprintf(id, sizeof(id), "%s_%lu", uid,
             (unsigned long)call->intake->last_begin);
    json_string(json, id);
    return true;
}

static const struct {
    const char *name;
    bool (*write)(const struct tally_call *call, struct json *json);
} properties[] = {
    {"app_user", write_app_user},
    {"app_user_id", write_app_user_id},
    {"user", write_user},
    {"session_duration", write_duration},
    {"request_id", write_request_id},
    {"previous_session", write_last_session},
    {"previous_session_start", write_last_begin},
};

bool intake_write_param(const struct tally_call *call, struct text name,
                        struct json *json)
{
    if (!call->intake || !call->app || !call->intake->has_person)
        return false;
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (text_is(name, properties[i].name))
            return properties[i].write(call, json);
    }
    return false;
}
