/*
 * scope.h - one app under audit: what is known of it so far.
 *
 * The parts of an audit fill this in one after another: counters first, then
 * users, then activity, because each is held against the ones before.
 */
#ifndef METRICS_SCOPE_H
#define METRICS_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/counter.h"
#include "engine/date.h"
#include "engine/error.h"
#include "engine/horizon.h"
#include "engine/reader.h"
#include "metrics/finding.h"
#include "metrics/set.h"
#include "metrics/tally.h"

enum {
    SCOPE_DAYS = 65536, /* local days since 1970-01-01 that keys have */
    SCOPE_FIRST_YEAR = 1970,
    SCOPE_YEARS = 180, /* in which these days lie */
};

struct scope {
    struct tally *tally;
    struct findings *findings;
    struct reader *counters; /* all series captured */
    struct reader *records;  /* all keyed tables captured */
    uint32_t app;            /* the engine's number */
    bool is_steady;          /* the app was never edited, so nor was its zone */
    int32_t imported_to;     /* the last day of an import; -1: none */
    uint32_t last_ordinal;
    struct horizon horizon;
    int32_t cut; /* the day before which all was reset; 0: never */

    /* Of the whole, by day and by year. */
    int64_t (*days)[CELL_FIELDS];
    int64_t (*years)[YEAR_SLOTS];
    int64_t closed; /* sessions in duration buckets, ever */

    uint8_t *alive;   /* bits of ordinals that have a user record */
    uint8_t *dead;    /* of those that are aliases */
    int64_t departed; /* users that were deleted: they have neither */
};

/* `number` is the engine's number of an app. */
struct scope *scope_create(struct tally *tally, uint32_t number);
void scope_destroy(struct scope *scope);

/* Adds a finding on this app. What was imported need not agree with itself:
 * up to that day, and on all days together, rules on how counters, users and
 * activity hang together do not hold. */
void scope_add(struct scope *scope, struct finding finding);

/* Adds it when `is` is more, less, or not the same as `against`. */
void scope_at_most(struct scope *scope, struct finding finding);
void scope_at_least(struct scope *scope, struct finding finding);
void scope_equal(struct scope *scope, struct finding finding);

/* A part that cannot be read is a finding of its own. */
void scope_check(struct scope *scope, uint32_t set, enum tally_err err);

/* The last number of a sequence, 0 when there is none; see key_sequence(). */
uint32_t scope_sequence(struct scope *scope, uint32_t set, int year);

/* Days before the horizon are checked as one, their month's first. */
static inline bool scope_is_folded(const struct scope *scope, int32_t day)
{
    return day < scope->horizon.days;
}

static inline int32_t scope_day(const struct scope *scope, int32_t day)
{
    return scope_is_folded(scope, day) ? day - date_of_day(day).day + 1 : day;
}

/* What was counted on days before the cut is going, or gone. */
static inline bool scope_is_cut(const struct scope *scope, int32_t day)
{
    return day < scope->cut;
}

static inline bool scope_has(const uint8_t *bits, uint32_t ordinal)
{
    return bits[ordinal / 8] >> ordinal % 8 & 1;
}

static inline void scope_set(uint8_t *bits, uint32_t ordinal)
{
    bits[ordinal / 8] |= (uint8_t)(1u << ordinal % 8);
}

#endif
