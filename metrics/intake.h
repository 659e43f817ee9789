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
    const struct app *app; /* NULL: not asked for yet, or none */
    struct text device;
    struct moment moment;
    struct person person; /* as it is once the request has been decided */
    struct session session;
    uint64_t hash; /* 0: the request is never a duplicate */

    /* What intake_decide() finds: */
    struct answer answer; /* a duplicate's is its info */
    bool is_decided;      /* accepted: the batch has all its effects */
    bool is_duplicate;
    bool has_person; /* moment and person were found */
};

/* Decides the request of a fresh intake: its effects go to tally->batch,
 * which may hold some of a refused one, what is not counted to
 * tally->losses. */
void intake_decide(struct intake *intake);

#endif
