/*
 * import_counter.h - counters out of Countly's collections (spec C.1 to C.5).
 *
 * Documents of a month have days and hours, those of a year ("2026:0") the
 * uniques of the year, its months and weeks, and which value belongs to which
 * set. Shards of a document add up. What Countly does not show of a document,
 * like sums in those of a year, is not taken either.
 *
 * A value that several sets of a collection list counts in the first of them:
 * Countly has one counter for all.
 */
#ifndef METRICS_IMPORT_COUNTER_H
#define METRICS_IMPORT_COUNTER_H

#include "metrics/import.h"

/* The first pass: gives ids to the values that documents of years list. */
void import_counter_name(struct import *import, const cJSON *document);

/* The second: counts. */
void import_counter_take(struct import *import, const cJSON *document);

#endif
