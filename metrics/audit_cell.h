/*
 * audit_cell.h - is one hour or day of one value sound in itself?
 */
#ifndef METRICS_AUDIT_CELL_H
#define METRICS_AUDIT_CELL_H

#include "engine/series.h"
#include "metrics/scope.h"

/* The fields of a cell as findings name them. */
const char *audit_cell_field(enum cell_field field);

/* At rest no counter is negative. */
void audit_cell_signs(struct scope *scope, uint32_t set,
                      const struct series_cell *cell);

/* New users are unique, unique users have sessions, and of the whole each
 * session is a request. */
void audit_cell_order(struct scope *scope, uint32_t set,
                      const struct series_cell *cell);

#endif
