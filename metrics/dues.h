/*
 * dues.h - the users whose ended session will be told of (due.h), by time.
 *
 * What counts are records on a shelf of the core's, by the user's ordinal:
 * {"at": second, "seconds": of the session}. In memory there is when to look
 * at which user; its record says whether it is still so.
 */
#ifndef METRICS_DUES_H
#define METRICS_DUES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "metrics/tally.h"

enum { DUES_MAX = 1 << 18 };

struct due {
    int64_t at; /* UTC second */
    uint32_t app;
    uint32_t ordinal;
};

struct dues;

/* Never NULL. */
struct dues *dues_create(void);

/* NULL is a no-op. */
void dues_destroy(struct dues *dues);

/* Reads what is stored. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err dues_load(struct tally *tally);

/* Puts the record of a user, in tally->batch. TALLY_ERR_FULL when there are
 * DUES_MAX; TALLY_ERR_TOO_BIG when the batch has no room. */
TALLY_MUST_CHECK
enum tally_err dues_add(struct tally *tally, const struct due *due,
                        uint64_t seconds);

/* Erases the record of a user, in tally->batch; false when there is none.
 * Fills in `at` and what the session lasted. */
bool dues_take(struct tally *tally, struct due *due, uint64_t *seconds);

/* The earliest to look at; NULL: none. */
const struct due *dues_first(const struct dues *dues);
void dues_pop(struct dues *dues);

#endif
