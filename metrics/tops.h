/*
 * tops.h - the bars of some metrics in a period (spec D.7.5).
 *
 * Operating systems asked for as `os`, and browsers, are ranked by users,
 * other metrics by sessions. Countries go by their English names.
 */
#ifndef METRICS_TOPS_H
#define METRICS_TOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/catalog.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum {
    TOPS_MAX = 2 * CATALOG_METRICS_MAX + 2, /* all names, and two of those of
                                               /o/analytics */
};

struct top {
    struct text name; /* as it was asked for */
    const struct metric *metric;
};

struct tops {
    const struct catalog *catalog;
    uint32_t app;
    const struct period *period;
    bool is_single; /* an array instead of an object of arrays */
    unsigned count;
    struct top list[TOPS_MAX];
};

/* Asks for platforms, resolutions, carriers and countries. */
void tops_add_usual(struct tops *tops);

/* Asks for the metric of that name alone; nothing when there is none. */
void tops_add_single(struct tops *tops, struct text name);

/* Asks for the metrics that a JSON array names; of what is no such array, for
 * nothing. Names that no metric has are left out, others copied to the arena.
 * TALLY_ERR_TOO_BIG at its limit. */
TALLY_MUST_CHECK
enum tally_err tops_add_list(struct tops *tops, struct text names,
                             struct arena *arena);

/* On the loop thread: what tops_write() reads. */
void tops_capture(const struct tops *tops, struct reader *reader);

/* TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err tops_write(const struct tops *tops, struct reader *reader,
                          struct json *json);

#endif
