/*
 * latest.h - the users with the latest sessions (spec 0.4.24).
 */
#ifndef METRICS_LATEST_H
#define METRICS_LATEST_H

#include "engine/engine.h"
#include "engine/error.h"
#include "metrics/app.h"
#include "metrics/catalog.h"
#include "metrics/json.h"

enum { LATEST_MAX = 50 };

/* Writes the array of at most LATEST_MAX users, the one with the highest `ls`
 * first: their ids, times, counts and last values of metrics. On the loop
 * thread. TALLY_ERR_CORRUPT, TALLY_ERR_IO: what has been written then is
 * unusable. */
TALLY_MUST_CHECK
enum tally_err latest_write(const struct catalog *catalog,
                            struct engine *engine, const struct app *app,
                            struct json *json);

#endif
