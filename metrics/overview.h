/*
 * overview.h - all apps side by side, for method=all_apps (spec D.9; the
 * charts are ours, 0.4.24).
 */
#ifndef METRICS_OVERVIEW_H
#define METRICS_OVERVIEW_H

#include <stddef.h>

#include "engine/error.h"
#include "engine/reader.h"
#include "metrics/app.h"
#include "metrics/json.h"
#include "metrics/period.h"

enum { OVERVIEW_APPS_MAX = 128 }; /* in one read */

struct overview_app {
    uint32_t number;
    char id[25];
    char name[APP_NAME_MAX + 1];
    struct period period; /* in the app's zone */
};

struct overview {
    size_t count;
    struct overview_app apps[OVERVIEW_APPS_MAX];
};

/* Adds an app; there are fewer than OVERVIEW_APPS_MAX yet. */
void overview_add(struct overview *overview, const struct app *app,
                  const struct period *period);

/* On the loop thread: what overview_write() reads. */
void overview_capture(const struct overview *overview, struct reader *reader);

/* Writes the array of apps, each with its cards and, by tick of the period,
 * charts [[tick, value], ...]. TALLY_ERR_CORRUPT, TALLY_ERR_IO. */
TALLY_MUST_CHECK
enum tally_err overview_write(const struct overview *overview,
                              struct reader *reader, struct json *json);

#endif
