/*
 * Random sequences of requests, counted by the rules and by a model of them:
 * every counter, every day's users and every user record must be the same.
 */
#include <check.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "intake.h"
#include "rulebook.h"

enum {
    SEEDS = 2000,
    CASES = 20, /* tests they are spread over */
    LENGTH_MAX = 60,
    JSON_MAX = 600,
    A_DAY = 86400,
    HOUR = 3600,
};

struct sequence {
    uint32_t state;
    const char *zone;
    int devices;
    int length;
    int64_t now; /* behind all of it */
    struct rulebook_request requests[LENGTH_MAX];
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
    1772755200, /* 2026-03-06, it begins in New York */
    1798416000, /* 2026-12-28, New Year */
    1709078400, /* 2024-02-28, a leap day */
};

static const char *const zones[] = {
    "UTC",          "Europe/Berlin", "America/New_York",
    "Asia/Kolkata", "Asia/Beirut",   "Pacific/Auckland",
};

static int64_t step(struct sequence *sequence)
{
    switch (roll(sequence, 5)) {
    case 0:
    case 1:
        return roll(sequence, 20);
    case 2:
        return roll(sequence, HOUR);
    case 3:
        return roll(sequence, 8 * HOUR);
    default:
        return roll(sequence, 10) == 0 ? roll(sequence, 20 * A_DAY)
                                       : roll(sequence, 30 * HOUR);
    }
}

static struct rulebook_request random_request(struct sequence *sequence,
                                              int64_t seconds)
{
    static const char *const countries[] = {"TR", "TR", "DE", NULL};
    static const char *const cities[] = {"Izmir", "Bursa", NULL};
    static const char *const systems[] = {"Android", "Linux", "Windows", NULL};
    static const char *const versions[] = {"1:0", "1:1", "2:0", NULL};
    static const int64_t durations[] = {
        0, 1, 9, 25, 50, 100, 400, 1500, 3000, 4000, 86400, 90000, -3};
    uint32_t kind = roll(sequence, 10);

    return (struct rulebook_request){
        .device = (int)roll(sequence, (uint32_t)sequence->devices),
        .old_device = roll(sequence, 12) == 0
                          ? (int)roll(sequence, (uint32_t)sequence->devices)
                          : -1,
        .seconds = seconds,
        .begins = kind < 5,
        .ends = kind >= 4 && kind < 8,
        .ignores_cooldown = roll(sequence, 10) == 0,
        .has_duration = roll(sequence, 2),
        .duration = PICK(sequence, durations),
        .country = PICK(sequence, countries),
        .city = PICK(sequence, cities),
        .os = PICK(sequence, systems),
        .version = PICK(sequence, versions),
    };
}

static void make(struct sequence *sequence, uint32_t seed)
{
    *sequence = (struct sequence){.state = seed * 2654435761u + 1};
    int64_t time = PICK(sequence, starts) + roll(sequence, A_DAY);

    sequence->zone = PICK(sequence, zones);
    sequence->devices = 1 + (int)roll(sequence, RULEBOOK_DEVICES - 1);
    sequence->length = 5 + (int)roll(sequence, LENGTH_MAX - 5);
    for (int i = 0; i < sequence->length; i++) {
        time += step(sequence);
        int64_t late = roll(sequence, 10) == 0 ? roll(sequence, 3 * A_DAY) : 0;
        sequence->requests[i] = random_request(sequence, time - late);
    }
    sequence->now = time + 1;
}

/* JSON. */

static void add_member(GString *json, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(json, ",\"%s\":\"%s\"", name, value);
}

/* `number` tells requests apart that are the same otherwise. */
static char *json_of(const struct rulebook_request *request, const char *key,
                     int number)
{
    GString *json = g_string_new(NULL);

    g_string_printf(
        json,
        "{\"app_key\":\"%s\",\"device_id\":\"d%d\",\"timestamp\":%" PRId64
        ",\"number\":%d",
        key, request->device, request->seconds, number);
    if (request->old_device >= 0)
        g_string_append_printf(json, ",\"old_device_id\":\"d%d\"",
                               request->old_device);
    add_member(json, "begin_session", request->begins ? "1" : NULL);
    add_member(json, "end_session", request->ends ? "1" : NULL);
    add_member(json, "ignore_cooldown", request->ignores_cooldown ? "1" : NULL);
    if (request->has_duration)
        g_string_append_printf(json, ",\"session_duration\":\"%" PRId64 "\"",
                               request->duration);
    add_member(json, "country_code", request->country);
    add_member(json, "city", request->city);
    g_string_append(json, ",\"metrics\":{\"_none\":1");
    add_member(json, "_os", request->os);
    if (request->version)
        g_string_append_printf(json, ",\"_app_version\":\"%c.%c\"",
                               request->version[0], request->version[2]);
    g_string_append(json, "}}");
    return g_string_free(json, FALSE);
}

/* Each sequence has an app of its own. */
static void new_app(const char *zone, char key[32])
{
    static unsigned number = 1;
    char id[25];

    number++;
    snprintf(id, sizeof(id), "5b%022x", number);
    snprintf(key, 32, "key-%u", number);
    intake_app = intake_add_app(id, key, zone, NULL);
}

static void send(const struct sequence *sequence, const char *key, int i,
                 const char *answer)
{
    char *json = json_of(&sequence->requests[i], key, i);
    const char *given = intake_send(sequence->now, json);

    if (intake_status == 503) {
        intake_checkpoint();
        given = intake_send(sequence->now, json);
    }
    ck_assert_msg(g_str_equal(given, answer), "%s: %s", json, given);
    g_free(json);
}

/* Comparison. */

static char *user_line(int device)
{
    static const enum set sets[] = {SET_COUNTRIES, SET_CITIES, SET_OS,
                                    SET_APP_VERSIONS, SET_SOURCES};
    char did[16];
    char *values[5];
    struct user user;

    snprintf(did, sizeof(did), "d%d", device);
    if (!intake_user(did, &user))
        return g_strdup("");
    for (int i = 0; i < 5; i++)
        values[i] = g_strdup(intake_value(did, sets[i]));
    char *line = g_strdup_printf(
        "sc %u merges %u fs %u ls %u lest %u lbst %u sd %" PRIu64
        " tsd %" PRIu64 " open %d cc %s cty %s p %s av %s src %s",
        user.sc, user.merges, user.fs, user.ls, user.lest, user.lbst, user.sd,
        user.tsd, user.is_open, values[0], values[1], values[2], values[3],
        values[4]);
    for (int i = 0; i < 5; i++)
        g_free(values[i]);
    return line;
}

/* The first line in which two sorted texts differ. */
static char *difference(const char *have, const char *want)
{
    char **a = g_strsplit(have, "\n", -1);
    char **b = g_strsplit(want, "\n", -1);
    int i = 0;

    while (a[i] && b[i] && g_str_equal(a[i], b[i]))
        i++;
    char *text = g_strdup_printf("have \"%s\", want \"%s\"", a[i] ? a[i] : "",
                                 b[i] ? b[i] : "");
    g_strfreev(a);
    g_strfreev(b);
    return text;
}

static void same(uint32_t seed, const char *what, char *have, char *want)
{
    if (!g_str_equal(have, want))
        ck_abort_msg("seed %u, %s: %s", seed, what, difference(have, want));
    g_free(have);
    g_free(want);
}

static void compare(uint32_t seed, const struct sequence *sequence,
                    const struct rulebook *model)
{
    same(seed, "counters", intake_dump(), rulebook_dump(model));
    for (int device = 0; device < sequence->devices; device++)
        same(seed, "user", user_line(device), rulebook_user(model, device));
}

static struct rulebook *rulebook_of(const struct sequence *sequence)
{
    struct rulebook *model = rulebook_create(sequence->zone);

    for (int i = 0; i < sequence->length; i++)
        rulebook_take(model, &sequence->requests[i]);
    return model;
}

static void send_all(const struct sequence *sequence, const char *key)
{
    for (int i = 0; i < sequence->length; i++)
        send(sequence, key, i, INTAKE_SUCCESS);
}

static void each_seed(int block, void (*check)(uint32_t seed))
{
    for (uint32_t i = 0; i < SEEDS / CASES; i++)
        check((uint32_t)block * (SEEDS / CASES) + i);
    intake_checkpoint();
    intake_audit();
}

static void setup(void)
{
    intake_open(NULL);
}

static void check_model(uint32_t seed)
{
    struct sequence sequence;
    char key[32];

    make(&sequence, seed);
    new_app(sequence.zone, key);
    send_all(&sequence, key);
    struct rulebook *model = rulebook_of(&sequence);
    compare(seed, &sequence, model);
    if (seed % 50 == 0) {
        intake_checkpoint();
        compare(seed, &sequence, model);
    }
    rulebook_destroy(model);
}

START_TEST(rules_count_what_the_model_counts)
{
    each_seed(_i, check_model);
}
END_TEST

/* Devices that merges connect keep their order, others do not. */
static void shuffle(struct sequence *sequence)
{
    struct rulebook_request old[LENGTH_MAX];
    bool sent[LENGTH_MAX] = {false};
    int group[RULEBOOK_DEVICES];

    memcpy(old, sequence->requests, sizeof(old));
    for (int i = 0; i < RULEBOOK_DEVICES; i++)
        group[i] = i;
    for (int i = 0; i < sequence->length; i++) {
        int from = old[i].old_device < 0 ? -1 : group[old[i].old_device];
        for (int k = 0; k < RULEBOOK_DEVICES; k++) {
            if (group[k] == from)
                group[k] = group[old[i].device];
        }
    }
    for (int i = 0; i < sequence->length; i++) {
        int pick = (int)roll(sequence, (uint32_t)sequence->length);
        while (sent[pick])
            pick = (pick + 1) % sequence->length;
        for (int k = 0; k < pick; k++) {
            if (!sent[k] && group[old[k].device] == group[old[pick].device])
                pick = k;
        }
        sent[pick] = true;
        sequence->requests[i] = old[pick];
    }
}

static void check_order(uint32_t seed)
{
    struct sequence sequence;
    char key[32];

    make(&sequence, seed);
    struct rulebook *model = rulebook_of(&sequence);
    shuffle(&sequence);
    new_app(sequence.zone, key);
    send_all(&sequence, key);
    compare(seed, &sequence, model);
    rulebook_destroy(model);
}

START_TEST(the_order_of_unrelated_devices_does_not_matter)
{
    each_seed(_i, check_order);
}
END_TEST

/* At most eight requests a device, and no merges: all are known still. */
static void check_replay(uint32_t seed)
{
    struct sequence sequence;
    int counts[RULEBOOK_DEVICES] = {0};
    char key[32];
    int kept = 0;

    make(&sequence, seed);
    for (int i = 0; i < sequence.length; i++) {
        struct rulebook_request request = sequence.requests[i];
        request.old_device = -1;
        if (counts[request.device]++ < USER_RING)
            sequence.requests[kept++] = request;
    }
    sequence.length = kept;
    new_app(sequence.zone, key);
    send_all(&sequence, key);
    struct rulebook *model = rulebook_of(&sequence);
    for (int i = 0; i < sequence.length; i++)
        send(&sequence, key, i, INTAKE_DUPLICATE);
    compare(seed, &sequence, model);
    rulebook_destroy(model);
}

START_TEST(a_sequence_sent_again_changes_nothing)
{
    each_seed(_i, check_replay);
}
END_TEST

/* As one body, whatever is in it. */
static void check_bulk(uint32_t seed)
{
    struct sequence sequence;
    char key[32];

    make(&sequence, seed);
    new_app(sequence.zone, key);
    GString *body = g_string_new("[");
    for (int i = 0; i < sequence.length; i++) {
        char *json = json_of(&sequence.requests[i], key, i);
        g_string_append_printf(body, "%s%s", i > 0 ? "," : "", json);
        g_free(json);
    }
    g_string_append_c(body, ']');
    struct rulebook *model = rulebook_of(&sequence);
    for (int i = 0; i < 2; i++) {
        if (seed % 20 == 0)
            intake_checkpoint();
        ck_assert_str_eq(intake_bulk_signed(sequence.now, key, body->str, NULL),
                         INTAKE_SUCCESS);
        compare(seed, &sequence, model);
    }
    rulebook_destroy(model);
    g_string_free(body, TRUE);
}

START_TEST(a_sequence_sent_as_bulk_counts_once)
{
    each_seed(_i, check_bulk);
}
END_TEST

static Suite *rules_model_suite(void)
{
    Suite *suite = suite_create("rules_model");
    TCase *tcase = tcase_create("rules_model");

    tcase_add_checked_fixture(tcase, setup, intake_close);
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, rules_count_what_the_model_counts, 0, CASES);
    tcase_add_loop_test(tcase, the_order_of_unrelated_devices_does_not_matter,
                        0, CASES / 4);
    tcase_add_loop_test(tcase, a_sequence_sent_again_changes_nothing, 0,
                        CASES / 4);
    tcase_add_loop_test(tcase, a_sequence_sent_as_bulk_counts_once, 0,
                        CASES / 4);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(rules_model_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
