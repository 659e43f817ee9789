#include "metrics/person.h"

#include "engine/dictionary.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "metrics/extra.h"
#include "metrics/profile_merge.h"

enum tally_err person_find(struct tally *tally, uint32_t app, struct text did,
                           uint32_t now, struct person *person)
{
    struct text record;

    *person = (struct person){.app = app, .user = user_fresh()};
    identity_device_hash(tally->secret, did, person->hash);
    enum tally_err err =
        dictionary_device(tally->engine, app, person->hash, &person->ordinal);
    if (err == TALLY_ERR_NOT_FOUND) {
        person->profile.did = did;
        person->has_profile = true;
        person->profile_changed = true;
        return TALLY_OK;
    }
    if (err)
        return err;
    struct key key = key_user(app, person->ordinal);
    err = engine_get(tally->engine, TABLE_USERS, key_text(&key), &record);
    if (!err)
        err = user_read(record, &person->user);
    if (person->user.ls > now)
        person->user.ls = now;
    return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_CORRUPT : err;
}

enum tally_err person_load_profile(struct tally *tally, struct arena *arena,
                                   struct person *person)
{
    struct key key = key_user(person->app, person->ordinal);
    struct text record;

    if (person->has_profile)
        return TALLY_OK;
    enum tally_err err =
        engine_get(tally->engine, TABLE_COLD, key_text(&key), &record);
    if (err)
        return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_CORRUPT : err;
    record.at = arena_strndup(arena, record.at, record.len);
    if (!record.at)
        return TALLY_ERR_TOO_BIG;
    err = profile_read(record, arena, &person->profile);
    person->has_profile = !err;
    return err;
}

enum tally_err person_open(struct tally *tally, struct arena *arena,
                           uint32_t app, uint32_t ordinal,
                           struct person *person)
{
    struct key key = key_user(app, ordinal);
    struct text record;

    *person = (struct person){.app = app, .ordinal = ordinal};
    enum tally_err err =
        engine_get(tally->engine, TABLE_USERS, key_text(&key), &record);
    if (!err)
        err = user_read(record, &person->user);
    if (!err)
        err = person_load_profile(tally, arena, person);
    if (!err)
        identity_device_hash(tally->secret, person->profile.did, person->hash);
    return err;
}

enum tally_err person_number(struct tally *tally, struct person *person)
{
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    if (person->ordinal != 0)
        return TALLY_OK;
    enum tally_err err = dictionary_next_ordinal(tally->engine, &tally->batch,
                                                 person->app, &person->ordinal);
    if (err)
        return err;
    struct key key = key_hash(person->app, person->hash);
    pack_u32(&pack, person->ordinal);
    effect_put(&tally->batch, TABLE_IDS, key_text(&key),
               (struct text){(char *)bytes, sizeof(bytes)});
    return TALLY_OK;
}

static enum tally_err put_profile(struct tally *tally,
                                  const struct person *person)
{
    struct key key = key_user(person->app, person->ordinal);
    struct buffer *record = &tally->record;

    buffer_clear(record);
    profile_write(&person->profile, record);
    if (!buffer_is_whole(record))
        return TALLY_ERR_TOO_BIG;
    effect_put(&tally->batch, TABLE_COLD, key_text(&key), buffer_text(record));
    return TALLY_OK;
}

enum tally_err person_store(struct tally *tally, struct person *person)
{
    uint8_t bytes[USER_RECORD_MAX];
    enum tally_err err = person_number(tally, person);

    if (!err && person->profile_changed)
        err = put_profile(tally, person);
    if (err)
        return err;
    struct key key = key_user(person->app, person->ordinal);
    effect_put(&tally->batch, TABLE_USERS, key_text(&key),
               user_write(&person->user, bytes));
    return TALLY_OK;
}

static void erase_id(struct tally *tally, const struct person *person)
{
    struct key key = key_hash(person->app, person->hash);

    effect_erase(&tally->batch, TABLE_IDS, key_text(&key));
}

void person_erase(struct tally *tally, const struct person *person)
{
    struct key key = key_user(person->app, person->ordinal);

    erase_id(tally, person);
    effect_erase(&tally->batch, TABLE_USERS, key_text(&key));
    effect_erase(&tally->batch, TABLE_COLD, key_text(&key));
}

/* The old user goes on under the new device id. */
static enum tally_err rename_person(struct tally *tally, struct arena *arena,
                                    struct person *person, struct person *old)
{
    struct text did = person->profile.did;
    struct text extra = person->profile.extra;
    struct key key = key_hash(person->app, person->hash);
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    erase_id(tally, old);
    pack_u32(&pack, old->ordinal);
    effect_put(&tally->batch, TABLE_IDS, key_text(&key),
               (struct text){(char *)bytes, sizeof(bytes)});
    person->ordinal = old->ordinal;
    person->user = old->user;
    person->profile = old->profile;
    person->profile.did = did;
    person->profile.extra = extra;
    person->profile_changed = true;
    return extra_merge(&person->profile.extra, arena, old->profile.extra);
}

static uint32_t earlier(uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The record of the more recently seen one wins; counts add up, times span
 * both, what the winner lacks comes from the other (spec B.12, 0.4.22). */
static struct user merged_user(const struct user *winner,
                               const struct user *other)
{
    struct user user = *winner;

    user.fs = earlier(winner->fs, other->fs);
    user.fac = earlier(winner->fac, other->fac);
    user.ls = later(winner->ls, other->ls);
    user.lac = later(winner->lac, other->lac);
    user.lbst = later(winner->lbst, other->lbst);
    user.lest = later(winner->lest, other->lest);
    user.sc += other->sc;
    user.tsd += other->tsd;
    user.merges += other->merges + 1;
    user.events += other->events;
    if (user.orientation == USER_NO_ORIENTATION)
        user.orientation = other->orientation;
    user.has_info = winner->has_info || other->has_info;
    user.marked_day = 0;
    user.unmarked = 0;
    if (!winner->has_tz) {
        user.has_tz = other->has_tz;
        user.tz = other->tz;
    }
    for (unsigned i = 0; i < other->value_count; i++) {
        if (!user_value(&user, other->values[i].set))
            user_set_value(&user, other->values[i].set, other->values[i].value);
    }
    for (unsigned i = 0; i < other->ring_count && user.ring_count < USER_RING;
         i++)
        user.ring[user.ring_count++] = other->ring[i];
    return user;
}

/* Who was merged into whom; a number that nobody else gets. */
static enum tally_err note_merged(struct profile *profile,
                                  const struct person *old, struct arena *arena)
{
    char uid[IDENTITY_UID_SIZE];

    identity_uid(old->ordinal, uid);
    profile->merged_did = old->profile.did;
    profile->merged_uid.len = strlen(uid);
    profile->merged_uid.at = arena_strndup(arena, uid, strlen(uid));
    return profile->merged_uid.at ? TALLY_OK : TALLY_ERR_TOO_BIG;
}

/* The old user is this one from now on: its number leads here, first of all,
 * so that what is kept in memory of the old one passes over. */
static void redirect(struct tally *tally, const struct person *old,
                     uint32_t ordinal)
{
    struct key key = key_user(old->app, old->ordinal);
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, ordinal);
    effect_put(&tally->batch, TABLE_ALIASES, key_text(&key),
               (struct text){(char *)bytes, sizeof(bytes)});
    person_erase(tally, old);
}

static enum tally_err merge_person(struct tally *tally, struct arena *arena,
                                   struct person *person,
                                   const struct person *old)
{
    enum tally_err err = person_load_profile(tally, arena, person);
    if (err)
        return err;

    struct text did = person->profile.did;
    bool old_wins = old->user.ls > person->user.ls;
    const struct person *winner = old_wins ? old : person;
    const struct person *other = old_wins ? person : old;
    struct user user = merged_user(&winner->user, &other->user);
    struct profile profile;
    err = profile_merge(&winner->profile, &other->profile, arena,
                        tally->settings.array_list_limit, &profile);
    if (!err)
        err = note_merged(&profile, old, arena);
    if (err)
        return err;
    person->user = user;
    person->profile = profile;
    person->profile.did = did;
    person->profile_changed = true;
    redirect(tally, old, person->ordinal);
    person->absorbed = old->ordinal;
    return TALLY_OK;
}

enum tally_err person_absorb(struct tally *tally, struct arena *arena,
                             struct person *person, struct text old_did,
                             uint32_t now)
{
    struct person old;
    enum tally_err err = person_find(tally, person->app, old_did, now, &old);

    if (err || old.ordinal == 0 || old.ordinal == person->ordinal)
        return err;
    err = person_load_profile(tally, arena, &old);
    if (err)
        return err;
    if (person->ordinal != 0)
        return merge_person(tally, arena, person, &old);
    return rename_person(tally, arena, person, &old);
}
