#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/key.h"
#include "engine/store.h"
#include "scratch.h"

enum { PART = 4076, LONGEST = 260000 };

static const char *dir;
static struct store *store;
static struct store_txn *txn;
static char long_value[LONGEST];

static void open_store(void)
{
    struct store_meta fresh = {.uuid = "fresh", .chain = 9};

    ck_assert_int_eq(store_open(dir, &fresh, &store), TALLY_OK);
    ck_assert_int_eq(store_begin_write(store, &txn), TALLY_OK);
}

static void setup(void)
{
    dir = scratch_create();
    for (size_t i = 0; i < sizeof(long_value); i++)
        long_value[i] = (char)(i * 31 >> 3);
    open_store();
}

static void teardown(void)
{
    store_abort(txn);
    store_close(store);
    scratch_remove();
}

static void commit(void)
{
    ck_assert_int_eq(store_commit(txn), TALLY_OK);
    ck_assert_int_eq(store_begin_write(store, &txn), TALLY_OK);
}

static void put(enum table table, struct text key, struct text value)
{
    ck_assert_int_eq(store_put(txn, table, key, value), TALLY_OK);
}

static void expect(enum table table, struct text key, struct text value)
{
    struct text found;

    ck_assert_int_eq(store_get(txn, table, key, &found), TALLY_OK);
    ck_assert(text_equal(found, value));
}

static void expect_none(enum table table, struct text key)
{
    struct text found;

    ck_assert_int_eq(store_get(txn, table, key, &found), TALLY_ERR_NOT_FOUND);
}

START_TEST(values_of_any_length_come_back_and_shrink)
{
    static const size_t lengths[] = {
        0,      1,       PART - 1,     PART, PART + 1, 2 * PART,
        100000, LONGEST, 3 * PART + 1, 5,    0};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct text value = {long_value + i, lengths[i] - (lengths[i] ? i : 0)};
        if (lengths[i] < i)
            value.len = 0;
        put(TABLE_DOCUMENTS, TEXT("\1name"), value);
        put(TABLE_COLD, TEXT("\1name"), value);
        put(TABLE_RECORDS, TEXT("\1name"), value);
        commit();
        expect(TABLE_DOCUMENTS, TEXT("\1name"), value);
        expect(TABLE_COLD, TEXT("\1name"), value);
        expect(TABLE_RECORDS, TEXT("\1name"), value);
    }
    ck_assert_int_eq(store_erase(txn, TABLE_COLD, TEXT("\1name")), TALLY_OK);
    ck_assert_int_eq(store_erase(txn, TABLE_COLD, TEXT("\1name")), TALLY_OK);
    expect_none(TABLE_COLD, TEXT("\1name"));
}
END_TEST

START_TEST(no_part_of_an_erased_value_is_left)
{
    struct store_cursor *cursor;
    struct text key;
    struct text value;

    put(TABLE_COLD, TEXT("a"), (struct text){long_value, LONGEST});
    put(TABLE_COLD, TEXT("a"), (struct text){long_value, 10});
    ck_assert_int_eq(store_erase(txn, TABLE_COLD, TEXT("a")), TALLY_OK);
    ck_assert_int_eq(store_walk(txn, TABLE_COLD, TEXT(""), &cursor), TALLY_OK);
    ck_assert_int_eq(store_step(cursor, &key, &value), TALLY_ERR_NOT_FOUND);
    store_end_walk(cursor);
}
END_TEST

/* Keys whose parts lie between the parts of others. */
START_TEST(keys_that_start_with_others_do_not_mix)
{
    static const struct text keys[] = {
        TEXT_INIT("a"),   TEXT_INIT("a\0"),   TEXT_INIT("a\0\0"),
        TEXT_INIT("a\1"), TEXT_INIT("a\1\0"), TEXT_INIT("a\2x"),
        TEXT_INIT("ab"),
    };
    enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
    struct store_cursor *cursor;
    struct text key;
    struct text value;
    unsigned seen = 0;

    for (unsigned i = 0; i < KEYS; i++)
        put(TABLE_DOCUMENTS, keys[i], (struct text){long_value + i, 9000 + i});
    for (unsigned i = 0; i < KEYS; i++)
        expect(TABLE_DOCUMENTS, keys[i],
               (struct text){long_value + i, 9000 + i});
    ck_assert_int_eq(store_walk(txn, TABLE_DOCUMENTS, TEXT(""), &cursor),
                     TALLY_OK);
    while (store_step(cursor, &key, &value) == TALLY_OK) {
        unsigned i = (unsigned)(value.len - 9000);
        ck_assert_uint_lt(i, KEYS);
        ck_assert(text_equal(key, keys[i]));
        ck_assert_mem_eq(value.at, long_value + i, value.len);
        seen |= 1u << i;
    }
    store_end_walk(cursor);
    ck_assert_uint_eq(seen, (1u << KEYS) - 1);
    for (unsigned i = 0; i < KEYS; i++) {
        ck_assert_int_eq(store_walk(txn, TABLE_DOCUMENTS, keys[i], &cursor),
                         TALLY_OK);
        ck_assert_int_eq(store_step(cursor, &key, &value), TALLY_OK);
        ck_assert(text_equal(key, keys[i]));
        store_end_walk(cursor);
    }
    ck_assert_int_eq(store_erase(txn, TABLE_DOCUMENTS, keys[0]), TALLY_OK);
    expect_none(TABLE_DOCUMENTS, keys[0]);
    for (unsigned i = 1; i < KEYS; i++)
        expect(TABLE_DOCUMENTS, keys[i],
               (struct text){long_value + i, 9000 + i});
}
END_TEST

START_TEST(a_walk_starts_at_the_first_key_not_before)
{
    struct store_cursor *cursor;
    struct text key;
    struct text value;

    put(TABLE_USERS, TEXT("b"), TEXT("2"));
    put(TABLE_USERS, TEXT("a"), TEXT("1"));
    put(TABLE_USERS, TEXT("c"), TEXT("3"));
    ck_assert_int_eq(store_walk(txn, TABLE_USERS, TEXT("aa"), &cursor),
                     TALLY_OK);
    ck_assert_int_eq(store_step(cursor, &key, &value), TALLY_OK);
    ck_assert(text_is(key, "b") && text_is(value, "2"));
    ck_assert_int_eq(store_step(cursor, &key, &value), TALLY_OK);
    ck_assert(text_is(key, "c"));
    ck_assert_int_eq(store_step(cursor, &key, &value), TALLY_ERR_NOT_FOUND);
    store_end_walk(cursor);
    store_end_walk(NULL);
}
END_TEST

START_TEST(tables_are_apart)
{
    for (enum table table = 0; table < TABLE_COUNT; table++) {
        char byte = (char)table;
        put(table, TEXT("key"), (struct text){&byte, 1});
    }
    commit();
    for (enum table table = 0; table < TABLE_COUNT; table++) {
        char byte = (char)table;
        expect(table, TEXT("key"), (struct text){&byte, 1});
    }
}
END_TEST

START_TEST(the_meta_record_is_fresh_once_and_then_what_was_put)
{
    struct store_meta meta;

    ck_assert_int_eq(store_get_meta(txn, &meta), TALLY_OK);
    ck_assert_str_eq((char *)meta.uuid, "fresh");
    ck_assert_uint_eq(meta.chain, 9);
    ck_assert_uint_eq(meta.from, meta.to);
    meta.from = UINT64_MAX - 1;
    meta.to = UINT64_MAX;
    meta.table = TABLE_DROPS;
    meta.key.len = EFFECT_KEY_MAX;
    memset(meta.key.bytes, 'k', EFFECT_KEY_MAX);
    ck_assert_int_eq(store_put_meta(txn, &meta), TALLY_OK);
    ck_assert_int_eq(store_commit(txn), TALLY_OK);
    store_close(store);
    open_store();
    struct store_meta read;
    ck_assert_int_eq(store_get_meta(txn, &read), TALLY_OK);
    ck_assert_str_eq((char *)read.uuid, "fresh");
    ck_assert_uint_eq(read.from, meta.from);
    ck_assert_uint_eq(read.to, meta.to);
    ck_assert_uint_eq(read.table, TABLE_DROPS);
    ck_assert(text_equal(key_text(&read.key), key_text(&meta.key)));
}
END_TEST

START_TEST(a_read_sees_its_instant_until_it_is_renewed)
{
    struct store_txn *read;
    struct text value;

    ck_assert_int_eq(store_begin_read(store, &read), TALLY_OK);
    put(TABLE_USERS, TEXT("a"), TEXT("1"));
    commit();
    ck_assert_int_eq(store_get(read, TABLE_USERS, TEXT("a"), &value),
                     TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(store_renew(read), TALLY_OK);
    ck_assert_int_eq(store_get(read, TABLE_USERS, TEXT("a"), &value), TALLY_OK);
    store_abort(read);
    store_abort(NULL);
    ck_assert_uint_gt(store_size(store), 0);
}
END_TEST

START_TEST(an_aborted_write_leaves_nothing)
{
    put(TABLE_COLD, TEXT("a"), (struct text){long_value, LONGEST});
    store_abort(txn);
    ck_assert_int_eq(store_begin_write(store, &txn), TALLY_OK);
    expect_none(TABLE_COLD, TEXT("a"));
}
END_TEST

START_TEST(a_file_that_is_no_base_is_refused)
{
    struct store_meta fresh = {.from = 0};
    struct store *none;
    char path[300];

    store_abort(txn);
    txn = NULL;
    store_close(store);
    store = NULL;
    snprintf(path, sizeof(path), "%s/data.mdb", dir);
    FILE *file = fopen(path, "w");
    fwrite(long_value, 1, 20000, file);
    fclose(file);
    enum tally_err err = store_open(dir, &fresh, &none);
    ck_assert(err == TALLY_ERR_CORRUPT || err == TALLY_ERR_VERSION);
}
END_TEST

static Suite *store_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *tcase = tcase_create("store");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, values_of_any_length_come_back_and_shrink);
    tcase_add_test(tcase, no_part_of_an_erased_value_is_left);
    tcase_add_test(tcase, keys_that_start_with_others_do_not_mix);
    tcase_add_test(tcase, a_walk_starts_at_the_first_key_not_before);
    tcase_add_test(tcase, tables_are_apart);
    tcase_add_test(tcase, the_meta_record_is_fresh_once_and_then_what_was_put);
    tcase_add_test(tcase, a_read_sees_its_instant_until_it_is_renewed);
    tcase_add_test(tcase, an_aborted_write_leaves_nothing);
    tcase_add_test(tcase, a_file_that_is_no_base_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(store_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
