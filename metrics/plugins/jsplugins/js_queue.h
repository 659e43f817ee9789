/*
 * js_queue.h - messages for Node that have not been written yet. The owner's
 * thread adds, the thread of the socket takes.
 *
 * What hooks say has to ask for room: beyond it they are left out. Answers to
 * what Node asked are few, because Node waits for them: they are always taken.
 */
#ifndef METRICS_PLUGINS_JSPLUGINS_JS_QUEUE_H
#define METRICS_PLUGINS_JSPLUGINS_JS_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "metrics/plugins/jsplugins/js_text.h"

enum { JS_QUEUE_MESSAGES_MAX = 8192, JS_QUEUE_BYTES_MAX = 16 * 1024 * 1024 };

struct js_queue {
    pthread_mutex_t lock;
    struct js_text waiting;
    unsigned count;
    int wake; /* an eventfd: something has been added */
};

bool js_queue_init(struct js_queue *queue);
void js_queue_finish(struct js_queue *queue);

bool js_queue_has_room(struct js_queue *queue);

/* Adds a message that js_text_close() ended, and wakes the other thread. */
void js_queue_add(struct js_queue *queue, const struct js_text *message);

/* Wakes it for something else. */
void js_queue_wake(struct js_queue *queue);

/* Moves all to `out`, which is empty and gives its room in return. */
void js_queue_take(struct js_queue *queue, struct js_text *out);

#endif
