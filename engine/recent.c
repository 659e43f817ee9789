#include "engine/recent.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/pack.h"

enum { TOUCHES = 256 };

/* Touches are noted as they come; when there is no room for more, only the
 * latest users are kept. */
struct list {
    uint32_t app;
    bool changed;
    bool is_full;   /* users no later than `floor` were left out */
    uint32_t floor; /* seconds */
    unsigned count;
    struct recent_user touches[TOUCHES];
};

/* Open addressing over pointers: app numbers are ours and dense. */
struct recent {
    struct list **lists;
    uint32_t room;
    uint32_t count;
};

struct recent *recent_create(void)
{
    struct recent *recent = memory_alloc(sizeof(*recent));

    recent->room = 64;
    recent->lists = memory_alloc(recent->room * sizeof(*recent->lists));
    return recent;
}

void recent_destroy(struct recent *recent)
{
    if (!recent)
        return;

    for (uint32_t i = 0; i < recent->room; i++)
        free(recent->lists[i]);
    free(recent->lists);
    free(recent);
}

static struct list **slot_of(const struct recent *recent, uint32_t app)
{
    uint32_t i = app & (recent->room - 1);

    while (recent->lists[i] && recent->lists[i]->app != app)
        i = (i + 1) & (recent->room - 1);
    return &recent->lists[i];
}

static void grow(struct recent *recent)
{
    struct recent old = *recent;

    recent->room *= 2;
    recent->lists = memory_alloc(recent->room * sizeof(*recent->lists));
    for (uint32_t i = 0; i < old.room; i++) {
        if (old.lists[i])
            *slot_of(recent, old.lists[i]->app) = old.lists[i];
    }
    free(old.lists);
}

static struct list *touch_list(struct recent *recent, uint32_t app)
{
    struct list **slot = slot_of(recent, app);
    if (*slot)
        return *slot;

    if (recent->count + 1 > recent->room / 2) {
        grow(recent);
        slot = slot_of(recent, app);
    }
    *slot = memory_alloc(sizeof(**slot));
    (*slot)->app = app;
    recent->count++;
    return *slot;
}

static int compare_times(const void *a, const void *b)
{
    const struct recent_user *x = a;
    const struct recent_user *y = b;

    if (x->seconds != y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static int compare_users(const void *a, const void *b)
{
    const struct recent_user *x = a;
    const struct recent_user *y = b;

    if (x->ordinal != y->ordinal)
        return x->ordinal < y->ordinal ? -1 : 1;
    return compare_times(a, b);
}

/* Leaves each user's latest touch, and of these the latest, in order. */
static void settle(struct list *list)
{
    struct recent_user *touches = list->touches;
    unsigned kept = 0;

    qsort(touches, list->count, sizeof(*touches), compare_users);
    for (unsigned i = 0; i < list->count; i++) {
        if (kept == 0 || touches[kept - 1].ordinal != touches[i].ordinal)
            touches[kept++] = touches[i];
    }
    qsort(touches, kept, sizeof(*touches), compare_times);
    list->count = kept < RECENT_MAX ? kept : RECENT_MAX;
    if (list->count == RECENT_MAX) {
        list->is_full = true;
        list->floor = touches[RECENT_MAX - 1].seconds;
    }
}

void recent_touch(struct recent *recent, uint32_t app, uint32_t ordinal,
                  uint32_t seconds)
{
    struct list *list = touch_list(recent, app);

    if (list->is_full && seconds <= list->floor)
        return;
    if (list->count == TOUCHES)
        settle(list);
    list->touches[list->count++] = (struct recent_user){ordinal, seconds};
    list->changed = true;
}

void recent_forget(struct recent *recent, uint32_t app, uint32_t ordinal)
{
    struct list *list = *slot_of(recent, app);
    unsigned kept = 0;

    if (!list)
        return;
    for (unsigned i = 0; i < list->count; i++) {
        if (list->touches[i].ordinal != ordinal)
            list->touches[kept++] = list->touches[i];
    }
    if (kept == list->count)
        return;
    list->count = kept;
    list->is_full = false;
    list->changed = true;
}

void recent_redirect(struct recent *recent, uint32_t app, uint32_t from,
                     uint32_t to)
{
    struct list *list = *slot_of(recent, app);

    for (unsigned i = 0; list && i < list->count; i++) {
        if (list->touches[i].ordinal != from)
            continue;
        list->touches[i].ordinal = to;
        /* Both may be listed: there is room for one more then. */
        list->is_full = false;
        list->changed = true;
    }
}

void recent_drop(struct recent *recent, uint32_t app)
{
    struct list *list = *slot_of(recent, app);

    if (list) {
        list->count = 0;
        list->is_full = false;
        list->changed = false;
    }
}

unsigned recent_list(const struct recent *recent, uint32_t app,
                     struct recent_user out[static RECENT_MAX])
{
    const struct list *list = *slot_of(recent, app);
    struct list copy;

    if (!list)
        return 0;
    copy = *list;
    settle(&copy);
    memcpy(out, copy.touches, copy.count * sizeof(*out));
    return copy.count;
}

enum tally_err recent_load(struct recent *recent, uint32_t app,
                           struct text record)
{
    struct unpack unpack = unpack_from(record);

    if (record.len % 8 != 0 || record.len > RECENT_RECORD_MAX)
        return TALLY_ERR_CORRUPT;
    while (unpack_left(&unpack) > 0) {
        uint32_t ordinal = unpack_u32(&unpack);
        uint32_t seconds = unpack_u32(&unpack);
        recent_touch(recent, app, ordinal, seconds);
    }
    touch_list(recent, app)->changed = false;
    return TALLY_OK;
}

void recent_each_changed(struct recent *recent, recent_fn fn, void *user)
{
    for (uint32_t i = 0; i < recent->room; i++) {
        struct list *list = recent->lists[i];
        uint8_t bytes[RECENT_RECORD_MAX];
        struct pack pack = pack_into(bytes, sizeof(bytes));

        if (!list || !list->changed)
            continue;
        list->changed = false;
        settle(list);
        for (unsigned k = 0; k < list->count; k++) {
            pack_u32(&pack, list->touches[k].ordinal);
            pack_u32(&pack, list->touches[k].seconds);
        }
        fn(user, list->app,
           (struct text){(char *)bytes, (size_t)(pack.at - bytes)});
    }
}
