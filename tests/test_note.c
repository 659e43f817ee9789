#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/document.h"
#include "metrics/note.h"

#define SENT                                                         \
    "{\"note\":\"a\",\"ts\":1700000000000,\"noteType\":\"private\"," \
    "\"color\":\"1\"}"

enum { NOW = 1000 };

static const struct app app = {.id = "5b0000000000000000000001"};
static const struct member bob = {.id = "5a0000000000000000000002",
                                  .email = "bob@x.y"};
static const struct member eve = {.id = "5a0000000000000000000003",
                                  .email = "eve@x.y"};
static const struct member admin = {.id = "5a0000000000000000000001",
                                    .email = "admin@x.y",
                                    .global_admin = true};
static cJSON *notes;

static void setup(void)
{
    notes = cJSON_Parse("{\"notes\":[]}");
}

static void teardown(void)
{
    cJSON_Delete(notes);
}

static cJSON *added(const char *sent)
{
    cJSON *tree = cJSON_Parse(sent);

    ck_assert_ptr_null(note_flaw(tree));
    ck_assert(note_add(notes, tree, &bob, NOW));
    cJSON_Delete(tree);
    return note_first(notes)->prev;
}

static const struct {
    uint32_t number;
    const char *letters;
} indicators[] = {
    {0, "A"},
    {25, "Z"},
    {26, "AA"},
    {27, "AB"},
    {701, "ZZ"},
    {702, "AAA"},
    {UINT32_MAX, "MWLQKWV"},
};

START_TEST(indicators_are_letters)
{
    char letters[NOTE_LETTERS_SIZE];

    note_letters(indicators[_i].number, letters);
    ck_assert_str_eq(letters, indicators[_i].letters);
}
END_TEST

static const struct {
    const char *sent;
    const char *flaw;
} flaws[] = {
    {"{\"ts\":1,\"noteType\":\"public\",\"color\":\"1\"}", "note"},
    {"{\"note\":\"\",\"ts\":1,\"noteType\":\"public\",\"color\":\"1\"}",
     "note"},
    {"{\"note\":7,\"ts\":1,\"noteType\":\"public\",\"color\":\"1\"}", "note"},
    {"{\"note\":\"a\",\"ts\":0,\"noteType\":\"public\",\"color\":\"1\"}", "ts"},
    {"{\"note\":\"a\",\"ts\":9e15,\"noteType\":\"public\",\"color\":\"1\"}",
     "ts"},
    {"{\"note\":\"a\",\"ts\":\"1\",\"noteType\":\"public\",\"color\":\"1\"}",
     "ts"},
    {"{\"note\":\"a\",\"ts\":1,\"noteType\":\"x\",\"color\":\"1\"}",
     "noteType"},
    {"{\"note\":\"a\",\"ts\":1,\"noteType\":\"public\"}", "color"},
    {"{\"note\":\"a\",\"ts\":1,\"noteType\":\"public\",\"color\":\"1\","
     "\"category\":[]}",
     "category"},
    {"{\"note\":\"a\",\"ts\":1,\"noteType\":\"public\",\"color\":\"1\","
     "\"emails\":[7]}",
     "emails"},
    {"{\"note\":\"a\",\"ts\":1,\"noteType\":\"public\",\"color\":\"1\","
     "\"emails\":{\"a\":\"b\"}}",
     "emails"},
};

START_TEST(flaws_are_named)
{
    cJSON *tree = cJSON_Parse(flaws[_i].sent);
    char want[64];

    snprintf(want, sizeof(want), "Invalid parameter \"%s\"", flaws[_i].flaw);
    ck_assert_str_eq(note_flaw(tree), want);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(without_args_there_is_no_note)
{
    ck_assert_str_eq(note_flaw(NULL), "Invalid parameter \"args\"");
}
END_TEST

START_TEST(a_private_note_is_its_owners)
{
    const cJSON *note = added(SENT);

    ck_assert(note_is_shown(note, &bob));
    ck_assert(!note_is_shown(note, &eve));
    ck_assert(!note_is_shown(note, &admin));
    ck_assert(note_may_change(note, &app, &bob));
    ck_assert(!note_may_change(note, &app, &eve));
    ck_assert(note_may_change(note, &app, &admin));
}
END_TEST

START_TEST(a_shared_note_is_shown_to_those_it_names)
{
    const cJSON *note =
        added("{\"note\":\"a\",\"ts\":1700000000,\"noteType\":\"shared\","
              "\"color\":\"1\",\"emails\":[\"Eve@x.y\"]}");

    ck_assert(note_is_shown(note, &eve));
    ck_assert(!note_is_shown(note, &admin));
    ck_assert_int_eq(note_time(note), 1700000000000);
}
END_TEST

START_TEST(an_edit_keeps_whose_it_is_and_takes_the_rest)
{
    cJSON *note =
        added("{\"note\":\"a\",\"ts\":1700000000,\"noteType\":\"private\","
              "\"color\":\"1\",\"category\":\"x\"}");
    cJSON *sent = cJSON_Parse("{\"note\":\"b\",\"ts\":5,\"noteType\":\"public\""
                              ",\"color\":\"2\",\"owner\":\"eve\"}");

    note_edit(note, sent, NOW + 1);
    ck_assert_str_eq(document_string(note, "note"), "b");
    ck_assert_str_eq(document_string(note, "owner"), bob.id);
    ck_assert_int_eq(document_int(note, "created_at"), NOW);
    ck_assert_int_eq(document_int(note, "updated_at"), NOW + 1);
    ck_assert_ptr_null(document_string(note, "category"));
    ck_assert(note_is_shown(note, &eve));
    cJSON_Delete(sent);
}
END_TEST

START_TEST(an_app_has_so_many_at_most)
{
    cJSON *sent = cJSON_Parse(SENT);

    for (int i = 0; i < NOTES_MAX; i++)
        ck_assert_int_eq(document_int(added(SENT), "number"), i);
    ck_assert(!note_add(notes, sent, &bob, NOW));
    cJSON_Delete(sent);
}
END_TEST

START_TEST(so_many_bytes_are_stored_at_most)
{
    char sent[NOTE_TEXT_MAX + 200];
    struct batch batch;
    bool fits = true;
    int count = 0;

    batch_init(&batch);
    snprintf(sent, sizeof(sent),
             "{\"note\":\"%0*d\",\"ts\":1700000000,\"noteType\":\"public\","
             "\"color\":\"1\"}",
             NOTE_TEXT_MAX, 0);
    for (; fits && count < NOTES_MAX; count++) {
        added(sent);
        batch_clear(&batch);
        fits = note_put(&batch, &app, notes);
        ck_assert(batch_is_whole(&batch));
    }
    ck_assert_int_gt(count, 40);
    ck_assert(!fits);
    ck_assert(batch_is_empty(&batch));
    batch_finish(&batch);
}
END_TEST

static Suite *note_suite(void)
{
    Suite *suite = suite_create("note");
    TCase *tcase = tcase_create("note");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, indicators_are_letters, 0,
                        sizeof(indicators) / sizeof(indicators[0]));
    tcase_add_loop_test(tcase, flaws_are_named, 0,
                        sizeof(flaws) / sizeof(flaws[0]));
    tcase_add_test(tcase, without_args_there_is_no_note);
    tcase_add_test(tcase, a_private_note_is_its_owners);
    tcase_add_test(tcase, a_shared_note_is_shown_to_those_it_names);
    tcase_add_test(tcase, an_edit_keeps_whose_it_is_and_takes_the_rest);
    tcase_add_test(tcase, an_app_has_so_many_at_most);
    tcase_add_test(tcase, so_many_bytes_are_stored_at_most);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(note_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
