/*
 * js_jobs.h - calls that wait for Node, by number.
 *
 * A job is opened on the owner's thread, and closed there or when the request
 * is gone. In between it is either Node's (asked), until the socket's thread
 * gets an answer, or runs out of patience; or the owner's (answered), who goes
 * on by what the answer says, and may ask again.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_JOBS_H
#define METRICS_PLUGINS_JSPLUGINS_JS_JOBS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "metrics/tally_plugin.h"

enum { JS_JOBS_MAX = 4096 };

struct js_hook;
struct jsplugins;

enum js_fate {
    JS_FATE_ANSWER, /* `answer` has it */
    JS_FATE_LATE,   /* there was none in time */
    JS_FATE_DEAD,   /* the process ended */
};

enum js_step { JS_STEP_FREE, JS_STEP_OPEN, JS_STEP_ASKED, JS_STEP_ANSWERED };

struct js_job {
    struct jsplugins *js; /* always */
    uint64_t id;          /* never 0 */
    enum js_step step;
    enum js_fate fate;
    const struct js_hook *hook;
    tally_wait wait;
    int64_t deadline; /* ms; of an answer that was given: when */
    cJSON *answer;    /* the job's */
};

struct js_jobs {
    pthread_mutex_t lock;
    struct js_job list[JS_JOBS_MAX];
    uint64_t last;
    unsigned count; /* that are not free */
};

void js_jobs_init(struct js_jobs *jobs, struct jsplugins *js);
void js_jobs_finish(struct js_jobs *jobs);

/* NULL when there are too many. It stays in its place. */
struct js_job *js_jobs_open(struct js_jobs *jobs, const struct js_hook *hook);

/* Node is asked, and answers before `deadline`. */
void js_jobs_ask(struct js_jobs *jobs, uint64_t id, tally_wait wait,
                 int64_t deadline);

/* Gives an answer to one that was asked, and says whom to wake. False when
 * there is none: the answer stays the caller's. */
bool js_jobs_answer(struct js_jobs *jobs, uint64_t id, cJSON *answer,
                    struct js_job *job);

/* The same for any whose deadline is not after `now`: false when none is. */
bool js_jobs_give_up(struct js_jobs *jobs, int64_t now, enum js_fate fate,
                     struct js_job *job);

/* A copy of one that was answered; its answer is the caller's from now on. */
bool js_jobs_take(struct js_jobs *jobs, uint64_t id, struct js_job *job);

/* False when it was not open any more. */
bool js_jobs_close(struct js_jobs *jobs, uint64_t id);

/* Closes those that were answered before `then`: nobody has gone on with them,
 * because their requests are gone. */
void js_jobs_sweep(struct js_jobs *jobs, int64_t then);

bool js_jobs_are_none(struct js_jobs *jobs);

#endif
