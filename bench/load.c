/*
 * load.c - how many begin_session requests a server answers, and how fast.
 *
 * Keeps every connection busy (or sends at a given rate), checks each answer
 * and prints requests per second, percentiles and the CPU time the server
 * used for one request. With a rate, a delay counts from the moment a request
 * was due, so a stalled server cannot hide behind requests never sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench/begin.h"
#include "bench/channel.h"
#include "bench/flags.h"
#include "bench/histogram.h"
#include "engine/memory.h"

enum { EVENTS = 256, SECOND_NS = 1000000000, WAIT_NS = 100000000 };

struct load {
    const struct flags *flags;
    struct begin *begin;
    struct channel **channels;
    int epoll;
    uint64_t start;
    uint64_t now;
    uint64_t issued;
    uint64_t epoch_ms; /* wall clock minus monotonic clock */
    unsigned turn;     /* the channel that is next under a rate */
    uint64_t good;
    uint64_t refused;
    struct histogram *delays;
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (uint64_t)at.tv_sec * SECOND_NS + (uint64_t)at.tv_nsec;
}

/* CPU time a process has used so far, in seconds; 0 when there is none. */
static double cpu_seconds(unsigned pid)
{
    char path[64];
    unsigned long user = 0;
    unsigned long system = 0;
    if (!pid)
        return 0;

    snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    int fields = fscanf(file,
                        "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
                        "%*u %lu %lu",
                        &user, &system);
    fclose(file);
    if (fields != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void on_answer(void *user, uint64_t due, bool is_good, const char *text,
                      size_t size)
{
    struct load *load = user;

    if (!is_good && load->refused++ == 0)
        fprintf(stderr, "first bad answer:\n%.*s\n", (int)size, text);
    load->good += is_good;
    histogram_add(load->delays, load->now > due ? load->now - due : 0);
}

/* Each device comes once before any comes again, in no order. */
static uint64_t next_device(struct load *load)
{
    return load->issued++ * UINT64_C(2654435761) % load->flags->devices;
}

static void add_request(struct load *load, struct channel *channel,
                        uint64_t due)
{
    uint64_t ms = load->epoch_ms + load->now / 1000000;
    size_t size =
        begin_write(load->begin, next_device(load), ms, channel_next(channel));

    channel_add(channel, size, due);
}

static void lost(void)
{
    fprintf(stderr, "load: the server closed a connection or sent nonsense\n");
    exit(1);
}

static void send_now(struct load *load, struct channel *channel)
{
    if (!channel_send(channel))
        lost();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = channel};
    if (channel_is_stuck(channel))
        event.events |= EPOLLOUT;
    epoll_ctl(load->epoll, EPOLL_CTL_MOD, channel_fd(channel), &event);
}

static void fill(struct load *load, struct channel *channel)
{
    for (unsigned i = channel_room(channel); i > 0; i--)
        add_request(load, channel, load->now);
    if (!channel_send(channel))
        lost();
    if (channel_is_stuck(channel))
        send_now(load, channel);
}

static uint64_t due_of(const struct load *load, uint64_t request)
{
    return load->start + request * SECOND_NS / load->flags->rate;
}

/* Sends what is due by now on the connections that have room. */
static void pace(struct load *load)
{
    unsigned full = 0;

    while (due_of(load, load->issued) <= load->now &&
           full < load->flags->connections) {
        struct channel *channel = load->channels[load->turn];
        load->turn = (load->turn + 1) % load->flags->connections;
        if (channel_room(channel) == 0) {
            full++;
            continue;
        }
        full = 0;
        add_request(load, channel, due_of(load, load->issued));
        send_now(load, channel);
    }
}

static void wait_events(struct load *load)
{
    struct epoll_event events[EVENTS];
    struct timespec timeout = {0, WAIT_NS};
    if (load->flags->rate) {
        uint64_t due = due_of(load, load->issued);
        uint64_t wait = due > load->now ? due - load->now : 0;
        timeout.tv_nsec = wait < WAIT_NS ? (long)wait : WAIT_NS;
    }
    int count = epoll_pwait2(load->epoll, events, EVENTS, &timeout, NULL);
    load->now = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < count; i++) {
        struct channel *channel = events[i].data.ptr;
        if ((events[i].events & ~(uint32_t)EPOLLOUT) &&
            !channel_receive(channel))
            lost();
        if (events[i].events & EPOLLOUT)
            send_now(load, channel);
        if (!load->flags->rate)
            fill(load, channel);
    }
}

static void run_for(struct load *load, unsigned seconds)
{
    uint64_t end = load->now + (uint64_t)seconds * SECOND_NS;

    while (load->now < end) {
        if (load->flags->rate)
            pace(load);
        wait_events(load);
    }
}

static void connect_all(struct load *load)
{
    const struct flags *flags = load->flags;
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)flags->port);
    if (inet_pton(AF_INET, flags->host, &address.sin_addr) != 1) {
        fprintf(stderr, "load: %s is no IPv4 address\n", flags->host);
        exit(2);
    }

    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < flags->connections; i++) {
        struct channel *channel =
            channel_create((struct sockaddr *)&address, sizeof(address),
                           flags->depth, on_answer, load);
        if (!channel) {
            fprintf(stderr, "load: cannot connect: %s\n", strerror(errno));
            exit(1);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = channel};
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, channel_fd(channel), &event);
        load->channels[i] = channel;
    }
}

struct result {
    double seconds;
    double rate;
    double p50_ms;
    double p99_ms;
    double p999_ms;
    double cpu_us; /* of the server, for one request */
    uint64_t good;
    uint64_t refused;
};

static struct result measure(struct load *load)
{
    const struct flags *flags = load->flags;
    load->now = clock_ns(CLOCK_MONOTONIC);
    load->start = load->now;
    for (unsigned i = 0; !flags->rate && i < flags->connections; i++)
        fill(load, load->channels[i]);
    run_for(load, flags->warmup);

    memset(load->delays, 0, sizeof(*load->delays));
    load->good = 0;
    uint64_t from = load->now;
    double cpu = cpu_seconds(flags->pid);
    run_for(load, flags->seconds);
    cpu = cpu_seconds(flags->pid) - cpu;
    double seconds = (double)(load->now - from) / SECOND_NS;
    double answers = (double)load->delays->total;
    return (struct result){
        .seconds = seconds,
        .rate = (double)load->good / seconds,
        .p50_ms = (double)histogram_percentile(load->delays, 0.5) / 1e6,
        .p99_ms = (double)histogram_percentile(load->delays, 0.99) / 1e6,
        .p999_ms = (double)histogram_percentile(load->delays, 0.999) / 1e6,
        .cpu_us = answers > 0 ? cpu / answers * 1e6 : 0,
        .good = load->good,
        .refused = load->refused,
    };
}

static void print_result(const struct result *result)
{
    printf("%.0f req/s, p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, "
           "server CPU %.2f us/req, %" PRIu64 " answers in %.1f s, "
           "%" PRIu64 " errors\n",
           result->rate, result->p50_ms, result->p99_ms, result->p999_ms,
           result->cpu_us, result->good, result->seconds, result->refused);
}

static void write_json(const char *path, const struct result *result)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fprintf(file,
            "{\"rate\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f,"
            "\"p999_ms\":%.4f,\"cpu_us\":%.4f,\"answers\":%" PRIu64
            ",\"seconds\":%.3f,\"errors\":%" PRIu64 "}\n",
            result->rate, result->p50_ms, result->p99_ms, result->p999_ms,
            result->cpu_us, result->good, result->seconds, result->refused);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct flags flags = flags_parse(argc, argv);
    char host[128];
    struct load load = {.flags = &flags};

    snprintf(host, sizeof(host), "%s:%u", flags.host, flags.port);
    load.begin = begin_create(host, flags.app_key);
    load.delays = memory_alloc(sizeof(*load.delays));
    load.channels = memory_alloc(flags.connections * sizeof(*load.channels));
    load.epoch_ms =
        (clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC)) / 1000000;
    connect_all(&load);
    struct result result = measure(&load);
    print_result(&result);
    if (flags.json)
        write_json(flags.json, &result);

    for (unsigned i = 0; i < flags.connections; i++)
        channel_destroy(load.channels[i]);
    free(load.channels);
    free(load.delays);
    begin_destroy(load.begin);
    close(load.epoll);
    return result.refused || !result.good;
}
