/*
 * The process ends at each of its disk calls in turn, with and without what
 * was not synced, then again while it recovers. What comes back must be the
 * state after a run of whole batches that holds all acknowledged ones.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/compaction.h"
#include "engine/engine.h"
#include "faults.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum {
    WAIT_MS = 20000,
    BATCHES = 48,
    MORE = 3, /* batches after recovery */
    EFFECTS = 30,
    RECOVERY_CALLS = 40,
    STRIDE = 8,
    COMPACTION_STRIDE = 24,
    SETTLE_MS = 30,
};

static const char *dir;
static struct engine *engine;
static bool compacts; /* the child, while it applies */

static enum tally_err open_engine(char reason[static 256])
{
    struct engine_options options = {
        .dir = dir, .slot_bytes = 1 << 20, .overlay_bytes = 40 << 20};

    return engine_open(&options, &engine, reason);
}

static void open_good(const char *what)
{
    char reason[256];
    enum tally_err err = open_engine(reason);

    ck_assert_msg(err == TALLY_OK, "%s: %s", what, reason);
}

/* The child. */

static void acknowledge(int pipe, const uint64_t *lsns, uint32_t *done,
                        uint32_t applied)
{
    uint32_t before = *done;

    while (*done < applied && lsns[*done] <= engine_durable(engine))
        ++*done;
    if (*done > before && write(pipe, done, sizeof(*done)) != sizeof(*done))
        _exit(2);
}

/* Brings a workload to where the engine is. */
static struct workload resume(uint64_t seed, struct batch *batch)
{
    struct workload workload = workload_begin(seed);
    uint32_t position = model_position_of(engine);

    while (workload.position < position)
        workload_next(&workload, batch, EFFECTS);
    return workload;
}

/* Slots are made in the background: there may be no room for a moment. */
static void apply(const struct batch *batch, uint64_t *lsn)
{
    enum tally_err err = engine_apply(engine, batch, lsn);

    for (int ms = 0; err == TALLY_ERR_FULL && ms < WAIT_MS; ms++) {
        engine_turn(engine);
        usleep(1000);
        err = engine_apply(engine, batch, lsn);
    }
    if (err)
        _exit(3);
}

/* Some are under way while the child goes on, all are brought to an end. */
static void await_compaction(void)
{
    enum tally_err err = TALLY_ERR_FULL;

    for (int ms = 0; !compaction_ended(engine, &err) && ms < WAIT_MS; ms++) {
        engine_turn(engine);
        usleep(1000);
    }
    if (err)
        _exit(9);
}

static void run_batches(uint64_t seed, int pipe)
{
    uint64_t lsns[BATCHES] = {0};
    struct batch batch;
    batch_init(&batch);
    struct workload workload = resume(seed, &batch);
    uint32_t done = workload.position;
    bool started = false;

    while (workload.position < BATCHES) {
        workload_next(&workload, &batch, EFFECTS);
        apply(&batch, &lsns[workload.position - 1]);
        if (workload.position % 8 == 0)
            engine_checkpoint(engine);
        if (workload.position % 3 == 0 && engine_flush(engine))
            _exit(4);
        if (compacts && workload.position % 10 == 0)
            started |= compaction_start(engine);
        if (started && workload.position % 15 == 0)
            await_compaction();
        if (workload.position % 20 == 0 &&
            engine_checkpoint_wait(engine, WAIT_MS))
            _exit(5);
        engine_turn(engine);
        acknowledge(pipe, lsns, &done, workload.position);
    }
    if (engine_flush(engine))
        _exit(6);
    acknowledge(pipe, lsns, &done, workload.position);
    if (started)
        await_compaction();
    engine_close(engine);
    batch_finish(&batch);
}

static void run_child(uint64_t seed, struct fault fault, int pipe)
{
    char reason[256];

    faults_arm(fault);
    if (open_engine(reason))
        _exit(7);
    run_batches(seed, pipe);
    _exit(0);
}

/* Ends the sweep that was cut short, then crashes between checkpoints. */
static void run_settling_child(void)
{
    char reason[256];

    if (open_engine(reason))
        _exit(8);
    for (int i = 0; i < SETTLE_MS; i++) {
        engine_turn(engine);
        usleep(1000);
    }
    _exit(FAULT_EXIT_CODE);
}

/* The parent. */

/* Runs a child to its end; false when it ended well. *acknowledged grows to
 * the batches it said to be durable. */
static bool crash(uint64_t seed, struct fault fault, uint32_t *acknowledged)
{
    int ends[2];
    int status;
    uint32_t done;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        run_child(seed, fault, ends[1]);
    close(ends[1]);
    while (read(ends[0], &done, sizeof(done)) == sizeof(done))
        *acknowledged = done > *acknowledged ? done : *acknowledged;
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
                                        WEXITSTATUS(status) == FAULT_EXIT_CODE),
                  "child ended with %x", (unsigned)status);
    return WEXITSTATUS(status) != 0;
}

static void settle(void)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        run_settling_child();
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == FAULT_EXIT_CODE);
}

static void check_against(uint64_t seed, uint32_t acknowledged,
                          const char *what)
{
    uint32_t position = model_position_of(engine);

    ck_assert_msg(position >= acknowledged, "%s: %u of %u acknowledged", what,
                  position, acknowledged);
    struct model *model = workload_model(seed, position, EFFECTS);
    model_check(engine, model, what);
    free(model);
}

static void go_on(uint64_t seed)
{
    struct batch batch;
    batch_init(&batch);
    struct workload workload = resume(seed, &batch);

    for (int i = 0; i < MORE; i++) {
        workload_next(&workload, &batch, EFFECTS);
        ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    }
    batch_finish(&batch);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
}

static void recover(uint64_t seed, uint32_t acknowledged, const char *what)
{
    open_good(what);
    check_against(seed, acknowledged, what);
    go_on(seed);
    check_against(seed, acknowledged + MORE, what);
    engine_close(engine);
    open_good(what);
    check_against(seed, acknowledged + MORE, what);
    engine_close(engine);
}

/* LMDB does not survive a power cut while it makes its file; nothing has been
 * acknowledged then. */
static void make_directory(void)
{
    open_good("a fresh directory");
    engine_close(engine);
}

/* One crash, one more while recovering, and the recovery. */
static bool crash_twice(uint64_t seed, enum fault_kind kind, unsigned at)
{
    struct fault fault = {.kind = kind,
                          .files = FAULT_ANY,
                          .calls = FAULT_CALLS,
                          .at = at,
                          .seed = at % 3};
    uint32_t acknowledged = 0;
    char what[80];

    dir = scratch_create();
    if (kind == FAULT_POWER)
        make_directory();
    bool crashed = crash(seed, fault, &acknowledged);
    fault.at = at * 7 % RECOVERY_CALLS + 1;
    if (crashed && at / 2 % 2 == 0)
        crash(seed, fault, &acknowledged);
    snprintf(what, sizeof(what), "seed %d, kind %d, call %u", (int)seed,
             (int)kind, at);
    recover(seed, acknowledged, what);
    scratch_remove();
    return crashed;
}

START_TEST(a_crash_at_any_disk_call_loses_and_doubles_nothing)
{
    enum fault_kind kind = _i % 2 ? FAULT_EXIT : FAULT_POWER;
    unsigned at = (unsigned)_i + 1;

    while (crash_twice((uint64_t)_i, kind, at))
        at += STRIDE;
}
END_TEST

START_TEST(a_sweep_cut_short_is_ended_by_the_next_start)
{
    uint64_t seed = 100 + (uint64_t)_i;
    bool crashed = true;

    for (unsigned at = 4; crashed; at += 5) {
        struct fault fault = {.kind = FAULT_EXIT,
                              .files = FAULT_BASE,
                              .calls = FAULT_CALLS,
                              .at = at + (unsigned)_i};
        uint32_t acknowledged = 0;
        char what[80];
        dir = scratch_create();
        crashed = crash(seed, fault, &acknowledged);
        settle();
        snprintf(what, sizeof(what), "seed %d, base call %u", (int)seed,
                 fault.at);
        recover(seed, acknowledged, what);
        scratch_remove();
    }
}
END_TEST

START_TEST(a_crash_at_any_disk_call_of_a_compaction_loses_nothing)
{
    enum fault_kind kind = _i % 2 ? FAULT_EXIT : FAULT_POWER;
    unsigned at = (unsigned)_i + 1;

    compacts = true;
    while (crash_twice(200 + (uint64_t)_i, kind, at))
        at += COMPACTION_STRIDE;
}
END_TEST

static Suite *crash_suite(void)
{
    Suite *suite = suite_create("engine_crash");
    TCase *tcase = tcase_create("crash");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(
        tcase, a_crash_at_any_disk_call_loses_and_doubles_nothing, 0, STRIDE);
    tcase_add_loop_test(tcase, a_sweep_cut_short_is_ended_by_the_next_start, 0,
                        2);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("compaction");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase,
                        a_crash_at_any_disk_call_of_a_compaction_loses_nothing,
                        0, STRIDE);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(crash_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
