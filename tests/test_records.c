/*
 * Records against a slow model: a sorted list of all names, and what stands
 * under each. A failure prints the seed.
 */
#include <check.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/key.h"
#include "engine/records.h"
#include "scratch.h"

enum {
    WAIT_MS = 20000,
    SEEDS = 12,
    STEPS = 400,
    NAMES = 150,
    PLACES = 4, /* apps and shelves */
    VALUE_MAX = 9000,
    MANY = RECORDS_CHANGES_MAX * 3,
};

struct entry {
    char name[KEY_RECORD_MAX];
    size_t len;
    bool is_there[PLACES];
    uint8_t first[PLACES];
    size_t value_len[PLACES];
};

static const struct {
    uint32_t app;
    uint32_t shelf;
} places[PLACES] = {{0, 1}, {7, 1}, {7, 2}, {8, 1}};

static struct entry entries[NAMES];
static unsigned entry_count;
static struct engine *engine;
static struct batch batch;
static const char *dir;
static uint64_t state;

static uint32_t roll(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void open_engine(void)
{
    struct engine_options options = {
        .dir = dir, .slot_bytes = 8 << 20, .overlay_bytes = 400 << 20};
    char reason[256];
    enum tally_err err = engine_open(&options, &engine, reason);

    ck_assert_msg(err == TALLY_OK, "%s", reason);
}

static void setup(void)
{
    dir = scratch_create();
    open_engine();
    batch_init(&batch);
}

static void teardown(void)
{
    batch_finish(&batch);
    engine_close(engine);
    scratch_remove();
}

static void apply(void)
{
    ck_assert_int_eq(engine_apply(engine, &batch, NULL), TALLY_OK);
    batch_clear(&batch);
    engine_turn(engine);
}

static void apply_durably(void)
{
    apply();
    ck_assert_int_eq(engine_flush(engine), TALLY_OK);
}

static void checkpoint(void)
{
    ck_assert_int_eq(engine_checkpoint_wait(engine, WAIT_MS), TALLY_OK);
}

static void put(uint32_t app, uint32_t shelf, struct text name,
                struct text value)
{
    struct key key = key_record(app, shelf, name);

    effect_put(&batch, TABLE_RECORDS, key_text(&key), value);
}

static void erase(uint32_t app, uint32_t shelf, struct text name)
{
    struct key key = key_record(app, shelf, name);

    effect_erase(&batch, TABLE_RECORDS, key_text(&key));
}

/* The model. */

static struct text name_of(const struct entry *entry)
{
    return (struct text){entry->name, entry->len};
}

static int compare_entries(const void *a, const void *b)
{
    return text_compare(name_of(a), name_of(b));
}

/* Few letters, so that many names begin with others. */
static void make_names(void)
{
    static const char letters[] = {0, 1, 'a', 'b', (char)0xff};

    memset(entries, 0, sizeof(entries));
    for (unsigned i = 0; i < NAMES; i++) {
        struct entry *entry = &entries[i];
        entry->len = roll(20) == 0 ? KEY_RECORD_MAX : 1 + roll(4);
        for (size_t k = 0; k < entry->len; k++)
            entry->name[k] = k < 6 ? letters[roll(sizeof(letters))] : 'x';
    }
    qsort(entries, NAMES, sizeof(entries[0]), compare_entries);
    entry_count = 0;
    for (unsigned i = 0; i < NAMES; i++) {
        if (entry_count == 0 ||
            compare_entries(&entries[entry_count - 1], &entries[i]) != 0)
            entries[entry_count++] = entries[i];
    }
}

static struct text value_of(const struct entry *entry, unsigned place)
{
    static char bytes[VALUE_MAX];

    for (size_t i = 0; i < entry->value_len[place]; i++)
        bytes[i] = (char)(entry->first[place] + i * 7);
    return (struct text){bytes, entry->value_len[place]};
}

static void change_one(void)
{
    struct entry *entry = &entries[roll(entry_count)];
    unsigned place = roll(PLACES);

    entry->is_there[place] = roll(3) != 0;
    entry->first[place] = (uint8_t)roll(256);
    entry->value_len[place] = roll(roll(4) == 0 ? VALUE_MAX : 30);
    if (entry->is_there[place])
        put(places[place].app, places[place].shelf, name_of(entry),
            value_of(entry, place));
    else
        erase(places[place].app, places[place].shelf, name_of(entry));
}

struct comparison {
    const struct records_range *range;
    unsigned place;
    unsigned at;    /* the next entry that can come */
    unsigned stops; /* after so many; 0: never */
    unsigned given;
};

static bool is_next(const struct comparison *comparison)
{
    const struct entry *entry = &entries[comparison->at];

    return entry->is_there[comparison->place] &&
           text_starts_with(name_of(entry), comparison->range->prefix) &&
           text_compare(name_of(entry), comparison->range->after) > 0;
}

static void skip_to_next(struct comparison *comparison)
{
    while (comparison->at < entry_count && !is_next(comparison))
        comparison->at++;
}

static bool compare_one(void *user, struct text name, struct text value)
{
    struct comparison *comparison = user;

    skip_to_next(comparison);
    ck_assert_uint_lt(comparison->at, entry_count);
    const struct entry *entry = &entries[comparison->at++];
    ck_assert(text_equal(name, name_of(entry)));
    ck_assert(text_equal(value, value_of(entry, comparison->place)));
    return ++comparison->given != comparison->stops;
}

static void compare_range(void)
{
    struct comparison comparison = {.place = roll(PLACES), .stops = roll(9)};
    struct records_range range = {.app = places[comparison.place].app,
                                  .shelf = places[comparison.place].shelf};

    if (roll(2) == 0)
        range.prefix = name_of(&entries[roll(entry_count)]);
    if (range.prefix.len > 2)
        range.prefix.len = 1 + roll(2);
    if (roll(2) == 0)
        range.after = name_of(&entries[roll(entry_count)]);
    comparison.range = &range;
    ck_assert_int_eq(
        records_each(engine, &batch, &range, compare_one, &comparison),
        TALLY_OK);
    if (comparison.given > 0 && comparison.given == comparison.stops)
        return;
    skip_to_next(&comparison);
    ck_assert_uint_eq(comparison.at, entry_count);
}

static void compare_get(void)
{
    const struct entry *entry = &entries[roll(entry_count)];
    unsigned place = roll(PLACES);
    struct key key =
        key_record(places[place].app, places[place].shelf, name_of(entry));
    struct text value;
    enum tally_err err = records_get(engine, &batch, key_text(&key), &value);

    ck_assert_int_eq(err,
                     entry->is_there[place] ? TALLY_OK : TALLY_ERR_NOT_FOUND);
    ck_assert(err || text_equal(value, value_of(entry, place)));
}

static void disturb(void)
{
    switch (roll(20)) {
    case 0:
        checkpoint();
        break;
    case 1:
    case 2:
        engine_checkpoint(engine);
        break;
    case 3:
        engine_close(engine);
        open_engine();
        break;
    default:
        break;
    }
    engine_turn(engine);
}

START_TEST(records_are_what_was_put_last_in_the_order_of_names)
{
    state = (uint64_t)_i;
    make_names();
    for (int step = 0; step < STEPS; step++) {
        for (unsigned changes = roll(12); changes > 0; changes--)
            change_one();
        for (int i = 0; i < 3; i++)
            compare_range();
        compare_get();
        if (roll(3) != 0) {
            apply();
            disturb();
        }
    }
}
END_TEST

/* More changes than are looked at together. */

static struct text numbered(unsigned number, char bytes[16])
{
    int len = snprintf(bytes, 16, "n%06u", number);

    return (struct text){bytes, (size_t)len};
}

struct sequel {
    unsigned next;
    unsigned step;
    unsigned given;
};

static bool count_one(void *user, struct text name, struct text value)
{
    struct sequel *sequel = user;
    char bytes[16];

    ck_assert(text_equal(name, numbered(sequel->next, bytes)));
    ck_assert(text_equal(value, TEXT("new")));
    sequel->next += sequel->step;
    sequel->given++;
    return true;
}

static void fill(const char *value)
{
    char bytes[16];

    for (unsigned i = 0; i < MANY; i++) {
        put(1, 1, numbered(i, bytes), text_of(value));
        if (i % 1000 == 999)
            apply_durably();
    }
    apply_durably();
}

START_TEST(any_number_of_changes_comes_in_order)
{
    struct records_range range = {.app = 1, .shelf = 1};
    struct sequel all = {.step = 1};
    struct sequel some = {.next = 1, .step = 2};
    char bytes[16];

    fill("old");
    checkpoint();
    fill("new");
    ck_assert_int_eq(records_each(engine, NULL, &range, count_one, &all),
                     TALLY_OK);
    ck_assert_uint_eq(all.given, MANY);
    for (unsigned i = 0; i < MANY; i += 2)
        erase(1, 1, numbered(i, bytes));
    ck_assert_int_eq(records_each(engine, &batch, &range, count_one, &some),
                     TALLY_OK);
    ck_assert_uint_eq(some.given, MANY / 2);
    apply();
    some = (struct sequel){.next = 1, .step = 2};
    ck_assert_int_eq(records_each(engine, NULL, &range, count_one, &some),
                     TALLY_OK);
    ck_assert_uint_eq(some.given, MANY / 2);
}
END_TEST

/* Reads a long record at each name: its pieces go to the same place. */
static bool read_another(void *user, struct text name, struct text value)
{
    struct key key = key_record(1, 1, TEXT("z"));
    struct text other;
    unsigned *given = user;

    ck_assert(name.at[0] == 'z' || value.at[value.len - 1] == name.at[0]);
    ck_assert_int_eq(records_get(engine, NULL, key_text(&key), &other),
                     TALLY_OK);
    ck_assert_uint_eq(other.len, VALUE_MAX);
    ++*given;
    return true;
}

START_TEST(whoever_is_given_a_record_may_read_others)
{
    struct records_range range = {.app = 1, .shelf = 1};
    static char bytes[VALUE_MAX];
    unsigned given = 0;

    for (char name = 'a'; name <= 'z'; name++) {
        memset(bytes, name, sizeof(bytes));
        if (name % 2 == 0 || name == 'z')
            put(1, 1, (struct text){&name, 1},
                (struct text){bytes, sizeof(bytes)});
    }
    apply();
    checkpoint();
    for (char name = 'a'; name < 'z'; name++) {
        if (name % 2 == 1)
            put(1, 1, (struct text){&name, 1}, (struct text){&name, 1});
    }
    apply();
    ck_assert_int_eq(records_each(engine, NULL, &range, read_another, &given),
                     TALLY_OK);
    ck_assert_uint_eq(given, 26);
}
END_TEST

/* As a version left it that knew no records. */
static void remove_table(void)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;

    ck_assert_int_eq(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 1);
    ck_assert_int_eq(mdb_env_open(env, dir, 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, "records", 0, &dbi), 0);
    ck_assert_int_eq(mdb_drop(txn, dbi, 1), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

START_TEST(a_base_without_the_table_gets_it)
{
    struct key user = key_user(1, 1);
    struct key record = key_record(1, 1, TEXT("a"));
    struct text value;

    effect_put(&batch, TABLE_USERS, key_text(&user), TEXT("kept"));
    apply();
    engine_close(engine);
    remove_table();
    open_engine();
    put(1, 1, TEXT("a"), TEXT("new"));
    apply();
    checkpoint();
    ck_assert_int_eq(engine_get(engine, TABLE_USERS, key_text(&user), &value),
                     TALLY_OK);
    ck_assert(text_is(value, "kept"));
    ck_assert_int_eq(records_get(engine, NULL, key_text(&record), &value),
                     TALLY_OK);
    ck_assert(text_is(value, "new"));
}
END_TEST

static Suite *records_suite(void)
{
    Suite *suite = suite_create("records");
    TCase *tcase = tcase_create("records");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(
        tcase, records_are_what_was_put_last_in_the_order_of_names, 0, SEEDS);
    tcase_add_test(tcase, any_number_of_changes_comes_in_order);
    tcase_add_test(tcase, whoever_is_given_a_record_may_read_others);
    tcase_add_test(tcase, a_base_without_the_table_gets_it);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(records_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
