/*
 * dashboard.h - the cards and bars of some periods (spec D.7.3, 0.4.23).
 */
#ifndef METRICS_DASHBOARD_H
#define METRICS_DASHBOARD_H

#include <stdint.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "engine/text.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum { DASHBOARD_PARTS_MAX = 3 };

struct dashboard {
    uint32_t app;
    unsigned count;
    struct {
        struct text key;
        struct period period;
    } parts[DASHBOARD_PARTS_MAX];
};

/* On the loop thread: what dashboard_write() reads. */
void dashboard_capture(const struct dashboard *dashboard,
                       struct reader *reader);

/* Writes an object with a member for each part. TALLY_ERR_CORRUPT,
 * TALLY_ERR_IO; TALLY_ERR_TOO_BIG for more than one read may hold. */
TALLY_MUST_CHECK
enum tally_err dashboard_write(const struct dashboard *dashboard,
                               struct reader *reader, struct json *json);

#endif
