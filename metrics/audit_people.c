#include "metrics/audit_people.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"
#include "metrics/consent.h"
#include "metrics/departure.h"
#include "metrics/profile.h"
#include "metrics/property.h"
#include "metrics/user.h"

enum { ARENA_LIMIT = 1 << 20 };

struct people {
    struct scope *scope;
    struct arena *arena;
    uint32_t *alias; /* who an ordinal has become, 0: nobody else */
    int64_t users;
    int64_t ids;
    int64_t aliases;
    int64_t with_sessions;
    int64_t sessions;
    int64_t seconds;
    int64_t merges;
    int64_t open;
    int64_t new_most; /* ordinals that may have been new users */
};

/* Nobody has a record of them, but the counters do. */
static void add_departed(struct people *people)
{
    struct scope *scope = people->scope;
    struct departure departure;
    enum tally_err err =
        departure_read(scope->tally->engine, scope->app, &departure);

    scope_check(scope, 0, err);
    if (err)
        return;
    scope->departed = departure.users;
    people->with_sessions += departure.with_sessions;
    people->sessions += departure.sessions;
    people->seconds += departure.seconds;
    people->merges += departure.merges;
    people->open += departure.open;
    people->new_most += departure.new_most;
}

static void add(struct people *people, enum finding_rule rule, uint32_t ordinal,
                const char *of, int64_t is, int64_t against)
{
    scope_add(people->scope, (struct finding){.rule = rule,
                                              .ordinal = ordinal,
                                              .of = of,
                                              .is = is,
                                              .against = against});
}

/* The number behind an app in a key. */
static uint32_t ordinal_of(struct text key)
{
    struct unpack unpack = unpack_from(key);

    unpack_u32(&unpack);
    return unpack_u32(&unpack);
}

static uint32_t number_of(struct text value)
{
    struct unpack unpack = unpack_from(value);
    uint32_t number = unpack_u32(&unpack);

    return unpack.bad ? 0 : number;
}

static bool was_given_out(struct people *people, uint32_t ordinal)
{
    uint32_t last = people->scope->last_ordinal;

    if (ordinal > 0 && ordinal <= last)
        return true;
    add(people, FINDING_ORDINAL, ordinal, NULL, ordinal, last);
    return false;
}

/* Can the objects in a profile be read? */
static bool is_whole(const struct profile *profile)
{
    struct properties properties;

    if (properties_read(&properties, profile->details, 0) != TALLY_OK)
        return false;
    properties_finish(&properties);
    return consent_is_whole(profile);
}

/* The hash of the device id in the user's profile. */
static bool hash_of(struct people *people, uint32_t ordinal,
                    uint8_t hash[IDENTITY_HASH_SIZE])
{
    struct tally *tally = people->scope->tally;
    struct key key = key_user(people->scope->app, ordinal);
    struct text record;
    struct profile profile;
    enum tally_err err =
        engine_get(tally->engine, TABLE_COLD, key_text(&key), &record);

    arena_reset(people->arena);
    if (!err)
        err = profile_read(record, people->arena, &profile);
    if (!err)
        identity_device_hash(tally->secret, profile.did, hash);
    return !err && is_whole(&profile);
}

/* The user that a hash leads to, 0 for none. */
static uint32_t find_id(struct people *people, const uint8_t *hash)
{
    struct key key = key_hash(people->scope->app, hash);
    struct text record;

    if (engine_get(people->scope->tally->engine, TABLE_IDS, key_text(&key),
                   &record) != TALLY_OK)
        return 0;
    return number_of(record);
}

static void check_times(struct people *people, uint32_t ordinal,
                        const struct user *user)
{
    bool has_sessions = user->sc > 0;
    bool rests = has_sessions && !user->is_open;

    if ((user->fs > 0) != has_sessions || (user->ls > 0) != has_sessions)
        add(people, FINDING_USER, ordinal, "sc", user->sc, user->ls);
    if (user->is_open && !has_sessions)
        add(people, FINDING_USER, ordinal, "hos", 1, 0);
    if (rests && user->ended_bucket == USER_NO_BUCKET &&
        people->scope->imported_to < 0)
        add(people, FINDING_USER, ordinal, "ended_bucket", user->ended_bucket,
            0);
    if (user->sd > user->tsd)
        add(people, FINDING_USER, ordinal, "sd", (int64_t)user->sd,
            (int64_t)user->tsd);
}

static void check_values(struct people *people, uint32_t ordinal,
                         const struct user *user)
{
    for (unsigned i = 0; i < user->value_count; i++) {
        uint32_t set = user->values[i].set;
        uint32_t last = scope_sequence(people->scope, set, 0);
        if (user->values[i].value > last)
            scope_add(people->scope,
                      (struct finding){.rule = FINDING_VALUE,
                                       .set = set,
                                       .ordinal = ordinal,
                                       .value = user->values[i].value,
                                       .is = user->values[i].value,
                                       .against = last});
    }
}

static void add_up(struct people *people, const struct user *user)
{
    people->users++;
    people->sessions += user->sc;
    people->seconds += (int64_t)user->tsd;
    people->merges += user->merges;
    people->open += user->is_open;
    if (user->sc == 0)
        return;
    people->with_sessions++;
    people->new_most += 1 + (int64_t)user->merges;
}

static bool take_user(void *context, struct text key, struct text record)
{
    struct people *people = context;
    uint32_t ordinal = ordinal_of(key);
    uint8_t hash[IDENTITY_HASH_SIZE];
    struct user user;

    if (!was_given_out(people, ordinal))
        return true;
    scope_set(people->scope->alive, ordinal);
    enum tally_err err = user_read(record, &user);
    if (err) {
        add(people, FINDING_READ, ordinal, "user", err, TALLY_OK);
        return true;
    }
    check_times(people, ordinal, &user);
    check_values(people, ordinal, &user);
    add_up(people, &user);
    uint32_t led = hash_of(people, ordinal, hash) ? find_id(people, hash) : 0;
    if (led != ordinal)
        add(people, FINDING_PROFILE, ordinal, NULL, led, ordinal);
    return true;
}

static bool take_profile(void *context, struct text key, struct text record)
{
    struct people *people = context;
    uint32_t ordinal = ordinal_of(key);

    (void)record;
    if (was_given_out(people, ordinal) &&
        !scope_has(people->scope->alive, ordinal))
        add(people, FINDING_PROFILE, ordinal, "user", 0, ordinal);
    return true;
}

static bool take_id(void *context, struct text key, struct text record)
{
    struct people *people = context;
    uint32_t ordinal = number_of(record);
    uint8_t hash[IDENTITY_HASH_SIZE];

    people->ids++;
    if (!was_given_out(people, ordinal))
        return true;
    bool leads = scope_has(people->scope->alive, ordinal) &&
                 hash_of(people, ordinal, hash) &&
                 memcmp(hash, key.at + 4, sizeof(hash)) == 0;
    if (!leads)
        add(people, FINDING_ID, ordinal, NULL, 0, ordinal);
    return true;
}

static bool take_alias(void *context, struct text key, struct text record)
{
    struct people *people = context;
    uint32_t from = ordinal_of(key);
    uint32_t to = number_of(record);

    people->aliases++;
    if (!was_given_out(people, from) || !was_given_out(people, to))
        return true;
    scope_set(people->scope->dead, from);
    people->alias[from] = to;
    if (scope_has(people->scope->alive, from))
        add(people, FINDING_DEAD, from, NULL, from, to);
    return true;
}

static void check_chains(struct people *people)
{
    for (uint32_t from = 1; from <= people->scope->last_ordinal; from++) {
        uint32_t at = from;
        int64_t steps = 0;
        for (; people->alias[at] != 0 && steps <= people->aliases; steps++)
            at = people->alias[at];
        bool leads =
            people->alias[at] == 0 && (scope_has(people->scope->alive, at) ||
                                       people->scope->departed > 0);
        if (people->alias[from] != 0 && !leads)
            add(people, FINDING_ALIAS, from, NULL, at, from);
    }
}

/* Every number is somebody's, leads to somebody, or was given back. */
static void check_departed(struct people *people)
{
    struct scope *scope = people->scope;
    int64_t gone = 0;

    for (uint32_t ordinal = 1; ordinal <= scope->last_ordinal; ordinal++)
        gone += !scope_has(scope->alive, ordinal) &&
                !scope_has(scope->dead, ordinal);
    if (gone != scope->departed)
        add(people, FINDING_DEPARTED, 0, NULL, gone, scope->departed);
}

static int64_t sum_of(const struct scope *scope, enum cell_field field)
{
    int64_t sum = 0;

    for (int32_t day = 0; day < SCOPE_DAYS; day++)
        sum += scope->days[day][field];
    return sum;
}

/* A merge may drop an open session of the user that is no more. */
static void check_sums(struct people *people)
{
    struct scope *scope = people->scope;
    const struct {
        enum finding_rule rule;
        int64_t is;
        int64_t least;
        int64_t most;
    } sums[] = {
        {FINDING_SESSIONS, people->sessions, sum_of(scope, CELL_T),
         sum_of(scope, CELL_T)},
        {FINDING_SECONDS, people->seconds, sum_of(scope, CELL_D),
         sum_of(scope, CELL_D)},
        {FINDING_NEW, sum_of(scope, CELL_N), people->with_sessions,
         people->new_most},
        {FINDING_MERGES, people->merges, people->aliases, people->aliases},
        {FINDING_ID, people->ids, people->users, people->users},
        {FINDING_CLOSED, scope->closed,
         people->sessions - people->open - people->merges,
         people->sessions - people->open},
    };

    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        /* Who counted before a cut may be there still. */
        if (scope->cut > 0 && sums[i].rule != FINDING_ID)
            continue;
        if (sums[i].is < sums[i].least)
            add(people, sums[i].rule, 0, "least", sums[i].is, sums[i].least);
        if (sums[i].is > sums[i].most)
            add(people, sums[i].rule, 0, "most", sums[i].is, sums[i].most);
    }
}

static void check_recent(struct people *people)
{
    struct recent_user list[RECENT_MAX];
    struct scope *scope = people->scope;
    unsigned count = engine_recent(scope->tally->engine, scope->app, list);

    for (unsigned i = 0; i < count; i++) {
        uint32_t ordinal = list[i].ordinal;
        if (ordinal == 0 || ordinal > scope->last_ordinal ||
            !scope_has(scope->alive, ordinal))
            add(people, FINDING_RECENT, ordinal, NULL, 0, ordinal);
    }
}

void audit_people_check(struct scope *scope)
{
    static const struct {
        enum table table;
        reader_record_fn take;
    } walks[] = {
        {TABLE_USERS, take_user},
        {TABLE_COLD, take_profile},
        {TABLE_IDS, take_id},
        {TABLE_ALIASES, take_alias},
    };
    struct people people = {.scope = scope};
    struct key app = key_app(scope->app);

    people.arena = arena_create(ARENA_LIMIT);
    people.alias =
        memory_alloc(((size_t)scope->last_ordinal + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++)
        scope_check(scope, 0,
                    reader_records(scope->records, walks[i].table,
                                   key_text(&app), walks[i].take, &people));
    add_departed(&people);
    check_chains(&people);
    check_departed(&people);
    check_sums(&people);
    check_recent(&people);
    arena_destroy(people.arena);
    free(people.alias);
}
