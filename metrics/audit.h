/*
 * audit.h - is everything in the store that can be worked out twice the same
 * both ways?
 *
 * For operators and tests: the whole store is read, on the loop thread. What
 * the rules of sessions guarantee is checked, late data, resumed sessions and
 * merges included (finding.h lists it). Whether a day is a part of its month
 * for each user depends on a zone that never changed: apps that were edited
 * are spared those rules. So are imported apps, up to the day of the import,
 * those on how counters, users and activity hang together (scope.h).
 */
#ifndef METRICS_AUDIT_H
#define METRICS_AUDIT_H

#include "engine/buffer.h"
#include "metrics/tally.h"

/* Adds a line to `report` for each broken rule and place, FINDING_LINES a
 * rule at the most, and returns how many are broken; a part that cannot be
 * read is one. Keeps nothing and changes nothing. */
int audit(struct tally *tally, struct buffer *report);

#endif
