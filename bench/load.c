/*
 * load.c - how many requests a server answers, and how fast.
 *
 * Keeps every connection busy (or sends at a given rate), checks each answer
 * and prints requests per second, percentiles and the CPU time the server
 * used for one request. With a rate, a delay counts from the moment a request
 * was due, so a stalled server cannot hide behind requests never sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench/channel.h"
#include "bench/cpu.h"
#include "bench/flags.h"
#include "bench/result.h"
#include "bench/traffic.h"
#include "engine/clock.h"
#include "engine/memory.h"

enum {
    EVENTS = 256,
    SECOND_NS = 1000000000,
    MS_NS = 1000000,
    WAIT_NS = 100000000,
};

struct load {
    const struct flags *flags;
    struct traffic *traffic;
    struct channel_setting setting;
    struct channel **channels;
    int epoll;
    uint64_t start;
    uint64_t now;
    uint64_t issued;
    uint64_t done;     /* of them: answered, or lost with a connection */
    uint64_t wanted;   /* that are to be issued */
    uint64_t epoch_ms; /* wall clock minus monotonic clock */
    unsigned turn;     /* the channel that is next under a rate */
    bool has_told;     /* of the first bad answer */
    struct result result;
};

static uint64_t clock_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * SECOND_NS + (uint64_t)at.tv_nsec;
}

static void on_answer(void *user, const struct request *request,
                      const struct reply *reply, const char *text)
{
    struct load *load = user;
    uint64_t due = request->due_ns;
    uint64_t delay = load->now > due ? load->now - due : 0;

    load->done++;
    if (result_add(&load->result, request, reply, delay,
                   load->flags->tolerate) ||
        load->has_told)
        return;
    load->has_told = true;
    fprintf(stderr, "first bad answer:\n%.*s\n", (int)reply->size, text);
}

static uint64_t due_of(const struct load *load, uint64_t request)
{
    return load->start + request * SECOND_NS / load->flags->rate;
}

/* Requests that are due by a time after the start. */
static uint64_t due_by(const struct load *load, uint64_t ns)
{
    double due = (double)(ns - load->start) * load->flags->rate / SECOND_NS;

    return due < (double)load->wanted ? (uint64_t)due : load->wanted;
}

static void add_request(struct load *load, struct channel *channel)
{
    uint64_t ms = load->epoch_ms + load->now / MS_NS;
    struct request request = traffic_write(load->traffic, channel_walk(channel),
                                           ms, channel_next(channel));

    request.due_ns = load->flags->rate ? due_of(load, load->issued) : load->now;
    load->issued++;
    channel_add(channel, request);
}

static void watch(struct load *load, struct channel *channel, int operation)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = channel};

    if (channel_is_stuck(channel))
        event.events |= EPOLLOUT;
    epoll_ctl(load->epoll, operation, channel_fd(channel), &event);
}

static void send_now(struct load *load, struct channel *channel)
{
    bool was_stuck = channel_is_stuck(channel);

    channel_send(channel);
    if (was_stuck || channel_is_stuck(channel))
        watch(load, channel, EPOLL_CTL_MOD);
}

/* Gives a connection what it has room for, until so many are issued. */
static void fill(struct load *load, struct channel *channel, uint64_t end)
{
    for (unsigned i = channel_room(channel); i > 0 && load->issued < end; i--)
        add_request(load, channel);
    send_now(load, channel);
}

/* Goes once round the connections: each gets an equal share of what is due,
 * so that one send is enough for it however late the load is. */
static void share(struct load *load, uint64_t due)
{
    unsigned count = load->flags->connections;
    uint64_t part = (due - load->issued + count - 1) / count;

    for (unsigned i = 0; i < count && load->issued < due; i++) {
        struct channel *channel = load->channels[load->turn];
        uint64_t end = load->issued + part;
        load->turn = (load->turn + 1) % count;
        if (channel_room(channel) > 0)
            fill(load, channel, end < due ? end : due);
    }
}

/* Sends what is due by now, until no connection has room. */
static void pace(struct load *load)
{
    uint64_t due = due_by(load, load->now);
    uint64_t before = UINT64_MAX;

    while (load->issued < due && load->issued != before) {
        before = load->issued;
        share(load, due);
    }
}

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

/* A server may close a connection that has nothing to do. */
static void reopen(struct load *load, struct channel *channel)
{
    if (channel_pending(channel) > 0)
        result_add_closed(&load->result);
    load->done += channel_pending(channel);
    if (!channel_reopen(channel))
        give_up("the server closed a connection and takes no other");
    watch(load, channel, EPOLL_CTL_ADD);
}

static void receive(struct load *load, struct channel *channel)
{
    switch (channel_receive(channel)) {
    case CHANNEL_OPEN:
        break;
    case CHANNEL_CLOSED:
        reopen(load, channel);
        break;
    case CHANNEL_BROKEN:
        give_up("the server sent what is no answer");
    }
}

/* Until the next request is due, unless it already has to wait for room. */
static uint64_t waiting_ns(const struct load *load)
{
    if (!load->flags->rate || load->issued == load->wanted ||
        load->issued < due_by(load, load->now))
        return WAIT_NS;
    uint64_t due = due_of(load, load->issued);
    uint64_t wait = due > load->now ? due - load->now : 0;
    return wait < WAIT_NS ? wait : WAIT_NS;
}

static int wait_for(struct load *load, struct epoll_event *events)
{
    struct timespec timeout = {0, (long)waiting_ns(load)};

    return epoll_pwait2(load->epoll, events, EVENTS, &timeout, NULL);
}

static void take_events(struct load *load)
{
    struct epoll_event events[EVENTS];
    int count = wait_for(load, events);

    load->now = clock_ns();
    for (int i = 0; i < count; i++) {
        struct channel *channel = events[i].data.ptr;
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive(load, channel);
        if (events[i].events & EPOLLOUT)
            send_now(load, channel);
        if (!load->flags->rate)
            fill(load, channel, load->wanted);
    }
}

/* Until a time, or until all that are wanted are done. */
static void run_until(struct load *load, uint64_t end)
{
    while (load->now < end && load->done < load->wanted) {
        if (load->flags->rate)
            pace(load);
        take_events(load);
    }
}

static void start(struct load *load)
{
    load->now = clock_ns();
    load->start = load->now;
    load->epoch_ms = (uint64_t)clock_now_ms() - load->now / MS_NS;
    for (unsigned i = 0; !load->flags->rate && i < load->flags->connections;
         i++)
        fill(load, load->channels[i], load->wanted);
}

static uint64_t seconds_from(uint64_t ns, unsigned seconds)
{
    return ns + (uint64_t)seconds * SECOND_NS;
}

static void measure(struct load *load)
{
    const struct flags *flags = load->flags;
    struct result *result = &load->result;

    start(load);
    if (!flags->requests)
        run_until(load, seconds_from(load->now, flags->warmup));
    result_reset(result);
    uint64_t from = load->now;
    double cpu = cpu_seconds(flags->pid);
    run_until(load, flags->requests ? UINT64_MAX
                                    : seconds_from(from, flags->seconds));
    result->cpu_seconds = cpu_seconds(flags->pid) - cpu;
    result->seconds = (double)(load->now - from) / SECOND_NS;
    if (flags->rate)
        result->offered =
            (double)(due_by(load, load->now) - due_by(load, from)) /
            result->seconds;
}

static void connect_all(struct load *load)
{
    unsigned count = load->flags->connections;

    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->channels = memory_alloc(count * sizeof(*load->channels));
    for (unsigned i = 0; i < count; i++) {
        struct channel *channel = channel_create(&load->setting);
        if (!channel) {
            fprintf(stderr, "load: cannot connect: %s\n", strerror(errno));
            exit(1);
        }
        watch(load, channel, EPOLL_CTL_ADD);
        load->channels[i] = channel;
    }
}

static struct traffic *plan_traffic(const struct flags *flags)
{
    char host[128];
    struct traffic_texts texts = {host, flags->app_key, flags->read_path};
    struct traffic_plan plan = {
        .population = population_of((enum spread)flags->spread, flags->first,
                                    flags->devices, flags->apps, flags->days),
        .mix = (enum mix)flags->mix,
        .form = (enum form)flags->form,
        .apps = flags->apps,
        .bulk = flags->bulk,
        .models = flags->values,
        .read_percent = flags->read_percent,
    };

    snprintf(host, sizeof(host), "%s:%u", flags->host, flags->port);
    struct traffic *traffic = traffic_create(&plan, &texts);
    if (traffic)
        return traffic;
    fprintf(stderr, "load: the app key, the host or the path of a read is too "
                    "long, or the app key too short for several apps\n");
    exit(2);
}

static void prepare(struct load *load)
{
    const struct flags *flags = load->flags;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)flags->port)};

    if (inet_pton(AF_INET, flags->host, &address.sin_addr) != 1) {
        fprintf(stderr, "load: %s is no IPv4 address\n", flags->host);
        exit(2);
    }
    load->traffic = plan_traffic(flags);
    load->wanted = flags->requests ? flags->requests : UINT64_MAX;
    load->setting = (struct channel_setting){
        .address = address,
        .depth = flags->depth,
        .request_size = traffic_size_max(load->traffic),
        .on_answer = on_answer,
        .user = load,
    };
    connect_all(load);
}

static void finish(struct load *load)
{
    for (unsigned i = 0; i < load->flags->connections; i++)
        channel_destroy(load->channels[i]);
    free(load->channels);
    traffic_destroy(load->traffic);
    close(load->epoll);
}

static void write_json(const char *path, const struct result *result)
{
    FILE *file = fopen(path, "w");

    if (!file) {
        fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    result_write_json(result, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    static struct load load;
    struct flags flags = flags_parse(argc, argv);

    load.flags = &flags;
    prepare(&load);
    measure(&load);
    result_print(&load.result, stdout);
    if (flags.json)
        write_json(flags.json, &load.result);
    finish(&load);
    return load.result.errors || !load.result.good;
}
