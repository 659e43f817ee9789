#include "engine/deltas.h"

#include <limits.h>
#include <stdlib.h>

#include "engine/counter.h"
#include "engine/memory.h"

struct series {
    uint32_t hash;
    uint32_t app;
    uint32_t set;
    uint32_t first; /* day */
};

void deltas_init(struct deltas *deltas, struct region *region)
{
    *deltas = (struct deltas){
        .region = region, .base = region->base, .seed = region->seed};
}

void deltas_clear(struct deltas *deltas)
{
    index_clear(&deltas->deltas);
    index_clear(&deltas->days);
    index_clear(&deltas->series);
}

static void *at(const struct deltas *deltas, uint32_t place)
{
    return deltas->base + place;
}

static void *at_or_null(const struct deltas *deltas, uint32_t place)
{
    return place ? at(deltas, place) : NULL;
}

struct delta_key {
    uint32_t app;
    uint32_t set;
    uint32_t value;
    uint16_t day;
    uint8_t hour;
};

static bool same_delta(const void *entry, const void *key)
{
    const struct delta *delta = entry;
    const struct delta_key *wanted = key;

    return delta->app == wanted->app && delta->set == wanted->set &&
           delta->value == wanted->value && delta->day == wanted->day &&
           delta->hour == wanted->hour;
}

static bool same_day(const void *entry, const void *key)
{
    const struct deltas_day *day = entry;
    const struct delta_key *wanted = key;

    return day->app == wanted->app && day->set == wanted->set &&
           day->day == wanted->day;
}

static bool same_series(const void *entry, const void *key)
{
    const struct series *series = entry;
    const struct delta_key *wanted = key;

    return series->app == wanted->app && series->set == wanted->set;
}

static uint32_t hash_series(const struct deltas *deltas,
                            const struct delta_key *key)
{
    return index_mix(index_mix(deltas->seed, key->app), key->set);
}

static struct series *touch_series(struct deltas *deltas,
                                   const struct delta_key *key)
{
    uint32_t hash = hash_series(deltas, key);
    uint32_t place =
        index_find(&deltas->series, deltas->base, hash, same_series, key);
    if (place)
        return at(deltas, place);

    place = region_take(deltas->region, sizeof(struct series));
    struct series *series = at(deltas, place);
    *series = (struct series){.hash = hash, .app = key->app, .set = key->set};
    index_add(&deltas->series, deltas->base, place);
    return series;
}

static struct deltas_day *touch_day(struct deltas *deltas,
                                    const struct delta_key *key)
{
    uint32_t hash = index_mix(hash_series(deltas, key), key->day);
    uint32_t place =
        index_find(&deltas->days, deltas->base, hash, same_day, key);
    if (place)
        return at(deltas, place);

    struct series *series = touch_series(deltas, key);
    place = region_take(deltas->region, sizeof(struct deltas_day));
    struct deltas_day *day = at(deltas, place);
    *day = (struct deltas_day){.hash = hash,
                               .next = series->first,
                               .app = key->app,
                               .set = key->set,
                               .day = key->day};
    series->first = place;
    index_add(&deltas->days, deltas->base, place);
    return day;
}

static uint32_t add_delta(struct deltas *deltas, uint32_t hash,
                          const struct delta_key *key)
{
    struct deltas_day *day = touch_day(deltas, key);
    uint32_t place = region_take(deltas->region, sizeof(struct delta));
    struct delta *delta = at(deltas, place);

    *delta = (struct delta){.hash = hash,
                            .next = day->first,
                            .app = key->app,
                            .set = key->set,
                            .value = key->value,
                            .day = key->day,
                            .hour = key->hour};
    day->first = place;
    return place;
}

static uint32_t hash_delta(const struct deltas *deltas,
                           const struct delta_key *key)
{
    return index_mix(index_mix(hash_series(deltas, key), key->value),
                     (uint32_t)key->day << 8 | key->hour);
}

static struct delta *touch_delta(struct deltas *deltas,
                                 const struct delta_key *key)
{
    uint32_t hash = hash_delta(deltas, key);
    uint32_t place =
        index_find(&deltas->deltas, deltas->base, hash, same_delta, key);
    if (!place) {
        place = add_delta(deltas, hash, key);
        index_add(&deltas->deltas, deltas->base, place);
    }
    return at(deltas, place);
}

static bool is_half_full(const struct delta *delta)
{
    const int32_t half = INT_MAX / 2;
    const int32_t fields[] = {delta->t,    delta->n,    delta->e,
                              delta->u[0], delta->u[1], delta->u[2],
                              delta->u[3], delta->u[4]};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i] > half || fields[i] < -half)
            return true;
    }
    return false;
}

static struct delta_key delta_key(uint32_t app, uint32_t set, uint32_t value,
                                  int32_t hour)
{
    return (struct delta_key){
        .app = app,
        .set = set,
        .value = value,
        .day = (uint16_t)(hour / 24),
        .hour = value == 0 ? (uint8_t)(hour % 24) : COUNT_NO_HOUR,
    };
}

void deltas_hit(struct deltas *deltas, const struct hit *hit,
                const struct hit_item *item)
{
    struct delta_key key =
        delta_key(hit->app, item->set, item->value, hit->hour);
    struct delta *delta = touch_delta(deltas, &key);
    unsigned counts = item->counts;

    delta->t += (counts & HIT_T) != 0;
    delta->n += (counts & HIT_N) != 0;
    delta->u[0] += (counts & HIT_HOUR) != 0;
    delta->u[1] += (counts & HIT_U_DAY) != 0;
    delta->u[2] += (counts & HIT_U_WEEK) != 0;
    delta->u[3] += (counts & HIT_U_MONTH) != 0;
    delta->u[4] += (counts & HIT_U_YEAR) != 0;
    delta->e += item->value == 0;
}

void deltas_count(struct deltas *deltas, const struct count *count)
{
    struct delta_key key =
        delta_key(count->app, count->set, count->value, count->hour);
    if (count->no_hour)
        key.hour = COUNT_NO_HOUR;
    struct delta *delta = touch_delta(deltas, &key);

    /* Go on in a fresh delta; the full one stays in the chain. */
    if (is_half_full(delta)) {
        uint32_t full = (uint32_t)((char *)delta - deltas->base);
        uint32_t fresh = add_delta(deltas, delta->hash, &key);
        index_move(&deltas->deltas, deltas->base, full, fresh);
        delta = at(deltas, fresh);
    }
    delta->t += (int32_t)count->add[COUNT_T];
    delta->n += (int32_t)count->add[COUNT_N];
    delta->e += (int32_t)count->add[COUNT_E];
    counter_add(&delta->d, count->add[COUNT_D]);
    for (int i = 0; i < 5; i++)
        delta->u[i] += (int32_t)count->add[COUNT_U_HOUR + i];
}

const struct deltas_day *deltas_first_day(const struct deltas *deltas,
                                          uint32_t app, uint32_t set)
{
    struct delta_key key = {.app = app, .set = set};
    uint32_t hash = hash_series(deltas, &key);
    const struct series *series =
        at_or_null(deltas, index_find(&deltas->series, deltas->base, hash,
                                      same_series, &key));

    return series ? at_or_null(deltas, series->first) : NULL;
}

const struct deltas_day *deltas_next_day(const struct deltas *deltas,
                                         const struct deltas_day *day)
{
    return at_or_null(deltas, day->next);
}

const struct delta *deltas_first(const struct deltas *deltas,
                                 const struct deltas_day *day)
{
    return at_or_null(deltas, day->first);
}

const struct delta *deltas_next(const struct deltas *deltas,
                                const struct delta *delta)
{
    return at_or_null(deltas, delta->next);
}

bool deltas_counts(const struct deltas *deltas, uint32_t app, uint32_t set,
                   uint32_t value, int32_t day)
{
    struct delta_key key = {.app = app,
                            .set = set,
                            .value = value,
                            .day = (uint16_t)day,
                            .hour = COUNT_NO_HOUR};
    const struct delta *delta = at_or_null(
        deltas, index_find(&deltas->deltas, deltas->base,
                           hash_delta(deltas, &key), same_delta, &key));

    return delta && delta->t != 0;
}

const struct delta **deltas_all(const struct deltas *deltas, size_t *count)
{
    const struct delta **list =
        memory_alloc((deltas->deltas.count + 1) * sizeof(*list));
    size_t found = 0;
    size_t room = deltas->deltas.count + 1;

    for (uint32_t i = 0; i < deltas->days.room; i++) {
        const struct deltas_day *day =
            at_or_null(deltas, deltas->days.slots[i].place);
        if (!day)
            continue;
        const struct delta *delta = deltas_first(deltas, day);
        for (; delta; delta = deltas_next(deltas, delta)) {
            if (found == room) {
                room *= 2;
                list = memory_resize(list, room * sizeof(*list));
            }
            list[found++] = delta;
        }
    }
    *count = found;
    return list;
}
