/*
 * user_export.h - what is known of an app user, as a document that can be
 * downloaded for a day (spec E.5): KIND_EXPORT, named like a file.
 */
#ifndef METRICS_USER_EXPORT_H
#define METRICS_USER_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/app.h"
#include "metrics/tally.h"

enum {
    USER_EXPORT_NAME_SIZE = 64,
    USER_EXPORTS_MAX = 1000, /* at once, of all apps */
    USER_EXPORT_SECONDS = 86400,
};

/* The name of a user's export: appUser_<app>_<uid>.json. */
void user_export_name(const struct app *app, uint32_t ordinal,
                      char name[static USER_EXPORT_NAME_SIZE]);

/* Is it the name of an export of this app? */
bool user_export_is_of(struct text name, const struct app *app);

/* Adds the export of a user to tally->batch. TALLY_ERR_NOT_FOUND;
 * TALLY_ERR_TOO_BIG when there are too many; TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err user_export_put(struct tally *tally, const struct app *app,
                               uint32_t ordinal, int64_t now);

/* The content, in the arena. TALLY_ERR_NOT_FOUND when there is none, it is
 * over a day old or of a user before the app was reset; TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err user_export_get(struct tally *tally, const struct app *app,
                               struct text name, int64_t now,
                               struct arena *arena, struct text *content);

/* Adds to tally->batch that there is none any more. */
void user_export_erase(struct tally *tally, struct text name);

/* Adds the same for all that are over a day old. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err user_export_expire(struct tally *tally, int64_t now);

#endif
