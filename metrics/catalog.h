/*
 * catalog.h - all metrics that there are (spec B.7; docs/api/metrics.md).
 *
 * It begins with the core's (spec B.7.1) and those of builtin.h; plugins, the
 * configuration and administrators add theirs. One thread, the owner, adds and
 * takes away; any thread reads meanwhile: entries stay where they are and what
 * they are, the last thing that is published is their count.
 *
 * A set has the number that it had before: sets of the core and of Countly's
 * own plugins have fixed ones, others get the next that is free, once for
 * ever. A user keeps a value of each (user.h), so there are no more numbers
 * than a user has room for. A metric that goes away becomes inactive: its
 * number, and what was counted, stay.
 */
#ifndef METRICS_CATALOG_H
#define METRICS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/effect.h"
#include "engine/error.h"
#include "engine/text.h"
#include "metrics/definition.h"
#include "metrics/metric.h"
#include "metrics/user.h"

enum {
    CATALOG_METRICS_MAX = USER_VALUES_MAX, /* active at once */
    CATALOG_ENTRIES_MAX = 128, /* with those that were defined anew, since the
                                  start */
};

struct catalog;

/* With the metrics that are always there. Never NULL. */
struct catalog *catalog_create(void);

/* NULL is a no-op. */
void catalog_destroy(struct catalog *catalog);

/* The owner's. */

/* Takes one stored document: its number, and a custom metric as well, which
 * stays inactive when its names belong to another by now. TALLY_ERR_CORRUPT
 * when it cannot be read. */
TALLY_MUST_CHECK
enum tally_err catalog_load(struct catalog *catalog, struct text document);

/* Follows the documents that an applied batch put: custom metrics come and
 * go. TALLY_ERR_CORRUPT as catalog_load(). */
TALLY_MUST_CHECK
enum tally_err catalog_accept(struct catalog *catalog,
                              const struct batch *batch);

/* May the metric be added? TALLY_ERR_INVALID, TALLY_ERR_EXISTS when a name is
 * taken, TALLY_ERR_FULL when there is no room: `reason` says why, as a sentence
 * for the client. */
TALLY_MUST_CHECK
enum tally_err catalog_check(const struct catalog *catalog,
                             const struct metric_definition *definition,
                             char reason[static DEFINITION_REASON_SIZE]);

/* Adds a metric whose set has a number; one that was there before is active
 * again. Errors as catalog_check(), TALLY_ERR_NOT_FOUND without a number. */
TALLY_MUST_CHECK
enum tally_err catalog_add(struct catalog *catalog,
                           const struct metric_definition *definition,
                           char reason[static DEFINITION_REASON_SIZE]);

/* The number of a set; 0 when it has none yet. */
uint32_t catalog_number(const struct catalog *catalog, const char *db,
                        const char *set);

/* The number that is given out next; 0 when none is left. */
uint32_t catalog_next_number(const struct catalog *catalog);

/* Another number after each change. */
unsigned catalog_version(const struct catalog *catalog);

/* Any thread. All but catalog_by_set() pass over what is inactive. */

/* The active metrics, one after the other, in the order in which they were
 * added; *at is 0 at first. NULL behind the last. */
const struct metric *catalog_next(const struct catalog *catalog, size_t *at);

/* By set, active or not; NULL when the set is none of a metric. */
const struct metric *catalog_by_set(const struct catalog *catalog,
                                    uint32_t set);

/* By name or alias, as total_users names it; NULL when there is none. */
const struct metric *catalog_by_name(const struct catalog *catalog,
                                     struct text name);

/* The same as /o/analytics names it: `locations` are countries as well. */
const struct metric *catalog_by_analytics_name(const struct catalog *catalog,
                                               struct text name);

const struct metric *catalog_by_short_code(const struct catalog *catalog,
                                           struct text code);

/* By db and set. */
const struct metric *catalog_find(const struct catalog *catalog, const char *db,
                                  const char *set);

/* Whether anything is made of a key in `metrics`. */
bool catalog_reads(const struct catalog *catalog, struct text key);

/* The metrics of one instant: for reads that are captured first. */
struct metric_list {
    unsigned count;
    const struct metric *at[CATALOG_METRICS_MAX];
};

/* Those of a collection; NULL: all. */
struct metric_list catalog_list(const struct catalog *catalog,
                                const char *collection);

#endif
