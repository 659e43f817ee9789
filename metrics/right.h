/*
 * right.h - who asks, and whether they may (spec D.1, 0.4.19).
 *
 * A check goes through its questions in the order of D.1 and stops at the
 * first that fails; the answer's status is then not ANSWER_OK and its text the
 * one Countly gives. On success the pass says who it was and for which app.
 *
 * A valid token wins over an api key, an invalid one leaves it to the api key.
 * A token for one use is used up by the first request that it is valid for,
 * whatever becomes of that: an effect in the claim's batch erases it, and the
 * answer depends on that effect.
 */
#ifndef METRICS_RIGHT_H
#define METRICS_RIGHT_H

#include <stdbool.h>

#include "engine/effect.h"
#include "engine/text.h"
#include "metrics/answer.h"
#include "metrics/app.h"
#include "metrics/member.h"
#include "metrics/params.h"
#include "metrics/permission.h"
#include "metrics/registry.h"

struct claim;
struct pass;

/* Asked last of all, when the right is there; `reads` when it is one to read
 * data of the app. False: 401. */
typedef bool (*right_permit_fn)(const struct claim *claim,
                                const struct pass *pass, bool reads);

/* What a request shows of itself. */
struct claim {
    const struct registry *registry;
    const struct params *params; /* api_key, auth_token, app_id */
    struct text token;           /* of the countly-token header, if any */
    struct text path;            /* of the request */
    int64_t now;                 /* UTC seconds */
    struct batch *batch; /* gets what a token costs; NULL: none is valid */
    bool is_operator;    /* asks on the machine itself: a global admin without
                            api key, member or not */
    right_permit_fn permit; /* plugins' word; NULL: nobody objects */
    void *permit_user;
};

struct pass {
    const struct member *member;
    const struct app *app; /* NULL where the check is about no app */
    bool is_limited;       /* to some apps, of whatever is not about one */
};

/* The forms of app_id and user_id: 24 hexadecimal digits where present. */
struct answer right_ids(const struct params *params);

/* Any member that is not locked. */
struct answer right_user(const struct claim *claim, struct pass *pass);

struct answer right_global_admin(const struct claim *claim, struct pass *pass);

/* May do something with a feature (`core`, `events`, a plugin's) of the app
 * that app_id names. All but reading is refused while the app is locked. */
struct answer right_feature(const struct claim *claim,
                            enum permission_action action, const char *feature,
                            struct pass *pass);

/* The same for an app that is named elsewhere. */
struct answer right_feature_of(const struct claim *claim, struct text app_id,
                               enum permission_action action,
                               const char *feature, struct pass *pass);

/* Administers the app that app_id names. */
struct answer right_app_admin(const struct claim *claim, struct pass *pass);

/* The same for an app that a management call names: other texts, and 404 when
 * there is no such app (spec E.3). */
struct answer right_managed_app(const struct claim *claim, struct text app_id,
                                struct pass *pass);

/* Whether a member administers an app; a global admin does all of them. */
bool right_administers(const struct member *member, struct text app_id);

#endif
