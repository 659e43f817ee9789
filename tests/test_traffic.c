#include "bench/traffic.h"

#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 64 * 1024 };

#define NOW_MS UINT64_C(1764000000123)
#define HOST "127.0.0.1:3001"

static char text[TEXT_SIZE]; /* the last request, with a NUL */
static struct traffic *traffic;
static struct walk walk;
static struct request request;

static struct traffic_plan plan_of(enum form form, enum mix mix)
{
    return (struct traffic_plan){
        .population = population_of(SPREAD_UNIFORM, 9999999000, 1000, 1, 1),
        .mix = mix,
        .form = form,
        .apps = 1,
        .bulk = 10,
        .models = 40,
    };
}

static void begin(struct traffic_plan plan)
{
    static const struct traffic_texts texts = {HOST, "key000000", "/o?a=b"};

    walk = (struct walk){0};
    traffic = traffic_create(&plan, &texts);
    ck_assert_ptr_nonnull(traffic);
    ck_assert_uint_lt(traffic_size_max(traffic), TEXT_SIZE);
}

static void next(void)
{
    memset(text, '#', sizeof(text));
    request = traffic_write(traffic, &walk, NOW_MS, text);
    ck_assert_uint_le(request.size, traffic_size_max(traffic));
    ck_assert_int_eq(text[request.size], '#');
    text[request.size] = '\0';
}

static void teardown(void)
{
    traffic_destroy(traffic);
    traffic = NULL;
}

static const char *body(void)
{
    const char *end = strstr(text, "\r\n\r\n");

    ck_assert_ptr_nonnull(end);
    return end + 4;
}

/* The body is as long as is said, or there is none. */
static void check_length(void)
{
    const char *length = strstr(text, "Content-Length: ");

    if (length)
        ck_assert_uint_eq(strtoul(length + 16, NULL, 10), strlen(body()));
    else
        ck_assert_str_eq(body(), "");
}

static void decode(const char *encoded, char *out)
{
    for (; *encoded; encoded++) {
        unsigned byte = (unsigned char)*encoded;
        if (byte == '%') {
            ck_assert_int_eq(sscanf(encoded, "%%%2X", &byte), 1);
            encoded += 2;
        }
        *out++ = (char)byte;
    }
    *out = '\0';
}

static void check_has(const char *part)
{
    ck_assert_msg(strstr(text, part), "no %s in %s", part, text);
}

static bool has(const char *part)
{
    return strstr(text, part) != NULL;
}

START_TEST(a_query_has_the_numbers_where_they_belong)
{
    char decoded[TEXT_SIZE];

    begin(plan_of(FORM_GET, MIX_BEGIN));
    next();
    next();
    ck_assert_int_eq(strncmp(text, "GET /i?app_key=key000000&", 25), 0);
    check_has("&begin_session=1&");
    check_has("&device_id=9999999761&");
    check_has("&n=0000000002&");
    check_has("&timestamp=1764000000123&");
    check_has(" HTTP/1.1\r\nHost: " HOST "\r\n");
    decode(text, decoded);
    ck_assert_ptr_nonnull(strstr(decoded, "\"_device\":\"SM-S900001\""));
    check_length();
}
END_TEST

START_TEST(a_form_body_has_the_same_parameters_and_its_length)
{
    char query[TEXT_SIZE];

    begin(plan_of(FORM_GET, MIX_SESSION));
    next();
    teardown();
    char *end = strstr(text, " HTTP");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    strcpy(query, strchr(text, '?') + 1);

    begin(plan_of(FORM_POST, MIX_SESSION));
    next();
    ck_assert_int_eq(strncmp(text, "POST /i HTTP/1.1\r\n", 18), 0);
    check_has("\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    check_length();
    ck_assert_str_eq(body(), query);
}
END_TEST

static cJSON *bulk_items(void)
{
    char decoded[TEXT_SIZE];

    ck_assert_int_eq(strncmp(text, "POST /i/bulk HTTP/1.1\r\n", 23), 0);
    check_length();
    ck_assert_int_eq(strncmp(body(), "requests=", 9), 0);
    ck_assert_ptr_null(strpbrk(body(), "&{}[]\":, "));
    decode(body() + 9, decoded);
    cJSON *items = cJSON_ParseWithOpts(decoded, NULL, true);
    ck_assert_ptr_nonnull(items);
    return items;
}

static const char *member(const cJSON *item, const char *name)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, name));

    ck_assert_msg(value != NULL, "no %s", name);
    return value;
}

static const unsigned counts[] = {1, 2, 10, 33};

START_TEST(a_bulk_body_is_a_list_of_so_many_devices)
{
    struct traffic_plan plan = plan_of(FORM_BULK, MIX_BEGIN);
    plan.bulk = counts[_i];

    begin(plan);
    for (unsigned round = 0; round < 3; round++) {
        next();
        cJSON *items = bulk_items();
        ck_assert_int_eq(cJSON_GetArraySize(items), (int)plan.bulk);
        ck_assert_uint_eq(request.sessions, plan.bulk);
        for (unsigned i = 0; i < plan.bulk; i++) {
            const cJSON *item = cJSON_GetArrayItem(items, (int)i);
            char wanted[16];
            uint64_t visit = round * plan.bulk + i;
            snprintf(wanted, sizeof(wanted), "%lu",
                     9999999000UL + visit * 2654435761UL % 1000);
            ck_assert_str_eq(member(item, "device_id"), wanted);
            ck_assert_str_eq(member(item, "timestamp"), "1764000000123");
            ck_assert_str_eq(member(item, "app_key"), "key000000");
            const cJSON *metrics = cJSON_GetObjectItem(item, "metrics");
            ck_assert_int_eq(cJSON_GetArraySize(metrics), 8);
        }
        cJSON_Delete(items);
    }
}
END_TEST

START_TEST(a_bulk_body_goes_on_with_the_session_of_the_one_before)
{
    struct traffic_plan plan = plan_of(FORM_BULK, MIX_SESSION);
    static const unsigned sessions[] = {1, 1, 1, 0};
    plan.bulk = 3;

    begin(plan);
    for (unsigned i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
        next();
        cJSON_Delete(bulk_items());
        ck_assert_uint_eq(request.sessions, sessions[i]);
    }
}
END_TEST

START_TEST(a_session_begins_is_extended_twice_and_ends)
{
    static const char *const steps[] = {
        "&begin_session=1&", "&session_duration=60&", "&session_duration=60&",
        "&end_session=1&"};
    char device[32] = "";

    begin(plan_of((enum form)_i, MIX_SESSION));
    for (unsigned i = 0; i < 12; i++) {
        next();
        check_length();
        for (unsigned step = 0; step < 4; step++)
            ck_assert_int_eq(has(steps[step]),
                             !strcmp(steps[step], steps[i % 4]));
        ck_assert_int_eq(has("&metrics="), i % 4 == 0);
        ck_assert_uint_eq(request.sessions, i % 4 == 0);
        ck_assert_int_eq(has(device), i % 4 != 0 || i == 0);
        memcpy(device, strstr(text, "device_id="), 20);
    }
}
END_TEST

START_TEST(every_request_has_a_number_of_its_own)
{
    begin(plan_of(FORM_GET, MIX_BEGIN));
    for (unsigned long i = 1; i <= 1100; i++) {
        next();
        ck_assert_uint_eq(strtoul(strstr(text, "&n=") + 3, NULL, 10), i);
    }
}
END_TEST

START_TEST(connections_walk_devices_of_their_own)
{
    struct walk other = {0};

    begin(plan_of(FORM_GET, MIX_SESSION));
    next();
    traffic_write(traffic, &other, NOW_MS, text);
    ck_assert_uint_ne(walk.visit.device, other.visit.device);
}
END_TEST

START_TEST(a_refresh_only_extends)
{
    begin(plan_of(FORM_GET, MIX_REFRESH));
    for (unsigned i = 0; i < 3; i++) {
        next();
        check_has("&session_duration=60&");
        ck_assert(!has("session=1"));
        ck_assert_uint_eq(request.sessions, 0);
    }
}
END_TEST

START_TEST(the_end_of_the_app_key_tells_the_app)
{
    static const char *const keys[] = {"=key000000&", "=key000001&",
                                       "=key000002&"};
    struct traffic_plan plan = plan_of(FORM_GET, MIX_BEGIN);
    plan.apps = 3;
    plan.population = population_of(SPREAD_UNIFORM, 0, 1000, 3, 1);

    begin(plan);
    for (unsigned i = 0; i < 6; i++) {
        next();
        check_has(keys[i % 3]);
    }
}
END_TEST

START_TEST(a_visit_of_the_past_has_a_timestamp_of_the_past)
{
    struct traffic_plan plan = plan_of(FORM_GET, MIX_BEGIN);
    plan.population = population_of(SPREAD_UNIFORM, 0, 1000, 1, 30);

    begin(plan);
    for (unsigned i = 0; i < 3; i++) {
        char wanted[64];
        next();
        snprintf(wanted, sizeof(wanted), "&timestamp=%lu&",
                 (unsigned long)(NOW_MS - walk.visit.age_ms));
        check_has(wanted);
    }
}
END_TEST

START_TEST(models_are_as_many_as_is_said)
{
    struct traffic_plan plan = plan_of(FORM_GET, MIX_BEGIN);
    bool seen[100] = {0};
    unsigned count = 0;
    plan.models = 100;

    begin(plan);
    for (unsigned i = 0; i < 1000; i++) {
        next();
        unsigned long model = strtoul(strstr(text, "SM-S9") + 5, NULL, 10);
        ck_assert_uint_lt(model, 100);
        count += !seen[model];
        seen[model] = true;
    }
    ck_assert_uint_eq(count, 100);
}
END_TEST

START_TEST(so_many_of_a_hundred_requests_are_reads)
{
    static const unsigned percents[] = {0, 1, 33, 100};
    struct traffic_plan plan = plan_of(FORM_GET, MIX_BEGIN);
    unsigned reads = 0;
    plan.read_percent = percents[_i];

    begin(plan);
    for (unsigned i = 0; i < 200; i++) {
        next();
        ck_assert_int_eq(!strncmp(text, "GET /o?a=b HTTP/1.1\r\n", 21),
                         request.is_read);
        check_length();
        reads += request.is_read;
    }
    ck_assert_uint_eq(reads, 2 * percents[_i]);
}
END_TEST

START_TEST(what_is_too_long_or_too_short_makes_no_traffic)
{
    static char longest[10000];
    struct traffic_plan plan = plan_of(FORM_GET, MIX_BEGIN);
    plan.read_percent = 10;
    memset(longest, 'a', sizeof(longest) - 1);
    const struct traffic_texts texts[] = {{longest, "key000000", "/o"},
                                          {HOST, longest, "/o"},
                                          {HOST, "key000000", longest}};

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_ptr_null(traffic_create(&plan, &texts[i]));
    plan.apps = 2;
    const struct traffic_texts shortest = {HOST, "key", "/o"};
    ck_assert_ptr_null(traffic_create(&plan, &shortest));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("traffic");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, a_query_has_the_numbers_where_they_belong);
    tcase_add_test(tcase, a_form_body_has_the_same_parameters_and_its_length);
    tcase_add_loop_test(tcase, a_bulk_body_is_a_list_of_so_many_devices, 0, 4);
    tcase_add_test(tcase,
                   a_bulk_body_goes_on_with_the_session_of_the_one_before);
    tcase_add_loop_test(tcase, a_session_begins_is_extended_twice_and_ends, 0,
                        2);
    tcase_add_test(tcase, every_request_has_a_number_of_its_own);
    tcase_add_test(tcase, connections_walk_devices_of_their_own);
    tcase_add_test(tcase, a_refresh_only_extends);
    tcase_add_test(tcase, the_end_of_the_app_key_tells_the_app);
    tcase_add_test(tcase, a_visit_of_the_past_has_a_timestamp_of_the_past);
    tcase_add_test(tcase, models_are_as_many_as_is_said);
    tcase_add_loop_test(tcase, so_many_of_a_hundred_requests_are_reads, 0, 4);
    tcase_add_test(tcase, what_is_too_long_or_too_short_makes_no_traffic);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
