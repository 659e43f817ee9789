/*
 * countries.h - the countries that most users came from, in some periods
 * (spec D.7.4).
 */
#ifndef METRICS_COUNTRIES_H
#define METRICS_COUNTRIES_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum { COUNTRIES_PARTS_MAX = 3, COUNTRIES_SHOWN = 10 };

struct countries {
    uint32_t app;
    unsigned count;
    struct {
        const char *key;
        struct period period;
    } parts[COUNTRIES_PARTS_MAX];
};

/* On the loop thread: what countries_write() reads. */
void countries_capture(const struct countries *countries,
                       struct reader *reader);

/* Writes an object with an array for each part: at most COUNTRIES_SHOWN
 * {"country", "code", "t", "u", "n"} by n. TALLY_ERR_CORRUPT, TALLY_ERR_IO,
 * TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err countries_write(const struct countries *countries,
                               struct reader *reader, struct json *json);

#endif
