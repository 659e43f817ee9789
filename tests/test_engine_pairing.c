/*
 * Directories put together from an older and a newer copy: a base with a log
 * that is not its own is refused, or what comes back is the state after a run
 * of whole batches.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "faults.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum { WAIT_MS = 20000, EFFECTS = 20, SEED = 11, COPIES = 6, PATH_SIZE = 300 };

static const char *dir;
static struct engine *engine;
static char copies[COPIES][PATH_SIZE];
static int copied;

static enum tally_err open_at(const char *path, char reason[static 256])
{
    struct engine_options options = {
        .dir = path, .slot_bytes = 1 << 20, .overlay_bytes = 40 << 20};

    return engine_open(&options, &engine, reason);
}

static void open_good(const char *path)
{
    char reason[256];
    enum tally_err err = open_at(path, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

/* Brings the engine from where it is to a number of batches. */
static void run_to(uint32_t position)
{
    struct workload workload = workload_begin(SEED);
    struct batch batch;
    uint32_t begin = model_position_of(engine);

    batch_init(&batch);
    while (workload.position < position) {
        workload_next(&workload, &batch, EFFECTS);
        if (workload.position <= begin)
            continue;
        ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
        ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    }
    batch_finish(&batch);
}

/* Not the slots that are still being made. */
static void copy_files(const char *from, const char *files, const char *to)
{
    char line[3 * PATH_SIZE];

    snprintf(line, sizeof(line), "cp '%s'/%s '%s'", from, files, to);
    ck_assert_int_eq(system(line), 0);
}

static void copy(void)
{
    char *path = copies[copied++];

    snprintf(path, PATH_SIZE, "%.200s-copy-%d", dir, copied);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    copy_files(dir, "data.mdb", path);
    copy_files(dir, "log-*.slot", path);
}

/* More records than a checkpoint writes in one transaction, of an app of which
 * the model knows nothing. */
static void pad(void)
{
    enum { RECORDS = 3000, APP = MODEL_APPS + 1 };
    struct batch batch;

    batch_init(&batch);
    for (uint32_t i = 1; i <= RECORDS; i++) {
        struct key key = key_user(APP, i);
        effect_put(&batch, TABLE_USERS, key_text(&key), TEXT("x"));
    }
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_finish(&batch);
}

/* Leaves a directory whose base is in the middle of a sweep. */
static void crash_while_sweeping(void)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        open_good(dir);
        pad();
        run_to(50);
        faults_arm((struct fault){.kind = FAULT_EXIT,
                                  .files = FAULT_BASE,
                                  .calls = FAULT_SYNC,
                                  .at = 2});
        (void)!engine_checkpoint_wait(engine, WAIT_MS);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == FAULT_EXIT_CODE);
}

/* 0: nothing checkpointed; 1: all; 2: some; 3: in the middle of a sweep;
 * 4: later, closed; 5: another store's. */
static void setup(void)
{
    copied = 0;
    dir = scratch_create();
    open_good(dir);
    run_to(10);
    copy();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    copy();
    run_to(20);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    run_to(25);
    copy();
    engine_close(engine);
    crash_while_sweeping();
    copy();
    open_good(dir);
    run_to(70);
    engine_close(engine);
    copy();
    scratch_remove();
    dir = scratch_create();
    open_good(dir);
    run_to(10);
    copy();
    engine_close(engine);
}

static void teardown(void)
{
    for (int i = 0; i < COPIES; i++)
        scratch_remove_tree(copies[i]);
    scratch_remove();
}

static enum tally_err pair(int base, int log)
{
    char path[PATH_SIZE];
    char reason[256];

    snprintf(path, sizeof(path), "%.200s-pair", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    copy_files(copies[base], "data.mdb", path);
    copy_files(copies[log], "log-*.slot", path);
    enum tally_err err = open_at(path, reason);
    if (err) {
        ck_assert_int_gt(reason[0], 0);
    } else {
        uint32_t position = model_position_of(engine);
        struct model *model = workload_model(SEED, position, EFFECTS);
        model_check(engine, model, "pair");
        free(model);
        engine_close(engine);
    }
    scratch_remove_tree(path);
    return err;
}

START_TEST(a_base_with_another_copys_log_is_refused_or_exact)
{
    int base = _i / COPIES;
    int log = _i % COPIES;
    enum tally_err err = pair(base, log);

    if (base == log)
        ck_assert_int_eq(err, TALLY_OK);
    else
        ck_assert(err == TALLY_OK || err == TALLY_ERR_MISMATCH ||
                  err == TALLY_ERR_CORRUPT);
    if ((base == COPIES - 1) != (log == COPIES - 1))
        ck_assert_int_eq(err, TALLY_ERR_MISMATCH);
    /* A newer base knows batches that an older log does not have. */
    if (base > log + 1 || (base == 4 && log < 4))
        ck_assert_int_eq(err, TALLY_ERR_MISMATCH);
}
END_TEST

START_TEST(a_base_without_its_log_is_refused)
{
    char path[PATH_SIZE];
    char reason[256];

    snprintf(path, sizeof(path), "%.200s-pair", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    copy_files(copies[_i], "data.mdb", path);
    ck_assert_int_eq(open_at(path, reason), TALLY_ERR_MISMATCH);
    scratch_remove_tree(path);
}
END_TEST

static Suite *pairing_suite(void)
{
    Suite *suite = suite_create("engine_pairing");
    TCase *tcase = tcase_create("pairing");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase,
                        a_base_with_another_copys_log_is_refused_or_exact, 0,
                        COPIES * COPIES);
    tcase_add_loop_test(tcase, a_base_without_its_log_is_refused, 1,
                        COPIES - 1);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(pairing_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
