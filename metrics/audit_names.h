/*
 * audit_names.h - do the names of values and their ids mirror each other?
 */
#ifndef METRICS_AUDIT_NAMES_H
#define METRICS_AUDIT_NAMES_H

#include "metrics/scope.h"

void audit_names_check(struct scope *scope);

#endif
