/*
 * view_sums.h - what was counted of views in some days (see view.h).
 */
#ifndef METRICS_VIEW_SUMS_H
#define METRICS_VIEW_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/cover.h"
#include "metrics/json.h"

enum view_number {
    VIEW_VISITS,   /* t */
    VIEW_USERS,    /* u, exact for the days together */
    VIEW_NEW,      /* n, those of u whose first session was on a day of the
                      visit */
    VIEW_STARTS,   /* s */
    VIEW_EXITS,    /* e */
    VIEW_BOUNCES,  /* b */
    VIEW_DURATION, /* d, in units */
    VIEW_NUMBERS,
};

struct view_sums {
    int64_t at[VIEW_NUMBERS];
};

/* Sums by view id; ids beyond `room` have none. */
struct view_list {
    struct view_sums *sums;
    size_t room;
};

void view_list_finish(struct view_list *list);

/* On the loop thread: what the others read of these days; several spans may
 * be captured. */
void view_sums_capture(struct reader *reader, uint32_t app,
                       const struct span *span);

/* Adds up all views of the days of a captured span. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO, TALLY_ERR_TOO_BIG as total_values(). */
TALLY_MUST_CHECK
enum tally_err view_sums_read(struct reader *reader, uint32_t app,
                              const struct span *span, struct view_list *list);

/* Writes the numbers as members: d in seconds; zeros only when asked to. */
void view_sums_write(const struct view_sums *sums, bool zeros,
                     struct json *json);
bool view_sums_is_zero(const struct view_sums *sums);

/* The names of views by id, in the arena; empty ones have none.
 * TALLY_ERR_TOO_BIG past `most` ids or the arena. */
struct view_names {
    struct text *list;
    size_t room;
};
TALLY_MUST_CHECK
enum tally_err view_names_read(struct reader *reader, uint32_t app,
                               struct arena *arena, size_t most,
                               struct view_names *names);
void view_names_finish(struct view_names *names);

#endif
