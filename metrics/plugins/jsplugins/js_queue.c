#include "metrics/plugins/jsplugins/js_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool js_queue_init(struct js_queue *queue)
{
    pthread_mutex_init(&queue->lock, NULL);
    queue->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return queue->wake >= 0;
}

void js_queue_finish(struct js_queue *queue)
{
    js_text_finish(&queue->waiting);
    pthread_mutex_destroy(&queue->lock);
    if (queue->wake >= 0)
        close(queue->wake);
    queue->wake = -1;
}

bool js_queue_has_room(struct js_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool has_room = queue->count < JS_QUEUE_MESSAGES_MAX &&
                    queue->waiting.len < JS_QUEUE_BYTES_MAX;
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

void js_queue_add(struct js_queue *queue, const struct js_text *message)
{
    pthread_mutex_lock(&queue->lock);
    bool was_empty = queue->count++ == 0;
    js_text_add(&queue->waiting, message->at, message->len);
    pthread_mutex_unlock(&queue->lock);
    if (was_empty)
        js_queue_wake(queue);
}

void js_queue_wake(struct js_queue *queue)
{
    /* Full means that it is going to wake up. */
    if (queue->wake >= 0)
        eventfd_write(queue->wake, 1);
}

void js_queue_take(struct js_queue *queue, struct js_text *out)
{
    pthread_mutex_lock(&queue->lock);
    struct js_text taken = queue->waiting;
    queue->waiting = *out;
    queue->waiting.len = 0;
    queue->count = 0;
    pthread_mutex_unlock(&queue->lock);
    *out = taken;
}
