/*
 * audit_sum.h - do hours, and the values of a set, add up to the whole?
 */
#ifndef METRICS_AUDIT_SUM_H
#define METRICS_AUDIT_SUM_H

#include "metrics/scope.h"

/* The hours of the app against scope->days. */
void audit_sum_hours(struct scope *scope);

/* All values of a set together against scope->days. `days` are their sums,
 * `firsts` the u of the set's first bucket, both by day. Fills in
 * scope->closed. */
void audit_sum_values(struct scope *scope, uint32_t set,
                      int64_t (*days)[CELL_FIELDS], const int64_t *firsts);

#endif
