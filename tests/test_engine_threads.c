/*
 * The engine's threads against each other: readers on a thread of their own
 * while the loop thread applies, checkpoints commit and generations change.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/engine.h"
#include "faults.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum {
    WAIT_MS = 20000,
    EFFECTS = 20,
    ROUNDS = 60,
    CHECKPOINTS = 300,
    SEED = 3,
};

static const char *dir;
static struct engine *engine;
static struct workload workload;
static struct batch batch;
static struct model *model;

static void setup(void)
{
    struct engine_options options = {.slot_bytes = 1 << 20,
                                     .overlay_bytes = 40 << 20};
    char reason[256];

    dir = scratch_create();
    options.dir = dir;
    enum tally_err err = engine_open(&options, &engine, reason);
    ck_assert_msg(err == TALLY_OK, "%s", reason);
    batch_init(&batch);
    workload = workload_begin(SEED);
    model = calloc(1, sizeof(*model));
}

static void teardown(void)
{
    faults_hold_syncs(0);
    engine_close(engine);
    batch_finish(&batch);
    free(model);
    scratch_remove();
}

/* Applies the next batch; waits while the log or the overlay is full. */
static void apply(void)
{
    enum tally_err err = TALLY_ERR_FULL;

    workload_next(&workload, &batch, EFFECTS);
    model_apply(model, &batch);
    for (int ms = 0; err == TALLY_ERR_FULL && ms < WAIT_MS; ms++) {
        err = engine_apply(engine, &batch, NULL);
        engine_turn(engine);
        if (err)
            usleep(1000);
    }
    ck_assert_int_eq(err, TALLY_OK);
}

/* A reader and what it must hold, on its way through a thread. */
struct job {
    struct reader *reader;
    struct model *model;
    atomic_bool done;
};

static void *read_all(void *user)
{
    struct job *job = user;

    for (int i = 0; i < 3; i++)
        model_check_reader(job->reader, job->model, "on another thread");
    atomic_store(&job->done, true);
    return NULL;
}

static struct job open_job(void)
{
    struct job job = {.model = malloc(sizeof(*model))};

    *job.model = *model;
    job.reader = model_open(engine, model);
    return job;
}

static void close_job(struct job *job)
{
    reader_close(job->reader);
    free(job->model);
}

START_TEST(a_reader_on_another_thread_sees_the_instant_it_was_opened)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread;
        for (int i = 0; i < round % 7; i++)
            apply();
        if (round % 3 == 0)
            engine_checkpoint(engine);
        engine_turn(engine);
        struct job job = open_job();
        ck_assert_int_eq(pthread_create(&thread, NULL, read_all, &job), 0);
        while (!atomic_load(&job.done)) {
            apply();
            engine_checkpoint(engine);
            engine_turn(engine);
        }
        pthread_join(thread, NULL);
        close_job(&job);
    }
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    model_check(engine, model, "in the end");
}
END_TEST

/* Commits of a checkpoint fall between any two steps of a reader. */
START_TEST(a_reader_is_exact_at_each_stage_of_a_checkpoint)
{
    struct job jobs[64];
    unsigned count = 0;

    for (int i = 0; i < 40; i++)
        apply();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    for (int i = 0; i < 40; i++)
        apply();
    jobs[count++] = open_job();
    engine_checkpoint(engine);
    while (engine_state(engine).checkpointed < engine_lsn(engine)) {
        engine_turn(engine);
        if (count < 63)
            jobs[count++] = open_job();
        usleep(500);
    }
    jobs[count++] = open_job();
    for (int i = 0; i < 20; i++)
        apply();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    for (unsigned i = 0; i < count; i++) {
        read_all(&jobs[i]);
        close_job(&jobs[i]);
    }
}
END_TEST

/* A checkpoint that began must end, whenever syncs come back. */
START_TEST(no_checkpoint_is_forgotten)
{
    for (int i = 0; i < CHECKPOINTS; i++) {
        apply();
        engine_checkpoint(engine);
        engine_turn(engine);
        apply();
        uint64_t lsn = engine_lsn(engine) - 2;
        for (int turns = 0; engine_state(engine).checkpointed < lsn; turns++) {
            ck_assert_int_lt(turns, WAIT_MS * 20);
            usleep(50);
            workload_next(&workload, &batch, 1);
            ck_assert_int_ne(engine_apply(engine, &batch, NULL), TALLY_ERR_IO);
            engine_turn(engine);
        }
    }
}
END_TEST

static Suite *threads_suite(void)
{
    Suite *suite = suite_create("engine_threads");
    TCase *tcase = tcase_create("threads");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase,
                   a_reader_on_another_thread_sees_the_instant_it_was_opened);
    tcase_add_test(tcase, a_reader_is_exact_at_each_stage_of_a_checkpoint);
    tcase_add_test(tcase, no_checkpoint_is_forgotten);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(threads_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
