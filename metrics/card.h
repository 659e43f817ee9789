/*
 * card.h - the figures of a period beside those of the period before (spec
 * D.5, D.7.3, 0.4.8).
 *
 * Users are exact, of the previous period as well. In the current period new
 * users are lowered to the users there are (0.4.17), these to the sessions.
 */
#ifndef METRICS_CARD_H
#define METRICS_CARD_H

#include <stdint.h>

#include "engine/counter.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum card {
    CARD_SESSIONS,
    CARD_NEW_USERS,
    CARD_USERS,
    CARD_TIME,
    CARD_AVERAGE_TIME,
    CARD_AVERAGE_REQUESTS,
    CARD_COUNT,
};

/* Sums of t, n, e and d, and exact users as u. */
struct card_figures {
    int64_t current[CELL_FIELDS];
    int64_t previous[CELL_FIELDS];
};

/* The days of which card_read() reads who was active. */
struct span card_days(const struct period *period);

/* On the loop thread: what card_read() reads of all periods with these days. */
void card_capture(struct reader *reader, uint32_t app, const struct span *days);

/* TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err card_read(struct reader *reader, uint32_t app,
                         const struct period *period,
                         struct card_figures *figures);

/* Writes the object {"total", "change", "trend"}; times and averages as text,
 * users with "is_estimate". */
void card_write(enum card card, const struct card_figures *figures,
                struct json *json);

#endif
