#include "engine/syncer.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/parcel.h"

struct syncer {
    struct log *log;
    void (*notify)(void *user);
    void *user;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buffer payload;
    struct buffer parcel; /* the thread's own */
    bool busy;
    bool stopping;
    bool failed;
    uint64_t durable;
    uint32_t chain;
};

static void write_batch(struct syncer *syncer)
{
    parcel_pack(&syncer->parcel, buffer_text(&syncer->payload));
    enum tally_err err = TALLY_ERR_TOO_BIG;
    if (buffer_is_whole(&syncer->parcel))
        err = log_write(syncer->log, buffer_text(&syncer->parcel));

    pthread_mutex_lock(&syncer->lock);
    if (err) {
        syncer->failed = true;
    } else {
        syncer->durable = log_lsn(syncer->log);
        syncer->chain = log_chain(syncer->log);
    }
    syncer->busy = false;
    pthread_cond_broadcast(&syncer->changed);
    pthread_mutex_unlock(&syncer->lock);
    syncer->notify(syncer->user);
}

static void *run(void *user)
{
    struct syncer *syncer = user;

    for (;;) {
        pthread_mutex_lock(&syncer->lock);
        while (!syncer->busy && !syncer->stopping)
            pthread_cond_wait(&syncer->changed, &syncer->lock);
        bool work = syncer->busy && !syncer->failed;
        pthread_mutex_unlock(&syncer->lock);
        if (!work)
            return NULL;
        write_batch(syncer);
    }
}

struct syncer *syncer_create(struct log *log, void (*notify)(void *user),
                             void *user)
{
    struct syncer *syncer = memory_alloc(sizeof(*syncer));

    syncer->log = log;
    syncer->notify = notify;
    syncer->user = user;
    syncer->durable = log_lsn(log);
    syncer->chain = log_chain(log);
    buffer_init(&syncer->parcel, log_payload_max(log));
    pthread_mutex_init(&syncer->lock, NULL);
    pthread_cond_init(&syncer->changed, NULL);
    if (pthread_create(&syncer->thread, NULL, run, syncer) != 0)
        memory_exhausted(0);
    return syncer;
}

void syncer_destroy(struct syncer *syncer)
{
    if (!syncer)
        return;

    pthread_mutex_lock(&syncer->lock);
    syncer->stopping = true;
    pthread_cond_broadcast(&syncer->changed);
    pthread_mutex_unlock(&syncer->lock);
    pthread_join(syncer->thread, NULL);
    pthread_cond_destroy(&syncer->changed);
    pthread_mutex_destroy(&syncer->lock);
    buffer_finish(&syncer->payload);
    buffer_finish(&syncer->parcel);
    free(syncer);
}

bool syncer_is_idle(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->lock);
    bool idle = !syncer->busy && !syncer->failed;
    pthread_mutex_unlock(&syncer->lock);
    return idle;
}

void syncer_submit(struct syncer *syncer, struct buffer *payload)
{
    pthread_mutex_lock(&syncer->lock);
    struct buffer spare = syncer->payload;
    syncer->payload = *payload;
    *payload = spare;
    payload->max = syncer->payload.max;
    buffer_clear(payload);
    syncer->busy = true;
    pthread_cond_broadcast(&syncer->changed);
    pthread_mutex_unlock(&syncer->lock);
}

void syncer_wait(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->lock);
    while (syncer->busy && !syncer->failed)
        pthread_cond_wait(&syncer->changed, &syncer->lock);
    pthread_mutex_unlock(&syncer->lock);
}

uint64_t syncer_durable(struct syncer *syncer, uint32_t *chain)
{
    pthread_mutex_lock(&syncer->lock);
    uint64_t durable = syncer->durable;
    *chain = syncer->chain;
    pthread_mutex_unlock(&syncer->lock);
    return durable;
}

bool syncer_failed(struct syncer *syncer)
{
    pthread_mutex_lock(&syncer->lock);
    bool failed = syncer->failed;
    pthread_mutex_unlock(&syncer->lock);
    return failed;
}
