/*
 * replay.c - how long does a start take that has the most log to replay?
 *
 *   replay DIR
 *
 * Fills DIR (which must not exist) with the requests of begin.h, of new and
 * known devices in turn, as if there were no free disk space: the checkpoint
 * waits, and requests go on until the log or the overlay is full and they get
 * 503. Then the process that does so ends without closing anything, as a
 * crash does, and another one opens the directory with the defaults.
 *
 * Prints one JSON object: bytes of log, requests in it, milliseconds until
 * the engine is open, requests a second.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/begin.h"
#include "bench/stand.h"

enum {
    START = 1775001600, /* 2026-04-01 00:00 UTC */
    REQUESTS_A_TURN = 100,
    CHUNK = 1 << 20,
};

static const char host[] = "127.0.0.1:3001";

/* Every other request is of a device that has not been seen. */
static int take_one(struct stand *stand, struct begin *begin, uint64_t number)
{
    char bytes[BEGIN_SIZE_MAX];
    uint64_t device = number % 2 ? number : number / 4 * 2 + 1;
    uint64_t ms = UINT64_C(1000) * START + number * 20;
    size_t size = begin_write(begin, device, ms, bytes);
    const char *query = (const char *)memchr(bytes, '?', size) + 1;
    const char *end = memchr(query, ' ', size - (size_t)(query - bytes));

    return stand_take(stand, (struct text){query, (size_t)(end - query)},
                      (int64_t)ms);
}

/* Fills until nothing more is taken; the number of requests. */
static uint64_t fill(const char *dir)
{
    struct engine_options options = {.dir = dir, .free_bytes = UINT64_MAX / 2};
    struct begin *begin = begin_create(host, STAND_APP_KEY);
    struct stand stand;
    uint64_t taken = 0;

    stand_open(&stand, &options);
    while (take_one(&stand, begin, taken) == 200) {
        taken++;
        if (taken % REQUESTS_A_TURN == 0)
            stand_must(engine_flush(stand.engine), "flushing");
    }
    stand_must(engine_flush(stand.engine), "flushing");
    if (!engine_state(stand.engine).lacks_space)
        stand_must(TALLY_ERR_FULL, "holding the checkpoint back");
    return taken;
}

/* In a process of its own, which ends as if it were killed. */
static uint64_t fill_and_crash(const char *dir)
{
    int ends[2];
    uint64_t taken = 0;

    stand_must(pipe(ends) == 0 ? TALLY_OK : TALLY_ERR_IO, "pipe");
    pid_t child = fork();
    if (child == 0) {
        taken = fill(dir);
        _exit(write(ends[1], &taken, sizeof(taken)) != sizeof(taken));
    }
    close(ends[1]);
    bool whole = read(ends[0], &taken, sizeof(taken)) == sizeof(taken);
    close(ends[0]);
    waitpid(child, NULL, 0);
    stand_must(whole ? TALLY_OK : TALLY_ERR_IO, "filling");
    return taken;
}

/* Bytes of a slot up to the last that is not zero. */
static uint64_t used_bytes(FILE *file)
{
    static char chunk[CHUNK];
    uint64_t at = 0;
    uint64_t used = 0;
    size_t len;

    while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        size_t last = len;
        while (last > 0 && chunk[last - 1] == 0)
            last--;
        if (last > 0)
            used = at + last;
        at += len;
    }
    return used;
}

static uint64_t log_bytes(const char *dir)
{
    uint64_t sum = 0;

    for (unsigned i = 0;; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/log-0-%02u.slot", dir, i);
        FILE *file = fopen(path, "rb");
        if (!file)
            return sum;
        sum += used_bytes(file);
        fclose(file);
    }
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    struct engine *engine;
    char reason[256];

    if (argc != 2) {
        fputs("usage: replay DIR\n", stderr);
        return 2;
    }
    struct engine_options options = {.dir = argv[1]};
    uint64_t requests = fill_and_crash(argv[1]);
    uint64_t bytes = log_bytes(argv[1]);
    double start = now_ms();
    stand_must(engine_open(&options, &engine, reason), reason);
    double ms = now_ms() - start;
    printf("{\"log_bytes\":%" PRIu64 ",\"operations\":%" PRIu64
           ",\"open_ms\":%.1f,\"operations_per_s\":%.0f}\n",
           bytes, requests, ms, (double)requests * 1e3 / ms);
    engine_close(engine);
    return EXIT_SUCCESS;
}
