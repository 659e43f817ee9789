#include "engine/recent.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/pack.h"

struct list {
    uint32_t app; /* 0: an empty place of the table */
    bool changed;
    unsigned count;
    uint32_t ordinals[RECENT_MAX];
    uint32_t seconds[RECENT_MAX];
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

static unsigned find(const struct list *list, uint32_t ordinal)
{
    unsigned i = 0;

    while (i < list->count && list->ordinals[i] != ordinal)
        i++;
    return i;
}

static unsigned oldest(const struct list *list)
{
    unsigned found = 0;

    for (unsigned i = 1; i < list->count; i++) {
        if (list->seconds[i] < list->seconds[found])
            found = i;
    }
    return found;
}

void recent_touch(struct recent *recent, uint32_t app, uint32_t ordinal,
                  uint32_t seconds)
{
    struct list *list = touch_list(recent, app);
    unsigned i = find(list, ordinal);
    bool is_new = i == list->count;

    if (is_new && list->count == RECENT_MAX) {
        i = oldest(list);
        is_new = false;
    }
    if (!is_new && list->seconds[i] >= seconds)
        return;
    list->count += is_new;
    list->ordinals[i] = ordinal;
    list->seconds[i] = seconds;
    list->changed = true;
}

void recent_forget(struct recent *recent, uint32_t app, uint32_t ordinal)
{
    struct list *list = *slot_of(recent, app);
    unsigned i = list ? find(list, ordinal) : 0;

    if (!list || i == list->count)
        return;
    list->count--;
    list->ordinals[i] = list->ordinals[list->count];
    list->seconds[i] = list->seconds[list->count];
    list->changed = true;
}

void recent_drop(struct recent *recent, uint32_t app)
{
    struct list *list = *slot_of(recent, app);

    if (list) {
        list->count = 0;
        list->changed = false;
    }
}

static int compare(const void *a, const void *b)
{
    const struct recent_user *x = a;
    const struct recent_user *y = b;

    if (x->seconds != y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

unsigned recent_list(const struct recent *recent, uint32_t app,
                     struct recent_user out[static RECENT_MAX])
{
    const struct list *list = *slot_of(recent, app);
    unsigned count = list ? list->count : 0;

    for (unsigned i = 0; i < count; i++)
        out[i] = (struct recent_user){list->ordinals[i], list->seconds[i]};
    qsort(out, count, sizeof(*out), compare);
    return count;
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
        for (unsigned k = 0; k < list->count; k++) {
            pack_u32(&pack, list->ordinals[k]);
            pack_u32(&pack, list->seconds[k]);
        }
        fn(user, list->app,
           (struct text){(char *)bytes, (size_t)(pack.at - bytes)});
    }
}
