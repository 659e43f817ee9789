#include "metrics/throttle.h"

void throttle_init(struct throttle *throttle)
{
    *throttle = (struct throttle){0};
    hash_key_random(&throttle->key);
}

uint64_t throttle_name(const struct throttle *throttle, struct text name)
{
    return hash_text(&throttle->key, name);
}

/* NULL when the name has no entry. */
static const struct throttle_entry *find(const struct throttle *throttle,
                                         uint64_t name)
{
    const struct throttle_entry *row = throttle->entries[name % THROTTLE_ROWS];

    for (unsigned i = 0; i < THROTTLE_WIDTH; i++) {
        if (row[i].tries > 0 && row[i].name == name)
            return &row[i];
    }
    return NULL;
}

static struct throttle_entry *find_to_change(struct throttle *throttle,
                                             uint64_t name)
{
    return (struct throttle_entry *)find(throttle, name);
}

/* Seconds until the tries no longer count. A clock that was set back makes it
 * no longer than the limit. */
static uint32_t left(const struct throttle_entry *entry,
                     struct throttle_limit limit, int64_t now)
{
    int64_t passed = now > entry->last ? now - entry->last : 0;

    return passed < limit.wait ? limit.wait - (uint32_t)passed : 0;
}

uint32_t throttle_wait(const struct throttle *throttle, uint64_t name,
                       struct throttle_limit limit, int64_t now)
{
    const struct throttle_entry *entry = find(throttle, name);

    return entry && entry->tries >= limit.tries ? left(entry, limit, now) : 0;
}

/* A free entry for the name, or the one with the oldest try. */
static struct throttle_entry *make_room(struct throttle *throttle,
                                        uint64_t name)
{
    struct throttle_entry *row = throttle->entries[name % THROTTLE_ROWS];
    struct throttle_entry *oldest = row;

    for (unsigned i = 0; i < THROTTLE_WIDTH; i++) {
        if (row[i].tries == 0)
            return &row[i];
        if (row[i].last < oldest->last)
            oldest = &row[i];
    }
    return oldest;
}

void throttle_count(struct throttle *throttle, uint64_t name,
                    struct throttle_limit limit, int64_t now)
{
    struct throttle_entry *entry = find_to_change(throttle, name);
    uint32_t tries = entry && left(entry, limit, now) > 0 ? entry->tries : 0;

    if (!entry)
        entry = make_room(throttle, name);
    *entry = (struct throttle_entry){
        .name = name, .last = now, .tries = tries + (tries < UINT32_MAX)};
}

void throttle_take_back(struct throttle *throttle, uint64_t name)
{
    struct throttle_entry *entry = find_to_change(throttle, name);

    if (entry)
        entry->tries--;
}

void throttle_forget(struct throttle *throttle, uint64_t name)
{
    struct throttle_entry *entry = find_to_change(throttle, name);

    if (entry)
        entry->tries = 0;
}
