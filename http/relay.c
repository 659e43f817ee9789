#include "http/relay.h"

static void relay_on_arrival(uv_async_t *arrival)
{
    struct relay *relay = arrival->data;
    struct link batch;

    link_init(&batch);
    uv_mutex_lock(&relay->lock);
    link_move_all(&relay->pushed, &batch);
    uv_mutex_unlock(&relay->lock);
    relay->on_batch(relay, &batch);
}

void relay_init(struct relay *relay, uv_loop_t *taker, relay_fn on_batch,
                void *user)
{
    *relay = (struct relay){.user = user, .on_batch = on_batch};
    link_init(&relay->gathered);
    link_init(&relay->pushed);
    uv_mutex_init(&relay->lock);
    uv_async_init(taker, &relay->arrival, relay_on_arrival);
    relay->arrival.data = relay;
}

void relay_add(struct relay *relay, struct link *link)
{
    link_join(link, &relay->gathered);
}

bool relay_push(struct relay *relay)
{
    if (link_is_alone(&relay->gathered))
        return false;
    uv_mutex_lock(&relay->lock);
    link_move_all(&relay->gathered, &relay->pushed);
    uv_mutex_unlock(&relay->lock);
    relay_call(relay);
    return true;
}

void relay_call(struct relay *relay)
{
    uv_async_send(&relay->arrival);
}

static void relay_on_closed(uv_handle_t *arrival)
{
    struct relay *relay = arrival->data;

    uv_mutex_destroy(&relay->lock);
    if (relay->closed)
        relay->closed(relay);
}

void relay_close(struct relay *relay, relay_closed_fn closed)
{
    relay->closed = closed;
    uv_close((uv_handle_t *)&relay->arrival, relay_on_closed);
}
