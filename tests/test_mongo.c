#include <check.h>
#include <stdlib.h>

#include "metrics/document.h"
#include "metrics/mongo.h"

static cJSON *document;

static void teardown(void)
{
    cJSON_Delete(document);
    document = NULL;
}

/* The member `x` of a document. */
static const cJSON *value(const char *json)
{
    teardown();
    document = mongo_parse(text_of(json));
    ck_assert_ptr_nonnull(document);
    return document_find(document, "x");
}

static const struct {
    const char *json;
    bool is_number;
    int64_t number;
} numbers[] = {
    {"{\"x\":5}", true, 5},
    {"{\"x\":-5.75}", true, -5},
    {"{\"x\":{\"$numberLong\":\"1772434800\"}}", true, 1772434800},
    {"{\"x\":{\"$numberInt\":\"7\"}}", true, 7},
    {"{\"x\":{\"$numberDouble\":\"2.5\"}}", true, 2},
    {"{\"x\":\"5\"}", false, 0},
    {"{\"x\":{\"$numberLong\":\"5x\"}}", false, 0},
    {"{\"x\":{\"$numberDouble\":\"NaN\"}}", false, 0},
    {"{\"x\":1e300}", false, 0},
    {"{\"y\":1}", false, 0},
};

START_TEST(numbers_come_in_several_forms)
{
    int64_t number = 0;

    ck_assert_int_eq(mongo_int(value(numbers[_i].json), &number),
                     numbers[_i].is_number);
    ck_assert_int_eq(number, numbers[_i].number);
}
END_TEST

static const struct {
    const char *json;
    uint32_t seconds;
} times[] = {
    {"{\"x\":1772434800}", 1772434800},
    {"{\"x\":1772434800123}", 1772434800},
    {"{\"x\":{\"$numberLong\":\"1772434800123\"}}", 1772434800},
    {"{\"x\":{\"$date\":\"2026-03-02T07:00:00.000Z\"}}", 1772434800},
    {"{\"x\":{\"$date\":{\"$numberLong\":\"1772434800123\"}}}", 1772434800},
    {"{\"x\":{\"$date\":1772434800123}}", 1772434800},
    {"{\"x\":{\"$date\":\"2026-13-02T07:00:00.000Z\"}}", 0},
    {"{\"x\":\"soon\"}", 0},
    {"{\"x\":-5}", 0},
    {"{\"x\":9999999999999999}", 0},
};

START_TEST(times_come_in_several_forms)
{
    ck_assert_uint_eq(mongo_seconds(value(times[_i].json)), times[_i].seconds);
}
END_TEST

START_TEST(ids_come_plain_or_wrapped)
{
    ck_assert_str_eq(mongo_id(value("{\"x\":\"ab\"}")), "ab");
    ck_assert_str_eq(mongo_id(value("{\"x\":{\"$oid\":\"cd\"}}")), "cd");
    ck_assert_ptr_null(mongo_id(value("{\"x\":5}")));
    ck_assert_ptr_null(mongo_id(value("{\"y\":5}")));
}
END_TEST

START_TEST(a_document_may_be_long)
{
    enum { LEN = 200 * 1024 };
    char *line = malloc(LEN);

    memset(line, ' ', LEN);
    memcpy(line, "{\"x\":1", 6);
    line[LEN - 1] = '}';
    document = mongo_parse((struct text){line, LEN});
    free(line);
    ck_assert_ptr_nonnull(document);
    ck_assert_ptr_null(mongo_parse(TEXT("[1]")));
    ck_assert_ptr_null(mongo_parse(TEXT("{\"x\":1} {}")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mongo");
    TCase *tcase = tcase_create("mongo");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, numbers_come_in_several_forms, 0,
                        sizeof(numbers) / sizeof(numbers[0]));
    tcase_add_loop_test(tcase, times_come_in_several_forms, 0,
                        sizeof(times) / sizeof(times[0]));
    tcase_add_test(tcase, ids_come_plain_or_wrapped);
    tcase_add_test(tcase, a_document_may_be_long);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
