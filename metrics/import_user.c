#include "metrics/import_user.h"

#include <stdio.h>
#include <string.h>

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/document.h"
#include "metrics/moment.h"
#include "metrics/person.h"
#include "metrics/property.h"
#include "metrics/value.h"

enum { TEXT_MAX = 128, UID_LEN_MAX = 6 };

struct arrival {
    struct import *import;
    const struct app *app;
    const cJSON *document;
    struct person person;
    struct value values[USER_VALUES_MAX]; /* those that are kept as text */
    char location[64];
};

/* What other properties mean is known, and that they are not needed. */
static const char *const passed_over[] = {
    "_id",        "did",        "uid",           "fs",       "ls",     "fac",
    "lac",        "first_sync", "last_sync",     "sc",       "sd",     "tsd",
    "lbst",       "lest",       "hos",           "lsid",     "loc",    "rgn",
    "tz",         "hasInfo",    "merges",        "last_req", "lvid",   "t",
    "merged_uid", "merged_did", "last_req_post", "lu",       "custom", "data",
};

static const cJSON *find(const struct arrival *arrival, const char *name)
{
    return document_find(arrival->document, name);
}

static uint32_t count_of(const struct arrival *arrival, const char *name)
{
    int64_t number = 0;

    mongo_int(find(arrival, name), &number);
    return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static uint32_t first_of(uint32_t a, uint32_t b, uint32_t c)
{
    return a ? a : b ? b : c;
}

static void read_times(const struct arrival *arrival, struct user *user)
{
    user->fac = mongo_seconds(find(arrival, "fac"));
    user->lac = mongo_seconds(find(arrival, "lac"));
    user->sc = count_of(arrival, "sc");
    if (user->sc == 0)
        return;
    user->fs = mongo_seconds(find(arrival, "fs"));
    user->ls = mongo_seconds(find(arrival, "ls"));
    user->lbst = mongo_seconds(find(arrival, "lbst"));
    user->lest = mongo_seconds(find(arrival, "lest"));
    user->is_open = cJSON_IsTrue(find(arrival, "hos"));
    user->ls = first_of(user->ls, user->fs, user->lac);
    user->fs = first_of(user->fs, user->fac, user->ls);
    if (user->fs == 0 || user->ls == 0)
        *user = user_fresh();
}

static void read_user(const struct arrival *arrival, struct user *user)
{
    int64_t events;
    int64_t tz;

    *user = user_fresh();
    read_times(arrival, user);
    user->tsd = count_of(arrival, "tsd");
    user->sd = count_of(arrival, "sd");
    if (user->sd > user->tsd)
        user->sd = user->tsd;
    user->merges = count_of(arrival, "merges");
    if (mongo_int(document_find(find(arrival, "data"), "events"), &events) &&
        events > 0)
        user->events = (uint64_t)events;
    user->has_info = cJSON_IsTrue(find(arrival, "hasInfo"));
    user->has_tz =
        mongo_int(find(arrival, "tz"), &tz) && tz >= -24 * 60 && tz <= 24 * 60;
    if (user->has_tz)
        user->tz = (int16_t)tz;
}

/* {"geo": {"type": "Point", "coordinates": [longitude, latitude]}} */
static void read_place(struct arrival *arrival)
{
    const cJSON *at = document_find(document_find(find(arrival, "loc"), "geo"),
                                    "coordinates");
    const cJSON *longitude = cJSON_GetArrayItem(at, 0);
    const cJSON *latitude = cJSON_GetArrayItem(at, 1);
    const char *region = document_string(arrival->document, "rgn");
    struct profile *profile = &arrival->person.profile;

    if (cJSON_IsNumber(longitude) && cJSON_IsNumber(latitude)) {
        snprintf(arrival->location, sizeof(arrival->location), "%.10g,%.10g",
                 latitude->valuedouble, longitude->valuedouble);
        profile->loc = text_of(arrival->location);
    }
    if (region && strlen(region) <= TEXT_MAX && strcmp(region, "Unknown") != 0)
        profile->rgn = text_of(region);
}

/* What the user told: standard properties beside the others, and custom ones
 * in an object of their own. */

static void put_property(struct properties *properties, const cJSON *given,
                         bool is_custom)
{
    struct property property = {given->string, is_custom};

    if (!given->string) /* of an array */
        return;
    property_put(properties, &property,
                 property_value(properties, &property, given));
}

static void read_details(struct arrival *arrival)
{
    struct tally *tally = arrival->import->tally;
    struct properties properties;
    const cJSON *item;

    arena_reset(tally->arena);
    arrival->import->err = properties_read(&properties, (struct text){NULL, 0},
                                           tally->settings.array_list_limit);
    if (arrival->import->err)
        return;
    cJSON_ArrayForEach(item, arrival->document)
    {
        if (property_is_standard(item->string))
            put_property(&properties, item, false);
    }
    cJSON_ArrayForEach(item, find(arrival, "custom"))
        put_property(&properties, item, true);
    arrival->import->err = properties_write(&properties, tally->arena,
                                            &arrival->person.profile.details);
    properties_finish(&properties);
}

/* Values of the user's metrics, by their short codes. */

static enum tally_err read_value(struct arrival *arrival,
                                 const struct metric *metric)
{
    struct person *person = &arrival->person;
    struct value *value = &arrival->values[person->user.value_count];
    const char *string = document_string(arrival->document, metric->short_code);
    uint32_t id = 0;

    if (person->user.value_count == USER_VALUES_MAX || !string ||
        !value_plain(text_of(string), value))
        return TALLY_OK;
    enum tally_err err =
        dictionary_find(arrival->import->tally->engine, person->app,
                        metric->set, value_text(value), &id);
    if (err && err != TALLY_ERR_NOT_FOUND)
        return err;
    user_add_value(&person->user, metric->set)->value = id;
    if (id == 0)
        profile_set_text(&person->profile, metric->set, value_text(value));
    return TALLY_OK;
}

static bool is_known(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < sizeof(passed_over) / sizeof(passed_over[0]); i++) {
        if (strcmp(passed_over[i], name) == 0)
            return true;
    }
    return catalog_by_short_code(catalog, text_of(name)) ||
           property_is_standard(name);
}

static void read_values(struct arrival *arrival)
{
    struct import *import = arrival->import;
    const struct catalog *catalog = import->tally->catalog;
    const struct metric *metric;
    const cJSON *item;

    for (size_t at = 0; !import->err && (metric = catalog_next(catalog, &at));)
        import->err = read_value(arrival, metric);
    cJSON_ArrayForEach(item, arrival->document)
    {
        if (!is_known(catalog, item->string))
            import_leave(import, IMPORT_PROPERTY, item->string);
    }
}

/* Numbers. */

/* A uid as identity_uid() writes it; 0 for none. */
static uint32_t number_of_uid(const char *uid)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t number = 0;

    if (!uid || strlen(uid) > UID_LEN_MAX)
        return 0;
    for (; *uid; uid++) {
        const char *digit = strchr(digits, *uid);
        if (!digit)
            return 0;
        number = number * 62 + (uint64_t)(digit - digits);
    }
    return number <= IMPORT_UIDS_MAX ? (uint32_t)number : 0;
}

static enum tally_err has_record(const struct arrival *arrival,
                                 enum table table, const struct key *key,
                                 bool *has)
{
    struct tally *tally = arrival->import->tally;
    struct text record;

    *has = batch_find(&tally->batch, table, key_text(key), &record);
    if (*has)
        return TALLY_OK;
    enum tally_err err =
        engine_get(tally->engine, table, key_text(key), &record);
    *has = err == TALLY_OK;
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

/* Nobody is, and nobody was, this number. */
static enum tally_err is_free(const struct arrival *arrival, uint32_t ordinal,
                              bool *free)
{
    struct key key = key_user(arrival->app->number, ordinal);
    bool has = false;
    enum tally_err err = has_record(arrival, TABLE_USERS, &key, &has);

    *free = !has;
    if (!err && !has)
        err = has_record(arrival, TABLE_ALIASES, &key, &has);
    *free &= !has;
    return err;
}

static enum tally_err last_number(const struct arrival *arrival, uint32_t *last)
{
    struct tally *tally = arrival->import->tally;
    struct key key = key_sequence(arrival->app->number, 0, 0);
    struct text record;

    if (!batch_find(&tally->batch, TABLE_SEQUENCES, key_text(&key), &record))
        return dictionary_last_ordinal(tally->engine, arrival->app->number,
                                       last);
    struct unpack unpack = unpack_from(record);
    *last = unpack_u32(&unpack);
    return TALLY_OK;
}

static void put_number(struct arrival *arrival, enum table table,
                       const struct key *key, uint32_t number)
{
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, number);
    effect_put(&arrival->import->tally->batch, table, key_text(key),
               (struct text){(char *)bytes, sizeof(bytes)});
}

/* The user keeps its number, when it can: uid is what people know it by. */
static enum tally_err keep_number(struct arrival *arrival)
{
    uint32_t number = number_of_uid(document_string(arrival->document, "uid"));
    struct key id = key_hash(arrival->app->number, arrival->person.hash);
    struct key sequence = key_sequence(arrival->app->number, 0, 0);
    uint32_t last = 0;
    bool free = false;
    enum tally_err err = last_number(arrival, &last);

    if (!err && number > 0)
        err = is_free(arrival, number, &free);
    if (err)
        return err;
    if (!free) {
        if (number > 0)
            import_leave(arrival->import, IMPORT_UID_TAKEN,
                         document_string(arrival->document, "uid"));
        return person_number(arrival->import->tally, &arrival->person);
    }
    if (number > last)
        put_number(arrival, TABLE_SEQUENCES, &sequence, number);
    arrival->person.ordinal = number;
    put_number(arrival, TABLE_IDS, &id, number);
    return TALLY_OK;
}

/* Activity. */

/* The last session is a hit that counts nothing, so that the user is among
 * the latest ones; what every hit counts (e) is taken off again. */
static void mark_last_day(struct arrival *arrival)
{
    struct batch *batch = &arrival->import->tally->batch;
    struct user *user = &arrival->person.user;
    struct moment last = moment_at(arrival->app->zone, user->ls);
    struct hit hit = {.app = arrival->app->number,
                      .ordinal = arrival->person.ordinal,
                      .hour = last.hour,
                      .seconds = user->ls,
                      .set = SET_USERS,
                      .counts = HIT_MARK};
    struct count none = {.app = hit.app,
                         .set = SET_USERS,
                         .hour = last.hour,
                         .add = {[COUNT_E] = -1}};

    for (unsigned i = 0; i < user->value_count; i++) {
        if (user->values[i].value != 0)
            hit.items[hit.item_count++] = (struct hit_item){
                user->values[i].set, user->values[i].value, HIT_MARK};
    }
    effect_hit(batch, &hit);
    effect_count(batch, &none);
    user->marked_day = last.day;
}

static void mark_days(struct arrival *arrival)
{
    const struct user *user = &arrival->person.user;
    struct mark first = {.app = arrival->app->number,
                         .ordinal = arrival->person.ordinal,
                         .day = moment_at(arrival->app->zone, user->fs).day};

    if (user->sc == 0)
        return;
    effect_mark(&arrival->import->tally->batch, &first);
    mark_last_day(arrival);
}

static enum tally_err store(struct arrival *arrival)
{
    enum tally_err err = keep_number(arrival);

    if (err)
        return err;
    mark_days(arrival);
    arrival->import->report.users++;
    return person_store(arrival->import->tally, &arrival->person);
}

static void take_user(struct arrival *arrival, struct text did)
{
    struct import *import = arrival->import;
    struct person *person = &arrival->person;
    struct key key;
    bool is_known = false;

    import->err = person_find(import->tally, arrival->app->number, did,
                              UINT32_MAX, person);
    if (import->err)
        return;
    key = key_hash(arrival->app->number, person->hash);
    import->err = has_record(arrival, TABLE_IDS, &key, &is_known);
    if (import->err)
        return;
    if (is_known) {
        import_leave(import, IMPORT_DEVICE_KNOWN, did.at);
        return;
    }
    read_user(arrival, &person->user);
    read_place(arrival);
    read_values(arrival);
    if (!import->err)
        read_details(arrival);
    if (!import->err)
        import->err = store(arrival);
}

/* A counter of uids stands among the users of old servers. */
static bool is_sequence(const cJSON *document)
{
    const char *id = mongo_id(document_find(document, "_id"));

    return id && strcmp(id, "uid-sequence") == 0;
}

void import_user_take(struct import *import, const cJSON *document)
{
    const char *did = document_string(document, "did");
    char id[25];
    struct arrival arrival = {.import = import, .document = document};

    snprintf(id, sizeof(id), "%.24s", import->file.rest);
    if (is_sequence(document))
        return;
    arrival.app = import_app(import, id);
    if (!arrival.app)
        return;
    if (!did || did[0] == '\0' || strlen(did) > PERSON_DEVICE_MAX)
        import_leave(import, IMPORT_NO_DEVICE,
                     mongo_id(document_find(document, "_id")));
    else if (import_step(import))
        take_user(&arrival, text_of(did));
}
