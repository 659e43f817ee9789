/*
 * ledger.h - counters under names, added up per level and written as members
 * of a time object: "Android":{"t":3,"n":1,"u":2}.
 *
 * A level collects what is added until it is written, and is empty then. Names
 * are escaped once. Names 0 to 31 get the prefix [CLY], so that they are not
 * taken for hours, days or months (spec C.7, 0.4.21); names that come out
 * alike are one.
 *
 * A member whose name is that of a counter or a week (`u`, `w11`) cannot be
 * told apart: write the members of an object before its counters and weeks,
 * so that a reader to whom the last one counts sees these.
 */
#ifndef METRICS_LEDGER_H
#define METRICS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/text.h"
#include "metrics/nest.h"

struct ledger;
struct ledger_member;

enum ledger_level {
    LEDGER_DAY,
    LEDGER_MONTH,
    LEDGER_YEAR,
    LEDGER_WEEK,
    LEDGER_LEVELS,
};

struct ledger_counts {
    int64_t t;
    int64_t n;
    int64_t u;
};

/* adds_up: writing a day adds its t and n to the month, writing a month to
 * the year. */
struct ledger *ledger_create(bool adds_up, enum json_escape escape);
void ledger_destroy(struct ledger *ledger);

/* The member of a name, which lives as long as the ledger. TALLY_ERR_TOO_BIG
 * when there are too many. */
TALLY_MUST_CHECK
enum tally_err ledger_name(struct ledger *ledger, struct text name,
                           struct ledger_member **member);

void ledger_add(struct ledger *ledger, enum ledger_level level,
                struct ledger_member *member,
                const struct ledger_counts *counts);

/* Writes the positive counters of a level into what `nest` has entered. */
void ledger_write(struct ledger *ledger, enum ledger_level level,
                  struct nest *nest);

/* Writes the name alone, as a string. */
void ledger_write_name(const struct ledger_member *member, struct json *json);

#endif
