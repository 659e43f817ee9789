/*
 * timesofday.h - at which hours of the week sessions begin and events happen,
 * by the clocks of the clients (spec B.7.2, D.2).
 *
 * Clients say `hour` (0..23) and `dow` (0..6 from Sunday) with what they send.
 * What lacks one of them, or has it otherwise, is not counted here. Each hour
 * of the week is a value of a set: SET_TIMES_OF_DAY for sessions, EVENT_TIMES
 * of each event; t is how often.
 */
#ifndef METRICS_TIMESOFDAY_H
#define METRICS_TIMESOFDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/cover.h"
#include "metrics/json.h"

enum { TIMESOFDAY_DAYS = 7, TIMESOFDAY_HOURS = 24, TIMESOFDAY_SPANS_MAX = 120 };

/* The value of an hour of the week; 0 when it is not told. */
uint32_t timesofday_value(struct text hour, struct text dow);

/* method=times-of-day. */
struct timesofday {
    uint32_t app;
    uint32_t set; /* 0: nothing has been counted */
    unsigned count;
    struct span spans[TIMESOFDAY_SPANS_MAX]; /* no day is in two of them */
};

/* Reads months and days that commas separate: 2026.3, 2026:3, 2026.3.17.
 * TALLY_ERR_INVALID for anything else, and for a day that comes twice;
 * TALLY_ERR_TOO_BIG past TIMESOFDAY_SPANS_MAX of them. */
TALLY_MUST_CHECK
enum tally_err timesofday_read_range(struct timesofday *times,
                                     struct text range);

/* On the loop thread: what timesofday_write() reads. */
void timesofday_capture(const struct timesofday *times, struct reader *reader);

/* Writes the array of seven days from Sunday, each an array of 24 hours.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err timesofday_write(const struct timesofday *times,
                                struct reader *reader, struct json *json);

#endif
