/*
 * audit_series.h - are the counters of a set sound in themselves, and against
 * the whole?
 */
#ifndef METRICS_AUDIT_SERIES_H
#define METRICS_AUDIT_SERIES_H

#include "metrics/scope.h"

/* Checks one set; SET_USERS comes first: it fills in scope->days and years,
 * SET_DURATIONS fills in scope->closed. */
void audit_series_check(struct scope *scope, uint32_t set);

#endif
