/*
 * person.h - an app user while a request is decided: found by device id,
 * changed in memory, stored as effects.
 */
#ifndef METRICS_PERSON_H
#define METRICS_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/profile.h"
#include "metrics/tally.h"
#include "metrics/user.h"

enum { PERSON_DEVICE_MAX = 4096 }; /* bytes of a device id */

struct person {
    uint32_t app;
    uint32_t ordinal;  /* 0: new, gets one when stored or asked for */
    uint32_t absorbed; /* who was merged into this one; 0: nobody */
    uint8_t hash[IDENTITY_HASH_SIZE];
    struct user user;
    struct profile profile; /* when has_profile */
    bool has_profile;
    bool profile_changed;
};

/* Finds the user of a device id; a new one (ordinal 0) when there is none. A
 * latest session in the future of `now` counts as of now (spec 0.4.20).
 * `did` lives until the person is stored. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err person_find(struct tally *tally, uint32_t app, struct text did,
                           uint32_t now, struct person *person);

/* The user of an ordinal, with its profile. TALLY_ERR_NOT_FOUND; as above and
 * below. */
TALLY_MUST_CHECK
enum tally_err person_open(struct tally *tally, struct arena *arena,
                           uint32_t app, uint32_t ordinal,
                           struct person *person);

/* Makes person->profile readable; it borrows from the arena. */
TALLY_MUST_CHECK
enum tally_err person_load_profile(struct tally *tally, struct arena *arena,
                                   struct person *person);

/* Gives a new user its ordinal, in tally->batch. */
TALLY_MUST_CHECK
enum tally_err person_number(struct tally *tally, struct person *person);

/* Adds the effects that store the user to tally->batch. */
TALLY_MUST_CHECK
enum tally_err person_store(struct tally *tally, struct person *person);

/* Adds the effects that remove every record of the user to tally->batch. */
void person_erase(struct tally *tally, const struct person *person);

/* The device id `old_did` turns out to be this person (spec B.12): its user
 * moves here, or is merged into this one. Nothing happens when there is no
 * user of that id. */
TALLY_MUST_CHECK
enum tally_err person_absorb(struct tally *tally, struct arena *arena,
                             struct person *person, struct text old_did,
                             uint32_t now);

#endif
