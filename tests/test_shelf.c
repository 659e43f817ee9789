#include <stdio.h>
#include <stdlib.h>

#include "intake.h"
#include "metrics/shelf.h"

enum { MANY = 1234 };

static uint32_t shelf;

static struct batch *batch(void)
{
    return &intake_tally->batch;
}

static void apply(void)
{
    ck_assert_int_eq(tally_apply(intake_tally), TALLY_OK);
    engine_turn(intake_engine);
}

static uint32_t open_shelf(const char *plugin, const char *collection)
{
    uint32_t number;

    ck_assert_int_eq(shelf_open(intake_tally, batch(), text_of(plugin),
                                text_of(collection), &number),
                     TALLY_OK);
    return number;
}

static void put(uint32_t app, const char *id, const char *document)
{
    ck_assert_int_eq(
        shelf_put(batch(), shelf, app, text_of(id), text_of(document)),
        TALLY_OK);
}

static void expect(uint32_t app, const char *id, const char *document)
{
    struct text found;

    ck_assert_int_eq(
        shelf_get(intake_tally, batch(), shelf, app, text_of(id), &found),
        TALLY_OK);
    ck_assert(text_is(found, document));
}

static void expect_none(uint32_t app, const char *id)
{
    struct text found;

    ck_assert_int_eq(
        shelf_get(intake_tally, batch(), shelf, app, text_of(id), &found),
        TALLY_ERR_NOT_FOUND);
}

static void setup(void)
{
    intake_open(NULL);
    batch_clear(batch());
    shelf = open_shelf("reports", "daily");
    apply();
}

START_TEST(a_collection_has_one_number_for_ever)
{
    uint32_t found;
    uint32_t other = open_shelf("reports", "weekly");
    uint32_t third = open_shelf("other", "daily");

    ck_assert_uint_gt(shelf, 0);
    ck_assert(shelf != other && shelf != third && other != third);
    ck_assert_uint_eq(open_shelf("reports", "weekly"), other);
    apply();
    intake_checkpoint();
    intake_reopen();
    ck_assert_uint_eq(open_shelf("reports", "daily"), shelf);
    ck_assert_uint_eq(open_shelf("reports", "weekly"), other);
    ck_assert_uint_eq(open_shelf("other", "daily"), third);
    ck_assert(batch_is_empty(batch()));
    uint32_t fourth = open_shelf("other", "weekly");
    ck_assert(fourth != shelf && fourth != other && fourth != third);
    ck_assert_int_eq(
        shelf_find(intake_tally, NULL, TEXT("other"), TEXT("weekly"), &found),
        TALLY_ERR_NOT_FOUND);
    ck_assert_int_eq(shelf_find(intake_tally, batch(), TEXT("other"),
                                TEXT("weekly"), &found),
                     TALLY_OK);
    ck_assert_uint_eq(found, fourth);
}
END_TEST

START_TEST(a_number_of_a_batch_that_was_given_up_is_nobodys)
{
    uint32_t found;
    uint32_t lost = open_shelf("a", "lost");

    batch_clear(batch());
    uint32_t kept = open_shelf("a", "kept");
    apply();
    ck_assert_uint_ne(kept, lost);
    ck_assert_int_eq(
        shelf_find(intake_tally, batch(), TEXT("a"), TEXT("lost"), &found),
        TALLY_ERR_NOT_FOUND);
    intake_audit();
}
END_TEST

START_TEST(names_are_letters_digits_dashes)
{
    static const char *const wrong[] = {"", "a/b", "a.b", "a b", "\xc3\xa4"};
    char long_name[SHELF_NAME_MAX + 2] = {0};
    uint32_t found;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(shelf_open(intake_tally, batch(), text_of(wrong[i]),
                                    TEXT("a"), &found),
                         TALLY_ERR_INVALID);
        ck_assert_int_eq(shelf_find(intake_tally, batch(), TEXT("a"),
                                    text_of(wrong[i]), &found),
                         TALLY_ERR_INVALID);
    }
    memset(long_name, 'x', SHELF_NAME_MAX + 1);
    ck_assert_int_eq(shelf_open(intake_tally, batch(), text_of(long_name),
                                TEXT("a"), &found),
                     TALLY_ERR_INVALID);
    ck_assert(batch_is_empty(batch()));
    long_name[SHELF_NAME_MAX] = '\0';
    uint32_t number = open_shelf(long_name, long_name);
    apply();
    intake_reopen();
    ck_assert_uint_eq(open_shelf(long_name, long_name), number);
}
END_TEST

START_TEST(a_document_is_seen_at_once_and_kept_when_applied)
{
    put(INTAKE_APP, "a", "1");
    put(0, "a", "[2]");
    expect(INTAKE_APP, "a", "1");
    expect(0, "a", "[2]");
    batch_clear(batch());
    expect_none(INTAKE_APP, "a");
    put(INTAKE_APP, "a", "{\"b\":1}");
    apply();
    intake_checkpoint();
    intake_reopen();
    expect(INTAKE_APP, "a", "{\"b\":1}");
    expect_none(0, "a");
    ck_assert_int_eq(shelf_erase(batch(), shelf, INTAKE_APP, TEXT("a")),
                     TALLY_OK);
    expect_none(INTAKE_APP, "a");
    batch_clear(batch());
    expect(INTAKE_APP, "a", "{\"b\":1}");
}
END_TEST

START_TEST(what_is_over_a_limit_leaves_the_batch_as_it_was)
{
    static char bytes[SHELF_DOCUMENT_MAX + 1];
    struct text most = {bytes, SHELF_DOCUMENT_MAX};
    struct text more = {bytes, SHELF_DOCUMENT_MAX + 1};
    struct text found;
    unsigned put_count = 0;

    memset(bytes, '1', sizeof(bytes));
    ck_assert_int_eq(shelf_put(batch(), shelf, 0, TEXT(""), TEXT("1")),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(shelf_put(batch(), shelf, 0, TEXT("a"), TEXT("")),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(shelf_put(batch(), shelf, 0,
                               (struct text){bytes, SHELF_ID_MAX + 1},
                               TEXT("1")),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(shelf_erase(batch(), shelf, 0, TEXT("")),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(shelf_get(intake_tally, NULL, shelf, 0, TEXT(""), &found),
                     TALLY_ERR_INVALID);
    ck_assert_int_eq(shelf_put(batch(), shelf, 0, TEXT("a"), more),
                     TALLY_ERR_TOO_BIG);
    ck_assert(batch_is_empty(batch()));
    while (shelf_put(batch(), shelf, 0, TEXT("a"), most) == TALLY_OK)
        put_count++;
    ck_assert_uint_eq(put_count, BATCH_SIZE_MAX / SHELF_DOCUMENT_MAX);
    ck_assert(batch_is_whole(batch()));
    apply();
    ck_assert_int_eq(shelf_get(intake_tally, NULL, shelf, 0, TEXT("a"), &found),
                     TALLY_OK);
    ck_assert(text_equal(found, most));
}
END_TEST

static bool count_one(void *user, struct text id, struct text document)
{
    unsigned *count = user;

    (void)id;
    (void)document;
    ++*count;
    return true;
}

static unsigned count_all(uint32_t number, uint32_t app)
{
    struct records_range range = {.app = app, .shelf = number};
    unsigned count = 0;

    ck_assert_int_eq(
        shelf_each(intake_tally, batch(), &range, count_one, &count), TALLY_OK);
    return count;
}

static void fill(uint32_t app)
{
    char id[16];

    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "id%d", i);
        put(app, id, "{}");
    }
    apply();
}

START_TEST(a_collection_of_an_app_is_cleared_step_by_step)
{
    bool left = true;
    unsigned steps = 0;

    fill(INTAKE_APP);
    intake_checkpoint();
    fill(0);
    put(INTAKE_APP, "only in the batch", "{}");
    while (left) {
        ck_assert_int_eq(
            shelf_clear(intake_tally, batch(), shelf, INTAKE_APP, &left),
            TALLY_OK);
        apply();
        steps++;
    }
    ck_assert_uint_eq(steps, (MANY + 1) / SHELF_CLEARED_MAX + 1);
    ck_assert_uint_eq(count_all(shelf, INTAKE_APP), 0);
    ck_assert_uint_eq(count_all(shelf, 0), MANY);
}
END_TEST

START_TEST(clearing_needs_room_in_the_batch)
{
    static char bytes[SHELF_DOCUMENT_MAX];
    struct text most = {bytes, sizeof(bytes)};
    bool left;

    memset(bytes, '1', sizeof(bytes));
    fill(0);
    for (uint32_t app = 1; app < 4; app++)
        ck_assert_int_eq(shelf_put(batch(), shelf, app, TEXT("a"), most),
                         TALLY_OK);
    while (shelf_put(batch(), shelf, 1, TEXT("b"), TEXT("12345678")) ==
           TALLY_OK)
        ;
    size_t size = batch_size(batch());
    ck_assert_int_eq(shelf_clear(intake_tally, batch(), shelf, 0, &left),
                     TALLY_ERR_TOO_BIG);
    ck_assert_uint_eq(batch_size(batch()), size);
    ck_assert(batch_is_whole(batch()));
}
END_TEST

START_TEST(a_range_over_the_limit_is_refused)
{
    static char bytes[SHELF_ID_MAX + 1];
    struct records_range range = {.shelf = shelf,
                                  .after = {bytes, sizeof(bytes)}};
    unsigned count = 0;

    ck_assert_int_eq(shelf_each(intake_tally, NULL, &range, count_one, &count),
                     TALLY_ERR_INVALID);
    range.after.len = SHELF_ID_MAX;
    range.prefix = (struct text){bytes, sizeof(bytes)};
    ck_assert_int_eq(shelf_each(intake_tally, NULL, &range, count_one, &count),
                     TALLY_ERR_INVALID);
}
END_TEST

START_TEST(documents_are_sound_and_go_with_their_app)
{
    put(INTAKE_APP, "a", "1");
    put(0, "a", "2");
    apply();
    intake_audit();
    intake_checkpoint();
    intake_audit();
    effect_drop(batch(), INTAKE_APP);
    apply();
    /* The second finds the garbage of the first gone, or takes it along. */
    for (int i = 0; i < 500 && intake_records(TABLE_RECORDS) > 1; i++) {
        put(0, "a", "2");
        apply();
        intake_checkpoint();
    }
    ck_assert_uint_eq(intake_records(TABLE_RECORDS), 1);
    expect(0, "a", "2");
}
END_TEST

START_TEST(a_stored_number_that_is_anothers_is_damage)
{
    struct shelves *shelves = shelves_create();

    ck_assert_int_eq(shelves_load(shelves, TEXT("a/b"), TEXT("{\"number\":3}")),
                     TALLY_OK);
    ck_assert_int_eq(shelves_load(shelves, TEXT("a/b"), TEXT("{\"number\":3}")),
                     TALLY_OK);
    ck_assert_int_eq(shelves_load(shelves, TEXT("a/b"), TEXT("{\"number\":4}")),
                     TALLY_ERR_CORRUPT);
    ck_assert_int_eq(shelves_load(shelves, TEXT("a/c"), TEXT("{\"number\":3}")),
                     TALLY_ERR_CORRUPT);
    ck_assert_int_eq(shelves_load(shelves, TEXT("a/c"), TEXT("{\"number\":0}")),
                     TALLY_ERR_CORRUPT);
    ck_assert_int_eq(shelves_load(shelves, TEXT("a/c"), TEXT("3")),
                     TALLY_ERR_CORRUPT);
    ck_assert(shelves_have(shelves, 3));
    ck_assert(!shelves_have(shelves, 4));
    shelves_destroy(shelves);
}
END_TEST

START_TEST(there_is_a_most_of_collections)
{
    char name[16];
    uint32_t found;

    for (int i = 0; i < SHELVES_MAX - 1; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        open_shelf("many", name);
        if (i % 1000 == 999)
            apply();
    }
    apply();
    ck_assert_int_eq(
        shelf_open(intake_tally, batch(), TEXT("many"), TEXT("more"), &found),
        TALLY_ERR_TOO_BIG);
    ck_assert_uint_eq(open_shelf("reports", "daily"), shelf);
}
END_TEST

static Suite *shelf_suite(void)
{
    Suite *suite = suite_create("shelf");
    TCase *tcase = tcase_create("shelf");

    tcase_add_checked_fixture(tcase, setup, intake_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_collection_has_one_number_for_ever);
    tcase_add_test(tcase, a_number_of_a_batch_that_was_given_up_is_nobodys);
    tcase_add_test(tcase, names_are_letters_digits_dashes);
    tcase_add_test(tcase, a_document_is_seen_at_once_and_kept_when_applied);
    tcase_add_test(tcase, what_is_over_a_limit_leaves_the_batch_as_it_was);
    tcase_add_test(tcase, a_collection_of_an_app_is_cleared_step_by_step);
    tcase_add_test(tcase, clearing_needs_room_in_the_batch);
    tcase_add_test(tcase, a_range_over_the_limit_is_refused);
    tcase_add_test(tcase, documents_are_sound_and_go_with_their_app);
    tcase_add_test(tcase, a_stored_number_that_is_anothers_is_damage);
    tcase_add_test(tcase, there_is_a_most_of_collections);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(shelf_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
