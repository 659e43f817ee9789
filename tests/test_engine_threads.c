/*
 * The engine's threads against each other: readers on a thread of their own
 * while the loop thread applies, checkpoints commit and generations change.
 */
#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/compaction.h"
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
    COMPACTIONS = 12,
    SEED = 3,
};

static const char *dir;
static struct engine *engine;
static struct workload workload;
static struct batch batch;
static struct model *model;

static void reopen(void)
{
    struct engine_options options = {.slot_bytes = 1 << 20,
                                     .overlay_bytes = 40 << 20};
    char reason[256];

    options.dir = dir;
    enum tally_err err = engine_open(&options, &engine, reason);
    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    reopen();
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

static void turn_until_compacted(enum tally_err expected)
{
    enum tally_err err = TALLY_OK;

    for (int ms = 0; !compaction_ended(engine, &err); ms++) {
        ck_assert_int_lt(ms, WAIT_MS);
        engine_turn(engine);
        usleep(1000);
    }
    ck_assert_int_eq(err, expected);
}

/* One reader after the other, with gaps. */
START_TEST(readers_and_batches_go_on_while_the_base_is_compacted)
{
    enum tally_err err = TALLY_OK;

    for (int round = 0; round < COMPACTIONS; round++) {
        for (int i = 0; i < 10; i++)
            apply();
        ck_assert(compaction_start(engine));
        ck_assert(!compaction_start(engine));
        while (!compaction_ended(engine, &err)) {
            pthread_t thread;
            struct job job = open_job();
            ck_assert_int_eq(pthread_create(&thread, NULL, read_all, &job), 0);
            while (!atomic_load(&job.done))
                apply();
            pthread_join(thread, NULL);
            close_job(&job);
            for (int i = 0; i < 3; i++)
                engine_turn(engine);
        }
        /* Given up when the log got full meanwhile. */
        if (err == TALLY_ERR_FULL) {
            ck_assert(compaction_start(engine));
            turn_until_compacted(TALLY_OK);
        } else {
            ck_assert_int_eq(err, TALLY_OK);
        }
        model_check(engine, model, "compacted");
    }
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    model_check(engine, model, "in the end");
    engine_close(engine);
    reopen();
    model_check(engine, model, "after a restart");
}
END_TEST

START_TEST(an_open_reader_keeps_the_base_until_it_is_closed)
{
    enum tally_err err;

    for (int i = 0; i < 40; i++)
        apply();
    struct job job = open_job();
    ck_assert(compaction_start(engine));
    for (int ms = 0; ms < 1500; ms++) {
        engine_turn(engine);
        usleep(1000);
    }
    ck_assert(!compaction_ended(engine, &err));
    read_all(&job);
    close_job(&job);
    turn_until_compacted(TALLY_OK);
    model_check(engine, model, "compacted");
}
END_TEST

START_TEST(a_compaction_given_up_changes_nothing)
{
    for (int i = 0; i < 40; i++)
        apply();
    struct job job = open_job();
    ck_assert(compaction_start(engine));
    for (int ms = 0; ms < 10 * (_i * _i); ms++) {
        engine_turn(engine);
        usleep(1000);
    }
    compaction_give_up(engine);
    turn_until_compacted(TALLY_ERR_FULL);
    close_job(&job);
    apply();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    model_check(engine, model, "given up");
    ck_assert(compaction_start(engine));
    turn_until_compacted(TALLY_OK);
    model_check(engine, model, "tried again");
}
END_TEST

enum { PAYLOAD = 150000, FILLS = 30 };

#define SECRET "to-be-forgotten-4711"

/* Slots are made in the background. */
static void apply_patiently(const struct batch *given)
{
    enum tally_err err = engine_apply(engine, given, NULL);

    for (int ms = 0; err == TALLY_ERR_FULL && ms < WAIT_MS; ms++) {
        engine_turn(engine);
        usleep(1000);
        err = engine_apply(engine, given, NULL);
    }
    ck_assert_int_eq(err, TALLY_OK);
}

/* Bytes that do not compress, with the secret among them. */
static void put_secret(void)
{
    static char bytes[PAYLOAD];
    struct batch secret;
    struct key key = key_document(MODEL_KIND_AT + 1, (struct text){"x", 1});

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)workload_random(&workload, 256);
    memcpy(bytes + 60000, SECRET, sizeof(SECRET));
    batch_init(&secret);
    effect_put(&secret, TABLE_DOCUMENTS, key_text(&key),
               (struct text){bytes, sizeof(bytes)});
    apply_patiently(&secret);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    batch_clear(&secret);
    effect_erase(&secret, TABLE_DOCUMENTS, key_text(&key));
    apply_patiently(&secret);
    batch_finish(&secret);
}

static bool holds_secret(const char *name)
{
    char path[400];
    struct stat found;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &found), 0);
    char *bytes = malloc((size_t)found.st_size + 1);
    size_t len = fread(bytes, 1, (size_t)found.st_size, file);
    bool holds = memmem(bytes, len, SECRET, sizeof(SECRET)) != NULL;
    free(bytes);
    fclose(file);
    return holds;
}

static unsigned files_with_secret(void)
{
    unsigned count = 0;
    DIR *list = opendir(dir);

    ck_assert_ptr_nonnull(list);
    for (struct dirent *entry; (entry = readdir(list));)
        count += entry->d_type == DT_REG && holds_secret(entry->d_name);
    closedir(list);
    return count;
}

START_TEST(nothing_that_was_erased_is_left_in_any_file)
{
    for (int i = 0; i < FILLS + _i; i++) {
        put_secret();
        if (i % 10 == 9)
            ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    }
    ck_assert_uint_gt(files_with_secret(), 1);
    ck_assert(compaction_start(engine));
    turn_until_compacted(TALLY_OK);
    ck_assert_uint_eq(files_with_secret(), 0);
    apply();
    model_check(engine, model, "compacted");
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
    tcase_add_test(tcase,
                   readers_and_batches_go_on_while_the_base_is_compacted);
    tcase_add_test(tcase, an_open_reader_keeps_the_base_until_it_is_closed);
    tcase_add_loop_test(tcase, nothing_that_was_erased_is_left_in_any_file, 0,
                        8);
    tcase_add_loop_test(tcase, a_compaction_given_up_changes_nothing, 0, 12);
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
