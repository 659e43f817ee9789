/*
 * What an engine does while its disk is slow, full or broken.
 */
#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/key.h"
#include "faults.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum {
    WAIT_MS = 20000,
    EFFECTS = 30,
    FULL_CALLS = 80,
    SMALL = 1000,
    REFUSED_MS = 5000
};

static const char *dir;
static struct engine *engine;
static struct workload workload;
static struct batch batch;
static size_t slot_bytes = 1 << 20;
static unsigned slot_count = 3;

static atomic_uint woken;

static void wake(void *user)
{
    (void)user;
    atomic_fetch_add(&woken, 1);
}

static enum tally_err try_open(char reason[static 256])
{
    struct engine_options options = {.dir = dir,
                                     .slot_bytes = slot_bytes,
                                     .slot_count = slot_count,
                                     .overlay_bytes = 40 << 20,
                                     .free_bytes = 1 << 20,
                                     .on_durable = wake};

    return engine_open(&options, &engine, reason);
}

static void open_engine(void)
{
    char reason[256];
    enum tally_err err = try_open(reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    slot_bytes = 1 << 20;
    slot_count = 3;
    open_engine();
    batch_init(&batch);
    atomic_store(&woken, 0);
    workload = workload_begin(7);
}

static void teardown(void)
{
    faults_disarm();
    faults_hold_syncs(0);
    faults_set_free(UINT64_MAX);
    engine_close(engine);
    batch_finish(&batch);
    scratch_remove();
}

static void apply(int batches)
{
    for (int i = 0; i < batches; i++) {
        workload_next(&workload, &batch, EFFECTS);
        ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
        engine_turn(engine);
    }
}

static void check(const char *what)
{
    struct model *model = workload_model(7, workload.position, EFFECTS);

    model_check(engine, model, what);
    free(model);
}

/* Turns while the threads work, until something holds. */
static bool comes_true(bool (*holds)(void))
{
    for (int i = 0; i < WAIT_MS; i++) {
        if (holds())
            return true;
        engine_turn(engine);
        usleep(1000);
    }
    return false;
}

static bool has_failed(void)
{
    return engine_failed(engine);
}

static bool lacks_space(void)
{
    return engine_state(engine).lacks_space;
}

static bool is_checkpointed(void)
{
    return engine_state(engine).checkpointed == engine_lsn(engine);
}

START_TEST(both_the_log_and_the_base_are_behind_the_seam)
{
    unsigned logged = faults_count(FAULT_LOG, FAULT_WRITE);
    unsigned stored = faults_count(FAULT_BASE, FAULT_WRITE);
    unsigned synced = faults_count(FAULT_BASE, FAULT_SYNC);

    ck_assert_uint_gt(faults_count(FAULT_ANY, FAULT_NAME), 0);
    apply(1);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    ck_assert_uint_gt(faults_count(FAULT_LOG, FAULT_WRITE), logged);
    ck_assert_uint_eq(faults_count(FAULT_BASE, FAULT_WRITE), stored);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    ck_assert_uint_gt(faults_count(FAULT_BASE, FAULT_WRITE), stored);
    ck_assert_uint_gt(faults_count(FAULT_BASE, FAULT_SYNC), synced);
}
END_TEST

START_TEST(while_a_sync_is_held_back_nothing_is_durable_nor_in_the_base)
{
    faults_hold_syncs(FAULT_LOG);
    uint64_t durable = engine_durable(engine);
    unsigned stored = faults_count(FAULT_BASE, FAULT_CALLS);
    apply(20);
    engine_checkpoint(engine);
    for (int i = 0; i < 50; i++) {
        engine_turn(engine);
        usleep(1000);
    }
    ck_assert_uint_eq(engine_durable(engine), durable);
    ck_assert_uint_eq(faults_count(FAULT_BASE, FAULT_CALLS), stored);
    check("held back");
    faults_hold_syncs(0);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    ck_assert(comes_true(is_checkpointed));
    check("released");
}
END_TEST

START_TEST(a_failed_sync_ends_the_engine_and_loses_nothing_durable)
{
    apply(5);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    uint32_t position = workload.position;
    uint64_t durable = engine_durable(engine);
    faults_arm((struct fault){.kind = FAULT_ERROR,
                              .files = FAULT_LOG,
                              .calls = _i ? FAULT_SYNC : FAULT_WRITE,
                              .at = 1,
                              .for_ever = true,
                              .error = EIO});
    apply(1);
    ck_assert(comes_true(has_failed));
    ck_assert_uint_eq(engine_durable(engine), durable);
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_ERR_IO);
    ck_assert_int_eq(engine_flush(engine), TALLY_ERR_IO);
    ck_assert_uint_eq(engine_durable(engine), durable);
    check("after the failure");
    faults_disarm();
    engine_close(engine);

    /* The failed batch may be back, from the page cache; then it is made
     * durable, so that a power cut does not take it any more. */
    open_engine();
    uint32_t found = model_position_of(engine);
    ck_assert(found == position || found == position + 1);
    engine_close(engine);
    faults_cut_power();
    open_engine();
    ck_assert_uint_eq(model_position_of(engine), found);
    workload.position = found;
    check("after a restart and a power cut");
}
END_TEST

START_TEST(a_full_disk_stops_checkpoints_until_there_is_room)
{
    apply(10);
    faults_set_free(0);
    faults_arm((struct fault){.kind = _i % 2 ? FAULT_SHORT : FAULT_ERROR,
                              .files = FAULT_BASE,
                              .calls = FAULT_WRITE,
                              .at = 1,
                              .for_ever = true,
                              .error = ENOSPC});
    engine_checkpoint(engine);
    ck_assert(comes_true(lacks_space));
    ck_assert(!engine_failed(engine));
    apply(3);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    check("full");
    faults_set_free(UINT64_MAX);
    faults_disarm();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    check("room again");
}
END_TEST

/* The disk gets full at the n-th write of a checkpoint: LMDB's pages can be
 * tried again, but not the page that ends a transaction. */
/* A write that failed for want of space just before there was some looks like
 * a broken disk; that can also be the erasing of garbage, later. */
static void checkpoint_at_last(void)
{
    uint32_t position = workload.position;

    if (engine_checkpoint_wait(engine, WAIT_MS) == TALLY_OK)
        return;
    ck_assert(engine_failed(engine));
    engine_close(engine);
    open_engine();
    ck_assert_uint_eq(model_position_of(engine), position);
}

START_TEST(a_disk_that_gets_full_while_sweeping_loses_nothing)
{
    apply(12);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    faults_arm((struct fault){.kind = _i % 2 ? FAULT_SHORT : FAULT_ERROR,
                              .files = FAULT_BASE,
                              .calls = FAULT_WRITE,
                              .at = (unsigned)_i / 2 + 1,
                              .for_ever = true,
                              .error = ENOSPC});
    engine_checkpoint(engine);
    for (int ms = 0;
         ms < 1000 && !has_failed() && !is_checkpointed() && !lacks_space();
         ms++) {
        engine_turn(engine);
        usleep(1000);
    }
    if (lacks_space())
        check("full");
    faults_set_free(UINT64_MAX);
    faults_disarm();
    checkpoint_at_last();
    check("room again");
    checkpoint_at_last();
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    check("checkpointed");
}
END_TEST

START_TEST(a_base_that_cannot_be_written_ends_the_engine)
{
    apply(10);
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    faults_arm((struct fault){.kind = FAULT_ERROR,
                              .files = FAULT_BASE,
                              .calls = _i ? FAULT_SYNC : FAULT_WRITE,
                              .at = 1,
                              .for_ever = true,
                              .error = EIO});
    engine_checkpoint(engine);
    ck_assert(comes_true(has_failed));
    check("failed");
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_ERR_IO);
    faults_disarm();
    engine_close(engine);
    open_engine();
    check("again");
}
END_TEST

static void put_small(void)
{
    uint8_t name = 'a';

    batch_clear(&batch);
    effect_put_document(&batch, 9, (struct text){(char *)&name, 1}, TEXT("x"));
}

START_TEST(a_log_of_small_batches_is_checkpointed_before_it_is_full)
{
    put_small();
    for (int i = 0; i < SMALL; i++) {
        enum tally_err err = engine_apply(engine, &batch, NULL);
        for (int ms = 0; err == TALLY_ERR_FULL && ms < 2000; ms++) {
            engine_turn(engine);
            usleep(1000);
            err = engine_apply(engine, &batch, NULL);
        }
        ck_assert_int_eq(err, TALLY_OK);
        ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    }
}
END_TEST

static enum tally_err apply_until_refused(void)
{
    enum tally_err err = TALLY_OK;

    for (int i = 0; !err && i < 4000; i++) {
        workload_next(&workload, &batch, EFFECTS);
        err = engine_apply(engine, &batch, NULL);
        engine_turn(engine);
    }
    return err;
}

START_TEST(a_full_disk_ends_in_refusals_that_end_with_it)
{
    faults_set_free(0);
    ck_assert_int_eq(apply_until_refused(), TALLY_ERR_FULL);
    struct workload refused = workload;
    workload.position--;
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
    check("refusing");
    faults_set_free(UINT64_MAX);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    workload = refused;
    check("accepting");
}
END_TEST

static enum tally_err put_big(uint32_t ordinal)
{
    static const char bytes[100000];
    struct key key = key_user(1, ordinal);

    batch_clear(&batch);
    effect_put(&batch, TABLE_COLD, key_text(&key),
               (struct text){bytes, sizeof(bytes) - ordinal});
    return engine_apply(engine, &batch, NULL);
}

/* Puts what is not there yet until it is refused for longer than a slot takes
 * to be made; how many there are. */
static uint32_t put_until_refused(void)
{
    uint32_t count = 0;

    for (int refused = 0; refused < REFUSED_MS;) {
        enum tally_err err = put_big(count + 1);
        ck_assert(err == TALLY_OK || err == TALLY_ERR_FULL);
        count += err == TALLY_OK;
        refused = err ? refused + 1 : 0;
        ck_assert_int_eq(engine_flush(engine), TALLY_OK);
        engine_turn(engine);
        if (err)
            usleep(1000);
    }
    return count;
}

static void check_big(uint32_t count)
{
    for (uint32_t i = 1; i <= count + 1; i++) {
        struct key key = key_user(1, i);
        struct text value = {NULL, 0};
        enum tally_err err =
            engine_get(engine, TABLE_COLD, key_text(&key), &value);
        ck_assert_int_eq(err, i <= count ? TALLY_OK : TALLY_ERR_NOT_FOUND);
        ck_assert_uint_eq(value.len, i <= count ? 100000 - i : 0);
    }
}

static void fill_disk(void)
{
    faults_set_free(0);
    faults_arm((struct fault){.kind = FAULT_ERROR,
                              .files = FAULT_BASE,
                              .calls = FAULT_WRITE,
                              .at = 1,
                              .for_ever = true,
                              .error = ENOSPC});
}

/* The log holds more than one generation does: it must not need the base. */
START_TEST(an_engine_starts_with_two_generations_on_a_full_disk)
{
    engine_close(engine);
    scratch_remove();
    slot_bytes = 8 << 20;
    slot_count = 8;
    dir = scratch_create();
    open_engine();
    fill_disk();
    uint32_t count = put_until_refused();
    /* One holds no more: its 20 MB, of which a put asks for 8 at first. How
     * many the second one gets depends on when a third slot is made. */
    ck_assert_uint_gt(count, 120);
    engine_close(engine);
    open_engine();
    check_big(count);
    faults_disarm();
    faults_set_free(UINT64_MAX);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    check_big(count);
}
END_TEST

/* Tiny records of users first to last, `step` to a batch. */
static void put_users(uint32_t app, uint32_t first, uint32_t last,
                      uint32_t step)
{
    for (uint32_t i = first; i <= last; i++) {
        struct key key = key_user(app, i);
        effect_put(&batch, TABLE_USERS, key_text(&key), TEXT("x"));
        if (i % step == 0 || i == last) {
            ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
            ck_assert_int_eq(engine_flush(engine), TALLY_OK);
            batch_clear(&batch);
        }
    }
}

START_TEST(garbage_does_not_keep_a_checkpoint_waiting)
{
    enum { USERS = 30000 };
    struct key last = key_user(1, USERS);
    struct text value;

    put_users(1, 1, USERS, 3000);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    effect_drop(&batch, 1);
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_clear(&batch);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    put_users(2, 1, 1, 1);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    ck_assert_int_eq(engine_get(engine, TABLE_USERS, key_text(&last), &value),
                     TALLY_OK);
}
END_TEST

/* The loop's read pins what a commit frees until the loop turns. */
START_TEST(each_commit_of_a_checkpoint_wakes_the_loop)
{
    enum { COMMITS = 15, RECORDS_OF_A_COMMIT = 1000 };

    put_users(1, 1, COMMITS * RECORDS_OF_A_COMMIT, 3000);
    engine_checkpoint(engine);
    engine_turn(engine);
    engine_turn(engine);
    unsigned before = atomic_load(&woken);
    for (int ms = 0; ms < WAIT_MS && atomic_load(&woken) < before + COMMITS;
         ms++)
        usleep(1000);
    ck_assert_uint_ge(atomic_load(&woken), before + COMMITS);
}
END_TEST

static bool is_garbage_gone(void)
{
    struct key last = key_user(1, 3000);
    struct text value;

    return engine_get(engine, TABLE_USERS, key_text(&last), &value) ==
           TALLY_ERR_NOT_FOUND;
}

START_TEST(garbage_goes_while_nothing_else_happens)
{
    put_users(1, 1, 3000, 3000);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    ck_assert(!is_garbage_gone());
    effect_drop(&batch, 1);
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
    ck_assert(comes_true(is_garbage_gone));
}
END_TEST

static Suite *disk_suite(void)
{
    Suite *suite = suite_create("engine_disk");
    TCase *tcase = tcase_create("disk");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, both_the_log_and_the_base_are_behind_the_seam);
    tcase_add_test(
        tcase, while_a_sync_is_held_back_nothing_is_durable_nor_in_the_base);
    tcase_add_loop_test(
        tcase, a_failed_sync_ends_the_engine_and_loses_nothing_durable, 0, 2);
    tcase_add_loop_test(
        tcase, a_full_disk_stops_checkpoints_until_there_is_room, 0, 2);
    tcase_add_loop_test(tcase,
                        a_disk_that_gets_full_while_sweeping_loses_nothing, 0,
                        FULL_CALLS);
    tcase_add_loop_test(tcase, a_base_that_cannot_be_written_ends_the_engine, 0,
                        2);
    tcase_add_test(tcase,
                   a_log_of_small_batches_is_checkpointed_before_it_is_full);
    tcase_add_test(tcase, a_full_disk_ends_in_refusals_that_end_with_it);
    tcase_add_test(tcase, an_engine_starts_with_two_generations_on_a_full_disk);
    tcase_add_test(tcase, garbage_does_not_keep_a_checkpoint_waiting);
    tcase_add_test(tcase, each_commit_of_a_checkpoint_wakes_the_loop);
    tcase_add_test(tcase, garbage_goes_while_nothing_else_happens);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(disk_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
