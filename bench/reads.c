/*
 * reads.c - how long do reads take of an app with a year of history?
 *
 *   reads DIR
 *
 * Fills DIR (which must not exist) with April 2026, 100 000 sessions a day of
 * 1 000 000 users and a metric of 1000 values, and eleven months of 1000
 * sessions a day before it, and times, from the base:
 *
 *   object    time object of the metric, days of that month
 *   days30    the same for the period 30days: of the month before as well
 *   year      the same for the period month: of all twelve months
 *   users     time object of the users as a whole, days and hours of that month
 *   whole     exact users of the month
 *   values    exact users of every value of the metric in the month
 *   sessions  /o/analytics/sessions of that month
 *   metric    /o/analytics/metric of the metric, 30 days
 *   dashboard /o/analytics/dashboard of 30 days, 7 days and the last day
 *   filtered  exact users of the month who had one of ten values
 *   active    users of 1, 7 and 30 days for each day of the month
 *   full      retention of 30 days, the same again for
 *   classic   who was there for the first time and
 *   unbound   who came back at any time; and
 *   weeks     retention of 52 weeks
 *
 * Prints one JSON object: of each the median of some rounds, the quickest and
 * the slowest, bytes, MB/s.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/dictionary.h"
#include "engine/engine.h"
#include "engine/key.h"
#include "engine/zone.h"
#include "metrics/active.h"
#include "metrics/breakdown.h"
#include "metrics/dashboard.h"
#include "metrics/filter.h"
#include "metrics/retention.h"
#include "metrics/set.h"
#include "metrics/ticks.h"
#include "metrics/timeobject.h"
#include "metrics/total.h"

enum {
    APP = 1,
    DAYS = 30,
    SESSIONS = 100000, /* a day */
    SPARSE_DAYS = 335, /* before them */
    SPARSE_SESSIONS = 1000,
    SPARSE_DAYS_A_CHECKPOINT = 67,
    USERS = 1000000,
    VALUES = 1000,
    CHANGED_PERCENT = 5, /* of sessions not with the user's usual value */
    FILTERED_VALUES = 10,
    SESSIONS_A_BATCH = 100,
    FIRST_DAY = 20544, /* 2026-04-01 */
    ROUNDS = 15,
    WAIT_MS = 600000,
    ANSWER_MAX = 64 << 20,
};

struct bench {
    struct engine *engine;
    struct batch batch;
    struct zones *zones;
    struct zone *zone;
    uint64_t random;
};

static void must(enum tally_err err, const char *what)
{
    if (!err)
        return;
    fprintf(stderr, "%s: %s\n", what, tally_err_text(err));
    exit(EXIT_FAILURE);
}

static uint32_t random_below(struct bench *bench, uint32_t limit)
{
    bench->random = bench->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(bench->random >> 33) % limit;
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void name_values(struct bench *bench)
{
    for (int i = 0; i < VALUES; i++) {
        char name[32];
        uint32_t value;
        int len = snprintf(name, sizeof(name), "Device model %d", i);
        must(dictionary_count(bench->engine, &bench->batch, APP, SET_DEVICES,
                              (struct text){name, (size_t)len}, 2026, 0,
                              &value),
             "naming");
        must(engine_apply(bench->engine, &bench->batch, NULL), "naming");
        batch_clear(&bench->batch);
    }
}

static void add_session(struct bench *bench, int day)
{
    uint32_t ordinal = 1 + random_below(bench, USERS);
    bool changed = random_below(bench, 100) < CHANGED_PERCENT;
    uint32_t value =
        1 + (changed ? random_below(bench, VALUES) : ordinal % VALUES);
    struct hit hit = {
        .app = APP,
        .ordinal = ordinal,
        .hour = (FIRST_DAY + day) * 24 + (int32_t)random_below(bench, 24),
        .seconds = (uint32_t)(FIRST_DAY + day) * 86400u,
        .set = SET_USERS,
        .counts = 0xff & ~HIT_N,
        .item_count = 1,
        .items = {{SET_DEVICES, value, 0x7f}},
    };

    effect_hit(&bench->batch, &hit);
}

static void add_day(struct bench *bench, int day, int sessions)
{
    for (int i = 0; i < sessions; i += SESSIONS_A_BATCH) {
        for (int k = 0; k < SESSIONS_A_BATCH; k++)
            add_session(bench, day);
        must(engine_apply(bench->engine, &bench->batch, NULL), "filling");
        batch_clear(&bench->batch);
        engine_turn(bench->engine);
    }
}

static void fill(struct bench *bench)
{
    name_values(bench);
    for (int day = -SPARSE_DAYS; day < DAYS; day++) {
        add_day(bench, day, day < 0 ? SPARSE_SESSIONS : SESSIONS);
        if (day >= 0 || day % SPARSE_DAYS_A_CHECKPOINT == 0)
            must(engine_checkpoint_wait(bench->engine, WAIT_MS), "checkpoint");
    }
}

static struct reader *open_reader(struct bench *bench)
{
    struct reader *reader;

    must(reader_open(bench->engine, &reader), "reading");
    return reader;
}

static struct period period_of(struct bench *bench, const char *text)
{
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;

    return period_parse(text_of(text), bench->zone, now);
}

/* What a read gives: bytes of JSON, or users. */
static size_t write_object(struct bench *bench, const char *collection,
                           const char *text)
{
    struct period period = period_of(bench, text);
    struct timeobject object = {.app = APP,
                                .collection = collection,
                                .mode = TIMEOBJECT_PERIOD,
                                .period = &period};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    timeobject_capture(&object, reader);
    must(timeobject_write(&object, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t read_object(struct bench *bench)
{
    return write_object(bench, "devices", "hour");
}

static size_t read_days30(struct bench *bench)
{
    return write_object(bench, "devices", "30days");
}

static size_t read_year(struct bench *bench)
{
    return write_object(bench, "devices", "month");
}

static size_t read_users(struct bench *bench)
{
    return write_object(bench, "users", "hour");
}

static size_t read_whole(struct bench *bench)
{
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    uint64_t users;

    total_capture_span(reader, APP, 0, &span);
    must(total_users(reader, APP, &span, &users), "counting");
    reader_close(reader);
    return (size_t)users;
}

static size_t read_values(struct bench *bench)
{
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    struct total_values values;

    total_capture_span(reader, APP, SET_DEVICES, &span);
    must(total_values(reader, APP, SET_DEVICES, &span, &values), "counting");
    size_t users = total_of_value(&values, 1);
    total_values_finish(&values);
    reader_close(reader);
    return users;
}

/* The bytes of an answer, and its end. */
static size_t finish_answer(struct reader *reader, struct buffer *out)
{
    size_t len = out->len;

    buffer_finish(out);
    reader_close(reader);
    return len;
}

static size_t read_sessions(struct bench *bench)
{
    struct period period = period_of(bench, "day");
    struct ticks ticks = ticks_create(&period);
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    ticks_capture(reader, APP);
    must(ticks_read(&ticks, reader, APP), "reading ticks");
    ticks_write(&ticks, &json);
    ticks_finish(&ticks);
    return finish_answer(reader, &out);
}

static size_t read_metric(struct bench *bench)
{
    struct period period = period_of(bench, "30days");
    struct breakdown_question question = {APP, SET_DEVICES, &period, true};
    struct reader *reader = open_reader(bench);
    struct breakdown breakdown;
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    breakdown_capture(&question, reader);
    must(breakdown_read(&question, reader, &breakdown), "reading a metric");
    breakdown_sort(&breakdown, BREAKDOWN_U);
    breakdown_write(&breakdown, &json);
    breakdown_finish(&breakdown);
    return finish_answer(reader, &out);
}

static size_t read_dashboard(struct bench *bench)
{
    struct dashboard dashboard = {
        .app = APP,
        .count = 3,
        .parts = {{TEXT("30days"), period_of(bench, "30days")},
                  {TEXT("7days"), period_of(bench, "7days")},
                  {TEXT("today"), period_of(bench, "hour")}}};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    dashboard_capture(&dashboard, reader);
    must(dashboard_write(&dashboard, reader, &json), "writing a dashboard");
    return finish_answer(reader, &out);
}

static size_t read_filtered(struct bench *bench)
{
    struct filter filter = {
        .app = APP, .count = 1, .members = {{.set = SET_DEVICES}}};
    struct span span = {FIRST_DAY, FIRST_DAY + DAYS - 1, SPAN_WHOLE};
    struct reader *reader = open_reader(bench);
    struct ordinals users = {0};

    while (filter.members[0].count < FILTERED_VALUES) {
        uint32_t value = 1 + filter.members[0].count;
        filter.members[0].values[filter.members[0].count++] = value;
    }
    filter_capture(&filter, reader, &span);
    must(filter_users(&filter, reader, &span, &users), "filtering");
    size_t count = (size_t)ordinals_count(&users);
    ordinals_finish(&users);
    reader_close(reader);
    return count;
}

static size_t read_active(struct bench *bench)
{
    struct filter filter = {.app = APP};
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;
    struct period period = period_parse(TEXT("30days"), bench->zone, now);
    struct active active = {&filter, &period};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    active_capture(&active, reader);
    must(active_write(&active, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t write_retention(struct bench *bench, const char *period,
                              const char *type, const char *span)
{
    int64_t now = (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600;
    struct retention_request request = {.period = text_of(period),
                                        .type = text_of(type),
                                        .span = text_of(span)};
    struct filter filter = {.app = APP};
    struct retention retention = {.filter = &filter};
    struct reader *reader = open_reader(bench);
    struct buffer out;
    struct json json;

    if (retention_read(&request, bench->zone, now, &retention))
        must(TALLY_ERR_INVALID, "asking");
    buffer_init(&out, ANSWER_MAX);
    json_init(&json, &out, JSON_DATA);
    retention_capture(&retention, reader);
    must(retention_write(&retention, reader, &json), "writing");
    size_t len = out.len;
    buffer_finish(&out);
    reader_close(reader);
    return len;
}

static size_t read_full(struct bench *bench)
{
    return write_retention(bench, "adaily", "full", "30");
}

static size_t read_classic(struct bench *bench)
{
    return write_retention(bench, "adaily", "classic", "30");
}

static size_t read_unbound(struct bench *bench)
{
    return write_retention(bench, "adaily", "unbounded", "30");
}

static size_t read_weeks(struct bench *bench)
{
    return write_retention(bench, "aweekly", "full", "52");
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static const struct {
    const char *name;
    size_t (*read)(struct bench *bench);
    const char *result;
} reads[] = {
    {"object", read_object, "object_bytes"},
    {"days30", read_days30, "days30_bytes"},
    {"year", read_year, "year_bytes"},
    {"users", read_users, "users_bytes"},
    {"whole", read_whole, "whole_users"},
    {"values", read_values, "first_value_users"},
    {"sessions", read_sessions, "sessions_bytes"},
    {"metric", read_metric, "metric_bytes"},
    {"dashboard", read_dashboard, "dashboard_bytes"},
    {"filtered", read_filtered, "filtered_users"},
    {"active", read_active, "active_bytes"},
    {"full", read_full, "full_bytes"},
    {"classic", read_classic, "classic_bytes"},
    {"unbound", read_unbound, "unbound_bytes"},
    {"weeks", read_weeks, "weeks_bytes"},
};

static void report_read(struct bench *bench, size_t i)
{
    const char *name = reads[i].name;
    double times[ROUNDS];
    size_t result = 0;

    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ms();
        result = reads[i].read(bench);
        times[round] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof(times[0]), compare_times);
    double median = times[ROUNDS / 2];
    printf("%s\"%s_ms\":%.3f,\"%s_min_ms\":%.3f,\"%s_max_ms\":%.3f,"
           "\"%s\":%zu",
           i ? "," : "", name, median, name, times[0], name, times[ROUNDS - 1],
           reads[i].result, result);
    if (strstr(reads[i].result, "_bytes"))
        printf(",\"%s_mb_per_s\":%.0f", name, (double)result / 1e3 / median);
}

static void report(struct bench *bench)
{
    putchar('{');
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
        report_read(bench, i);
    puts("}");
}

int main(int argc, char **argv)
{
    struct engine_options options = {.dir = argc == 2 ? argv[1] : NULL};
    struct bench bench = {.random = 1};
    char reason[256];

    if (argc != 2) {
        fputs("usage: reads DIR\n", stderr);
        return 2;
    }
    must(engine_open(&options, &bench.engine, reason), reason);
    bench.zones = zones_create();
    must(zone_open(bench.zones, "UTC", &bench.zone), "zone");
    batch_init(&bench.batch);
    fill(&bench);
    report(&bench);
    batch_finish(&bench.batch);
    engine_close(bench.engine);
    zones_destroy(bench.zones);
    return EXIT_SUCCESS;
}
