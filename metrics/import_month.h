/*
 * import_month.h - the names that parts of Countly's documents have: months,
 * days, hours (spec B.5, C.2). None has a zero in front.
 */
#ifndef METRICS_IMPORT_MONTH_H
#define METRICS_IMPORT_MONTH_H

#include <stdbool.h>

enum { IMPORT_MONTH_ZERO = 0 }; /* the document is of a whole year */

/* "2026:3", "2026:0"; false for anything else, and for years that counters
 * cannot have. `text` may be NULL. */
bool import_month_read(const char *text, int *year, int *month);

/* A number of at most two digits, -1 for anything else. */
int import_month_number(const char *name);

#endif
