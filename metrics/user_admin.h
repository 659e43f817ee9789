/*
 * user_admin.h - creating, changing and deleting app users by hand (spec E.5).
 *
 * Each call is one batch, applied at once.
 */
#ifndef METRICS_USER_ADMIN_H
#define METRICS_USER_ADMIN_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/app.h"
#include "metrics/tally.h"

struct tally_call;

struct user_admin {
    struct tally *tally;
    const struct app *app;
    int64_t now;                    /* UTC seconds */
    const struct tally_call *hooks; /* what they are fired with; NULL: none */
};

/* A user of the device id `did`, with the properties in `data`.
 * TALLY_ERR_EXISTS when it has one; what tally_apply() returns. */
TALLY_MUST_CHECK
enum tally_err user_admin_create(const struct user_admin *admin,
                                 struct text did, const cJSON *data,
                                 uint32_t *ordinal);

/* What of an update cannot be applied; both NULL: all of it can. */
struct user_admin_fault {
    const char *modifier; /* unknown */
    const char *path;     /* of something that is no property */
};
struct user_admin_fault user_admin_check(const cJSON *update);

/* Applies an update without fault: {"$set": {"name": "Ann", "custom.k": 1}}.
 * TALLY_ERR_NOT_FOUND when the user is gone; as above. */
TALLY_MUST_CHECK
enum tally_err user_admin_update(const struct user_admin *admin,
                                 uint32_t ordinal, const cJSON *update);

/* Removes everything by which the person could be known. What was counted
 * stays; who comes back is somebody new. Errors as above. */
TALLY_MUST_CHECK
enum tally_err user_admin_delete(const struct user_admin *admin,
                                 uint32_t ordinal);

/* Makes an export, see user_export.h; errors as of user_export_put(). */
TALLY_MUST_CHECK
enum tally_err user_admin_export(const struct user_admin *admin,
                                 uint32_t ordinal);

#endif
