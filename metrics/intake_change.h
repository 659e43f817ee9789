/*
 * intake_change.h - what handlers changed of the payload of a request of an
 * SDK is carried out; nothing is done for a value that is as it was, and what
 * is unfit in it is left out.
 */
#ifndef METRICS_INTAKE_CHANGE_H
#define METRICS_INTAKE_CHANGE_H

#include "metrics/call.h"
#include "metrics/intake.h"

/* `updates`: a list of {"$set": {...}, "$unset": {...}} of the user. */
void change_by_updates(struct intake *intake, const struct call_value *value);

/* `userProps`: an object of properties of the user. */
void change_by_properties(struct intake *intake,
                          const struct call_value *value);

/* `predefinedMetrics`: definitions that are new are added at once, in a batch
 * of their own, so that this request's values count. */
void change_by_metrics(struct intake *intake, const struct call_value *value);

#endif
