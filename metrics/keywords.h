/*
 * keywords.h - the words that users searched for before they came, in a period
 * (the shape is ours, spec 0.4.24).
 */
#ifndef METRICS_KEYWORDS_H
#define METRICS_KEYWORDS_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"

struct keywords {
    uint32_t app;
    const struct period *period;
};

/* On the loop thread: what keywords_write() reads. */
void keywords_capture(const struct keywords *keywords, struct reader *reader);

/* Writes the array of {"_id": words, "t": sessions}, most sessions first.
 * TALLY_ERR_CORRUPT, TALLY_ERR_IO, TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err keywords_write(const struct keywords *keywords,
                              struct reader *reader, struct json *json);

#endif
