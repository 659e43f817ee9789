/*
 * app_admin.h - creating, changing, resetting and deleting apps (spec E.3).
 *
 * See manage.h for what a call is. `args` may be NULL: nothing was sent. The
 * rights were checked; pass->app is the app that args names.
 */
#ifndef METRICS_APP_ADMIN_H
#define METRICS_APP_ADMIN_H

#include <cjson/cJSON.h>

#include "metrics/manage.h"

/* Values that are not understood become TR, Etc/UTC, 6, mobile; the operator
 * is told. */
int app_admin_create(struct manage *call, const cJSON *args,
                     const struct pass *pass);

/* Changes only what is sent. */
int app_admin_update(struct manage *call, const cJSON *args,
                     const struct pass *pass);

/* For global admins, as deleting: the app goes on under a new number of the
 * engine, everything counted under the old one is dropped. */
int app_admin_reset(struct manage *call, const cJSON *args,
                    const struct pass *pass);
int app_admin_delete(struct manage *call, const cJSON *args,
                     const struct pass *pass);

#endif
