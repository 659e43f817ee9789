/*
 * member_list.h - the answers of /o/users (spec E.2).
 *
 * A member is answered without the password's hash, with the permission
 * object and both older lists; of these, deleted apps are left out.
 */
#ifndef METRICS_MEMBER_LIST_H
#define METRICS_MEMBER_LIST_H

#include "metrics/json.h"
#include "metrics/manage.h"
#include "metrics/registry.h"

/* One member. */
void member_list_write(struct json *json, const struct registry *registry,
                       const struct member *member);

/* A map of _id to member, marking the one who asks and those who may not log
 * in for a while; all of them, or the one of an id, if there is one. */
void member_list_write_all(struct json *json, const struct manage *call,
                           const struct member *asks);
void member_list_write_one(struct json *json, const struct manage *call,
                           const struct member *asks, struct text id);

#endif
