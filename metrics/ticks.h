/*
 * ticks.h - the counters of an app's users as a whole, tick by tick through a
 * period (spec D.7.1): the hours of a day, the days of a month or of a
 * special period, the months of a year.
 *
 * Ticks run to the end of the day, month or year even when the period ends
 * today. u of a month is the one stored for it.
 */
#ifndef METRICS_TICKS_H
#define METRICS_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/counter.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum tick_unit { TICK_HOUR, TICK_DAY, TICK_MONTH };

struct ticks {
    enum tick_unit unit;
    int32_t first; /* the first day of the first tick */
    unsigned count;
    int64_t (*at)[CELL_FIELDS];
};

enum { TICK_LABEL_SIZE = 32 };

/* The ticks of a period, all zero. */
struct ticks ticks_create(const struct period *period);

/* The same regrouped: each day of the period's ticks, or each month that it
 * touches, as a whole. False when `bucket` is neither "daily" nor "monthly".
 */
bool ticks_create_bucket(const struct period *period, struct text bucket,
                         struct ticks *ticks);

/* Frees them; zeroed ticks are fine. */
void ticks_finish(struct ticks *ticks);

/* On the loop thread: what ticks_read() and ticks_sum() read. */
void ticks_capture(struct reader *reader, uint32_t app);

/* Fills in the counters. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err ticks_read(struct ticks *ticks, struct reader *reader,
                          uint32_t app);

/* Adds up t, n, e and d of some days; u stays 0. */
TALLY_MUST_CHECK
enum tally_err ticks_sum(struct reader *reader, uint32_t app,
                         const struct span *days, int64_t sums[CELL_FIELDS]);

/* Writes the array of {"_id", "t", "n", "u", "d", "e"}. */
void ticks_write(const struct ticks *ticks, struct json *json);

/* "09:00", "16 May", "Feb": as bars and the dashboard name a tick. */
void ticks_label(const struct ticks *ticks, unsigned tick,
                 char label[TICK_LABEL_SIZE]);

/* "18 Apr - 17 May", "Jan - Dec", "00:00 - 23:00": the whole (spec 0.4.23). */
void ticks_label_all(const struct ticks *ticks,
                     char label[2 * TICK_LABEL_SIZE]);

#endif
