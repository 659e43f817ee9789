#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/dictionary.h"
#include "engine/documents.h"
#include "engine/engine.h"
#include "engine/inventory.h"
#include "engine/key.h"
#include "engine/reader.h"
#include "engine/series.h"
#include "engine/snapshot.h"
#include "scratch.h"

enum { APP = 1, SET = 5, OTHER_SET = 6, DAY = 19494, WAIT_MS = 20000 };

static const char *dir;
static struct engine *engine;
static struct batch batch;

static void open_engine(void)
{
    struct engine_options options = {.dir = dir, .slot_bytes = 1 << 20};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    batch_init(&batch);
    open_engine();
}

static void teardown(void)
{
    engine_close(engine);
    batch_finish(&batch);
    scratch_remove();
}

static void reopen(void)
{
    engine_close(engine);
    open_engine();
}

static void apply(void)
{
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_clear(&batch);
}

static void checkpoint(void)
{
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
}

static void put(uint32_t ordinal, const char *value)
{
    struct key key = key_user(APP, ordinal);

    effect_put(&batch, TABLE_USERS, key_text(&key), text_of(value));
    apply();
}

static void expect(uint32_t ordinal, const char *value)
{
    struct key key = key_user(APP, ordinal);
    struct text found;

    ck_assert_int_eq(engine_get(engine, TABLE_USERS, key_text(&key), &found),
                     TALLY_OK);
    ck_assert_msg(text_is(found, value), "%.*s", (int)found.len, found.at);
}

static void expect_none(uint32_t ordinal)
{
    struct key key = key_user(APP, ordinal);
    struct text found;

    ck_assert_int_eq(engine_get(engine, TABLE_USERS, key_text(&key), &found),
                     TALLY_ERR_NOT_FOUND);
}

/* A new user's session at `hour` of DAY + day, with one value. */
static void hit(uint32_t ordinal, int day, int hour, uint32_t value)
{
    struct hit session = {
        .app = APP,
        .ordinal = ordinal,
        .hour = (DAY + day) * 24 + hour,
        .seconds = (uint32_t)(DAY + day) * 86400u + (uint32_t)hour * 3600u,
        .set = SET,
        .counts = 0xff,
        .item_count = 1,
        .items = {{OTHER_SET, value, 0x7f}},
    };

    effect_hit(&batch, &session);
    apply();
}

struct sums {
    int64_t t;
    int64_t u;
    int rows;
    uint32_t last;
};

static void add_cell(void *user, const struct series_cell *cell)
{
    struct sums *sums = user;

    sums->t += cell->at[CELL_T];
    sums->u += cell->at[CELL_U];
    sums->rows++;
    sums->last = cell->value ? cell->value : cell->hour;
}

static struct reader *open_reader(void)
{
    struct reader *reader;

    ck_assert_int_eq(reader_open(engine, &reader), TALLY_OK);
    series_capture(reader, APP, SET);
    series_capture(reader, APP, OTHER_SET);
    crowd_capture(reader, APP, 0, DAY, DAY + 9);
    crowd_capture(reader, APP, OTHER_SET, DAY, DAY + 9);
    return reader;
}

static struct sums sum_days(uint32_t set)
{
    struct sums sums = {0};
    struct reader *reader = open_reader();

    ck_assert_int_eq(
        series_days(reader, APP, set, DAY, DAY + 9, add_cell, &sums), TALLY_OK);
    reader_close(reader);
    return sums;
}

static struct sums sum_hours(void)
{
    struct sums sums = {0};
    struct reader *reader = open_reader();

    ck_assert_int_eq(
        series_hours(reader, APP, SET, DAY, DAY + 9, add_cell, &sums),
        TALLY_OK);
    reader_close(reader);
    return sums;
}

static void add_year(void *user, const struct series_year *row)
{
    struct sums *sums = user;

    sums->t += row->at[YEAR_T];
    sums->u += row->at[YEAR_U];
    sums->rows++;
}

static struct sums sum_years(uint32_t set)
{
    struct sums sums = {0};
    struct reader *reader = open_reader();

    ck_assert_int_eq(
        series_years(reader, APP, set, 2023, 2023, add_year, &sums), TALLY_OK);
    reader_close(reader);
    return sums;
}

static void note_mark(void *user, uint32_t value, uint32_t ordinal)
{
    uint64_t *seen = user;

    (void)value;
    *seen |= UINT64_C(1) << ordinal;
}

static uint64_t active(uint32_t set)
{
    uint64_t seen = 0;
    struct reader *reader = open_reader();

    ck_assert_int_eq(
        crowd_marks(reader, APP, set, DAY, DAY + 9, note_mark, &seen),
        TALLY_OK);
    reader_close(reader);
    return seen;
}

START_TEST(what_is_put_is_read_at_once_and_after_a_restart)
{
    put(1, "first");
    put(2, "second");
    put(1, "changed and longer than before");
    expect(1, "changed and longer than before");
    reopen();
    expect(1, "changed and longer than before");
    expect(2, "second");
    expect_none(3);
}
END_TEST

START_TEST(what_is_erased_stays_erased)
{
    struct key key = key_user(APP, 1);

    put(1, "first");
    checkpoint();
    effect_erase(&batch, TABLE_USERS, key_text(&key));
    apply();
    expect_none(1);
    checkpoint();
    expect_none(1);
    reopen();
    expect_none(1);
}
END_TEST

START_TEST(counters_are_the_same_before_and_after_a_checkpoint)
{
    hit(1, 0, 10, 200);
    hit(2, 0, 11, 200);
    hit(1, 1, 10, 7);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(sum_days(SET).t, 3);
        ck_assert_int_eq(sum_days(SET).rows, 2);
        ck_assert_int_eq(sum_hours().rows, 3);
        ck_assert_int_eq(sum_hours().t, 3);
        ck_assert_int_eq(sum_days(OTHER_SET).t, 3);
        ck_assert_int_eq(sum_days(OTHER_SET).rows, 2);
        ck_assert_int_eq(sum_days(OTHER_SET).last, 7);
        ck_assert_int_eq(sum_years(OTHER_SET).t, 3);
        ck_assert_int_eq(sum_years(OTHER_SET).rows, 2);
        ck_assert_uint_eq(active(0), 6);
        ck_assert_uint_eq(active(OTHER_SET), 6);
        if (round == 0)
            checkpoint();
        else
            reopen();
    }
}
END_TEST

START_TEST(counters_add_up_over_checkpoints)
{
    for (int i = 1; i <= 5; i++) {
        hit((uint32_t)i, i % 2, 3, (uint32_t)i * 100);
        checkpoint();
        hit((uint32_t)i, i % 2, 3, (uint32_t)i * 100);
    }
    ck_assert_int_eq(sum_days(SET).t, 10);
    ck_assert_int_eq(sum_days(OTHER_SET).rows, 5);
    ck_assert_int_eq(sum_years(SET).u, 10);
}
END_TEST

static bool count_record(void *user, struct text key, struct text value)
{
    int *count = user;

    (void)key;
    (void)value;
    ++*count;
    return true;
}

START_TEST(what_is_captured_twice_is_read_once)
{
    struct sums sums = {0};
    struct key prefix = key_app(APP);
    int records = 0;

    hit(1, 0, 10, 200);
    put(1, "user");
    struct reader *reader = open_reader();
    series_capture(reader, APP, SET);
    for (int i = 0; i < 2; i++)
        reader_capture_table(reader, TABLE_USERS, key_text(&prefix));
    ck_assert_int_eq(
        series_days(reader, APP, SET, DAY, DAY + 9, add_cell, &sums), TALLY_OK);
    ck_assert_int_eq(reader_records(reader, TABLE_USERS, key_text(&prefix),
                                    count_record, &records),
                     TALLY_OK);
    reader_close(reader);
    ck_assert_int_eq(sums.t, 1);
    ck_assert_int_eq(records, 1);
}
END_TEST

static void ck_record(struct reader *reader, uint32_t ordinal,
                      const char *expected)
{
    struct key key = key_user(APP, ordinal);
    struct text value = {NULL, 0};
    enum tally_err err =
        reader_get(reader, TABLE_USERS, key_text(&key), &value);

    ck_assert_int_eq(err, expected ? TALLY_OK : TALLY_ERR_NOT_FOUND);
    ck_assert(!expected || text_is(value, expected));
}

/* In the base, changed since, erased since, and new. */
START_TEST(a_reader_finds_single_records)
{
    struct key prefix = key_app(APP);
    struct key erased = key_user(APP, 3);

    put(1, "old");
    put(2, "old");
    put(3, "old");
    checkpoint();
    put(2, "new");
    put(4, "new");
    effect_erase(&batch, TABLE_USERS, key_text(&erased));
    apply();
    struct reader *reader = open_reader();
    reader_capture_table(reader, TABLE_USERS, key_text(&prefix));
    put(1, "later");
    ck_record(reader, 1, "old");
    ck_record(reader, 2, "new");
    ck_record(reader, 3, NULL);
    ck_record(reader, 4, "new");
    ck_record(reader, 5, NULL);
    reader_close(reader);
}
END_TEST

START_TEST(a_counter_back_at_zero_is_gone)
{
    struct count count = {.app = APP, .set = SET, .value = 3, .hour = DAY * 24};

    count.add[COUNT_U_DAY] = -1;
    effect_count(&batch, &count);
    apply();
    checkpoint();
    ck_assert_int_eq(sum_days(SET).u, -1);
    count.add[COUNT_U_DAY] = 1;
    effect_count(&batch, &count);
    apply();
    ck_assert_int_eq(sum_days(SET).rows, 0);
    checkpoint();
    ck_assert_int_eq(sum_days(SET).rows, 0);
}
END_TEST

START_TEST(a_count_without_an_hour_is_of_the_day_alone)
{
    struct count count = {
        .app = APP, .set = SET, .hour = DAY * 24 + 7, .add = {[COUNT_T] = 2}};

    effect_count(&batch, &count);
    count.no_hour = true;
    count.add[COUNT_T] = 5;
    effect_count(&batch, &count);
    apply();
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(sum_hours().t, 2);
        ck_assert_int_eq(sum_days(SET).t, 7);
        checkpoint();
    }
}
END_TEST

START_TEST(merged_users_are_read_as_who_they_are_now)
{
    struct key first = key_user(APP, 1);
    struct key second = key_user(APP, 2);

    hit(1, 0, 1, 1);
    hit(2, 0, 2, 1);
    hit(3, 0, 3, 1);
    effect_put(&batch, TABLE_ALIASES, key_text(&first), TEXT("\0\0\0\2"));
    apply();
    checkpoint();
    effect_put(&batch, TABLE_ALIASES, key_text(&second), TEXT("\0\0\0\3"));
    apply();
    ck_assert_uint_eq(active(0), 8);
    checkpoint();
    ck_assert_uint_eq(active(OTHER_SET), 8);
}
END_TEST

START_TEST(a_dropped_app_leaves_nothing)
{
    hit(1, 0, 1, 1);
    put(1, "user");
    checkpoint();
    effect_drop(&batch, APP);
    apply();
    checkpoint();
    /* The garbage goes in the background; closing and the next checkpoints
     * wait for it. */
    for (int i = 0; i < 200 && sum_days(SET).t != 0; i++) {
        effect_put_document(&batch, 1, TEXT("tick"), TEXT("tock"));
        apply();
        checkpoint();
    }
    ck_assert_int_eq(sum_days(SET).t, 0);
    expect_none(1);
    ck_assert_uint_eq(active(0), 0);
}
END_TEST

static bool count_document(void *user, struct text name, struct text value)
{
    int *count = user;

    (void)name;
    *count += (int)value.len;
    return true;
}

START_TEST(documents_of_any_length_are_listed_once)
{
    static char big[20000];
    int bytes = 0;

    memset(big, 'x', sizeof(big));
    effect_put_document(&batch, 1, TEXT("big"),
                        (struct text){big, sizeof(big)});
    effect_put_document(&batch, 1, TEXT("small"), TEXT("s"));
    effect_put_document(&batch, 2, TEXT("other"), TEXT("other kind"));
    apply();
    checkpoint();
    effect_put_document(&batch, 1, TEXT("small"), TEXT("sm"));
    apply();
    ck_assert_int_eq(documents_each(engine, 1, count_document, &bytes),
                     TALLY_OK);
    ck_assert_int_eq(bytes, 20002);
    effect_erase_document(&batch, 1, TEXT("big"));
    apply();
    checkpoint();
    bytes = 0;
    ck_assert_int_eq(documents_each(engine, 1, count_document, &bytes),
                     TALLY_OK);
    ck_assert_int_eq(bytes, 2);
}
END_TEST

static uint32_t count_name(const char *string, int year, uint32_t limit)
{
    uint32_t value = 0;
    enum tally_err err = dictionary_count(engine, &batch, APP, OTHER_SET,
                                          text_of(string), year, limit, &value);

    ck_assert(err == TALLY_OK || err == TALLY_ERR_TOO_BIG);
    if (err == TALLY_OK)
        hit(1, (year - 2023) * 365, 1, value);
    return err == TALLY_OK ? value : 0;
}

START_TEST(names_get_numbers_within_the_limit_of_each_year)
{
    for (int round = 0; round < 2; round++) {
        ck_assert_uint_eq(count_name("1:0", 2023, 2), 1);
        ck_assert_uint_eq(count_name("1:1", 2023, 2), 2);
        ck_assert_uint_eq(count_name("1:2", 2023, 2), 0);
        ck_assert_uint_eq(count_name("1:0", 2023, 2), 1);
        ck_assert_uint_eq(count_name("1:2", 2022, 2), 3);
        ck_assert_uint_eq(count_name("1:1", 2022, 2), 2);
        ck_assert_uint_eq(count_name("1:0", 2022, 2), 0);
        reopen();
    }
}
END_TEST

START_TEST(a_full_overlay_is_refused_and_nothing_of_the_batch_applied)
{
    static char big[100000];
    enum tally_err err = TALLY_OK;
    uint32_t ordinal = 0;

    engine_close(engine);
    struct engine_options options = {
        .dir = dir, .slot_bytes = 1 << 20, .overlay_bytes = 40 << 20};
    char reason[256];
    ck_assert_int_eq(engine_open(&options, &engine, reason), TALLY_OK);
    while (!err) {
        struct key key = key_user(APP, ++ordinal);
        effect_put(&batch, TABLE_USERS, key_text(&key),
                   (struct text){big, sizeof(big)});
        err = engine_apply(engine, &batch, NULL);
        batch_clear(&batch);
    }
    ck_assert_int_eq(err, TALLY_ERR_FULL);
    expect_none(ordinal);
    checkpoint();
    put(ordinal, "there is room again");
    expect(ordinal, "there is room again");
}
END_TEST

START_TEST(a_directory_in_use_is_refused)
{
    struct engine_options options = {.dir = dir};
    struct engine *second;
    char reason[256];

    ck_assert_int_eq(engine_open(&options, &second, reason), TALLY_ERR_IN_USE);
    ck_assert_ptr_nonnull(strstr(reason, "in use"));
}
END_TEST

START_TEST(the_latest_users_come_first_and_survive)
{
    struct recent_user list[RECENT_MAX];

    for (uint32_t i = 1; i <= 150; i++)
        hit(i, (int)(i % 7), 5, 1);
    for (int round = 0; round < 2; round++) {
        ck_assert_uint_eq(engine_recent(engine, APP, list), RECENT_MAX);
        ck_assert_uint_eq(list[0].ordinal, 6);
        ck_assert_uint_ge(list[0].seconds, list[99].seconds);
        reopen();
    }
}
END_TEST

START_TEST(a_backup_is_a_directory_of_its_own)
{
    struct snapshot *snapshot;
    char copy[300];

    snprintf(copy, sizeof(copy), "%s/copy", dir);
    hit(1, 0, 10, 200);
    put(1, "user");
    uint64_t lsn = engine_lsn(engine);
    ck_assert_int_eq(snapshot_open(engine, lsn, &snapshot), TALLY_ERR_FULL);
    checkpoint();
    ck_assert_int_eq(snapshot_open(engine, lsn, &snapshot), TALLY_OK);
    hit(2, 0, 10, 200);
    put(1, "changed after it was opened");
    checkpoint();
    ck_assert_int_eq(snapshot_copy(snapshot, copy), TALLY_OK);
    ck_assert_int_eq(snapshot_copy(snapshot, copy), TALLY_ERR_EXISTS);
    snapshot_close(snapshot);

    engine_close(engine);
    dir = copy;
    open_engine();
    expect(1, "user");
    ck_assert_int_eq(sum_days(SET).t, 1);
    ck_assert_int_eq(sum_days(OTHER_SET).t, 1);
    ck_assert_uint_eq(active(0), 2);
    put(2, "goes on from here");
    reopen();
    expect(2, "goes on from here");
}
END_TEST

START_TEST(a_table_has_the_extent_of_its_last_checkpoint)
{
    struct inventory_extent extent;

    put(1, "short");
    put(2, "longer");
    ck_assert_int_eq(inventory_extent(engine, TABLE_USERS, &extent), TALLY_OK);
    ck_assert_uint_eq(extent.records, 0);
    ck_assert_uint_eq(extent.page_bytes, 0);
    checkpoint();
    ck_assert_int_eq(inventory_extent(engine, TABLE_USERS, &extent), TALLY_OK);
    ck_assert_uint_eq(extent.records, 2);
    ck_assert_uint_eq(extent.key_bytes, 2 * 8);
    ck_assert_uint_eq(extent.value_bytes, 5 + 6);
    ck_assert_uint_eq(extent.page_bytes, 4096);
}
END_TEST

static Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tcase = tcase_create("engine");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_put_is_read_at_once_and_after_a_restart);
    tcase_add_test(tcase, what_is_erased_stays_erased);
    tcase_add_test(tcase, counters_are_the_same_before_and_after_a_checkpoint);
    tcase_add_test(tcase, counters_add_up_over_checkpoints);
    tcase_add_test(tcase, what_is_captured_twice_is_read_once);
    tcase_add_test(tcase, a_reader_finds_single_records);
    tcase_add_test(tcase, a_counter_back_at_zero_is_gone);
    tcase_add_test(tcase, a_count_without_an_hour_is_of_the_day_alone);
    tcase_add_test(tcase, merged_users_are_read_as_who_they_are_now);
    tcase_add_test(tcase, a_dropped_app_leaves_nothing);
    tcase_add_test(tcase, documents_of_any_length_are_listed_once);
    tcase_add_test(tcase, names_get_numbers_within_the_limit_of_each_year);
    tcase_add_test(tcase,
                   a_full_overlay_is_refused_and_nothing_of_the_batch_applied);
    tcase_add_test(tcase, a_directory_in_use_is_refused);
    tcase_add_test(tcase, the_latest_users_come_first_and_survive);
    tcase_add_test(tcase, a_backup_is_a_directory_of_its_own);
    tcase_add_test(tcase, a_table_has_the_extent_of_its_last_checkpoint);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(engine_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
