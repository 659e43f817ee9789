/*
 * cover.h - the buckets that stand for a run of local days.
 *
 * Distinct users of many days cannot be summed from days without counting
 * people twice, so a reader adds up as few and as coarse buckets as fit
 * (spec D.4.3). Everything here is arithmetic on day numbers (engine/date.h).
 */
#ifndef METRICS_COVER_H
#define METRICS_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COVER_DAYS_MAX = 3660, /* the longest span there is */
    COVER_MAX = 512,       /* buckets that such a span ever needs */
    COVER_LABEL_SIZE = 16, /* bytes of a label and its NUL */
};

enum { SPAN_WHOLE = INT32_MIN };

/* The local days first..last without one of them, or SPAN_WHOLE. */
struct span {
    int32_t first;
    int32_t last;
    int32_t without;
};

enum cover_unit {
    COVER_DAY,
    COVER_WEEK, /* weeks of spec B.5 */
    COVER_MONTH,
    COVER_YEAR,
};

struct cover_bucket {
    enum cover_unit unit;
    int32_t day; /* its first day */
};

struct cover {
    unsigned count;
    struct cover_bucket list[COVER_MAX];
};

enum { SPAN_RUNS = 2 };

/* The runs of days that a span is made of, as far as keys have such days; how
 * many. */
unsigned span_runs(const struct span *span, struct span runs[static SPAN_RUNS]);

bool span_has(const struct span *span, int32_t day);
int span_days(const struct span *span);

/* All days from the first of both to the last of both. */
struct span span_hull(const struct span *a, const struct span *b);

/* Fills `cover` with the fewest buckets that lie inside the span: months,
 * then weeks, then days, in order. The month of `today` counts as whole when
 * the span has it up to today. */
void cover_span(const struct span *span, int32_t today, struct cover *cover);

/* Fills `cover` with the upper bound: each month of which the span has half
 * of the days (up to `today`), else every week that it touches. */
void cover_check(const struct span *span, int32_t today, struct cover *cover);

/* Adds the months, or the years, the span touches unless they are there. */
void cover_add_months(const struct span *span, struct cover *cover);
void cover_add_years(const struct span *span, struct cover *cover);

/* Writes "2026.3.17", "2026.w11", "2026.3" or "2026". */
void cover_label(struct cover_bucket bucket, char label[COVER_LABEL_SIZE]);

#endif
