#include "metrics/consent.h"

#include <string.h>

#include "engine/dictionary.h"
#include "metrics/document.h"
#include "metrics/set.h"
#include "metrics/value.h"

enum { TEXT_MAX = 32 * 1024 };

/* A user's consent while it is changed. */
struct consent {
    cJSON *now;
    cJSON *changes;
    cJSON *changed; /* what the request changes; NULL: nothing */
};

static enum tally_err open_consent(const struct profile *profile,
                                   struct consent *consent)
{
    struct text changes = profile->changes;

    *consent = (struct consent){
        .now = profile->consent.len > 0 ? document_parse(profile->consent)
                                        : cJSON_CreateObject(),
        .changes = changes.len > 0
                       ? cJSON_ParseWithLength(changes.at, changes.len)
                       : cJSON_CreateArray()};
    if (consent->now && cJSON_IsArray(consent->changes))
        return TALLY_OK;
    cJSON_Delete(consent->now);
    cJSON_Delete(consent->changes);
    return TALLY_ERR_CORRUPT;
}

static void close_consent(struct consent *consent)
{
    cJSON_Delete(consent->now);
    cJSON_Delete(consent->changes);
    cJSON_Delete(consent->changed);
}

bool consent_is_whole(const struct profile *profile)
{
    struct consent consent;

    if (open_consent(profile, &consent) != TALLY_OK)
        return false;
    close_consent(&consent);
    return true;
}

static enum tally_err write_one(const cJSON *value, struct arena *arena,
                                struct text *text)
{
    struct buffer out;
    struct json json;

    *text = (struct text){NULL, 0};
    if (!value->child)
        return TALLY_OK;
    buffer_init(&out, TEXT_MAX);
    json_init(&json, &out, JSON_PLAIN);
    document_write(&json, value);
    if (buffer_is_whole(&out)) {
        text->at = arena_strndup(arena, out.at, out.len);
        text->len = out.len;
    }
    buffer_finish(&out);
    return text->at ? TALLY_OK : TALLY_ERR_TOO_BIG;
}

static enum tally_err write_consent(const struct consent *consent,
                                    struct arena *arena,
                                    struct profile *profile)
{
    struct text now;
    struct text changes;
    enum tally_err err = write_one(consent->now, arena, &now);

    if (!err)
        err = write_one(consent->changes, arena, &changes);
    if (err)
        return err;
    profile->consent = now;
    profile->changes = changes;
    return TALLY_OK;
}

static int64_t time_of(const cJSON *change)
{
    return document_int(change, "ts");
}

/* Keeps the changes in the order of their times. */
static void add_change(cJSON *changes, cJSON *change)
{
    cJSON *later = cJSON_CreateArray();
    cJSON *row = changes->child;
    int at = 0;

    for (; row && time_of(row) <= time_of(change); row = row->next)
        at++;
    while (cJSON_GetArraySize(changes) > at)
        cJSON_AddItemToArray(later, cJSON_DetachItemFromArray(changes, at));
    cJSON_AddItemToArray(changes, change);
    while (later->child)
        cJSON_AddItemToArray(changes, cJSON_DetachItemFromArray(later, 0));
    cJSON_Delete(later);
    if (cJSON_GetArraySize(changes) > CONSENT_CHANGES_MAX)
        cJSON_DeleteItemFromArray(changes, 0);
}

/* True when the feature's consent is another from now on. */
static bool change(struct consent *consent, const char *feature, bool allowed,
                   uint32_t seconds)
{
    cJSON *old = cJSON_GetObjectItemCaseSensitive(consent->now, feature);

    if (old && cJSON_IsTrue(old) == allowed)
        return false;
    if (!old && cJSON_GetArraySize(consent->now) >= CONSENT_FEATURES_MAX)
        return false;
    if (old)
        cJSON_ReplaceItemInObjectCaseSensitive(consent->now, feature,
                                               cJSON_CreateBool(allowed));
    else
        cJSON_AddBoolToObject(consent->now, feature, allowed);

    cJSON *row = cJSON_CreateObject();
    cJSON_AddNumberToObject(row, "ts", seconds);
    cJSON_AddStringToObject(row, "feature", feature);
    cJSON_AddBoolToObject(row, "allowed", allowed);
    add_change(consent->changes, row);
    if (!consent->changed)
        consent->changed = cJSON_CreateObject();
    cJSON_AddBoolToObject(consent->changed, feature, allowed);
    return true;
}

static enum tally_err count(struct tally *tally, uint32_t app,
                            const struct moment *moment, const char *feature,
                            bool allowed)
{
    struct count count = {.app = app,
                          .set = allowed ? SET_CONSENT_IN : SET_CONSENT_OUT,
                          .hour = moment->hour,
                          .add = {[COUNT_T] = 1}};
    struct value value;

    effect_count(&tally->batch, &count);
    if (!value_plain(text_of(feature), &value))
        return TALLY_OK;
    enum tally_err err = dictionary_count(
        tally->engine, &tally->batch, app, count.set, value_text(&value),
        moment->date.year, tally->settings.metric_limit, &count.value);
    if (!err)
        effect_count(&tally->batch, &count);
    return err == TALLY_ERR_TOO_BIG ? TALLY_OK : err;
}

static bool is_feature(const cJSON *given)
{
    size_t len = strlen(given->string);

    return cJSON_IsBool(given) && len > 0 && len <= CONSENT_FEATURE_SIZE;
}

static enum tally_err take_all(struct tally *tally, const cJSON *given,
                               const struct moment *moment, uint32_t app,
                               struct consent *consent)
{
    enum tally_err err = TALLY_OK;
    unsigned taken = 0;
    const cJSON *feature;

    cJSON_ArrayForEach(feature, given)
    {
        bool allowed = cJSON_IsTrue(feature);
        if (taken == CONSENT_FEATURES_MAX || err)
            break;
        if (!is_feature(feature))
            continue;
        taken++;
        if (change(consent, feature->string, allowed, moment->seconds))
            err = count(tally, app, moment, feature->string, allowed);
    }
    return err;
}

enum tally_err consent_record(struct tally *tally, struct arena *arena,
                              const struct params *params,
                              const struct moment *moment,
                              struct person *person, struct text *changed)
{
    const struct param *param = params_find(params, "consent");
    struct consent consent;

    *changed = (struct text){NULL, 0};
    if (!param)
        return TALLY_OK;
    cJSON *given = document_parse(param->value);
    if (!given)
        return TALLY_OK;
    enum tally_err err = person_load_profile(tally, arena, person);
    if (!err)
        err = open_consent(&person->profile, &consent);
    if (!err) {
        err = take_all(tally, given, moment, person->app, &consent);
        if (!err && consent.changed) {
            err = write_consent(&consent, arena, &person->profile);
            person->profile_changed = true;
        }
        if (!err && consent.changed)
            err = write_one(consent.changed, arena, changed);
        close_consent(&consent);
    }
    cJSON_Delete(given);
    return err;
}

static void fill_in(const struct consent *other, struct consent *consent)
{
    const cJSON *feature;

    cJSON_ArrayForEach(feature, other->now)
    {
        if (!document_find(consent->now, feature->string) &&
            cJSON_GetArraySize(consent->now) < CONSENT_FEATURES_MAX)
            cJSON_AddBoolToObject(consent->now, feature->string,
                                  cJSON_IsTrue(feature));
    }
    cJSON_ArrayForEach(feature, other->changes)
    {
        add_change(consent->changes, cJSON_Duplicate(feature, true));
    }
}

enum tally_err consent_merge(const struct profile *other, struct arena *arena,
                             struct profile *profile)
{
    struct consent theirs;
    struct consent consent;

    if (other->consent.len == 0)
        return TALLY_OK;
    enum tally_err err = open_consent(other, &theirs);
    if (err)
        return err;
    err = open_consent(profile, &consent);
    if (!err) {
        fill_in(&theirs, &consent);
        err = write_consent(&consent, arena, profile);
        close_consent(&consent);
    }
    close_consent(&theirs);
    return err;
}
