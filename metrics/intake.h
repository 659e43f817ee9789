/*
 * intake.h - a request on its way: the inside of ingest.
 *
 * For ingest.c, which decides and applies, and explain.c, which decides and
 * tells.
 */
#ifndef METRICS_INTAKE_H
#define METRICS_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/answer.h"
#include "metrics/app.h"
#include "metrics/ingest.h"
#include "metrics/moment.h"
#include "metrics/person.h"
#include "metrics/session.h"

struct intake {
    struct tally *tally;
    const struct ingest *request;
    struct plugins *plugins; /* whose hooks fire; NULL: nobody's */
    const struct app *app;   /* NULL: not asked for yet, or none */
    struct text device;
    struct moment moment;
    struct person person; /* as it is once the request has been decided */
    struct session session;
    uint64_t hash;       /* 0: the request is never a duplicate */
    bool was_new;        /* the user had no session before */
    uint32_t last_begin; /* the user's `ls` before */
    bool has_extra;      /* a plugin set a property of the user */

    /* What intake_decide() finds: */
    struct answer answer; /* a duplicate's is its info */
    bool is_decided;      /* accepted: the batch has all its effects */
    bool is_duplicate;
    bool has_identity;  /* app_key and a usable device id are there */
    bool has_person;    /* moment and person were found */
    bool is_cancelled;  /* by a plugin: the batch has what those left */
    bool waits;         /* for a plugin, likewise; nothing is decided */
    struct text reason; /* why it is cancelled */
};

/* Decides the request of a fresh intake: its effects go to tally->batch,
 * which may hold some of a refused one, what is not counted to
 * tally->losses. */
void intake_decide(struct intake *intake);

/* Finds app, moment and person alone. False when they cannot be. */
TALLY_MUST_CHECK
bool intake_find(struct intake *intake);

/* What a request answers whose effects found no room. */
struct answer intake_failed(struct tally *tally, enum tally_err err);

#endif
