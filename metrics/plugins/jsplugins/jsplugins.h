/*
 * jsplugins.h - plugins in JavaScript (docs/plugins/javascript.md): one
 * process of Node runs them, one thread speaks to it.
 *
 * The owner's thread hears hooks, puts messages into the queue, and goes on
 * with a request when its job is answered. The thread of the socket writes the
 * queue, reads answers, keeps time, and starts the process again when it has
 * ended. Until the thread is started, at the first hook, init does its work.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JSPLUGINS_H
#define METRICS_PLUGINS_JSPLUGINS_JSPLUGINS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "metrics/plugins/jsplugins/js_child.h"
#include "metrics/plugins/jsplugins/js_hook.h"
#include "metrics/plugins/jsplugins/js_jobs.h"
#include "metrics/plugins/jsplugins/js_member.h"
#include "metrics/plugins/jsplugins/js_queue.h"
#include "metrics/plugins/jsplugins/js_reader.h"
#include "metrics/tally_plugin.h"

struct js_settings {
    const char *dir;     /* "": there are no plugins */
    const char *node;    /* the program */
    unsigned timeout_ms; /* of one call */
    unsigned memory_mb;  /* of the heap */
    unsigned late_max;   /* calls in a row that suspend a plugin */
    unsigned pause_ms;   /* how long */
};

struct js_documents;

struct jsplugins {
    const struct tally_host *host;
    struct tally_plugin *self;
    struct js_settings settings;
    struct js_members members;
    struct js_hooks hooks;
    struct js_queue queue;
    struct js_jobs jobs;
    struct js_documents *documents;
    cJSON *hello; /* the first one: metrics borrow from it */
    pthread_t thread;
    bool is_running;         /* the thread */
    atomic_bool is_up;       /* Node has said hello */
    atomic_bool is_ending;   /* the thread shall end */
    atomic_uint process;     /* the number of the one that runs */
    int64_t complained_full; /* ms; when that was last told */

    /* The socket thread's. */
    struct js_child child;
    struct js_reader reader;
    struct js_text writing;
    size_t written;      /* of it */
    int64_t started;     /* ms */
    int64_t start_at;    /* ms; when it is started again */
    int64_t pinged;      /* ms; 0: the last one was answered */
    int64_t checked;     /* ms */
    bool is_busy;        /* something was written since the last ping */
    bool is_lost;        /* the process has to be ended */
    unsigned backoff_ms; /* before the next start */
    char turn_plugin[JS_MEMBER_NAME_SIZE]; /* whose handler is called */
    char turn_hook[JS_PATH_SIZE];
};

int64_t js_now(void); /* ms, of a clock that does not jump */

__attribute__((format(printf, 3, 4))) void
js_log(struct jsplugins *js, enum tally_level level, const char *format, ...);

#endif
