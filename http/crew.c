#include "http/crew.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "http/relay.h"

enum { CORES_FEW = 4, SIZE_MAX_BY_CORES = 8 };

enum order { SERVE, DRAIN, STOP };

/* One of the threads. */
struct hand {
    struct crew *crew;
    uv_thread_t thread;
    bool is_started;
    uv_loop_t loop;
    uv_prepare_t turn;
    struct server *server;
    struct relay requests; /* to the owner */
    struct relay answers;  /* from the owner */
    struct link farewell;  /* the last thing it gives: it has drained */
    bool is_draining;
};

struct crew {
    uv_loop_t *owner;
    server_handle_fn handle;
    void *user;
    uv_prepare_t turn;
    bool has_news; /* `durable` has grown in this turn */
    unsigned patience_ms;
    server_drained_fn drained;
    unsigned undrained; /* hands */
    atomic_uint_least64_t durable;
    atomic_int order;
    unsigned handles; /* open ones on the owner's loop */
    unsigned count;
    struct hand hands[];
};

unsigned crew_size(unsigned cores)
{
    if (cores < CORES_FEW)
        return 1;
    return cores / 2 < SIZE_MAX_BY_CORES ? cores / 2 : SIZE_MAX_BY_CORES;
}

/* On a thread of the crew. */

static void hand_on_request(struct exchange *exchange, void *user)
{
    struct hand *hand = user;

    exchange->back = &hand->answers;
    relay_add(&hand->requests, &exchange->link);
}

static void hand_on_turn(uv_prepare_t *turn)
{
    struct hand *hand = turn->data;

    relay_push(&hand->requests);
}

static void hand_on_drained(void *user)
{
    struct hand *hand = user;

    relay_add(&hand->requests, &hand->farewell);
}

static void obey(struct hand *hand)
{
    int order = atomic_load(&hand->crew->order);

    if (order == DRAIN && !hand->is_draining) {
        hand->is_draining = true;
        server_drain(hand->server, hand->crew->patience_ms, hand_on_drained);
    } else if (order == STOP) {
        server_destroy(hand->server);
        relay_close(&hand->answers, NULL);
        uv_close((uv_handle_t *)&hand->turn, NULL);
    }
}

static void hand_on_answers(struct relay *answers, struct link *batch)
{
    struct hand *hand = answers->user;

    server_set_durable(hand->server, atomic_load(&hand->crew->durable));
    while (!link_is_alone(batch)) {
        struct exchange *exchange =
            LINK_OWNER(batch->next, struct exchange, link);
        link_remove(&exchange->link);
        exchange_deliver(exchange);
    }
    obey(hand);
}

static void run(void *user)
{
    struct hand *hand = user;

    uv_run(&hand->loop, UV_RUN_DEFAULT);
    uv_loop_close(&hand->loop);
}

/* On the owner's thread. */

static void crew_on_requests(struct relay *requests, struct link *batch)
{
    struct hand *hand = requests->user;
    struct crew *crew = hand->crew;

    while (!link_is_alone(batch)) {
        struct link *link = batch->next;
        link_remove(link);
        if (link != &hand->farewell)
            crew->handle(LINK_OWNER(link, struct exchange, link), crew->user);
        else if (--crew->undrained == 0)
            crew->drained(crew->user);
    }
}

static void crew_on_turn(uv_prepare_t *turn)
{
    struct crew *crew = turn->data;

    for (unsigned i = 0; i < crew->count; i++) {
        struct relay *answers = &crew->hands[i].answers;
        if (!relay_push(answers) && crew->has_news)
            relay_call(answers);
    }
    crew->has_news = false;
}

static void make_hand(struct crew *crew, struct hand *hand,
                      const struct server_limits *limits)
{
    hand->crew = crew;
    if (uv_loop_init(&hand->loop) != 0)
        abort(); /* the system gives no more, as in memory_alloc() */
    uv_prepare_init(&hand->loop, &hand->turn);
    hand->turn.data = hand;
    uv_prepare_start(&hand->turn, hand_on_turn);
    link_init(&hand->farewell);
    hand->server = server_create(&hand->loop, limits, hand_on_request, hand);
    relay_init(&hand->answers, &hand->loop, hand_on_answers, hand);
    relay_init(&hand->requests, crew->owner, crew_on_requests, hand);
    /* The owner's loop may end when there is nothing else. */
    uv_unref((uv_handle_t *)&hand->requests.arrival);
}

struct crew *crew_create(uv_loop_t *owner, unsigned count,
                         const struct server_limits *limits,
                         server_handle_fn handle, void *user)
{
    struct crew *crew =
        memory_alloc(sizeof(*crew) + count * sizeof(crew->hands[0]));
    struct server_limits part = *limits;

    part.connections = (limits->connections + count - 1) / count;
    crew->owner = owner;
    crew->handle = handle;
    crew->user = user;
    crew->count = crew->undrained = count;
    crew->handles = count + 1;
    atomic_init(&crew->durable, 0);
    atomic_init(&crew->order, SERVE);
    uv_prepare_init(owner, &crew->turn);
    crew->turn.data = crew;
    uv_prepare_start(&crew->turn, crew_on_turn);
    uv_unref((uv_handle_t *)&crew->turn);
    for (unsigned i = 0; i < count; i++)
        make_hand(crew, &crew->hands[i], &part);
    return crew;
}

static enum tally_err start(struct hand *hand)
{
    hand->is_started = uv_thread_create(&hand->thread, run, hand) == 0;
    return hand->is_started ? TALLY_OK : TALLY_ERR_IO;
}

enum tally_err crew_listen(struct crew *crew, const char *host, int port,
                           int *bound_port)
{
    enum tally_err err = TALLY_OK;

    for (unsigned i = 0; i < crew->count && !err; i++)
        err = server_listen_shared(crew->hands[i].server, host, port, i == 0,
                                   &port);
    for (unsigned i = 0; i < crew->count && !err; i++)
        err = start(&crew->hands[i]);
    if (!err)
        *bound_port = port;
    return err;
}

void crew_set_durable(struct crew *crew, uint64_t lsn)
{
    crew->has_news |= lsn != atomic_load(&crew->durable);
    atomic_store(&crew->durable, lsn);
}

static void command(struct crew *crew, enum order order)
{
    atomic_store(&crew->order, order);
    for (unsigned i = 0; i < crew->count; i++)
        relay_call(&crew->hands[i].answers);
}

void crew_drain(struct crew *crew, unsigned patience_ms,
                server_drained_fn drained)
{
    crew->patience_ms = patience_ms;
    crew->drained = drained;
    command(crew, DRAIN);
}

static void free_when_closed(struct crew *crew)
{
    if (--crew->handles == 0)
        free(crew);
}

static void crew_on_relay_closed(struct relay *requests)
{
    struct hand *hand = requests->user;

    free_when_closed(hand->crew);
}

static void crew_on_turn_closed(uv_handle_t *turn)
{
    free_when_closed(turn->data);
}

/* The loop of a thread that never was ends on this one. */
static void stop(struct hand *hand)
{
    if (hand->is_started)
        uv_thread_join(&hand->thread);
    else
        run(hand);
    relay_close(&hand->requests, crew_on_relay_closed);
}

void crew_destroy(struct crew *crew)
{
    if (!crew)
        return;
    command(crew, STOP);
    for (unsigned i = 0; i < crew->count; i++)
        stop(&crew->hands[i]);
    uv_close((uv_handle_t *)&crew->turn, crew_on_turn_closed);
}
