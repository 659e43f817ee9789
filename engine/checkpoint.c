#include "engine/checkpoint.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>

#include "engine/garbage.h"
#include "engine/memory.h"
#include "engine/sweep.h"

enum { PAUSE_MS = 2, RETRY_MS = 200, GARBAGE_RECORDS = 200 };

/* The fuller overlay and log get meanwhile, the harder the work. */
static const struct {
    unsigned percent; /* up to this */
    struct sweep_pace pace;
} paces[] = {
    {50, {1000, 5000}},
    {75, {2000, 1000}},
    {UINT_MAX, {5000, 0}},
};

struct checkpoint {
    struct checkpoint_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum checkpoint_state state;
    bool stopping;
    bool lacks_space;
    unsigned pressure; /* percent */
    uint64_t commits;
    const struct overlay *overlay;
    uint64_t to;
    uint32_t chain;
    void (*job)(void *user); /* instead of a generation; NULL: none */
    void *job_user;
};

/* A failure stays. */
static void set_state(struct checkpoint *checkpoint,
                      enum checkpoint_state state)
{
    pthread_mutex_lock(&checkpoint->lock);
    if (checkpoint->state != CHECKPOINT_FAILED)
        checkpoint->state = state;
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
}

static bool has_space(const struct checkpoint *checkpoint)
{
    struct statvfs disk;

    if (statvfs(checkpoint->options.dir, &disk) != 0)
        return false;
    return (uint64_t)disk.f_bavail * disk.f_frsize >=
           checkpoint->options.free_bytes;
}

static void committed(void *user)
{
    struct checkpoint *checkpoint = user;

    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->commits++;
    checkpoint->lacks_space = false;
    pthread_mutex_unlock(&checkpoint->lock);
    checkpoint->options.notify(checkpoint->options.user);
}

static bool is_stopping(struct checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    bool stopping = checkpoint->stopping;
    pthread_mutex_unlock(&checkpoint->lock);
    return stopping;
}

static enum tally_err may_write(void *user)
{
    struct checkpoint *checkpoint = user;

    if (is_stopping(checkpoint))
        return TALLY_ERR_DENIED;
    return has_space(checkpoint) ? TALLY_OK : TALLY_ERR_FULL;
}

static struct sweep_pace choose_pace(void *user)
{
    struct checkpoint *checkpoint = user;
    unsigned i = 0;

    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->pressure > paces[i].percent)
        i++;
    pthread_mutex_unlock(&checkpoint->lock);
    return paces[i].pace;
}

static struct timespec time_in(unsigned milliseconds)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += milliseconds % 1000 * 1000000L;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

/* Sleeps for a while or until stopped. */
static void pause_for(struct checkpoint *checkpoint, unsigned milliseconds)
{
    struct timespec until = time_in(milliseconds);

    pthread_mutex_lock(&checkpoint->lock);
    if (!checkpoint->stopping)
        pthread_cond_timedwait(&checkpoint->changed, &checkpoint->lock, &until);
    pthread_mutex_unlock(&checkpoint->lock);
}

/* A full disk looks like any failed write: only the free space tells. */
static bool is_for_want_of_space(const struct checkpoint *checkpoint,
                                 enum tally_err err)
{
    return err == TALLY_ERR_FULL ||
           (err == TALLY_ERR_IO && !has_space(checkpoint));
}

static enum tally_err sweep_once(struct checkpoint *checkpoint)
{
    struct sweep_options options = {
        .store = checkpoint->options.store,
        .overlay = checkpoint->overlay,
        .to = checkpoint->to,
        .chain = checkpoint->chain,
        .choose_pace = choose_pace,
        .may_write = may_write,
        .committed = committed,
        .user = checkpoint,
    };

    return sweep(&options);
}

static void run_sweep(struct checkpoint *checkpoint)
{
    enum tally_err err = sweep_once(checkpoint);

    while (err && is_for_want_of_space(checkpoint, err)) {
        pthread_mutex_lock(&checkpoint->lock);
        checkpoint->lacks_space = true;
        pthread_mutex_unlock(&checkpoint->lock);
        pause_for(checkpoint, RETRY_MS);
        err = sweep_once(checkpoint);
    }
    if (!err)
        log_recycle(checkpoint->options.log, checkpoint->to);
    if (err == TALLY_ERR_DENIED)
        set_state(checkpoint, CHECKPOINT_IDLE);
    else
        set_state(checkpoint, err ? CHECKPOINT_FAILED : CHECKPOINT_DONE);
    checkpoint->options.notify(checkpoint->options.user);
}

static void run_job(struct checkpoint *checkpoint)
{
    checkpoint->job(checkpoint->job_user);
    checkpoint->job = NULL;
    set_state(checkpoint, CHECKPOINT_DONE);
    checkpoint->options.notify(checkpoint->options.user);
}

/* What can wait, for the next sweep and for space. */
static void tidy(struct checkpoint *checkpoint)
{
    bool left = true;

    while (left && checkpoint_state(checkpoint) != CHECKPOINT_BUSY &&
           may_write(checkpoint) == TALLY_OK) {
        enum tally_err err =
            garbage_erase(checkpoint->options.store, GARBAGE_RECORDS, &left);
        if (err && !is_for_want_of_space(checkpoint, err)) {
            set_state(checkpoint, CHECKPOINT_FAILED);
            checkpoint->options.notify(checkpoint->options.user);
        }
        if (err)
            return;
        committed(checkpoint);
        if (left)
            pause_for(checkpoint, PAUSE_MS);
    }
}

static void *run(void *user)
{
    struct checkpoint *checkpoint = user;

    while (!is_stopping(checkpoint)) {
        pthread_mutex_lock(&checkpoint->lock);
        while (checkpoint->state != CHECKPOINT_BUSY && !checkpoint->stopping)
            pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
        bool work = !checkpoint->stopping;
        pthread_mutex_unlock(&checkpoint->lock);
        if (!work)
            return NULL;
        if (checkpoint->job) {
            run_job(checkpoint);
            continue;
        }
        run_sweep(checkpoint);
        tidy(checkpoint);
    }
    return NULL;
}

struct checkpoint *checkpoint_create(const struct checkpoint_options *options)
{
    struct checkpoint *checkpoint = memory_alloc(sizeof(*checkpoint));

    checkpoint->options = *options;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&checkpoint->lock, NULL);
    pthread_cond_init(&checkpoint->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&checkpoint->thread, NULL, run, checkpoint) != 0)
        memory_exhausted(0);
    return checkpoint;
}

void checkpoint_destroy(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;

    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->stopping = true;
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
    pthread_join(checkpoint->thread, NULL);
    pthread_cond_destroy(&checkpoint->changed);
    pthread_mutex_destroy(&checkpoint->lock);
    free(checkpoint);
}

void checkpoint_start(struct checkpoint *checkpoint,
                      const struct overlay *overlay, uint64_t to,
                      uint32_t chain)
{
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->overlay = overlay;
    checkpoint->to = to;
    checkpoint->chain = chain;
    pthread_mutex_unlock(&checkpoint->lock);
    set_state(checkpoint, CHECKPOINT_BUSY);
}

void checkpoint_run(struct checkpoint *checkpoint, void (*job)(void *user),
                    void *user)
{
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->job = job;
    checkpoint->job_user = user;
    pthread_mutex_unlock(&checkpoint->lock);
    set_state(checkpoint, CHECKPOINT_BUSY);
}

enum tally_err checkpoint_may_write(struct checkpoint *checkpoint)
{
    return may_write(checkpoint);
}

void checkpoint_press(struct checkpoint *checkpoint, unsigned percent)
{
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->pressure = percent;
    pthread_mutex_unlock(&checkpoint->lock);
}

enum checkpoint_state checkpoint_state(struct checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    enum checkpoint_state state = checkpoint->state;
    pthread_mutex_unlock(&checkpoint->lock);
    return state;
}

void checkpoint_accept(struct checkpoint *checkpoint)
{
    set_state(checkpoint, CHECKPOINT_IDLE);
}

void checkpoint_wait(struct checkpoint *checkpoint, unsigned ms)
{
    struct timespec until = time_in(ms);
    int rc = 0;

    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->state == CHECKPOINT_BUSY && rc == 0)
        rc = pthread_cond_timedwait(&checkpoint->changed, &checkpoint->lock,
                                    &until);
    pthread_mutex_unlock(&checkpoint->lock);
}

uint64_t checkpoint_commits(struct checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    uint64_t commits = checkpoint->commits;
    pthread_mutex_unlock(&checkpoint->lock);
    return commits;
}

bool checkpoint_lacks_space(struct checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    bool lacks = checkpoint->lacks_space;
    pthread_mutex_unlock(&checkpoint->lock);
    return lacks;
}
