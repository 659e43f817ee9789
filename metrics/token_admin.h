/*
 * token_admin.h - creating, deleting, listing and checking tokens (spec E.4).
 *
 * See manage.h for what a call is. The rights were checked; `args` is not
 * looked at. Members see and delete their own tokens only.
 */
#ifndef METRICS_TOKEN_ADMIN_H
#define METRICS_TOKEN_ADMIN_H

#include <cjson/cJSON.h>

#include "metrics/manage.h"

int token_admin_create(struct manage *call, const cJSON *args,
                       const struct pass *pass);
int token_admin_delete(struct manage *call, const cJSON *args,
                       const struct pass *pass);
int token_admin_list(struct manage *call, const cJSON *args,
                     const struct pass *pass);
int token_admin_check(struct manage *call, const cJSON *args,
                      const struct pass *pass);

/* Adds effects that erase some tokens that have ended or whose owner is gone,
 * going on at position *at. True when all have been looked at: *at is 0. */
bool token_admin_expire(const struct registry *registry, int64_t now,
                        unsigned *at, struct batch *batch);

#endif
