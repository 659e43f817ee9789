/*
 * Random events of random devices, counted by the rules and by a second,
 * plain reading of them that shares no code: every counter of every event,
 * segment and value, at hours, days and years, and every day's users must be
 * the same, in whatever order the requests come.
 */
#include <check.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/crowd.h"
#include "engine/dictionary.h"
#include "engine/series.h"
#include "intake.h"
#include "metrics/event_set.h"

enum {
    SEEDS = 180,
    CASES = 6,
    LENGTH_MAX = 40,
    EVENTS_MAX = 5,
    SEGMENTS = 3,
    DEVICES = 4,
    A_DAY = 86400,
};

/* As sent, and what it is counted as; NULL: not at all. */
struct spelling {
    const char *sent;
    const char *counted;
};

static const struct spelling keys[] = {
    {"\"buy\"", "buy"},
    {"\"$b..uy\"", "buy"},
    {"\"system.play\"", "play"},
    {"\"a.b\"", "a.b"},
    {"7", "7"},
    {"\"[CLY]_action\"", "[CLY]_action"},
    {"\"[CLY]_other\"", NULL},
    {"\"$\"", NULL},
    {"null", NULL},
};

static const struct spelling segments[SEGMENTS] = {
    {"item", "item"}, {"$$l.vl", "lvl"}, {"$.", NULL}};

static const struct spelling values[] = {
    {"\"sword\"", "sword"}, {"\"$sw.rd\"", "sw:rd"}, {"3", "[CLY]3"},
    {"\"31\"", "[CLY]31"},  {"\"32\"", "32"},        {"0", "0"},
    {"true", "true"},       {"null", "null"},        {"\"\"", NULL},
    {"[1]", NULL},          {"2.50", "2:5"},
};

/* As sent, and in hundred thousandths or pieces. */
struct amount {
    const char *sent;
    int64_t counted;
};

static const struct amount counts[] = {
    {NULL, 1},  {"1", 1}, {"3", 3},   {"\"2\"", 2}, {"\"x\"", 1},
    {"-2", -2}, {"0", 0}, {"1.9", 1}, {"null", 1},  {"2000000000", 0},
};

static const struct amount sums[] = {
    {NULL, 0},
    {NULL, 0},
    {"0", 0},
    {"9.99", 999000},
    {"0.01", 1000},
    {"1.123456789", 112346},
    {"0.000001", 0},
    {"-3", -300000},
    {"\"0.1\"", 10000},
    {"1e11", 0},
    {"5e9", 500000000000000},
};

struct occurrence {
    const struct spelling *key;
    const struct amount *count;
    const struct amount *sum;
    const struct amount *duration;
    const struct spelling *values[SEGMENTS]; /* NULL: not sent */
    int64_t seconds;                         /* 0: that of the request */
};

struct call {
    int device;
    int64_t seconds;
    int count;
    struct occurrence events[EVENTS_MAX];
};

struct sequence {
    uint32_t state;
    const char *zone;
    int length;
    int64_t now;
    struct call calls[LENGTH_MAX];
};

static uint32_t roll(struct sequence *sequence, uint32_t below)
{
    sequence->state = sequence->state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)sequence->state * below) >> 32);
}

#define PICK(sequence, list) \
    &list[roll(sequence, sizeof(list) / sizeof((list)[0]))]

static const int64_t starts[] = {
    1774569600, /* 2026-03-27, summer time begins in Europe */
    1792713600, /* 2026-10-23, and ends */
    1798416000, /* 2026-12-28, New Year */
    1709078400, /* 2024-02-28, a leap day */
};

static const char *const zones[] = {"UTC", "Europe/Berlin", "Asia/Kolkata",
                                    "America/New_York", "Pacific/Auckland"};

static struct occurrence random_event(struct sequence *sequence, int64_t now)
{
    struct occurrence event = {.key = PICK(sequence, keys),
                               .count = PICK(sequence, counts),
                               .sum = PICK(sequence, sums),
                               .duration = PICK(sequence, sums)};

    for (int i = 0; i < SEGMENTS; i++) {
        if (roll(sequence, 2))
            event.values[i] = PICK(sequence, values);
    }
    if (roll(sequence, 3) == 0)
        event.seconds = now - roll(sequence, 3 * A_DAY);
    return event;
}

static void make(struct sequence *sequence, uint32_t seed)
{
    *sequence = (struct sequence){.state = seed * 2654435761u + 1};
    int64_t time = *PICK(sequence, starts) + roll(sequence, A_DAY);

    sequence->zone = *PICK(sequence, zones);
    sequence->length = 3 + (int)roll(sequence, LENGTH_MAX - 3);
    for (int i = 0; i < sequence->length; i++) {
        struct call *call = &sequence->calls[i];
        time += roll(sequence, 6 * 3600);
        call->device = (int)roll(sequence, DEVICES);
        call->seconds = time;
        call->count = 1 + (int)roll(sequence, EVENTS_MAX);
        for (int k = 0; k < call->count; k++)
            call->events[k] = random_event(sequence, time);
    }
    sequence->now = time + 1;
}

/* JSON. */

static void add_amount(GString *json, const char *name,
                       const struct amount *amount)
{
    if (amount->sent)
        g_string_append_printf(json, ",\"%s\":%s", name, amount->sent);
}

static void add_event(GString *json, const struct occurrence *event)
{
    g_string_append_printf(json, "{\"key\":%s", event->key->sent);
    add_amount(json, "count", event->count);
    add_amount(json, "sum", event->sum);
    add_amount(json, "dur", event->duration);
    if (event->seconds)
        g_string_append_printf(json, ",\"timestamp\":%" PRId64 "123",
                               event->seconds);
    g_string_append(json, ",\"segmentation\":{");
    const char *comma = "";
    for (int i = 0; i < SEGMENTS; i++) {
        if (!event->values[i])
            continue;
        g_string_append_printf(json, "%s\"%s\":%s", comma, segments[i].sent,
                               event->values[i]->sent);
        comma = ",";
    }
    g_string_append(json, "}}");
}

static char *json_of(const struct call *call, const char *key, int number)
{
    GString *json = g_string_new(NULL);

    g_string_printf(json,
                    "{\"app_key\":\"%s\",\"device_id\":\"d%d\",\"timestamp\":"
                    "%" PRId64 ",\"number\":%d,\"events\":[",
                    key, call->device, call->seconds, number);
    for (int i = 0; i < call->count; i++) {
        if (i > 0)
            g_string_append_c(json, ',');
        add_event(json, &call->events[i]);
    }
    g_string_append(json, "]}");
    return g_string_free(json, FALSE);
}

static int refusals; /* for want of room */

static void send(const struct sequence *sequence, const char *key, int i)
{
    char *json = json_of(&sequence->calls[i], key, i);
    const char *answer = intake_send(sequence->now, json);

    if (intake_status == 503) {
        refusals++;
        intake_checkpoint();
        answer = intake_send(sequence->now, json);
    }
    ck_assert_msg(g_str_equal(answer, INTAKE_SUCCESS), "%s: %s", json, answer);
    g_free(json);
}

/* The model: a table of texts. */

struct model {
    GHashTable *sums;  /* text -> GINT64 */
    GHashTable *users; /* "day key device" */
    int64_t events[DEVICES];
};

static void add(struct model *model, char *text, int64_t number)
{
    int64_t *sum = g_hash_table_lookup(model->sums, text);

    if (!sum) {
        sum = g_new0(int64_t, 1);
        g_hash_table_insert(model->sums, text, sum);
    } else {
        g_free(text);
    }
    *sum += number;
}

static void add_all(struct model *model, const char *place,
                    const struct occurrence *event)
{
    add(model, g_strdup_printf("%s t", place), 1);
    add(model, g_strdup_printf("%s c", place), event->count->counted);
    add(model, g_strdup_printf("%s s", place), event->sum->counted);
    add(model, g_strdup_printf("%s d", place), event->duration->counted);
}

/* At the day and the year; a segment alone only how often it came. */
static void take_segments(struct model *model, const struct occurrence *event,
                          const struct tm *local)
{
    const char *key = event->key->counted;

    for (int i = 0; i < SEGMENTS; i++) {
        const struct spelling *value = event->values[i];
        if (!value || !value->counted || !segments[i].counted)
            continue;
        char day[32];
        char place[200];
        strftime(day, sizeof(day), "%Y-%m-%d", local);
        snprintf(place, sizeof(place), "day %s/%s=%s %s", key,
                 segments[i].counted, value->counted, day);
        add_all(model, place, event);
        add(model,
            g_strdup_printf("day %s/%s %s t", key, segments[i].counted, day),
            1);
        add(model,
            g_strdup_printf("year %s/%s=%s %.4s t", key, segments[i].counted,
                            value->counted, day),
            1);
        add(model,
            g_strdup_printf("year %s/%s %.4s t", key, segments[i].counted, day),
            1);
    }
}

static void take_event(struct model *model, const struct call *call,
                       const struct occurrence *event)
{
    time_t seconds = event->seconds ? event->seconds : call->seconds;
    const char *key = event->key->counted;
    struct tm local;
    char day[32];
    char hour[32];
    char place[100];

    if (!key)
        return;
    localtime_r(&seconds, &local);
    strftime(day, sizeof(day), "%Y-%m-%d", &local);
    strftime(hour, sizeof(hour), "%Y-%m-%d %H", &local);
    snprintf(place, sizeof(place), "hour %s %s", key, hour);
    add_all(model, place, event);
    snprintf(place, sizeof(place), "day %s %s", key, day);
    add_all(model, place, event);
    snprintf(place, sizeof(place), "all %s %s", key, day);
    add_all(model, place, event);
    add(model, g_strdup_printf("all %s %s d", key, day),
        -event->duration->counted);
    take_segments(model, event, &local);
    char *user = g_strdup_printf("%s %s %d", key, day, call->device);
    if (g_hash_table_add(model->users, user))
        add(model, g_strdup_printf("users %s %s", key, day), 1);
    if (key[0] != '[')
        model->events[call->device]++;
}

static void finish_model(struct model *model)
{
    g_hash_table_destroy(model->sums);
    g_hash_table_destroy(model->users);
}

static struct model model_of(const struct sequence *sequence)
{
    struct model model = {
        .sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    setenv("TZ", sequence->zone, 1);
    tzset();
    for (int i = 0; i < sequence->length; i++) {
        for (int k = 0; k < sequence->calls[i].count; k++)
            take_event(&model, &sequence->calls[i],
                       &sequence->calls[i].events[k]);
    }
    return model;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts and joins the lines, and frees them. */
static char *join(GPtrArray *lines)
{
    g_ptr_array_sort(lines, compare_lines);
    g_ptr_array_add(lines, NULL);
    char *text = g_strjoinv("\n", (char **)lines->pdata);
    g_ptr_array_free(lines, TRUE);
    return text;
}

static char *model_dump(const struct model *model)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    void *key;
    void *sum;

    g_hash_table_iter_init(&iter, model->sums);
    while (g_hash_table_iter_next(&iter, &key, &sum)) {
        if (*(int64_t *)sum != 0)
            g_ptr_array_add(lines, g_strdup_printf("%s: %" PRId64, (char *)key,
                                                   *(int64_t *)sum));
    }
    return join(lines);
}

/* What was counted, in the same words. */

struct dump {
    GPtrArray *lines;
    struct reader *reader;
    const char *place; /* of the set: key or key/segment */
    bool is_segment;
    bool is_all; /* SET_EVENTS */
    uint32_t set;
    int32_t day;
};

static const char *name_of(uint32_t set, uint32_t value)
{
    static char name[300];
    struct text text;

    ck_assert_int_eq(
        dictionary_string(intake_engine, intake_app, set, value, &text),
        TALLY_OK);
    snprintf(name, sizeof(name), "%.*s", (int)text.len, text.at);
    return name;
}

/* Names are those of the counting set, also for durations. */
static void describe(const struct dump *dump, uint32_t value, char place[400])
{
    uint32_t set = dump->set & ~UINT32_C(0xf);

    if (dump->is_all)
        snprintf(place, 400, "%s", name_of(SET_EVENTS, value));
    else if (value == 0)
        snprintf(place, 400, "%s", dump->place);
    else
        snprintf(place, 400, "%s%s%s", dump->place,
                 dump->is_segment ? "=" : "/", name_of(set, value));
}

static void add_cell(const struct dump *dump, const char *place,
                     const int64_t *at)
{
    static const struct {
        enum cell_field field;
        char counts;
        char durations;
    } columns[] = {{CELL_T, 't', 't'}, {CELL_E, 'c', 'c'}, {CELL_D, 's', 'd'}};
    bool is_duration = !dump->is_all && (dump->set & 0xf) == EVENT_DURATIONS;

    for (int i = 0; i < 3; i++) {
        if (at[columns[i].field] != 0)
            g_ptr_array_add(dump->lines,
                            g_strdup_printf("%s %c: %" PRId64, place,
                                            is_duration ? columns[i].durations
                                                        : columns[i].counts,
                                            at[columns[i].field]));
    }
    ck_assert_int_eq(at[CELL_N], 0);
    ck_assert_int_eq(at[CELL_U], 0);
}

static void date_text(int32_t day, char text[32])
{
    struct date date = date_of_day(day);

    snprintf(text, 32, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static void dump_day(void *user, const struct series_cell *cell)
{
    struct dump *dump = user;
    char of[400];
    char day[32];
    char place[500];

    describe(dump, cell->value, of);
    date_text(cell->day, day);
    snprintf(place, sizeof(place), "%s %s %s", dump->is_all ? "all" : "day", of,
             day);
    add_cell(dump, place, cell->at);
}

static void dump_hour(void *user, const struct series_cell *cell)
{
    struct dump *dump = user;
    char day[32];
    char place[500];

    date_text(cell->day, day);
    snprintf(place, sizeof(place), "hour %s %s %02u", dump->place, day,
             cell->hour);
    add_cell(dump, place, cell->at);
}

static void dump_year(void *user, const struct series_year *row)
{
    struct dump *dump = user;
    char of[400];

    if (row->value == 0)
        return;
    describe(dump, row->value, of);
    g_ptr_array_add(dump->lines, g_strdup_printf("year %s %d t: %" PRId64, of,
                                                 row->year, row->at[YEAR_T]));
}

static void dump_set(struct dump *dump, uint32_t set)
{
    dump->set = set;
    ck_assert_int_eq(
        series_days(dump->reader, intake_app, set, 0, 65535, dump_day, dump),
        TALLY_OK);
    if (dump->is_all)
        return;
    if (!dump->is_segment)
        ck_assert_int_eq(series_hours(dump->reader, intake_app, set, 0, 65535,
                                      dump_hour, dump),
                         TALLY_OK);
    ck_assert_int_eq(series_years(dump->reader, intake_app, set, 1970, 2148,
                                  dump_year, dump),
                     TALLY_OK);
}

static uint32_t last_of(uint32_t set)
{
    uint32_t last;

    ck_assert_int_eq(
        dictionary_last_value(intake_engine, intake_app, set, &last), TALLY_OK);
    return last;
}

static void each_set(void (*fn)(struct dump *dump, uint32_t set),
                     struct dump *dump)
{
    for (uint32_t event = 1; event <= last_of(SET_EVENTS); event++) {
        char *key = g_strdup(name_of(SET_EVENTS, event));
        uint32_t whole = event_set(event, 0, EVENT_COUNTS);
        for (uint32_t segment = 0; segment <= last_of(whole); segment++) {
            char *place =
                segment == 0
                    ? g_strdup(key)
                    : g_strdup_printf("%s/%s", key, name_of(whole, segment));
            dump->place = place;
            dump->is_segment = segment > 0;
            fn(dump, event_set(event, segment, EVENT_COUNTS));
            fn(dump, event_set(event, segment, EVENT_DURATIONS));
            g_free(place);
        }
        g_free(key);
    }
}

static void capture_set(struct dump *dump, uint32_t set)
{
    series_capture(dump->reader, intake_app, set);
}

static void take_mark(void *user, uint32_t value, uint32_t ordinal)
{
    g_hash_table_add(user, GUINT_TO_POINTER(value << 16 | ordinal));
}

/* Distinct users by event of one day. */
static void dump_users(struct dump *dump, int32_t day)
{
    GHashTable *pairs = g_hash_table_new(NULL, NULL);
    int users[64] = {0};
    GHashTableIter iter;
    void *pair;
    char text[32];

    ck_assert_int_eq(crowd_marks(dump->reader, intake_app, SET_EVENTS, day, day,
                                 take_mark, pairs),
                     TALLY_OK);
    g_hash_table_iter_init(&iter, pairs);
    while (g_hash_table_iter_next(&iter, &pair, NULL))
        users[GPOINTER_TO_UINT(pair) >> 16]++;
    date_text(day, text);
    for (uint32_t event = 1; event < 64; event++) {
        if (users[event] > 0)
            g_ptr_array_add(dump->lines,
                            g_strdup_printf("users %s %s: %d",
                                            name_of(SET_EVENTS, event), text,
                                            users[event]));
    }
    g_hash_table_destroy(pairs);
}

static char *dump_all(const struct sequence *sequence)
{
    struct dump dump = {.lines = g_ptr_array_new_with_free_func(g_free)};
    int32_t last = (int32_t)(sequence->now / A_DAY) + 1;
    int32_t first = (int32_t)(sequence->calls[0].seconds / A_DAY) - 5;

    ck_assert_int_eq(reader_open(intake_engine, &dump.reader), TALLY_OK);
    series_capture(dump.reader, intake_app, SET_EVENTS);
    each_set(capture_set, &dump);
    for (int32_t day = first; day <= last; day++)
        crowd_capture(dump.reader, intake_app, SET_EVENTS, day, day);
    each_set(dump_set, &dump);
    dump.is_all = true;
    dump_set(&dump, SET_EVENTS);
    for (int32_t day = first; day <= last; day++)
        dump_users(&dump, day);
    reader_close(dump.reader);
    return join(dump.lines);
}

/* Comparison. */

static void compare(uint32_t seed, const struct sequence *sequence,
                    const struct model *model)
{
    char *have = dump_all(sequence);
    char *want = model_dump(model);
    char **a = g_strsplit(have, "\n", -1);
    char **b = g_strsplit(want, "\n", -1);
    int i = 0;

    while (a[i] && b[i] && g_str_equal(a[i], b[i]))
        i++;
    ck_assert_msg(g_str_equal(have, want), "seed %u: have \"%s\", want \"%s\"",
                  seed, a[i] ? a[i] : "", b[i] ? b[i] : "");
    for (int device = 0; device < DEVICES; device++) {
        char did[16];
        struct user user = {0};
        snprintf(did, sizeof(did), "d%d", device);
        intake_user(did, &user);
        ck_assert_int_eq((int64_t)user.events, model->events[device]);
    }
    g_strfreev(a);
    g_strfreev(b);
    g_free(have);
    g_free(want);
}

static void new_app(const char *zone, char key[32])
{
    static unsigned number = 1;
    char id[25];

    number++;
    snprintf(id, sizeof(id), "5b%022x", number);
    snprintf(key, 32, "key-%u", number);
    intake_app = intake_add_app(id, key, zone, NULL);
}

static void check_in_order(uint32_t seed, bool backwards)
{
    struct sequence sequence;
    char key[32];

    make(&sequence, seed);
    new_app(sequence.zone, key);
    for (int i = 0; i < sequence.length; i++)
        send(&sequence, key, backwards ? sequence.length - 1 - i : i);
    struct model model = model_of(&sequence);
    compare(seed, &sequence, &model);
    if (seed % 20 == 0) {
        intake_checkpoint();
        compare(seed, &sequence, &model);
    }
    finish_model(&model);
}

static void setup(void)
{
    intake_open(NULL);
}

START_TEST(events_count_as_the_model_counts_them)
{
    for (uint32_t i = 0; i < SEEDS / CASES; i++)
        check_in_order((uint32_t)_i * (SEEDS / CASES) + i, false);
    intake_checkpoint();
    intake_audit();
}
END_TEST

START_TEST(events_count_the_same_in_reverse_order)
{
    for (uint32_t i = 0; i < SEEDS / CASES; i++)
        check_in_order((uint32_t)_i * (SEEDS / CASES) + i, true);
    intake_audit();
}
END_TEST

static void setup_narrow(void)
{
    intake_open(&(struct intake_options){.overlay_bytes = 256 * 1024});
}

START_TEST(events_count_the_same_in_a_store_that_fills)
{
    intake_never_turns = true;
    for (uint32_t i = 0; i < 20; i++)
        check_in_order(1000 + (uint32_t)_i * 20 + i, i % 2);
    intake_never_turns = false;
    ck_assert_int_gt(refusals, 0);
    intake_reopen();
    intake_audit();
}
END_TEST

static Suite *event_model_suite(void)
{
    Suite *suite = suite_create("event_model");
    TCase *tcase = tcase_create("event_model");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, intake_close);
    tcase_add_loop_test(tcase, events_count_as_the_model_counts_them, 0, CASES);
    tcase_add_loop_test(tcase, events_count_the_same_in_reverse_order, 0,
                        CASES);
    suite_add_tcase(suite, tcase);
    TCase *narrow = tcase_create("narrow");
    tcase_set_timeout(narrow, 120);
    tcase_add_checked_fixture(narrow, setup_narrow, intake_close);
    tcase_add_loop_test(narrow, events_count_the_same_in_a_store_that_fills, 0,
                        2);
    suite_add_tcase(suite, narrow);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(event_model_suite());

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
