/*
 * audit_activity.h - do the marks of who was active agree with the counters?
 */
#ifndef METRICS_AUDIT_ACTIVITY_H
#define METRICS_AUDIT_ACTIVITY_H

#include "metrics/scope.h"

/* The app's days against scope->days; after the users. */
void audit_activity_check_app(struct scope *scope);

/* One metric's days and values against its counters and the app's days. */
void audit_activity_check_set(struct scope *scope, uint32_t set);

#endif
