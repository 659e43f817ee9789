#include <stdlib.h>
#include <string.h>

#include "engine/dictionary.h"
#include "intake.h"
#include "metrics/import.h"

#define APP "5b0000000000000000000001"
#define FILE_NAME "devices.json"

enum { SIZE = 1000, DAY = 20513 /* 2026-03-01 */, NOW = 1780000000 };

static struct import import;

static void open_file(const char *name)
{
    import = (struct import){.tally = intake_tally, .now = NOW};
    ck_assert_int_eq(import_open(&import, name, SIZE), TALLY_OK);
}

static void setup(void)
{
    intake_open(NULL);
}

static void teardown(void)
{
    import_close(&import);
    intake_close();
}

static void take(const char *json, uint64_t end)
{
    struct text line = text_of(json);

    ck_assert_int_eq(import_line(&import, &line, end), TALLY_OK);
}

static bool end_pass(void)
{
    bool has_more;

    ck_assert_int_eq(import_end_pass(&import, &has_more), TALLY_OK);
    return has_more;
}

static const char zero[] =
    "{\"m\":\"2026:0\",\"a\":\"" APP "\",\"meta_v2\":{\"devices\":"
    "{\"Phone\":true},\"manufacturers\":{\"Maker\":true}},"
    "\"d\":{\"Phone\":{\"u\":3},\"3\":{\"Phone\":{\"u\":2}},"
    "\"w9\":{\"Phone\":{\"u\":1}}}}";
static const char march[] =
    "{\"m\":\"2026:3\",\"a\":\"" APP "\",\"d\":{\"1\":"
    "{\"Phone\":{\"t\":4,\"n\":1,\"u\":2},\"Maker\":{\"t\":5}}}}";

START_TEST(values_count_in_the_set_that_lists_them)
{
    open_file(FILE_NAME);
    take(march, 1);
    take(zero, 2);
    ck_assert(end_pass());
    take(march, 1);
    take(zero, 2);
    ck_assert(!end_pass());
    ck_assert_int_eq(intake_day(SET_DEVICES, "Phone", DAY, CELL_T), 4);
    ck_assert_int_eq(intake_day(SET_DEVICES, "Phone", DAY, CELL_U), 2);
    ck_assert_int_eq(intake_day(SET_MANUFACTURERS, "Maker", DAY, CELL_T), 5);
    ck_assert_int_eq(intake_year(SET_DEVICES, "Phone", 2026, YEAR_U), 3);
    ck_assert_int_eq(intake_year(SET_DEVICES, "Phone", 2026, YEAR_MONTH + 2),
                     2);
    ck_assert_int_eq(intake_year(SET_DEVICES, "Phone", 2026, YEAR_WEEK + 8), 1);
    ck_assert_int_eq(intake_year(SET_DEVICES, "Phone", 2026, YEAR_T), 4);
}
END_TEST

/* What was taken but not applied when the process ended is taken again. */
START_TEST(an_import_goes_on_behind_what_was_applied)
{
    open_file(FILE_NAME);
    take(zero, 100);
    ck_assert(end_pass());
    take(march, 200);
    import_close(&import);
    intake_reopen();
    open_file(FILE_NAME);
    ck_assert(!import.file.is_done);
    ck_assert_uint_eq(import.file.pass, 1);
    ck_assert_uint_eq(import.file.offset, 0);
    take(march, 200);
    ck_assert(!end_pass());
    import_close(&import);
    intake_reopen();
    open_file(FILE_NAME);
    ck_assert(import.file.is_done);
    ck_assert_int_eq(intake_day(SET_DEVICES, "Phone", DAY, CELL_T), 4);
}
END_TEST

START_TEST(a_file_that_has_changed_is_refused)
{
    open_file(FILE_NAME);
    take(zero, 100);
    ck_assert(end_pass());
    import_close(&import);
    ck_assert_int_eq(import_open(&import, FILE_NAME, SIZE + 1),
                     TALLY_ERR_MISMATCH);
    import_close(&import);
    import.only = APP;
    ck_assert_int_eq(import_open(&import, FILE_NAME, SIZE), TALLY_ERR_MISMATCH);
}
END_TEST

START_TEST(a_day_may_have_more_than_its_hours)
{
    open_file("users.json");
    ck_assert(end_pass());
    take("{\"m\":\"2026:3\",\"_id\":\"" APP "_2026:3_x\",\"d\":{\"1\":"
         "{\"t\":9,\"u\":2,\"e\":9,\"7\":{\"t\":3,\"u\":2,\"e\":3}}}}",
         1);
    ck_assert(!end_pass());
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_T), 9);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY, CELL_U), 2);
    ck_assert_int_eq(intake_hour(DAY, 7, CELL_T), 3);
    ck_assert_int_eq(intake_hour(DAY, 7, CELL_U), 2);
    ck_assert_int_eq(intake_hour(DAY, 0, CELL_T), 0);
}
END_TEST

START_TEST(users_keep_their_uids_and_new_ones_come_behind)
{
    uint32_t ordinal;
    uint32_t last;

    open_file("app_users" APP ".json");
    take("{\"did\":\"a\",\"uid\":\"1A\",\"sc\":1,\"fs\":1772434800,"
         "\"ls\":1772434800}",
         1);
    take("{\"did\":\"b\",\"sc\":0}", 2);
    ck_assert(!end_pass());
    ck_assert_int_eq(dictionary_last_ordinal(intake_engine, INTAKE_APP, &last),
                     TALLY_OK);
    ck_assert_uint_eq(last, 62 + 36 + 1);
    uint8_t hash[IDENTITY_HASH_SIZE];
    identity_device_hash(intake_tally->secret, TEXT("a"), hash);
    ck_assert_int_eq(
        dictionary_device(intake_engine, INTAKE_APP, hash, &ordinal), TALLY_OK);
    ck_assert_uint_eq(ordinal, 62 + 36);
    ck_assert_int_eq(intake_day(SET_USERS, NULL, DAY + 1, CELL_E), 0);
}
END_TEST

START_TEST(only_files_of_known_collections_are_imported)
{
    ck_assert_ptr_nonnull(import_kind_find(intake_tally->catalog, "apps.json"));
    ck_assert_ptr_nonnull(
        import_kind_find(intake_tally->catalog, "app_users" APP ".jsonl"));
    ck_assert_ptr_null(
        import_kind_find(intake_tally->catalog, "app_users.json"));
    ck_assert_ptr_null(import_kind_find(intake_tally->catalog, "apps"));
    ck_assert_ptr_null(import_kind_find(intake_tally->catalog, "apps.bson"));
    ck_assert_ptr_null(import_kind_find(intake_tally->catalog, "crashes.json"));
    ck_assert(
        import_rank(import_kind_find(intake_tally->catalog, "apps.json")) <
        import_rank(
            import_kind_find(intake_tally->catalog, "app_users" APP ".json")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("import");
    TCase *tcase = tcase_create("import");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, values_count_in_the_set_that_lists_them);
    tcase_add_test(tcase, an_import_goes_on_behind_what_was_applied);
    tcase_add_test(tcase, a_file_that_has_changed_is_refused);
    tcase_add_test(tcase, a_day_may_have_more_than_its_hours);
    tcase_add_test(tcase, users_keep_their_uids_and_new_ones_come_behind);
    tcase_add_test(tcase, only_files_of_known_collections_are_imported);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
