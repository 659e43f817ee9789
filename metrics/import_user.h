/*
 * import_user.h - app users out of Countly's collections `app_users<app>`
 * (spec B.4, B.6.1).
 *
 * A user keeps times, counts, device id, uid and last values, and was active
 * on the days of its first and last session: which days lay between them,
 * Countly does not store.
 */
#ifndef METRICS_IMPORT_USER_H
#define METRICS_IMPORT_USER_H

#include "metrics/import.h"

/* A user whose device is known already stays as it is. */
void import_user_take(struct import *import, const cJSON *document);

#endif
