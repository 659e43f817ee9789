/*
 * ranking.h - the values of a set by what they counted in a period, under
 * names that a plugin gives them (tally_plugin.h, fetch_values()).
 */
#ifndef METRICS_RANKING_H
#define METRICS_RANKING_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"
#include "metrics/tally_plugin.h"

struct ranking {
    uint32_t app;
    uint32_t set;
    const struct period *period;
    tally_rename_fn rename; /* NULL: by their own names */
};

/* On the loop thread: what ranking_write() reads. */
void ranking_capture(const struct ranking *ranking, struct reader *reader);

/* Writes the array of {"_id": name, "t": total}, most first, values of one
 * name together. TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err ranking_write(const struct ranking *ranking,
                             struct reader *reader, struct json *json);

#endif
