#include <stdio.h>
#include <stdlib.h>

#include "intake.h"
#include "metrics/document.h"
#include "metrics/user_admin.h"
#include "metrics/user_table.h"

/* 2026-03-02 10:00 UTC. */
enum { START = 1772445600, PEOPLE = 60, ARENA = 1 << 20 };

static struct arena *arena;
static struct buffer out;

static void setup(void)
{
    intake_open(NULL);
    arena = arena_create(ARENA);
    buffer_init(&out, 4 << 20);
}

static void teardown(void)
{
    buffer_finish(&out);
    arena_destroy(arena);
    intake_close();
}

static const struct app *app(void)
{
    return registry_app_by_key(intake_tally->registry, TEXT("k1"));
}

static void send(int i, int day)
{
    intake_ok(START + day * 86400 + i,
              "{\"app_key\":\"k1\",\"device_id\":\"d%d\",\"begin_session\":1"
              ",\"metrics\":{\"_os\":\"%s\"},\"user_details\":{\"name\":"
              "\"N%02d\",\"custom\":{\"i\":%d,\"day\":%d}}}",
              i, i % 2 ? "iOS" : "Android", i, i, day);
}

/* The page that the parameters (JSON) ask for. */
static cJSON *page(const char *json)
{
    struct params params = {0};
    struct user_table *table;
    struct reader *reader;
    struct json writer;
    char reason[USER_QUERY_REASON_SIZE];

    arena_reset(arena);
    buffer_clear(&out);
    ck_assert_int_eq(params_add_json(&params, arena, text_of(json)), TALLY_OK);
    ck_assert_int_eq(
        user_table_create(intake_tally, app(), &params, &table, reason),
        TALLY_OK);
    ck_assert_int_eq(reader_open(intake_engine, &reader), TALLY_OK);
    portrait_capture(reader, INTAKE_APP);
    json_init(&writer, &out, JSON_DATA);
    ck_assert_int_eq(user_table_write(table, reader, &writer), TALLY_OK);
    reader_close(reader);
    user_table_destroy(table);
    cJSON *tree = cJSON_ParseWithLength(out.at, out.len);
    ck_assert_ptr_nonnull(tree);
    return tree;
}

static void ck_counts(const char *json, int all, int found)
{
    cJSON *tree = page(json);

    ck_assert_int_eq(document_int(tree, "iTotalRecords"), all);
    ck_assert_int_eq(document_int(tree, "iTotalDisplayRecords"), found);
    cJSON_Delete(tree);
}

static const char *name_at(const cJSON *tree, int i)
{
    return document_string(cJSON_GetArrayItem(document_find(tree, "aaData"), i),
                           "name");
}

static void delete_user(const char *did)
{
    struct user_admin admin = {intake_tally, app(), START, NULL};

    ck_assert_int_eq(user_admin_delete(&admin, intake_ordinal(did)), TALLY_OK);
}

/* Users are in the base, changed and deleted in the overlay, or new in it. */
START_TEST(the_table_is_of_base_and_overlay_together)
{
    for (int i = 0; i < PEOPLE; i++)
        send(i, 0);
    intake_checkpoint();
    for (int i = 10; i < 20; i++)
        send(i, 1);
    delete_user("d3");
    delete_user("d12");
    send(PEOPLE, 1);
    for (int round = 0; round < 2; round++) {
        ck_counts("{}", PEOPLE - 1, PEOPLE - 1);
        ck_counts("{\"query\":{\"custom.day\":1}}", PEOPLE - 1, 10);
        ck_counts("{\"query\":{\"p\":\"iOS\"}}", PEOPLE - 1, PEOPLE / 2 - 1);
        ck_counts("{\"query\":{\"sc\":2}}", PEOPLE - 1, 9);
        ck_counts("{\"query\":{\"did\":\"d3\"}}", PEOPLE - 1, 0);
        ck_counts("{\"sSearch\":\"n12\"}", PEOPLE - 1, 0);
        intake_checkpoint();
    }
}
END_TEST

START_TEST(pages_cut_the_order_into_pieces)
{
    int at = 0;

    for (int i = 0; i < PEOPLE; i++)
        send((i * 37) % PEOPLE, 0);
    for (int start = 0; start < PEOPLE; start += 7) {
        char json[128];
        snprintf(json, sizeof(json),
                 "{\"iSortCol_0\":\"name\",\"iDisplayStart\":%d,"
                 "\"iDisplayLength\":7}",
                 start);
        cJSON *tree = page(json);
        for (int i = 0; i < 7 && at < PEOPLE; i++, at++) {
            char name[8];
            snprintf(name, sizeof(name), "N%02d", at);
            ck_assert_str_eq(name_at(tree, i), name);
        }
        cJSON_Delete(tree);
    }
    ck_assert_int_eq(at, PEOPLE);
}
END_TEST

START_TEST(a_value_past_the_limit_is_found_as_text)
{
    intake_tally->settings.metric_limit = 1;
    send(0, 0);
    send(1, 0);
    ck_counts("{\"query\":{\"p\":\"iOS\"}}", 2, 1);
    ck_counts("{\"query\":{\"p\":{\"$in\":[\"iOS\",\"Android\"]}}}", 2, 2);
    ck_counts("{\"query\":{\"p\":\"Windows\"}}", 2, 0);
}
END_TEST

static Suite *user_table_suite(void)
{
    Suite *suite = suite_create("user_table");
    TCase *tcase = tcase_create("user_table");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_table_is_of_base_and_overlay_together);
    tcase_add_test(tcase, pages_cut_the_order_into_pieces);
    tcase_add_test(tcase, a_value_past_the_limit_is_found_as_text);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(user_table_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
