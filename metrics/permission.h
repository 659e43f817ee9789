/*
 * permission.h - what a member may do with which app (spec E.1).
 *
 * Stored is the permission object: `_.a` lists the apps a member administers
 * and `r[app]` (`c`, `u`, `d` alike) says which features may be read there,
 * as {"all": true} or {"allowed": {"core": true}}. The older lists follow
 * from it: admin_of is `_.a`; user_of is every app with anything readable,
 * administered ones included. Where only the lists are sent, the object
 * follows from them.
 */
#ifndef METRICS_PERMISSION_H
#define METRICS_PERMISSION_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "engine/text.h"
#include "metrics/json.h"

enum { PERMISSION_APPS_MAX = 256 }; /* apps named for one member */

enum permission_action {
    PERMISSION_CREATE,
    PERMISSION_READ,
    PERMISSION_UPDATE,
    PERMISSION_DELETE,
    PERMISSION_ACTIONS,
};

/* App ids without repeats, borrowed from the trees they come from. */
struct permission_list {
    struct text ids[PERMISSION_APPS_MAX];
    unsigned count;
    bool overflowed; /* more were named than fit */
};

/* In all of these `permission` may be NULL: nothing is allowed. */
bool permission_is_admin(const cJSON *permission, struct text app);
bool permission_allows(const cJSON *permission, enum permission_action action,
                       struct text app, const char *feature);

/* Fills in admin_of and user_of. */
void permission_admins(const cJSON *permission, struct permission_list *list);
void permission_users(const cJSON *permission, struct permission_list *list);

/* What a new permission object is made of; all may be NULL. `sent` wins; a
 * list that was not sent stays as it is in `old`. */
struct permission_source {
    const cJSON *sent;
    const cJSON *admin_of;
    const cJSON *user_of;
    const cJSON *old;
};

/* False when something has the wrong type or names no app, or too many. */
bool permission_is_valid(const struct permission_source *source);

/* Writes the new object of a valid source. */
void permission_write(struct json *json,
                      const struct permission_source *source);

#endif
