/*
 * breakdown.h - what each value of one set counted in a period (spec D.5,
 * D.7.2): t and n added up from days, u the exact users, at most t.
 */
#ifndef METRICS_BREAKDOWN_H
#define METRICS_BREAKDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/bars.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/set.h"

struct breakdown_question {
    uint32_t app;
    enum set set;
    const struct period *period;
    bool with_users; /* else u is 0 */
};

struct breakdown_row {
    struct text name;
    uint32_t value;
    int64_t t;
    int64_t n;
    int64_t u;
};

/* The values that counted, in the order in which they were first seen. */
struct breakdown {
    struct breakdown_row *rows;
    size_t count;
    struct arena *names; /* what the names live in */
};

/* On the loop thread: what breakdown_read() reads. */
void breakdown_capture(const struct breakdown_question *question,
                       struct reader *reader);

/* TALLY_ERR_CORRUPT, TALLY_ERR_IO; TALLY_ERR_TOO_BIG for more than one read
 * may hold. */
TALLY_MUST_CHECK
enum tally_err breakdown_read(const struct breakdown_question *question,
                              struct reader *reader,
                              struct breakdown *breakdown);

/* A zeroed breakdown is fine. */
void breakdown_finish(struct breakdown *breakdown);

enum breakdown_column { BREAKDOWN_T, BREAKDOWN_N, BREAKDOWN_U };

/* Sorts by a column, largest first, equal rows in the order they have. */
void breakdown_sort(struct breakdown *breakdown, enum breakdown_column column);

/* Writes the array of {"_id", "t", "n", "u"}. */
void breakdown_write(const struct breakdown *breakdown, struct json *json);

/* Writes the bars of a column; a name's `:` is shown as `.` (spec 0.4.21). */
void breakdown_write_bars(const struct breakdown *breakdown,
                          enum breakdown_column column, struct json *json);

#endif
