/*
 * plugin_start.h - the hooks of a starting server: /master, then /worker.
 */
#ifndef HTTP_PLUGIN_START_H
#define HTTP_PLUGIN_START_H

#include "engine/error.h"
#include "metrics/tally.h"

/* Fires both, each with a batch of its own, which is durable then. `now` is in
 * ms. TALLY_ERR_FULL and the like when there is no room for one. */
TALLY_MUST_CHECK
enum tally_err plugin_start(struct tally *tally, int64_t now);

#endif
