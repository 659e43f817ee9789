#include "metrics/usage.h"

#include "engine/dictionary.h"
#include "metrics/plugin.h"
#include "metrics/value.h"

enum {
    LEVELS = HIT_U_DAY | HIT_U_WEEK | HIT_U_MONTH | HIT_U_YEAR,
    LOCATION_MAX = 64,
    REGION_MAX = 128,
};

/* What happens to one value. */
struct sighting {
    const struct metric *metric;
    struct text text;
    bool may_count;
    struct user_value *last; /* the user's for this set; NULL: none yet */
    uint32_t id;             /* 0: the set is full, the value has none */
    bool counts;   /* there is a new session and the value is admitted */
    bool is_known; /* the user had this value before */
    bool had_id;   /* and it was counted under this id */
};

static bool is_new_session(const struct usage *usage)
{
    return usage->session->kind == SESSION_NEW;
}

/* The value's id, in a new session one under which it may be counted. */
static enum tally_err identify(struct usage *usage, struct sighting *sighting)
{
    struct tally *tally = usage->tally;
    uint32_t app = usage->person->app;
    uint32_t set = sighting->metric->set;
    enum tally_err err = TALLY_ERR_TOO_BIG;

    if (is_new_session(usage) && sighting->may_count)
        err = dictionary_count(tally->engine, &tally->batch, app, set,
                               sighting->text, usage->moment->date.year,
                               tally->settings.metric_limit, &sighting->id);
    sighting->counts = !err;
    if (err == TALLY_ERR_TOO_BIG) {
        loss_add(&tally->losses, LOSS_METRIC_LIMIT,
                 is_new_session(usage) && sighting->may_count);
        err = dictionary_find(tally->engine, app, set, sighting->text,
                              &sighting->id);
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}

static enum tally_err compare(struct usage *usage, struct sighting *sighting)
{
    struct person *person = usage->person;
    const struct user_value *last = sighting->last;

    if (!last || last->value != 0) {
        sighting->is_known = last && last->value == sighting->id;
        sighting->had_id = sighting->is_known;
        return TALLY_OK;
    }
    enum tally_err err =
        person_load_profile(usage->tally, usage->arena, person);
    sighting->is_known = !err && text_equal(profile_text(&person->profile,
                                                         sighting->metric->set),
                                            sighting->text);
    return err;
}

/* What has no id is kept as text, and no longer than that. */
static enum tally_err remember_text(struct usage *usage,
                                    const struct sighting *sighting)
{
    struct person *person = usage->person;
    struct text text = {NULL, 0};
    enum tally_err err =
        person_load_profile(usage->tally, usage->arena, person);
    if (err)
        return err;

    if (sighting->id == 0) {
        text.at =
            arena_strndup(usage->arena, sighting->text.at, sighting->text.len);
        text.len = sighting->text.len;
    }
    if (sighting->id == 0 && !text.at)
        return TALLY_ERR_TOO_BIG;
    person->profile_changed = true;
    return profile_set_text(&person->profile, sighting->metric->set, text)
               ? TALLY_OK
               : TALLY_ERR_TOO_BIG;
}

static enum tally_err remember(struct usage *usage, struct sighting *sighting)
{
    struct user *user = &usage->person->user;
    bool was_text = sighting->last && sighting->last->value == 0;

    /* Not marked: the next session marks all values again. */
    if (!sighting->is_known && !is_new_session(usage))
        user->marked_day = 0;
    if (!sighting->last)
        sighting->last = user_add_value(user, sighting->metric->set);
    if (!sighting->last)
        return TALLY_ERR_TOO_BIG;
    sighting->last->value = sighting->id;
    if (sighting->id != 0 && !was_text)
        return TALLY_OK;
    if (sighting->id == 0 && was_text && sighting->is_known)
        return TALLY_OK;
    return remember_text(usage, sighting);
}

/* The bit of the value in user->unmarked. */
static uint32_t bit_of(const struct user *user, const struct user_value *value)
{
    return UINT32_C(1) << (value - user->values);
}

/* Has this value of the user been marked on the day already? */
static bool is_marked(const struct usage *usage,
                      const struct sighting *sighting)
{
    const struct user *user = &usage->person->user;

    return sighting->had_id && user->marked_day == usage->moment->day &&
           (user->unmarked & bit_of(user, sighting->last)) == 0;
}

/* Spec C.5: a changed value of a returning user counts as unique at all
 * levels above the hour, unless it is late or changes are not tracked. A value
 * is marked once a day; cities, whose changes are not, always: they may have
 * been left out by their rules before. */
static uint8_t counts_of(const struct usage *usage,
                         const struct sighting *sighting)
{
    const struct session *session = usage->session;
    bool changed = !sighting->is_known && sighting->metric->tracks_changes;
    unsigned counts = HIT_T;

    if (session->is_first)
        counts |= HIT_N | LEVELS;
    else if (!session->is_late)
        counts |= changed ? LEVELS : session->levels & LEVELS;
    if (!is_marked(usage, sighting) || !sighting->metric->tracks_changes)
        counts |= HIT_MARK;
    return (uint8_t)counts;
}

/* One value is seen; `may_count` is false when its rules keep it out of the
 * counters. */
static enum tally_err see(struct usage *usage, const struct metric *metric,
                          struct text text, bool may_count)
{
    struct user *user = &usage->person->user;
    struct sighting sighting = {.metric = metric,
                                .text = text,
                                .may_count = may_count,
                                .last = user_own_value(user, metric->set)};
    struct hit *hit = &usage->session->hit;
    enum tally_err err = identify(usage, &sighting);

    if (!err)
        err = compare(usage, &sighting);
    if (err)
        return err;
    if (sighting.counts)
        hit->items[hit->item_count++] = (struct hit_item){
            metric->set, sighting.id, counts_of(usage, &sighting)};
    err = remember(usage, &sighting);
    if (!err && sighting.counts)
        usage->marked |= bit_of(user, sighting.last);
    return err;
}

/* Not of a plugin that the app is without, and no fallback when the user has a
 * value. */
static bool is_wanted(const struct usage *usage, const struct named *named)
{
    const struct metric *metric = named->metric;

    if (metric->plugin && !plugin_serves(metric->plugin, usage->app))
        return false;
    return !named->is_fallback ||
           !user_value(&usage->person->user, metric->set);
}

static enum tally_err record_metrics(struct usage *usage)
{
    const struct param *param = params_find(usage->params, "metrics");
    bool is_web = text_is(text_of(usage->app->type), "web");
    enum tally_err err = TALLY_OK;

    if (!param && !(is_web && usage->begins))
        return TALLY_OK;
    struct named_by by = {.metrics = param ? param->value : TEXT("{}"),
                          .user_agent = usage->user_agent,
                          .is_web = is_web,
                          .begins = usage->begins};
    const struct naming *naming =
        namings_find(usage->tally->namings, usage->arena, &by);
    loss_add(&usage->tally->losses, LOSS_UNKNOWN_METRIC, naming->unknown);
    loss_add(&usage->tally->losses, LOSS_BAD_METRICS, naming->is_bad);
    for (unsigned i = 0; !err && i < naming->count; i++) {
        const struct named *named = &naming->values[i];
        if (is_wanted(usage, named))
            err = see(usage, named->metric, named->text, true);
    }
    return err;
}

/* The SDK is a parameter of every request; only a new session counts it, so
 * only then is it looked at. */
static enum tally_err record_sdk(struct usage *usage)
{
    const struct metric *metric =
        catalog_by_set(usage->tally->catalog, SET_SDKS);
    struct value value;

    if (!metric || !metric_is_active(metric) || !is_new_session(usage) ||
        !value_sdk(params_text(usage->params, "sdk_name"),
                   params_text(usage->params, "sdk_version"), &value))
        return TALLY_OK;
    return see(usage, metric, value_text(&value), true);
}

/* The name that a part of the place is counted by. */
static struct value name_part(struct text part, bool wanted)
{
    struct value value;

    if (!wanted || !value_plain(part, &value))
        (void)value_plain(TEXT("Unknown"), &value);
    return value;
}

static uint32_t last_id(const struct usage *usage, enum set set)
{
    const struct user_value *last = user_value(&usage->person->user, set);

    return last ? last->value : 0;
}

/* Cities count only in the country that the app is at home in (B.11). */
static enum tally_err see_place(struct usage *usage)
{
    const struct settings *settings = &usage->tally->settings;
    const struct catalog *catalog = usage->tally->catalog;
    bool wants_city = settings->country_data && settings->city_data;
    struct value country =
        name_part(usage->place.country, settings->country_data);
    struct value city = name_part(usage->place.city, wants_city);
    bool counts_city = wants_city && text_equal(value_text(&country),
                                                text_of(usage->app->country));
    enum tally_err err = see(usage, catalog_by_set(catalog, SET_COUNTRIES),
                             value_text(&country), true);

    return err ? err
               : see(usage, catalog_by_set(catalog, SET_CITIES),
                     value_text(&city), counts_city);
}

/* Who is where they were stays there, as far as region and coordinates go: so
 * most sessions do not need the cold record for what the atlas knows. */
static enum tally_err record_place(struct usage *usage)
{
    struct tally *tally = usage->tally;
    uint32_t country = last_id(usage, SET_COUNTRIES);
    uint32_t city = last_id(usage, SET_CITIES);
    bool is_known =
        whereabouts_find(usage->params, &tally->settings, &tally->atlas,
                         usage->address, &usage->place);
    enum tally_err err = see_place(usage);

    usage->is_elsewhere =
        is_known && (country == 0 || country != last_id(usage, SET_COUNTRIES) ||
                     city == 0 || city != last_id(usage, SET_CITIES));
    return err;
}

static bool is_coordinates(struct text location)
{
    bool comma = false;

    if (location.len > LOCATION_MAX)
        return false;
    for (size_t i = 0; i < location.len; i++) {
        char c = location.at[i];
        bool digit = c >= '0' && c <= '9';
        if (c == ',' && !comma)
            comma = true;
        else if (!digit && c != '.' && c != '-' && c != ' ')
            return false;
    }
    return comma;
}

static enum tally_err set_property(struct usage *usage, struct text *property,
                                   struct text value)
{
    if (text_equal(*property, value))
        return TALLY_OK;
    *property = value;
    usage->person->profile_changed = true;
    return TALLY_OK;
}

/* Where the user is now, as the client says it or else the atlas. */
static enum tally_err update_location(struct usage *usage, struct text location,
                                      struct text region)
{
    struct profile *profile = &usage->person->profile;
    const struct whereabouts *place = &usage->place;
    enum tally_err err =
        person_load_profile(usage->tally, usage->arena, usage->person);

    if (!err && location.len == 0 && usage->is_elsewhere) {
        location.len = strlen(place->coordinates);
        location.at =
            arena_strndup(usage->arena, place->coordinates, location.len);
        err = location.at ? TALLY_OK : TALLY_ERR_TOO_BIG;
    }
    if (region.len == 0 && usage->is_elsewhere)
        region = place->region;
    if (!err && (usage->is_elsewhere || location.len > 0))
        err = set_property(usage, &profile->loc, location);
    if (!err && (usage->is_elsewhere || region.len > 0))
        err = set_property(usage, &profile->rgn, region);
    return err;
}

static enum tally_err forget_location(struct usage *usage)
{
    struct profile *profile = &usage->person->profile;
    enum tally_err err =
        person_load_profile(usage->tally, usage->arena, usage->person);

    if (!err)
        err = set_property(usage, &profile->loc, TEXT(""));
    return err ? err : set_property(usage, &profile->rgn, TEXT(""));
}

/* Rarely there, so only then is the cold record read. */
static enum tally_err record_location(struct usage *usage)
{
    struct text location = params_text(usage->params, "location");
    struct text region = params_text(usage->params, "region");

    if (usage->begins && whereabouts_are_hidden(usage->params))
        return forget_location(usage);
    if (!is_coordinates(location))
        location.len = 0;
    if (region.len > REGION_MAX)
        region.len = 0;
    if (!usage->is_elsewhere && location.len == 0 && region.len == 0)
        return TALLY_OK;
    return update_location(usage, location, region);
}

static void record_client(struct usage *usage)
{
    struct user *user = &usage->person->user;
    struct text tz = params_text(usage->params, "tz");
    int minutes = 0;
    bool negative = tz.len > 0 && tz.at[0] == '-';
    size_t i = negative ? 1 : 0;

    if (text_is(params_text(usage->params, "t"), "0"))
        user->has_info = true;
    if (i == tz.len || tz.len > 5)
        return;
    for (; i < tz.len; i++) {
        if (tz.at[i] < '0' || tz.at[i] > '9')
            return;
        minutes = minutes * 10 + (tz.at[i] - '0');
    }
    if (minutes > 24 * 60)
        return;
    user->has_tz = true;
    user->tz = (int16_t)(negative ? -minutes : minutes);
}

/* Values that a session does not report are not marked by it. Late data may be
 * of a day before the latest: what is marked of that one is no longer known
 * then. */
static void note_marked(struct usage *usage)
{
    struct user *user = &usage->person->user;

    if (!is_new_session(usage))
        return;
    if (user->marked_day != usage->moment->day)
        user->unmarked = (uint32_t)((UINT64_C(1) << user->value_count) - 1);
    user->unmarked &= ~usage->marked;
    user->marked_day = usage->session->is_late ? 0 : usage->moment->day;
}

enum tally_err usage_record(struct usage *usage)
{
    enum tally_err err = TALLY_OK;

    if (usage->begins)
        err = record_place(usage);
    if (!err)
        err = record_metrics(usage);
    if (!err)
        err = record_sdk(usage);
    if (!err)
        err = record_location(usage);
    record_client(usage);
    note_marked(usage);
    return err;
}
