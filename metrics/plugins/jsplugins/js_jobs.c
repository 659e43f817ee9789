#include "metrics/plugins/jsplugins/js_jobs.h"

void js_jobs_init(struct js_jobs *jobs, struct jsplugins *js)
{
    for (unsigned i = 0; i < JS_JOBS_MAX; i++)
        jobs->list[i].js = js;
    pthread_mutex_init(&jobs->lock, NULL);
}

void js_jobs_finish(struct js_jobs *jobs)
{
    for (unsigned i = 0; i < JS_JOBS_MAX; i++)
        cJSON_Delete(jobs->list[i].answer);
    pthread_mutex_destroy(&jobs->lock);
}

/* NULL unless the job is at this step. */
static struct js_job *find(struct js_jobs *jobs, uint64_t id, enum js_step step)
{
    struct js_job *job = &jobs->list[id % JS_JOBS_MAX];

    return id != 0 && job->id == id && job->step == step ? job : NULL;
}

struct js_job *js_jobs_open(struct js_jobs *jobs, const struct js_hook *hook)
{
    struct js_job *job = NULL;

    pthread_mutex_lock(&jobs->lock);
    if (jobs->count < JS_JOBS_MAX) {
        do {
            job = &jobs->list[++jobs->last % JS_JOBS_MAX];
        } while (job->step != JS_STEP_FREE);
        *job = (struct js_job){.js = job->js,
                               .id = jobs->last,
                               .step = JS_STEP_OPEN,
                               .hook = hook};
        jobs->count++;
    }
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

void js_jobs_ask(struct js_jobs *jobs, uint64_t id, tally_wait wait,
                 int64_t deadline)
{
    pthread_mutex_lock(&jobs->lock);
    struct js_job *job = find(jobs, id, JS_STEP_OPEN);
    if (!job)
        job = find(jobs, id, JS_STEP_ANSWERED);
    if (job) {
        job->step = JS_STEP_ASKED;
        job->wait = wait;
        job->deadline = deadline;
    }
    pthread_mutex_unlock(&jobs->lock);
}

static void answer_job(struct js_job *job, enum js_fate fate, cJSON *answer,
                       struct js_job *copy)
{
    job->step = JS_STEP_ANSWERED;
    job->fate = fate;
    job->answer = answer;
    *copy = *job;
}

bool js_jobs_answer(struct js_jobs *jobs, uint64_t id, cJSON *answer,
                    struct js_job *copy)
{
    pthread_mutex_lock(&jobs->lock);
    struct js_job *job = find(jobs, id, JS_STEP_ASKED);
    if (job)
        answer_job(job, JS_FATE_ANSWER, answer, copy);
    pthread_mutex_unlock(&jobs->lock);
    return job != NULL;
}

bool js_jobs_give_up(struct js_jobs *jobs, int64_t now, enum js_fate fate,
                     struct js_job *copy)
{
    bool is_there = false;

    pthread_mutex_lock(&jobs->lock);
    for (unsigned i = 0; jobs->count > 0 && i < JS_JOBS_MAX && !is_there; i++) {
        struct js_job *job = &jobs->list[i];

        is_there = job->step == JS_STEP_ASKED && job->deadline <= now;
        if (is_there)
            answer_job(job, fate, NULL, copy);
    }
    pthread_mutex_unlock(&jobs->lock);
    return is_there;
}

bool js_jobs_take(struct js_jobs *jobs, uint64_t id, struct js_job *copy)
{
    pthread_mutex_lock(&jobs->lock);
    struct js_job *job = find(jobs, id, JS_STEP_ANSWERED);
    if (job) {
        *copy = *job;
        job->answer = NULL;
    }
    pthread_mutex_unlock(&jobs->lock);
    return job != NULL;
}

static void close_job(struct js_jobs *jobs, struct js_job *job)
{
    cJSON_Delete(job->answer);
    job->answer = NULL;
    job->step = JS_STEP_FREE;
    jobs->count--;
}

bool js_jobs_close(struct js_jobs *jobs, uint64_t id)
{
    struct js_job *job = &jobs->list[id % JS_JOBS_MAX];

    pthread_mutex_lock(&jobs->lock);
    bool is_there = id != 0 && job->id == id && job->step != JS_STEP_FREE;
    if (is_there)
        close_job(jobs, job);
    pthread_mutex_unlock(&jobs->lock);
    return is_there;
}

void js_jobs_sweep(struct js_jobs *jobs, int64_t then)
{
    pthread_mutex_lock(&jobs->lock);
    for (unsigned i = 0; jobs->count > 0 && i < JS_JOBS_MAX; i++) {
        struct js_job *job = &jobs->list[i];

        if (job->step == JS_STEP_ANSWERED && job->deadline < then)
            close_job(jobs, job);
    }
    pthread_mutex_unlock(&jobs->lock);
}

bool js_jobs_are_none(struct js_jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    bool are_none = jobs->count == 0;
    pthread_mutex_unlock(&jobs->lock);
    return are_none;
}
