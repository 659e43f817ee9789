/*
 * micro.c - the parts of the hot path, one at a time, for instruction counts.
 *
 *   micro --list
 *   micro NAME [ITERATIONS]
 *
 * Fills an engine in a directory below TMPDIR or /tmp, which is removed at
 * the end, warms up, and runs one part again and again on requests of
 * begin.h. What is measured happens in micro_measure() and nothing else does,
 * so that
 *
 *   valgrind --tool=callgrind --toggle-collect='micro_measure*' micro NAME N
 *
 * collects the instructions of N iterations alone, those of other threads
 * (which sync the log) left out. Prints one JSON object: iterations, the time
 * of one in ns, and what one takes from malloc().
 *
 * Devices that are known have had a session of the same phone on the same day
 * more than the cooldown ago. New ones were never seen; their memory in the
 * engine's tables grows now and then, hence allocations below one.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/allocations.h"
#include "bench/begin.h"
#include "bench/inlet.h"
#include "bench/stand.h"
#include "engine/clock.h"
#include "engine/key.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "metrics/set.h"

enum {
    BATCH = 50,
    KNOWN = 1000,   /* devices */
    NEW = 10000000, /* the first device that is new */
    ITERATIONS = 20000,
    ITERATIONS_MAX = 1000000,
    START = 1772409600, /* 2026-03-02 00:00 UTC */
    MINUTE_MS = 60000,
    ARENA_MAX = 1 << 20,
    USER_SIZE = 128, /* about a user's record */
    SLOT_BYTES = 16 << 20,
};

/* A request, as far as the part that is measured needs it done. */
struct sample {
    char bytes[BEGIN_SIZE_MAX];
    struct text whole;
    struct text query;
    struct text device;
    struct text metrics;
    struct params params;
    struct arena *arena;
    struct batch batch;
    int64_t now;
};

struct micro {
    struct stand stand;
    struct inlet *inlet;
    struct begin *begin;
    struct request request;
    struct arena *arena;
    struct buffer out;
    struct response_date date;
    struct sample samples[BATCH];
    uint64_t hashes; /* keeps what is computed from being left out */
};

typedef void (*part_fn)(struct micro *micro, struct sample *sample);

static void fail(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(EXIT_FAILURE);
}

static void run_request(struct micro *micro, struct sample *sample)
{
    request_feed(&micro->request, sample->whole);
    if (micro->request.state != REQUEST_DONE)
        fail("reading a request");
    request_reset(&micro->request);
}

static void run_form(struct micro *micro, struct sample *sample)
{
    struct params params = {0};

    stand_must(form_add_encoded(&params, micro->arena, sample->query), "form");
    arena_reset(micro->arena);
}

static void run_metrics(struct micro *micro, struct sample *sample)
{
    struct params params = {0};

    stand_must(params_add_json(&params, micro->arena, sample->metrics), "JSON");
    arena_reset(micro->arena);
}

static void run_device_hash(struct micro *micro, struct sample *sample)
{
    uint8_t hash[IDENTITY_HASH_SIZE];

    identity_device_hash(micro->stand.tally->secret, sample->device, hash);
    micro->hashes += hash[0];
}

static void run_request_hash(struct micro *micro, struct sample *sample)
{
    uint64_t hash;

    stand_must(identity_request_hash(&micro->stand.tally->request_key,
                                     micro->arena, sample->query,
                                     (struct text){0}, &hash),
               "hashing");
    arena_reset(micro->arena);
    micro->hashes += hash;
}

static void run_ingest(struct micro *micro, struct sample *sample)
{
    struct ingest request = {.arena = sample->arena,
                             .params = &sample->params,
                             .query = sample->query,
                             .now = sample->now};

    buffer_clear(&micro->out);
    if (ingest(micro->stand.tally, &request, &micro->out) != 200)
        fail("taking a request");
}

static void run_apply(struct micro *micro, struct sample *sample)
{
    stand_must(engine_apply(micro->stand.engine, &sample->batch, NULL),
               "applying");
}

static void run_response(struct micro *micro, struct sample *sample)
{
    struct response response = {.status = 200,
                                .body = TEXT("{\"result\":\"Success\"}")};

    buffer_clear(&micro->out);
    response_update_date(&micro->date, sample->now);
    response_write(&micro->out, &response, &micro->date);
}

static void run_whole(struct micro *micro, struct sample *sample)
{
    if (!text_has_prefix(inlet_take(micro->inlet, sample->whole),
                         "HTTP/1.1 200 "))
        fail("answering a request");
}

static const struct part {
    const char *name;
    part_fn run;
    bool is_new; /* devices are new ones */
} parts[] = {
    {"request", run_request, false},
    {"form", run_form, false},
    {"metrics", run_metrics, false},
    {"device_hash", run_device_hash, false},
    {"request_hash", run_request_hash, false},
    {"ingest_known", run_ingest, false},
    {"ingest_new", run_ingest, true},
    {"apply", run_apply, false},
    {"response", run_response, false},
    {"whole_known", run_whole, false},
    {"whole_new", run_whole, true},
};

static const size_t part_count = sizeof(parts) / sizeof(parts[0]);

/* Effects as a known device's session has them. */
static void make_batch(struct batch *batch, uint64_t device, int64_t now)
{
    static const char user[USER_SIZE];
    struct key key = key_user(STAND_APP, (uint32_t)device + 1);
    struct hit hit = {.app = STAND_APP,
                      .ordinal = (uint32_t)device + 1,
                      .hour = (int32_t)(now / 3600000),
                      .seconds = (uint32_t)(now / 1000),
                      .set = SET_USERS,
                      .counts = HIT_T};

    for (uint32_t set = SET_CARRIERS; set <= SET_LANGS; set++)
        hit.items[hit.item_count++] = (struct hit_item){set, 1, HIT_T};
    batch_clear(batch);
    effect_hit(batch, &hit);
    effect_put(batch, TABLE_USERS, key_text(&key),
               (struct text){user, sizeof(user)});
}

static struct text between(struct text text, const char *from, char to)
{
    const char *start =
        (const char *)memmem(text.at, text.len, from, strlen(from)) +
        strlen(from);
    const char *end = memchr(start, to, text.len - (size_t)(start - text.at));

    return (struct text){start, (size_t)(end - start)};
}

/* Session number `number` of all: one a minute for each known device. */
static void make_sample(struct micro *micro, struct sample *sample,
                        const struct part *part, uint64_t number)
{
    uint64_t device = part->is_new ? NEW + number : number % KNOWN;
    int64_t ms = INT64_C(1000) * START + (int64_t)(number / KNOWN) * MINUTE_MS +
                 (int64_t)(number % KNOWN);
    size_t size =
        begin_write(micro->begin, device, (uint64_t)ms, sample->bytes);

    sample->now = ms;
    sample->whole = (struct text){sample->bytes, size};
    sample->query = between(sample->whole, "?", ' ');
    sample->device = between(sample->whole, "device_id=", '&');
    sample->params = (struct params){0};
    arena_reset(sample->arena);
    stand_must(form_add_encoded(&sample->params, sample->arena, sample->query),
               "form");
    sample->metrics = params_text(&sample->params, "metrics");
    make_batch(&sample->batch, device, ms);
}

static void make_samples(struct micro *micro, const struct part *part,
                         uint64_t number)
{
    for (unsigned i = 0; i < BATCH; i++)
        make_sample(micro, &micro->samples[i], part, number + i);
}

/* What valgrind is told to collect: external, so that it keeps its name. */
void micro_measure(struct micro *micro, part_fn run);

__attribute__((noinline)) void micro_measure(struct micro *micro, part_fn run)
{
    for (unsigned i = 0; i < BATCH; i++)
        run(micro, &micro->samples[i]);
}

static int64_t sample_clock; /* ms */

static int64_t tell_time(void)
{
    return sample_clock;
}

/* Every known device has a session, then the part itself is used to it. */
static void warm_up(struct micro *micro, const struct part *part)
{
    const struct part first = {"", run_ingest, false};

    for (uint64_t number = 0; number < 3 * KNOWN; number += BATCH) {
        const struct part *now = number < KNOWN ? &first : part;
        make_samples(micro, now, number);
        sample_clock = micro->samples[BATCH - 1].now;
        for (unsigned i = 0; i < BATCH; i++)
            now->run(micro, &micro->samples[i]);
        stand_must(engine_flush(micro->stand.engine), "flushing");
    }
}

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void measure(struct micro *micro, const struct part *part,
                    unsigned iterations)
{
    struct allocations taken = {0};
    double ns = 0;
    unsigned done = 0;

    for (; done < iterations; done += BATCH) {
        make_samples(micro, part, 3 * KNOWN + done);
        sample_clock = micro->samples[BATCH - 1].now;
        struct allocations before = allocations_so_far();
        double start = now_ns();
        micro_measure(micro, part->run);
        ns += now_ns() - start;
        struct allocations after = allocations_so_far();
        taken.count += after.count - before.count;
        taken.bytes += after.bytes - before.bytes;
        stand_must(engine_flush(micro->stand.engine), "flushing");
    }
    printf("{\"name\":\"%s\",\"iterations\":%u,\"ns\":%.0f,"
           "\"allocations\":%.4f,\"allocated_bytes\":%.1f}\n",
           part->name, done, ns / done, (double)taken.count / done,
           (double)taken.bytes / done);
}

static int remove_one(const char *name, const struct stat *stat, int type,
                      struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(name);
}

static void open_all(struct micro *micro, const char *dir)
{
    struct engine_options options = {.dir = dir, .slot_bytes = SLOT_BYTES};

    stand_open(&micro->stand, &options);
    micro->inlet = inlet_create(&micro->stand);
    micro->begin = begin_create("127.0.0.1:3001", STAND_APP_KEY);
    request_init(&micro->request, &server_default_limits);
    micro->arena = arena_create(ARENA_MAX);
    buffer_init(&micro->out, ARENA_MAX);
    for (unsigned i = 0; i < BATCH; i++) {
        micro->samples[i].arena = arena_create(ARENA_MAX);
        batch_init(&micro->samples[i].batch);
    }
    clock_set_source(tell_time);
}

static void close_all(struct micro *micro)
{
    for (unsigned i = 0; i < BATCH; i++) {
        arena_destroy(micro->samples[i].arena);
        batch_finish(&micro->samples[i].batch);
    }
    buffer_finish(&micro->out);
    arena_destroy(micro->arena);
    request_finish(&micro->request);
    begin_destroy(micro->begin);
    inlet_destroy(micro->inlet);
    stand_close(&micro->stand);
}

static void run(const struct part *part, unsigned iterations)
{
    static struct micro micro;
    const char *base = getenv("TMPDIR");
    char dir[256];

    snprintf(dir, sizeof(dir), "%s/tally-micro-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(dir))
        fail("making a directory");
    open_all(&micro, dir);
    warm_up(&micro, part);
    measure(&micro, part, iterations);
    close_all(&micro);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int list(void)
{
    for (size_t i = 0; i < part_count; i++)
        puts(parts[i].name);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    unsigned long iterations =
        argc > 2 ? strtoul(argv[2], NULL, 10) : ITERATIONS;

    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    for (size_t i = 0; argc > 1 && i < part_count; i++) {
        if (strcmp(argv[1], parts[i].name) != 0 || iterations == 0 ||
            iterations > ITERATIONS_MAX)
            continue;
        run(&parts[i], (unsigned)iterations);
        return EXIT_SUCCESS;
    }
    fputs("usage: micro --list | micro NAME [ITERATIONS]\n", stderr);
    return 2;
}
