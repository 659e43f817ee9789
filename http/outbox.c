#include "http/outbox.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/memory.h"

struct outbox_mark {
    uint64_t lsn;
    size_t end;
};

void outbox_init(struct outbox *outbox, unsigned room, size_t max)
{
    *outbox = (struct outbox){.room = room};
    buffer_init(&outbox->pile, max);
}

void outbox_finish(struct outbox *outbox)
{
    buffer_finish(&outbox->pile);
    free(outbox->marks);
    outbox->marks = NULL;
}

static struct outbox_mark *mark_at(struct outbox *outbox, unsigned i)
{
    return &outbox->marks[(outbox->first + i) % outbox->room];
}

void outbox_close_answer(struct outbox *outbox, uint64_t lsn)
{
    assert(outbox->held < outbox->room);
    if (!outbox->marks)
        outbox->marks = memory_alloc(outbox->room * sizeof(*outbox->marks));
    *mark_at(outbox, outbox->held++) =
        (struct outbox_mark){lsn, outbox->pile.len};
}

void outbox_release(struct outbox *outbox, uint64_t durable)
{
    while (outbox->held > 0 && mark_at(outbox, 0)->lsn <= durable) {
        outbox->ready = mark_at(outbox, 0)->end;
        outbox->first = (outbox->first + 1) % outbox->room;
        outbox->held--;
    }
}

unsigned outbox_held(const struct outbox *outbox)
{
    return outbox->held;
}

size_t outbox_size(const struct outbox *outbox)
{
    return outbox->pile.len - outbox->sent;
}

struct text outbox_ready(const struct outbox *outbox)
{
    if (outbox->ready == outbox->sent)
        return (struct text){0};
    return (struct text){outbox->pile.at + outbox->sent,
                         outbox->ready - outbox->sent};
}

void outbox_sent(struct outbox *outbox, size_t len)
{
    outbox->sent += len;
    if (outbox->sent < outbox->pile.len)
        return;
    buffer_trim(&outbox->pile, OUTBOX_KEPT_ROOM);
    outbox->sent = 0;
    outbox->ready = 0;
}

struct text outbox_detach(struct outbox *outbox, struct buffer *flying)
{
    struct text ready = outbox_ready(outbox);
    struct buffer whole = outbox->pile;
    size_t rest = whole.len - outbox->ready;

    buffer_trim(flying, OUTBOX_KEPT_ROOM);
    outbox->pile = *flying;
    buffer_add(&outbox->pile, whole.at + outbox->ready, rest);
    for (unsigned i = 0; i < outbox->held; i++)
        mark_at(outbox, i)->end -= outbox->ready;
    *flying = whole;
    outbox->sent = 0;
    outbox->ready = 0;
    return ready;
}
