/*
 * audit_people.h - do ids, user records, profiles and aliases agree with each
 * other and with the counters?
 */
#ifndef METRICS_AUDIT_PEOPLE_H
#define METRICS_AUDIT_PEOPLE_H

#include "metrics/scope.h"

/* Checks an app's users after its counters; fills in scope->alive and
 * scope->dead. */
void audit_people_check(struct scope *scope);

#endif
