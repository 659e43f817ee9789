#include "bench/result.h"

#include <check.h>
#include <cjson/cJSON.h>
#include <stdlib.h>

enum { TOLERATED = 503, MS = 1000000 };

static const struct request write_request = {.sessions = 3};
static const struct request read_request = {.is_read = true};
static const struct reply success = {.status = 200, .is_success = true};
static const struct reply other = {.status = 200};
static const struct reply missing = {.status = 404};
static const struct reply busy = {.status = 503, .has_retry_after = true};

static struct result result;

static void setup(void)
{
    result = (struct result){0};
}

static cJSON *told(void)
{
    char text[2048] = "";
    FILE *file = fmemopen(text, sizeof(text), "w");

    result_write_json(&result, file);
    fclose(file);
    cJSON *json = cJSON_Parse(text);
    ck_assert_ptr_nonnull(json);
    return json;
}

static double number(const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

    ck_assert_msg(cJSON_IsNumber(item), "%s is missing", name);
    return item->valuedouble;
}

START_TEST(
    a_write_is_good_when_its_body_says_so_and_a_read_when_its_status_does)
{
    static const struct {
        const struct request *request;
        const struct reply *reply;
        bool is_fine;
    } rows[] = {
        {&write_request, &success, true},  {&write_request, &other, false},
        {&write_request, &missing, false}, {&read_request, &other, true},
        {&read_request, &missing, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup();
        ck_assert_int_eq(
            result_add(&result, rows[i].request, rows[i].reply, MS, TOLERATED),
            rows[i].is_fine);
        ck_assert_uint_eq(result.good, rows[i].is_fine);
        ck_assert_uint_eq(result.errors, !rows[i].is_fine);
    }
}
END_TEST

START_TEST(a_tolerated_status_is_counted_but_is_no_error)
{
    ck_assert(result_add(&result, &write_request, &busy, MS, TOLERATED));
    ck_assert_uint_eq(result.errors, 0);
    ck_assert(!result_add(&result, &write_request, &busy, MS, 0));
    ck_assert_uint_eq(result.errors, 1);
    ck_assert_uint_eq(result.good, 0);
    ck_assert_uint_eq(result.sessions, 0);
    ck_assert_uint_eq(result.retry_after, 2);
}
END_TEST

START_TEST(statuses_are_counted_by_number_and_closed_connections_beside_them)
{
    result_add(&result, &write_request, &success, MS, TOLERATED);
    result_add(&result, &write_request, &success, MS, TOLERATED);
    result_add(&result, &write_request, &busy, MS, TOLERATED);
    result_add_closed(&result);
    cJSON *json = told();
    const cJSON *statuses = cJSON_GetObjectItemCaseSensitive(json, "statuses");

    ck_assert_int_eq(cJSON_GetArraySize(statuses), 3);
    ck_assert_double_eq(number(statuses, "200"), 2);
    ck_assert_double_eq(number(statuses, "503"), 1);
    ck_assert_double_eq(number(statuses, "closed"), 1);
    ck_assert_double_eq(number(json, "errors"), 1);
    ck_assert_double_eq(number(json, "sessions"), 6);
    ck_assert_double_eq(number(json, "retry_after"), 1);
    cJSON_Delete(json);
}
END_TEST

START_TEST(rates_are_those_of_good_answers_and_cpu_that_of_all)
{
    result_add(&result, &write_request, &success, MS, TOLERATED);
    result_add(&result, &write_request, &busy, MS, TOLERATED);
    result.seconds = 0.5;
    result.cpu_seconds = 10e-6;
    cJSON *json = told();

    ck_assert_double_eq(number(json, "rate"), 2);
    ck_assert_double_eq(number(json, "cpu_us"), 5);
    ck_assert(!cJSON_HasObjectItem(json, "offered"));
    ck_assert(!cJSON_HasObjectItem(json, "read_p50_ms"));
    cJSON_Delete(json);
}
END_TEST

START_TEST(reads_have_delays_of_their_own)
{
    result.offered = 7;
    for (int i = 0; i < 99; i++)
        result_add(&result, &write_request, &success, MS, TOLERATED);
    result_add(&result, &write_request, &success, 10 * MS, TOLERATED);
    result_add(&result, &read_request, &other, 100 * MS, TOLERATED);
    cJSON *json = told();

    ck_assert_double_eq_tol(number(json, "p50_ms"), 1, 0.02);
    ck_assert_double_eq_tol(number(json, "p99_ms"), 1, 0.02);
    ck_assert_double_eq_tol(number(json, "p999_ms"), 10, 0.2);
    ck_assert_double_eq_tol(number(json, "max_ms"), 10, 0.2);
    ck_assert_double_eq_tol(number(json, "read_p50_ms"), 100, 2);
    ck_assert_double_eq_tol(number(json, "read_p99_ms"), 100, 2);
    ck_assert_double_eq(number(json, "offered"), 7);
    cJSON_Delete(json);
}
END_TEST

START_TEST(a_reset_forgets_all_but_the_errors)
{
    result_add(&result, &write_request, &success, MS, TOLERATED);
    result_add(&result, &write_request, &missing, MS, TOLERATED);
    result_reset(&result);
    ck_assert_uint_eq(result.errors, 1);
    ck_assert_uint_eq(result.answers, 0);
    ck_assert_uint_eq(result.statuses[404], 0);
    ck_assert_uint_eq(result.writes.total, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(
        tcase,
        a_write_is_good_when_its_body_says_so_and_a_read_when_its_status_does);
    tcase_add_test(tcase, a_tolerated_status_is_counted_but_is_no_error);
    tcase_add_test(
        tcase,
        statuses_are_counted_by_number_and_closed_connections_beside_them);
    tcase_add_test(tcase, rates_are_those_of_good_answers_and_cpu_that_of_all);
    tcase_add_test(tcase, reads_have_delays_of_their_own);
    tcase_add_test(tcase, a_reset_forgets_all_but_the_errors);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
