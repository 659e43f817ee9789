/*
 * portrait.h - an app user as reads show them (spec B.6.1, 0.4.24).
 *
 * Records come from the engine on its own thread, or from a reader that has
 * captured the app's USERS, COLD and STRINGS.
 */
#ifndef METRICS_PORTRAIT_H
#define METRICS_PORTRAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/engine.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/catalog.h"
#include "metrics/json.h"
#include "metrics/profile.h"
#include "metrics/user.h"

enum { PORTRAIT_ARENA = 2 << 20 };

/* Set by the caller: */
struct portrait {
    struct engine *engine; /* unless there is */
    struct reader *reader;
    const struct catalog *catalog;
    const struct batch *batch; /* puts of it go before the engine's records;
                                  NULL: none */
    uint32_t app;
    struct text app_key;
    struct arena *arena; /* what is read lives in it */

    /* Of the user that was looked at last: */
    uint32_t ordinal;
    struct user user;
    struct profile profile; /* when has_profile */
    bool has_profile;
};

/* Captures what portraits of an app read. */
void portrait_capture(struct reader *reader, uint32_t app);

/* Turns to a user; the arena begins anew. TALLY_ERR_NOT_FOUND;
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err portrait_turn(struct portrait *portrait, uint32_t ordinal);

/* The same with the hot record, which the caller has. TALLY_ERR_CORRUPT. */
TALLY_MUST_CHECK
enum tally_err portrait_turn_to(struct portrait *portrait, uint32_t ordinal,
                                struct text record);

/* Makes portrait->profile readable. TALLY_ERR_CORRUPT, TALLY_ERR_IO,
 * TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err portrait_need_profile(struct portrait *portrait);

/* The last value of a set, empty when there is none; needs the profile. It
 * lives until the next call. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err portrait_value(const struct portrait *portrait, uint32_t set,
                              struct text *value);

/* Writes the user as an object: ids, times, counts and last values; all else
 * that is known as well. TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG:
 * what has been written then is unusable. */
TALLY_MUST_CHECK
enum tally_err portrait_write_brief(struct portrait *portrait,
                                    struct json *json);
TALLY_MUST_CHECK
enum tally_err portrait_write(struct portrait *portrait, struct json *json);

#endif
