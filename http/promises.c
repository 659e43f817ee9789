#include "http/promises.h"

#include <stdlib.h>
#include <uv.h>

#include "engine/memory.h"
#include "http/link.h"

struct slot {
    struct link link; /* in `open`, `resumed` or `free` */
    uint32_t number;
    uint32_t generation; /* tells promises of the same slot apart */
    bool is_used;
    bool is_resumed;
    struct promise promise;
};

struct promises {
    uv_mutex_t lock;  /* of all that follows */
    struct link open; /* by their deadlines */
    struct link resumed;
    struct link free;
    bool is_closed;
    uint32_t count; /* of slots */
    struct slot *slots[PROMISES_MAX];
};

struct promises *promises_create(void)
{
    struct promises *promises = memory_alloc(sizeof(*promises));

    uv_mutex_init(&promises->lock);
    link_init(&promises->open);
    link_init(&promises->resumed);
    link_init(&promises->free);
    return promises;
}

void promises_destroy(struct promises *promises)
{
    if (!promises)
        return;
    for (uint32_t i = 0; i < promises->count; i++)
        free(promises->slots[i]);
    uv_mutex_destroy(&promises->lock);
    free(promises);
}

void promises_close(struct promises *promises)
{
    uv_mutex_lock(&promises->lock);
    promises->is_closed = true;
    uv_mutex_unlock(&promises->lock);
}

static struct slot *slot_of(struct link *link)
{
    return LINK_OWNER(link, struct slot, link);
}

static tally_wait token_of(const struct slot *slot)
{
    return (tally_wait)slot->generation << 32 | (slot->number + 1);
}

/* NULL for a token that is none, or none any more. */
static struct slot *find(const struct promises *promises, tally_wait token)
{
    uint32_t number = (uint32_t)token - 1;
    struct slot *slot =
        number < promises->count ? promises->slots[number] : NULL;

    return slot && slot->is_used && token_of(slot) == token ? slot : NULL;
}

static struct slot *take_slot(struct promises *promises)
{
    struct slot *slot;

    if (!link_is_alone(&promises->free)) {
        slot = slot_of(promises->free.next);
        link_remove(&slot->link);
        return slot;
    }
    if (promises->count == PROMISES_MAX)
        return NULL;
    slot = memory_alloc(sizeof(*slot));
    link_init(&slot->link);
    slot->number = promises->count;
    promises->slots[promises->count++] = slot;
    return slot;
}

/* Nearly always the last one. */
static void insert(struct promises *promises, struct slot *slot)
{
    struct link *behind = &promises->open;

    while (behind->previous != &promises->open &&
           slot_of(behind->previous)->promise.deadline > slot->promise.deadline)
        behind = behind->previous;
    link_join(&slot->link, behind);
}

tally_wait promises_add(struct promises *promises,
                        const struct promise *promise)
{
    tally_wait token = 0;

    uv_mutex_lock(&promises->lock);
    struct slot *slot = promises->is_closed ? NULL : take_slot(promises);
    if (slot) {
        slot->is_used = true;
        slot->is_resumed = false;
        slot->promise = *promise;
        insert(promises, slot);
        token = token_of(slot);
    }
    uv_mutex_unlock(&promises->lock);
    return token;
}

int promises_resume(struct promises *promises, tally_wait token)
{
    int result = TALLY_E_NOT_FOUND;

    uv_mutex_lock(&promises->lock);
    struct slot *slot = promises->is_closed ? NULL : find(promises, token);
    if (slot && !slot->is_resumed && slot->promise.next) {
        slot->is_resumed = true;
        link_remove(&slot->link);
        link_join(&slot->link, &promises->resumed);
        result = 0;
    }
    uv_mutex_unlock(&promises->lock);
    return result;
}

static void release(struct promises *promises, struct slot *slot)
{
    slot->is_used = false;
    slot->generation++;
    link_remove(&slot->link);
    link_join(&slot->link, &promises->free);
}

static void take(struct promises *promises, struct slot *slot,
                 tally_wait *token, struct promise *promise)
{
    *token = token_of(slot);
    *promise = slot->promise;
    release(promises, slot);
}

bool promises_take_resumed(struct promises *promises, tally_wait *token,
                           struct promise *promise)
{
    uv_mutex_lock(&promises->lock);
    bool is_there = !link_is_alone(&promises->resumed);
    if (is_there)
        take(promises, slot_of(promises->resumed.next), token, promise);
    uv_mutex_unlock(&promises->lock);
    return is_there;
}

bool promises_take_due(struct promises *promises, uint64_t now,
                       tally_wait *token, struct promise *promise)
{
    uv_mutex_lock(&promises->lock);
    bool is_there = !link_is_alone(&promises->open) &&
                    slot_of(promises->open.next)->promise.deadline <= now;
    if (is_there)
        take(promises, slot_of(promises->open.next), token, promise);
    uv_mutex_unlock(&promises->lock);
    return is_there;
}

uint64_t promises_deadline(struct promises *promises)
{
    uint64_t deadline = 0;

    uv_mutex_lock(&promises->lock);
    if (!link_is_alone(&promises->open))
        deadline = slot_of(promises->open.next)->promise.deadline;
    uv_mutex_unlock(&promises->lock);
    return deadline;
}

void promises_drop(struct promises *promises, tally_wait token)
{
    uv_mutex_lock(&promises->lock);
    struct slot *slot = find(promises, token);
    if (slot)
        release(promises, slot);
    uv_mutex_unlock(&promises->lock);
}
