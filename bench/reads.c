/*
 * reads.c - how long do reads take of an app with a month of history?
 *
 *   reads DIR
 *
 * Fills DIR (which must not exist) with 30 days, each with 100 000 sessions of
 * 1 000 000 users and a metric of 1000 values, and times, from the base:
 * the time object of the metric (its days level), exact users of the whole
 * app, exact users of every value. Prints one JSON object.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/dictionary.h"
#include "engine/engine.h"
#include "engine/key.h"
#include "engine/zone.h"
#include "metrics/set.h"
#include "metrics/timeobject.h"
#include "metrics/total.h"

enum {
    APP = 1,
    DAYS = 30,
    SESSIONS = 100000, /* a day */
    USERS = 1000000,
    VALUES = 1000,
    CHANGED_PERCENT = 5, /* of sessions not with the user's usual value */
    SESSIONS_A_BATCH = 100,
    FIRST_DAY = 20500,
    ROUNDS = 9,
    WAIT_MS = 600000,
    ANSWER_MAX = 64 << 20,
};

struct bench {
    struct engine *engine;
    struct batch batch;
    struct zones *zones;
    struct period period;
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

static void fill(struct bench *bench)
{
    name_values(bench);
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < SESSIONS; i += SESSIONS_A_BATCH) {
            for (int k = 0; k < SESSIONS_A_BATCH; k++)
                add_session(bench, day);
            must(engine_apply(bench->engine, &bench->batch, NULL), "filling");
            batch_clear(&bench->batch);
            engine_turn(bench->engine);
        }
        must(engine_checkpoint_wait(bench->engine, WAIT_MS), "checkpoint");
    }
}

static struct reader *open_reader(struct bench *bench)
{
    struct reader *reader;

    must(reader_open(bench->engine, &reader), "reading");
    return reader;
}

static size_t read_object(struct bench *bench)
{
    struct timeobject object = {.app = APP,
                                .collection = "devices",
                                .mode = TIMEOBJECT_PERIOD,
                                .period = &bench->period};
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

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median of some rounds, and what a round gives. */
static double median_ms(struct bench *bench, size_t (*read)(struct bench *),
                        size_t *result)
{
    double times[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        *result = read(bench);
        times[i] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof(times[0]), compare_times);
    return times[ROUNDS / 2];
}

static void report(struct bench *bench)
{
    size_t bytes;
    size_t users;
    size_t value_users;
    double object_ms = median_ms(bench, read_object, &bytes);
    double whole_ms = median_ms(bench, read_whole, &users);
    double values_ms = median_ms(bench, read_values, &value_users);

    printf("{\"object_ms\":%.3f,\"object_bytes\":%zu,"
           "\"object_mb_per_s\":%.0f,\"whole_ms\":%.3f,\"whole_users\":%zu,"
           "\"values_ms\":%.1f,\"first_value_users\":%zu}\n",
           object_ms, bytes, (double)bytes / 1e3 / object_ms, whole_ms, users,
           values_ms, value_users);
}

int main(int argc, char **argv)
{
    struct engine_options options = {.dir = argc == 2 ? argv[1] : NULL};
    struct bench bench = {.random = 1};
    struct zone *zone;
    char reason[256];

    if (argc != 2) {
        fputs("usage: reads DIR\n", stderr);
        return 2;
    }
    must(engine_open(&options, &bench.engine, reason), reason);
    bench.zones = zones_create();
    must(zone_open(bench.zones, "UTC", &zone), "zone");
    bench.period = period_parse(TEXT("hour"), zone,
                                (int64_t)(FIRST_DAY + DAYS - 1) * 86400 + 3600);
    batch_init(&bench.batch);
    fill(&bench);
    report(&bench);
    batch_finish(&bench.batch);
    engine_close(bench.engine);
    zones_destroy(bench.zones);
    return EXIT_SUCCESS;
}
