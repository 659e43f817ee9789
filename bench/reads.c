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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/reading.h"
#include "engine/dictionary.h"
#include "engine/key.h"
#include "metrics/catalog.h"
#include "metrics/set.h"

enum {
    SESSIONS = 100000, /* a day */
    SPARSE_DAYS = 335, /* before them */
    SPARSE_SESSIONS = 1000,
    SPARSE_DAYS_A_CHECKPOINT = 67,
    USERS = 1000000,
    VALUES = 1000,
    CHANGED_PERCENT = 5, /* of sessions not with the user's usual value */
    SESSIONS_A_BATCH = 100,
    ROUNDS = 15,
    WAIT_MS = 600000,
};

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

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report_read(struct bench *bench, size_t i)
{
    const struct reading *reading = &reading_table[i];
    const char *name = reading->name;
    double times[ROUNDS];
    size_t result = 0;

    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ms();
        result = reading->read(bench);
        times[round] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof(times[0]), compare_times);
    double median = times[ROUNDS / 2];
    printf("%s\"%s_ms\":%.3f,\"%s_min_ms\":%.3f,\"%s_max_ms\":%.3f,"
           "\"%s\":%zu",
           i ? "," : "", name, median, name, times[0], name, times[ROUNDS - 1],
           reading->result, result);
    if (strstr(reading->result, "_bytes"))
        printf(",\"%s_mb_per_s\":%.0f", name, (double)result / 1e3 / median);
}

static void report(struct bench *bench)
{
    putchar('{');
    for (size_t i = 0; i < reading_count; i++)
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
    bench.catalog = catalog_create();
    must(zone_open(bench.zones, "UTC", &bench.zone), "zone");
    batch_init(&bench.batch);
    fill(&bench);
    report(&bench);
    batch_finish(&bench.batch);
    engine_close(bench.engine);
    zones_destroy(bench.zones);
    catalog_destroy(bench.catalog);
    return EXIT_SUCCESS;
}
