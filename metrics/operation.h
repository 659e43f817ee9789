/*
 * operation.h - changes of one property: the operators of user_details and of
 * /i/app_users/update (spec B.10, E.5).
 *
 *   $set $inc $mul $min $max $setOnce $push $pull $addToSet $unset
 *
 * An operator that does not fit the value that is there changes nothing.
 */
#ifndef METRICS_OPERATION_H
#define METRICS_OPERATION_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "metrics/property.h"

bool operation_is_known(const char *operator);

/* Applies one operator, which is known. */
void operation_apply(struct properties *properties,
                     const struct property *property, const char *operator,
                     const cJSON * operand);

/* Applies what a client gave for a property: a value, nothing (it is removed),
 * or an object of operators, in their order. */
void operation_assign(struct properties *properties,
                      const struct property *property, const cJSON *given);

/* Applies a whole `user_details` object; members that are unknown are left
 * out. */
void operation_assign_all(struct properties *properties, const cJSON *details);

#endif
