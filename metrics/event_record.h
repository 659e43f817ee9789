/*
 * event_record.h - the events of a request: counted, and remembered of the
 * user (spec B.8).
 */
#ifndef METRICS_EVENT_RECORD_H
#define METRICS_EVENT_RECORD_H

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/app.h"
#include "metrics/moment.h"
#include "metrics/params.h"
#include "metrics/person.h"
#include "metrics/tally.h"

enum { EVENT_RECORD_NAMES = 512 };

/* A string that the request has named in a year. */
struct event_named {
    uint64_t hash; /* keyed */
    uint32_t set;
    uint32_t id; /* 0: it does not count */
    int year;
};

struct intake;

struct event_record {
    struct intake *intake; /* whose hooks fire */
    struct tally *tally;
    struct arena *arena;
    const struct app *app;
    const struct param *param;   /* `events`, NULL: none */
    const struct moment *moment; /* of the request */
    struct text hour;            /* and by the client's clock */
    struct text dow;
    int64_t now;           /* ms; no event is later */
    struct person *person; /* has its number */
    /* private state */
    const struct event_plan *plan; /* NULL: the app has none */
    struct event_named *named;     /* EVENT_RECORD_NAMES places */
};

/* Adds the effects of all events to tally->batch. `events` that are no array,
 * and items that are no events, count nothing. TALLY_ERR_IO,
 * TALLY_ERR_CORRUPT, TALLY_ERR_TOO_BIG; then event_marks_clear(). */
TALLY_MUST_CHECK
enum tally_err event_record_all(struct event_record *record);

#endif
