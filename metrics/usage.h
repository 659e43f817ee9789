/*
 * usage.h - the values that a request reports of its user: remembered, and
 * counted when a session begins (spec B.7, C.3, C.5).
 */
#ifndef METRICS_USAGE_H
#define METRICS_USAGE_H

#include "engine/arena.h"
#include "engine/error.h"
#include "metrics/app.h"
#include "metrics/moment.h"
#include "metrics/params.h"
#include "metrics/person.h"
#include "metrics/session.h"
#include "metrics/tally.h"

struct usage {
    struct tally *tally;
    struct arena *arena;
    const struct app *app;
    const struct params *params; /* of the request */
    struct text address;         /* of the client */
    struct text user_agent;
    const struct moment *moment;
    struct person *person;
    struct session *session; /* of kind SESSION_NEW: its hit gets the items */
    bool begins;             /* the request has begin_session */
    /* private state */
    uint32_t marked; /* bits of the user's values: they are by this session */
    struct whereabouts place; /* of a request that begins */
    bool is_elsewhere; /* the atlas knows it, and the user was not there */
};

/* Remembers the request's metrics, country, city and location, and adds what
 * a new session counts of them to its hit. TALLY_ERR_IO, TALLY_ERR_CORRUPT,
 * TALLY_ERR_TOO_BIG. */
TALLY_MUST_CHECK
enum tally_err usage_record(struct usage *usage);

#endif
