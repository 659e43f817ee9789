/*
 * stand.h - what benches of the rules stand on: an engine in a directory, a
 * tally, one app in UTC, and requests as SDKs send them.
 */
#ifndef BENCH_STAND_H
#define BENCH_STAND_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/text.h"
#include "metrics/ingest.h"
#include "metrics/tally.h"

#define STAND_APP_KEY "00000000000000000000000000000000000000be"

enum { STAND_APP = 1, STAND_WAIT_MS = 600000 };

struct stand {
    struct engine *engine;
    struct tally *tally;
    struct arena *arena;
    struct buffer out; /* the last answer */
};

/* Ends the process with a message unless err is TALLY_OK. */
void stand_must(enum tally_err err, const char *what);

/* Opens everything; an app that is there already is used. */
void stand_open(struct stand *stand, const struct engine_options *options);
void stand_close(struct stand *stand);

/* Decodes a query string and takes it as /i does, at `now` in ms; the status
 * of the answer. */
int stand_take(struct stand *stand, struct text query, int64_t now);

#endif
