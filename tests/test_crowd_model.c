/*
 * Random sequences of requests, and what filters, retention and active users
 * say of them against counting by brute force.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "headcount.h"
#include "intake.h"
#include "metrics/active.h"
#include "metrics/retention.h"
#include "metrics/total.h"

enum {
    SEEDS = 6600,
    CASES = 30, /* tests they are spread over */
    LENGTH_MAX = 50,
    QUESTIONS = 2, /* of each kind about each sequence */
    A_DAY = 86400,
    HOUR = 3600,
    LATE_DAYS = 45,
};

struct sequence {
    uint32_t seed;
    uint32_t state;
    const char *name; /* of the zone */
    struct zone *zone;
    uint32_t app;
    int64_t now;
    struct headcount *count;
};

static uint32_t roll(struct sequence *sequence, uint32_t below)
{
    sequence->state = sequence->state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)sequence->state * below) >> 32);
}

#define PICK(sequence, list) \
    list[roll(sequence, sizeof(list) / sizeof((list)[0]))]

/* Days before something happens to calendars or clocks. */
static const int64_t starts[] = {
    1772409600, /* 2026-03-02 */
    1774569600, /* 2026-03-27, summer time begins in Europe and Beirut */
    1792713600, /* 2026-10-23, and ends */
    1798416000, /* 2026-12-28, New Year */
    1709078400, /* 2024-02-28, a leap day */
};

static const char *const zones[] = {
    "UTC",          "Europe/Berlin", "America/New_York",
    "Asia/Kolkata", "Asia/Beirut",   "Pacific/Auckland",
};

static const char *const systems[] = {"Android", "Linux", "Windows"};
static const char *const versions[] = {"1.0", "1.1", "2.0"};

static struct buffer out;

/* Sending. */

static char *json_of(const struct headcount_request *request, const char *key,
                     int number)
{
    GString *json = g_string_new(NULL);

    g_string_printf(json,
                    "{\"app_key\":\"%s\",\"device_id\":\"d%d\",\"timestamp\":"
                    "%" PRId64 ",\"number\":%d,\"metrics\":{\"_none\":1",
                    key, request->device, request->seconds, number);
    if (request->os >= 0)
        g_string_append_printf(json, ",\"_os\":\"%s\"", systems[request->os]);
    if (request->version >= 0)
        g_string_append_printf(json, ",\"_app_version\":\"%s\"",
                               versions[request->version]);
    g_string_append_c(json, '}');
    if (request->old_device >= 0)
        g_string_append_printf(json, ",\"old_device_id\":\"d%d\"",
                               request->old_device);
    if (request->begins)
        g_string_append(json, ",\"begin_session\":1,\"ignore_cooldown\":1");
    g_string_append_c(json, '}');
    return g_string_free(json, FALSE);
}

static struct headcount_request
random_request(struct sequence *sequence, uint32_t devices, int64_t seconds)
{
    bool merges = roll(sequence, 10) == 0;

    return (struct headcount_request){
        .device = (int)roll(sequence, devices),
        .old_device = merges ? (int)roll(sequence, devices) : -1,
        .seconds = seconds,
        .begins = roll(sequence, 6) > 0,
        .os = (int)roll(sequence, HEADCOUNT_NAMES + 1) - 1,
        .version = (int)roll(sequence, HEADCOUNT_NAMES + 1) - 1,
    };
}

static int64_t step(struct sequence *sequence)
{
    if (roll(sequence, 3) == 0)
        return roll(sequence, HOUR);
    return roll(sequence, 8) == 0 ? roll(sequence, 25 * A_DAY)
                                  : roll(sequence, 20 * HOUR);
}

static void send(const struct sequence *sequence, const char *key, int number,
                 const struct headcount_request *request)
{
    char *json = json_of(request, key, number);
    const char *given = intake_send(sequence->now, json);

    if (intake_status == 503) {
        intake_checkpoint();
        given = intake_send(sequence->now, json);
    }
    ck_assert_msg(g_str_equal(given, INTAKE_SUCCESS), "%s: %s", json, given);
    g_free(json);
}

static void new_app(struct sequence *sequence, char key[32])
{
    static unsigned number = 1;
    char id[25];

    number++;
    snprintf(id, sizeof(id), "5b%022x", number);
    snprintf(key, 32, "key-%u", number);
    sequence->app = intake_add_app(id, key, sequence->name, NULL);
    ck_assert_int_eq(
        zone_open(intake_tally->zones, sequence->name, &sequence->zone),
        TALLY_OK);
}

static void make(struct sequence *sequence, uint32_t seed)
{
    *sequence =
        (struct sequence){.seed = seed, .state = seed * 2654435761u + 17};
    int64_t time = PICK(sequence, starts) + roll(sequence, A_DAY);
    uint32_t devices = 1 + roll(sequence, HEADCOUNT_DEVICES - 1);
    int length = 5 + (int)roll(sequence, LENGTH_MAX - 5);
    char key[32];

    sequence->name = PICK(sequence, zones);
    sequence->count =
        headcount_create(sequence->name, (int)(time / A_DAY) - LATE_DAYS - 2);
    new_app(sequence, key);
    for (int i = 0; i < length; i++) {
        time += step(sequence);
        int64_t late =
            roll(sequence, 8) == 0 ? roll(sequence, LATE_DAYS * A_DAY) : 0;
        struct headcount_request request =
            random_request(sequence, devices, time - late);
        sequence->now = time + 1;
        send(sequence, key, i, &request);
        headcount_take(sequence->count, &request);
    }
    sequence->now += roll(sequence, 3) * A_DAY;
}

/* Asking. */

struct question {
    struct headcount_filter model;
    struct filter filter;
    unsigned bits[2];
    char json[512];
};

static void add_names(GString *json, const char *member, unsigned bits,
                      const char *const names[], char dot)
{
    g_string_append_printf(json, "%s\"%s\":[\"BeOS\"", json->len > 1 ? "," : "",
                           member);
    for (int i = 0; i < HEADCOUNT_NAMES; i++) {
        if (!(bits >> i & 1))
            continue;
        char *name = g_strdelimit(g_strdup(names[i]), ".", dot);
        g_string_append_printf(json, ",\"%s\"", name);
        g_free(name);
    }
    g_string_append_c(json, ']');
}

static void random_filter(struct sequence *sequence, struct question *question)
{
    static const char *const members[] = {"os", "platforms", "p"};
    GString *json = g_string_new("{");
    enum tally_err err;

    *question =
        (struct question){.bits = {roll(sequence, 8), roll(sequence, 8)}};
    if (roll(sequence, 2)) {
        question->model.os = &question->bits[0];
        add_names(json, PICK(sequence, members), question->bits[0], systems,
                  '.');
    }
    if (roll(sequence, 2)) {
        question->model.version = &question->bits[1];
        add_names(json, "app_versions", question->bits[1], versions, ':');
    }
    g_string_append_c(json, '}');
    snprintf(question->json, sizeof(question->json), "%s", json->str);
    ck_assert_ptr_null(filter_read(intake_tally->catalog, intake_engine,
                                   sequence->app, text_of(json->str),
                                   &question->filter, &err));
    ck_assert_int_eq(err, TALLY_OK);
    g_string_free(json, TRUE);
}

static struct reader *begin_answer(struct json *json)
{
    struct reader *reader;

    buffer_clear(&out);
    json_init(json, &out, JSON_DATA);
    ck_assert_int_eq(reader_open(intake_engine, &reader), TALLY_OK);
    return reader;
}

/* Takes the expected text. */
static void end_answer(const struct sequence *sequence, struct reader *reader,
                       const struct question *question, const char *what,
                       char *want)
{
    reader_close(reader);
    if (!text_is(buffer_text(&out), want))
        ck_abort_msg("seed %u, %s, %s, filter %s: have %.*s, want %s",
                     sequence->seed, sequence->name, what, question->json,
                     (int)out.len, out.at, want);
    g_free(want);
}

static struct period random_period(struct sequence *sequence, int *first,
                                   int *last)
{
    char text[64];
    int64_t to = sequence->now - roll(sequence, 30) * A_DAY;
    int64_t from = to - roll(sequence, 40) * A_DAY;
    int days = 1 + (int)roll(sequence, 60);

    *first = headcount_day(sequence->count, sequence->now) - days + 1;
    *last = *first + days - 1;
    snprintf(text, sizeof(text), "%ddays", days);
    if (roll(sequence, 2)) {
        *first = headcount_day(sequence->count, from);
        *last = headcount_day(sequence->count, to);
        snprintf(text, sizeof(text), "[%" PRId64 ",%" PRId64 "]", from, to);
    }
    return period_parse(text_of(text), sequence->zone, sequence->now);
}

/* The rows of values, in an order of our own. */
static char *rows_of_answer(void)
{
    GString *text = g_string_new(NULL);
    cJSON *rows = cJSON_ParseWithLength(out.at, out.len);
    const cJSON *row;

    for (int i = 0; i < HEADCOUNT_NAMES; i++) {
        cJSON_ArrayForEach(row, rows)
        {
            if (g_str_equal(cJSON_GetObjectItem(row, "_id")->valuestring,
                            systems[i]))
                g_string_append_printf(text, "%d=%d ", i,
                                       cJSON_GetObjectItem(row, "u")->valueint);
        }
    }
    cJSON_Delete(rows);
    return g_string_free(text, FALSE);
}

static void ask_total(struct sequence *sequence)
{
    struct question question;
    int first, last;
    struct period period = random_period(sequence, &first, &last);
    bool by_os = roll(sequence, 2);
    GString *want = g_string_new(NULL);
    struct json json;
    struct reader *reader = begin_answer(&json);

    random_filter(sequence, &question);
    struct total total = {
        .app = sequence->app,
        .metric = by_os ? catalog_by_set(intake_tally->catalog, SET_OS) : NULL,
        .period = &period,
        .filter = &question.filter};
    total_capture(&total, reader);
    ck_assert_int_eq(total_write(&total, reader, &json), TALLY_OK);
    int users =
        headcount_users(sequence->count, first, last, &question.model, -1);
    if (!by_os && users > 0)
        g_string_printf(want, "[{\"_id\":\"users\",\"u\":%d}]", users);
    else if (!by_os)
        g_string_printf(want, "[]");
    for (int i = 0; by_os && i < HEADCOUNT_NAMES; i++) {
        users =
            headcount_users(sequence->count, first, last, &question.model, i);
        if (users > 0)
            g_string_append_printf(want, "%d=%d ", i, users);
    }
    if (by_os) {
        char *rows = rows_of_answer();
        buffer_clear(&out);
        buffer_add_string(&out, rows);
        g_free(rows);
    }
    end_answer(sequence, reader, &question, "total_users",
               g_string_free(want, FALSE));
}

static void ask_retention(struct sequence *sequence)
{
    static const char *const periods[] = {"adaily", "aweekly", "amonthly"};
    static const char *const types[] = {"full", "classic", "unbounded"};
    static const uint32_t spans[] = {40, 10, 6};
    uint32_t unit = roll(sequence, 3);
    uint32_t type = roll(sequence, 3);
    int span = 1 + (int)roll(sequence, spans[unit]);
    int today = headcount_day(sequence->count, sequence->now);
    char number[16];
    char what[64];
    struct question question;
    struct retention retention = {.filter = &question.filter};
    struct json json;

    random_filter(sequence, &question);
    snprintf(number, sizeof(number), "%d", span);
    snprintf(what, sizeof(what), "%s %s %d", periods[unit], types[type], span);
    struct retention_request request = {.period = text_of(periods[unit]),
                                        .type = text_of(types[type]),
                                        .span = text_of(number)};
    ck_assert_ptr_null(
        retention_read(&request, sequence->zone, sequence->now, &retention));
    struct reader *reader = begin_answer(&json);
    retention_capture(&retention, reader);
    ck_assert_int_eq(retention_write(&retention, reader, &json), TALLY_OK);
    end_answer(sequence, reader, &question, what,
               headcount_retention(sequence->count, (int)unit, (int)type, today,
                                   span, &question.model));
}

static void ask_active(struct sequence *sequence)
{
    struct question question;
    int first, last;
    struct period period = random_period(sequence, &first, &last);
    bool months = roll(sequence, 8) == 0;
    struct active active = {&question.filter, &period};
    struct json json;

    random_filter(sequence, &question);
    if (months) {
        last = headcount_day(sequence->count, sequence->now);
        period = period_parse(TEXT("month"), sequence->zone, sequence->now);
        first = last - (period.current.last - period.current.first);
    }
    struct reader *reader = begin_answer(&json);
    active_capture(&active, reader);
    ck_assert_int_eq(active_write(&active, reader, &json), TALLY_OK);
    end_answer(sequence, reader, &question, "active_users",
               headcount_active(sequence->count, first, last, months,
                                &question.model));
}

static void check_seed(uint32_t seed)
{
    struct sequence sequence;

    make(&sequence, seed);
    if (seed % 25 == 0)
        intake_checkpoint();
    for (int i = 0; i < QUESTIONS; i++) {
        ask_total(&sequence);
        ask_retention(&sequence);
        ask_active(&sequence);
    }
    headcount_destroy(sequence.count);
}

static void setup(void)
{
    intake_open(NULL);
    buffer_init(&out, 1 << 20);
}

static void teardown(void)
{
    buffer_finish(&out);
    intake_close();
}

START_TEST(crowds_are_what_the_model_counts)
{
    for (uint32_t i = 0; i < SEEDS / CASES; i++)
        check_seed((uint32_t)_i * (SEEDS / CASES) + i);
}
END_TEST

static Suite *crowd_model_suite(void)
{
    Suite *suite = suite_create("crowd_model");
    TCase *tcase = tcase_create("crowd_model");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, crowds_are_what_the_model_counts, 0, CASES);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(crowd_model_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
