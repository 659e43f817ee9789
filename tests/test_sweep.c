/*
 * A generation is swept with an end after each of its transactions; what the
 * base then holds must be the same as after a sweep in one go.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/garbage.h"
#include "engine/horizon.h"
#include "engine/key.h"
#include "engine/overlay.h"
#include "engine/store.h"
#include "engine/sweep.h"
#include "model.h"
#include "scratch.h"
#include "workload.h"

enum { BATCHES = 25, EFFECTS = 30, GENERATIONS = 3, RECORDS = 40 };

static const char *dir;
static char path[2][300];
static struct store *store;
static unsigned left; /* transactions until the sweep is ended */
static unsigned transactions;

static void open_store(int which)
{
    struct store_meta fresh = {.uuid = "sweep"};

    ck_assert_int_eq(store_open(path[which], &fresh, &store), TALLY_OK);
}

static void setup(void)
{
    dir = scratch_create();
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof(path[i]), "%s/%d", dir, i);
        ck_assert_int_eq(mkdir(path[i], 0700), 0);
    }
}

static void teardown(void)
{
    scratch_remove();
}

/* The batches of one generation, applied afresh as a replay does. */
static struct overlay *generation(uint64_t seed, unsigned number)
{
    struct overlay *overlay = overlay_create(1 << 28);
    struct workload workload = workload_begin(seed);
    struct batch batch;

    batch_init(&batch);
    for (unsigned i = 0; i < BATCHES * (number + 1); i++) {
        struct effect effect;
        workload_next(&workload, &batch, EFFECTS);
        for (size_t at = 0; i >= BATCHES * number && at < batch.bytes.len;) {
            ck_assert_int_eq(
                effect_read(buffer_text(&batch.bytes), &at, &effect), TALLY_OK);
            overlay_apply(overlay, &effect);
        }
    }
    batch_finish(&batch);
    return overlay;
}

static enum tally_err may_write(void *user)
{
    (void)user;
    return left-- > 0 ? TALLY_OK : TALLY_ERR_DENIED;
}

static void committed(void *user)
{
    (void)user;
    transactions++;
}

/* Sweeps at most some transactions of a generation. */
static enum tally_err sweep_some(uint64_t seed, unsigned number, unsigned most)
{
    struct overlay *overlay = generation(seed, number);
    struct sweep_options options = {.store = store,
                                    .overlay = overlay,
                                    .to = 100 * (number + 1),
                                    .chain = number,
                                    .pace = {.records = RECORDS},
                                    .may_write = may_write,
                                    .committed = committed};

    left = most;
    enum tally_err err = sweep(&options);
    overlay_destroy(overlay);
    return err;
}

static void compare_tables(struct store_txn *a, struct store_txn *b,
                           enum table table)
{
    struct store_cursor *x;
    struct store_cursor *y;
    struct text key[2];
    struct text value[2];
    enum tally_err err;

    ck_assert_int_eq(store_walk(a, table, TEXT(""), &x), TALLY_OK);
    ck_assert_int_eq(store_walk(b, table, TEXT(""), &y), TALLY_OK);
    do {
        err = store_step(x, &key[0], &value[0]);
        ck_assert_int_eq(store_step(y, &key[1], &value[1]), err);
        if (!err)
            ck_assert_msg(text_equal(key[0], key[1]) &&
                              text_equal(value[0], value[1]),
                          "table %d", (int)table);
    } while (!err);
    ck_assert_int_eq(err, TALLY_ERR_NOT_FOUND);
    store_end_walk(x);
    store_end_walk(y);
}

static void compare_stores(void)
{
    struct store *first = store;
    struct store_txn *a;
    struct store_txn *b;

    open_store(1);
    ck_assert_int_eq(store_begin_read(first, &a), TALLY_OK);
    ck_assert_int_eq(store_begin_read(store, &b), TALLY_OK);
    for (enum table table = 0; table < TABLE_COUNT; table++)
        compare_tables(a, b, table);
    store_abort(a);
    store_abort(b);
    store_close(first);
}

static struct store_meta meta_of(void)
{
    struct store_txn *txn;
    struct store_meta meta;

    ck_assert_int_eq(store_begin_read(store, &txn), TALLY_OK);
    ck_assert_int_eq(store_get_meta(txn, &meta), TALLY_OK);
    store_abort(txn);
    return meta;
}

static void sweep_whole(uint64_t seed)
{
    open_store(1);
    for (unsigned number = 0; number < GENERATIONS; number++)
        ck_assert_int_eq(sweep_some(seed, number, UINT32_MAX), TALLY_OK);
    store_close(store);
}

START_TEST(a_sweep_goes_on_where_it_was_ended_and_doubles_nothing)
{
    uint64_t seed = (uint64_t)_i;

    sweep_whole(seed);
    open_store(0);
    for (unsigned number = 0; number < GENERATIONS; number++) {
        enum tally_err err = TALLY_ERR_DENIED;
        while (err) {
            struct store_meta before = meta_of();
            /* The store is closed too: only the file survives. */
            err = sweep_some(seed, number, _i % 3 + 1);
            store_close(store);
            open_store(0);
            struct store_meta after = meta_of();
            ck_assert(
                after.from > before.from || after.to > before.to ||
                after.table > before.table ||
                (after.table == before.table &&
                 memcmp(after.key.bytes, before.key.bytes, after.key.len) > 0));
        }
        ck_assert_uint_eq(meta_of().from, 100 * (number + 1));
        ck_assert_uint_eq(meta_of().chain, number);
    }
    compare_stores();
    store_close(store);
}
END_TEST

/* As when a crash comes after the last commit, before anyone noticed. */
START_TEST(a_sweep_that_is_repeated_changes_nothing)
{
    sweep_whole(5);
    open_store(0);
    for (unsigned number = 0; number < GENERATIONS; number++) {
        ck_assert_int_eq(sweep_some(5, number, 4), TALLY_ERR_DENIED);
        unsigned count = transactions;
        ck_assert_int_eq(sweep_some(5, number, 0), TALLY_ERR_DENIED);
        ck_assert_uint_eq(transactions, count);
        ck_assert_int_eq(sweep_some(5, number, UINT32_MAX), TALLY_OK);
    }
    compare_stores();
    store_close(store);
}
END_TEST

START_TEST(keys_are_passed_in_order_and_only_by_their_own_sweep)
{
    struct key key = key_user(1, 5);
    struct key before = key_user(1, 4);
    struct key behind = key_user(1, 6);
    struct store_meta meta = {
        .from = 10, .to = 20, .table = TABLE_USERS, .key = key};

    ck_assert(sweep_has_passed(&meta, 20, TABLE_USERS, key_text(&key)));
    ck_assert(sweep_has_passed(&meta, 20, TABLE_USERS, key_text(&before)));
    ck_assert(!sweep_has_passed(&meta, 20, TABLE_USERS, key_text(&behind)));
    ck_assert(sweep_has_passed(&meta, 20, TABLE_DAYS, key_text(&behind)));
    ck_assert(!sweep_has_passed(&meta, 20, TABLE_IDS, key_text(&before)));
    ck_assert(sweep_has_passed(&meta, 10, TABLE_IDS, key_text(&behind)));
    ck_assert(!sweep_has_passed(&meta, 30, TABLE_HOURS, key_text(&before)));
    meta.to = 10;
    ck_assert(!sweep_has_passed(&meta, 20, TABLE_HOURS, key_text(&before)));
    ck_assert(sweep_has_passed(&meta, 10, TABLE_DROPS, key_text(&behind)));
}
END_TEST

static unsigned count_of(uint32_t app, enum table table)
{
    struct key prefix = key_app(app);
    struct store_cursor *cursor;
    struct store_txn *txn;
    struct text key;
    struct text value;
    unsigned count = 0;

    ck_assert_int_eq(store_begin_read(store, &txn), TALLY_OK);
    ck_assert_int_eq(store_walk(txn, table, key_text(&prefix), &cursor),
                     TALLY_OK);
    while (store_step(cursor, &key, &value) == TALLY_OK &&
           memcmp(key.at, prefix.bytes, prefix.len) == 0)
        count++;
    store_end_walk(cursor);
    store_abort(txn);
    return count;
}

static unsigned count_all(uint32_t app)
{
    unsigned count = 0;

    for (enum table table = 0; table < TABLE_COUNT; table++) {
        if (table != TABLE_DOCUMENTS && table != TABLE_DROPS)
            count += count_of(app, table);
    }
    return count;
}

START_TEST(a_dropped_app_is_deleted_bit_by_bit_and_nothing_else)
{
    struct overlay *overlay = overlay_create(1 << 20);
    struct effect drop = {.kind = EFFECT_DROP, .app = 2};
    struct sweep_options options = {
        .store = store, .overlay = overlay, .to = 1000};
    bool is_left = true;
    int steps = 0;

    open_store(0);
    options.store = store;
    ck_assert_int_eq(sweep_some(1, 0, UINT32_MAX), TALLY_OK);
    unsigned others = count_all(1) + count_all(3);
    unsigned records = count_all(2);
    ck_assert_uint_gt(records, 30);
    overlay_apply(overlay, &drop);
    ck_assert_int_eq(sweep(&options), TALLY_OK);
    while (is_left) {
        unsigned before = count_all(2);
        ck_assert_int_eq(garbage_erase(store, 10, &is_left), TALLY_OK);
        ck_assert_uint_le(before - count_all(2), 10);
        steps++;
    }
    ck_assert_int_ge(steps, (int)records / 10);
    ck_assert_uint_eq(count_all(2), 0);
    ck_assert_uint_eq(count_of(2, TABLE_DROPS), 0);
    ck_assert_uint_eq(count_all(1) + count_all(3), others);
    overlay_destroy(overlay);
    store_close(store);
}
END_TEST

/* Records of an app's table by the day in their key. */
static unsigned count_days(uint32_t app, enum table table, size_t skip,
                           int32_t before, bool count_rest)
{
    struct key prefix = key_app(app);
    struct store_txn *txn;
    struct store_cursor *cursor;
    struct text key;
    struct text value;
    unsigned count = 0;

    ck_assert_int_eq(store_begin_read(store, &txn), TALLY_OK);
    ck_assert_int_eq(store_walk(txn, table, key_text(&prefix), &cursor),
                     TALLY_OK);
    while (store_step(cursor, &key, &value) == TALLY_OK &&
           text_starts_with(key, key_text(&prefix))) {
        int32_t day = (uint8_t)key.at[skip] << 8 | (uint8_t)key.at[skip + 1];
        count += (day < before) != count_rest;
    }
    store_end_walk(cursor);
    store_abort(txn);
    return count;
}

/* A day that has records before and behind it. */
static int32_t middle_day(uint32_t app)
{
    int32_t day = 1;

    while (count_days(app, TABLE_HOURS, 8, day, false) <
           count_days(app, TABLE_HOURS, 8, day, true))
        day++;
    return day;
}

START_TEST(what_lies_behind_a_horizon_is_deleted_and_nothing_else)
{
    static const struct {
        enum table table;
        size_t skip;
    } tables[] = {{TABLE_HOURS, 8}, {TABLE_ACTIVE, 4}, {TABLE_COLUMNS, 8}};
    struct overlay *overlay = overlay_create(1 << 20);
    struct batch batch;
    struct effect effect;
    size_t at = 0;
    bool is_left = true;
    unsigned kept[3];

    open_store(0);
    ck_assert_int_eq(sweep_some(1, 0, UINT32_MAX), TALLY_OK);
    int32_t day = middle_day(2);
    unsigned others = count_all(1) + count_all(3);
    unsigned days = count_of(2, TABLE_DAYS);
    for (int i = 0; i < 3; i++)
        kept[i] = count_days(2, tables[i].table, tables[i].skip, day, true);
    batch_init(&batch);
    horizon_put(&batch, 2, &(struct horizon){day, day});
    ck_assert_int_eq(effect_read(buffer_text(&batch.bytes), &at, &effect),
                     TALLY_OK);
    overlay_apply(overlay, &effect);
    ck_assert_int_eq(sweep(&(struct sweep_options){
                         .store = store, .overlay = overlay, .to = 1000}),
                     TALLY_OK);
    while (is_left)
        ck_assert_int_eq(garbage_erase(store, 5, &is_left), TALLY_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(
            count_days(2, tables[i].table, tables[i].skip, day, false), 0);
        ck_assert_uint_eq(count_of(2, tables[i].table), kept[i]);
    }
    ck_assert_uint_gt(kept[0], 0);
    ck_assert_uint_eq(count_of(2, TABLE_DAYS), days);
    ck_assert_uint_eq(count_all(1) + count_all(3), others);
    batch_finish(&batch);
    overlay_destroy(overlay);
    store_close(store);
}
END_TEST

static Suite *sweep_suite(void)
{
    Suite *suite = suite_create("sweep");
    TCase *tcase = tcase_create("sweep");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(
        tcase, a_sweep_goes_on_where_it_was_ended_and_doubles_nothing, 0, 4);
    tcase_add_test(tcase, a_sweep_that_is_repeated_changes_nothing);
    tcase_add_test(tcase, keys_are_passed_in_order_and_only_by_their_own_sweep);
    tcase_add_test(tcase, a_dropped_app_is_deleted_bit_by_bit_and_nothing_else);
    tcase_add_test(tcase,
                   what_lies_behind_a_horizon_is_deleted_and_nothing_else);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(sweep_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
