#include "engine/overlay.h"

#include <assert.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "engine/counter.h"
#include "engine/index.h"
#include "engine/key.h"
#include "engine/memory.h"

enum {
    FIRST_PLACE = 8,
    FIRST_RUN = 4,
    RUN_MAX = 512,
    /* Worst case: an item of three bytes makes a delta, its day, its series,
     * its marks and their first run. */
    ARENA_BYTES_PER_BYTE = 80,
    ARENA_BYTES_AT_LEAST = 1024,
};

struct series {
    uint32_t hash;
    uint32_t app;
    uint32_t set;
    uint32_t first; /* day */
};

struct run {
    uint32_t next;
    uint16_t count;
    uint16_t room;
    struct overlay_mark marks[];
};

struct overlay {
    char *base;
    size_t size;
    size_t used;
    struct index puts;
    struct index deltas;
    struct index days;
    struct index series;
    struct index marks;
    uint32_t tables[TABLE_COUNT]; /* first put of each */
    unsigned char key[crypto_shorthash_KEYBYTES];
    uint32_t seed;
    uint32_t *dropped;
    unsigned dropped_count;
};

struct overlay *overlay_create(size_t bytes)
{
    struct overlay *overlay = memory_alloc(sizeof(*overlay));

    overlay->size = bytes;
    overlay->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (overlay->base == MAP_FAILED)
        memory_exhausted(bytes);
    overlay->used = FIRST_PLACE;
    randombytes_buf(overlay->key, sizeof(overlay->key));
    overlay->seed = randombytes_random();
    return overlay;
}

static void clear_indexes(struct overlay *overlay)
{
    index_clear(&overlay->puts);
    index_clear(&overlay->deltas);
    index_clear(&overlay->days);
    index_clear(&overlay->series);
    index_clear(&overlay->marks);
    free(overlay->dropped);
    overlay->dropped = NULL;
    overlay->dropped_count = 0;
}

void overlay_destroy(struct overlay *overlay)
{
    if (!overlay)
        return;

    clear_indexes(overlay);
    munmap(overlay->base, overlay->size);
    free(overlay);
}

void overlay_clear(struct overlay *overlay)
{
    clear_indexes(overlay);
    memset(overlay->tables, 0, sizeof(overlay->tables));
    madvise(overlay->base, overlay->used, MADV_DONTNEED);
    overlay->used = FIRST_PLACE;
}

size_t overlay_used(const struct overlay *overlay)
{
    return overlay->used;
}

bool overlay_is_empty(const struct overlay *overlay)
{
    return overlay->used == FIRST_PLACE && overlay->dropped_count == 0;
}

size_t overlay_need(size_t len)
{
    return ARENA_BYTES_AT_LEAST + len * ARENA_BYTES_PER_BYTE;
}

static uint32_t take(struct overlay *overlay, size_t size)
{
    size_t place = overlay->used;

    overlay->used += (size + 7) / 8 * 8;
    assert(overlay->used <= overlay->size);
    return (uint32_t)place;
}

static void *at(const struct overlay *overlay, uint32_t place)
{
    return overlay->base + place;
}

static void *at_or_null(const struct overlay *overlay, uint32_t place)
{
    return place ? at(overlay, place) : NULL;
}

/* Numbers of ours, spread over 32 bits; the seed keeps them unguessable. */
static uint32_t mix(uint32_t hash, uint32_t value)
{
    uint64_t product = (uint64_t)(hash ^ value) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(product >> 32) ^ (uint32_t)product;
}

/* Puts. */

struct put_key {
    enum table table;
    struct text key;
};

static bool same_put(const void *entry, const void *key)
{
    const struct overlay_put *put = entry;
    const struct put_key *wanted = key;

    return put->table == wanted->table && put->key_len == wanted->key.len &&
           memcmp(put->key, wanted->key.at, put->key_len) == 0;
}

/* Keys made of numbers of ours, or of keyed hashes. */
static uint32_t hash_numbers(const struct overlay *overlay, struct text key)
{
    uint32_t hash = overlay->seed;
    size_t i = 0;

    for (; key.len - i >= sizeof(uint32_t); i += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, key.at + i, sizeof(word));
        hash = mix(hash, word);
    }
    for (; i < key.len; i++)
        hash = mix(hash, (unsigned char)key.at[i]);
    return hash;
}

/* Only names and documents have keys that a client may choose. */
static uint32_t hash_put(const struct overlay *overlay, enum table table,
                         struct text key)
{
    union {
        unsigned char bytes[crypto_shorthash_BYTES];
        uint32_t word;
    } hash;

    if (table != TABLE_NAMES && table != TABLE_DOCUMENTS)
        return mix(hash_numbers(overlay, key), (uint32_t)table);
    crypto_shorthash(hash.bytes, (const unsigned char *)key.at, key.len,
                     overlay->key);
    return mix(hash.word, (uint32_t)table);
}

static uint32_t find_put(const struct overlay *overlay, uint32_t hash,
                         enum table table, struct text key)
{
    struct put_key wanted = {table, key};

    return index_find(&overlay->puts, overlay->base, hash, same_put, &wanted);
}

static struct overlay_put *add_put(struct overlay *overlay, uint32_t hash,
                                   enum table table, struct text key)
{
    uint32_t place = take(overlay, sizeof(struct overlay_put) + key.len);
    struct overlay_put *put = at(overlay, place);

    put->hash = hash;
    put->next = overlay->tables[table];
    put->table = (uint8_t)table;
    put->key_len = (uint16_t)key.len;
    memcpy(put->key, key.at, key.len);
    overlay->tables[table] = place;
    index_add(&overlay->puts, overlay->base, place);
    return put;
}

static struct overlay_put *touch_put(struct overlay *overlay, enum table table,
                                     struct text key)
{
    uint32_t hash = hash_put(overlay, table, key);
    uint32_t place = find_put(overlay, hash, table, key);

    return place ? at(overlay, place) : add_put(overlay, hash, table, key);
}

static void apply_put(struct overlay *overlay, const struct effect *effect)
{
    struct overlay_put *put = touch_put(overlay, effect->table, effect->key);
    struct text value = effect->value;

    if (value.len > put->value_room) {
        /* A little room for growth: user records lengthen as they age. */
        put->value_room = (uint32_t)(value.len + 7) / 8 * 8;
        put->value = take(overlay, put->value_room);
    }
    if (value.len > 0)
        memcpy(at(overlay, put->value), value.at, value.len);
    put->value_len = (uint32_t)value.len;
    put->erased = false;
}

static void apply_erase(struct overlay *overlay, const struct effect *effect)
{
    touch_put(overlay, effect->table, effect->key)->erased = true;
}

const struct overlay_put *overlay_find(const struct overlay *overlay,
                                       enum table table, struct text key)
{
    uint32_t hash = hash_put(overlay, table, key);

    return at_or_null(overlay, find_put(overlay, hash, table, key));
}

struct text overlay_key(const struct overlay_put *put)
{
    return (struct text){put->key, put->key_len};
}

struct text overlay_value(const struct overlay *overlay,
                          const struct overlay_put *put)
{
    return (struct text){at(overlay, put->value), put->value_len};
}

const struct overlay_put *overlay_first_put(const struct overlay *overlay,
                                            enum table table)
{
    return at_or_null(overlay, overlay->tables[table]);
}

const struct overlay_put *overlay_next_put(const struct overlay *overlay,
                                           const struct overlay_put *put)
{
    return at_or_null(overlay, put->next);
}

/* Counts. */

struct delta_key {
    uint32_t app;
    uint32_t set;
    uint32_t value;
    uint16_t day;
    uint8_t hour;
};

static bool same_delta(const void *entry, const void *key)
{
    const struct overlay_delta *delta = entry;
    const struct delta_key *wanted = key;

    return delta->app == wanted->app && delta->set == wanted->set &&
           delta->value == wanted->value && delta->day == wanted->day &&
           delta->hour == wanted->hour;
}

static bool same_day(const void *entry, const void *key)
{
    const struct overlay_day *day = entry;
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

static uint32_t hash_series(const struct overlay *overlay,
                            const struct delta_key *key)
{
    return mix(mix(overlay->seed, key->app), key->set);
}

static struct series *touch_series(struct overlay *overlay,
                                   const struct delta_key *key)
{
    uint32_t hash = hash_series(overlay, key);
    uint32_t place =
        index_find(&overlay->series, overlay->base, hash, same_series, key);
    if (place)
        return at(overlay, place);

    place = take(overlay, sizeof(struct series));
    struct series *series = at(overlay, place);
    *series = (struct series){.hash = hash, .app = key->app, .set = key->set};
    index_add(&overlay->series, overlay->base, place);
    return series;
}

static struct overlay_day *touch_day(struct overlay *overlay,
                                     const struct delta_key *key)
{
    uint32_t hash = mix(hash_series(overlay, key), key->day);
    uint32_t place =
        index_find(&overlay->days, overlay->base, hash, same_day, key);
    if (place)
        return at(overlay, place);

    struct series *series = touch_series(overlay, key);
    place = take(overlay, sizeof(struct overlay_day));
    struct overlay_day *day = at(overlay, place);
    *day = (struct overlay_day){.hash = hash,
                                .next = series->first,
                                .app = key->app,
                                .set = key->set,
                                .day = key->day};
    series->first = place;
    index_add(&overlay->days, overlay->base, place);
    return day;
}

static uint32_t add_delta(struct overlay *overlay, uint32_t hash,
                          const struct delta_key *key)
{
    struct overlay_day *day = touch_day(overlay, key);
    uint32_t place = take(overlay, sizeof(struct overlay_delta));
    struct overlay_delta *delta = at(overlay, place);

    *delta = (struct overlay_delta){.hash = hash,
                                    .next = day->first,
                                    .app = key->app,
                                    .set = key->set,
                                    .value = key->value,
                                    .day = key->day,
                                    .hour = key->hour};
    day->first = place;
    return place;
}

static struct overlay_delta *touch_delta(struct overlay *overlay,
                                         const struct delta_key *key)
{
    uint32_t hash = mix(mix(hash_series(overlay, key), key->value),
                        (uint32_t)key->day << 8 | key->hour);
    uint32_t place =
        index_find(&overlay->deltas, overlay->base, hash, same_delta, key);
    if (!place) {
        place = add_delta(overlay, hash, key);
        index_add(&overlay->deltas, overlay->base, place);
    }
    return at(overlay, place);
}

static bool is_half_full(const struct overlay_delta *delta)
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

/* Marks. */

static bool same_marks(const void *entry, const void *key)
{
    const struct overlay_marks *marks = entry;
    const struct delta_key *wanted = key;

    return marks->app == wanted->app && marks->set == wanted->set &&
           marks->day == wanted->day;
}

static uint32_t find_marks(const struct overlay *overlay,
                           const struct delta_key *key, uint32_t *hash)
{
    *hash = mix(hash_series(overlay, key), key->day);
    return index_find(&overlay->marks, overlay->base, *hash, same_marks, key);
}

static struct overlay_marks *touch_marks(struct overlay *overlay,
                                         const struct delta_key *key)
{
    uint32_t hash;
    uint32_t place = find_marks(overlay, key, &hash);
    if (place)
        return at(overlay, place);

    place = take(overlay, sizeof(struct overlay_marks));
    struct overlay_marks *marks = at(overlay, place);
    *marks = (struct overlay_marks){
        .hash = hash, .app = key->app, .set = key->set, .day = key->day};
    index_add(&overlay->marks, overlay->base, place);
    return marks;
}

static struct run *open_run(struct overlay *overlay,
                            struct overlay_marks *marks)
{
    struct run *run = at_or_null(overlay, marks->first);
    if (run && run->count < run->room)
        return run;

    unsigned room = run ? run->room * 2u : FIRST_RUN;
    if (room > RUN_MAX)
        room = RUN_MAX;
    uint32_t place =
        take(overlay, sizeof(*run) + room * sizeof(struct overlay_mark));
    run = at(overlay, place);
    *run = (struct run){.next = marks->first, .room = (uint16_t)room};
    marks->first = place;
    return run;
}

static void apply_mark(struct overlay *overlay, const struct mark *mark)
{
    struct delta_key key = {
        .app = mark->app, .set = mark->set, .day = (uint16_t)mark->day};
    struct overlay_marks *marks = touch_marks(overlay, &key);
    struct run *run = open_run(overlay, marks);

    run->marks[run->count++] =
        (struct overlay_mark){mark->ordinal, mark->value};
    marks->count++;
}

const struct overlay_marks *overlay_find_marks(const struct overlay *overlay,
                                               uint32_t app, uint32_t set,
                                               int32_t day)
{
    struct delta_key key = {.app = app, .set = set, .day = (uint16_t)day};
    uint32_t hash;

    return at_or_null(overlay, find_marks(overlay, &key, &hash));
}

void overlay_copy_marks(const struct overlay *overlay,
                        const struct overlay_marks *marks,
                        struct overlay_mark *copy)
{
    const struct run *run = at_or_null(overlay, marks->first);

    for (; run; run = at_or_null(overlay, run->next)) {
        memcpy(copy, run->marks, run->count * sizeof(*copy));
        copy += run->count;
    }
}

/* Effects. */

static void count_hit(struct overlay *overlay, const struct hit *hit,
                      const struct hit_item *item)
{
    struct delta_key key =
        delta_key(hit->app, item->set, item->value, hit->hour);
    struct overlay_delta *delta = touch_delta(overlay, &key);
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

static void mark_hit(struct overlay *overlay, const struct hit *hit,
                     uint32_t set, uint32_t value)
{
    struct mark mark = {.app = hit->app,
                        .ordinal = hit->ordinal,
                        .set = set,
                        .value = value,
                        .day = hit->hour / 24};

    apply_mark(overlay, &mark);
}

static void apply_hit(struct overlay *overlay, const struct hit *hit)
{
    struct hit_item whole = {hit->set, 0, hit->counts};

    count_hit(overlay, hit, &whole);
    if (hit->counts & HIT_MARK)
        mark_hit(overlay, hit, 0, 0);
    for (unsigned i = 0; i < hit->item_count; i++) {
        const struct hit_item *item = &hit->items[i];
        count_hit(overlay, hit, item);
        if (item->counts & HIT_MARK)
            mark_hit(overlay, hit, item->set, item->value);
    }
}

static void apply_count(struct overlay *overlay, const struct count *count)
{
    struct delta_key key =
        delta_key(count->app, count->set, count->value, count->hour);
    struct overlay_delta *delta = touch_delta(overlay, &key);

    /* Go on in a fresh delta; the full one stays in the chain. */
    if (is_half_full(delta)) {
        uint32_t full = (uint32_t)((char *)delta - overlay->base);
        uint32_t fresh = add_delta(overlay, delta->hash, &key);
        index_move(&overlay->deltas, overlay->base, full, fresh);
        delta = at(overlay, fresh);
    }
    delta->t += (int32_t)count->add[COUNT_T];
    delta->n += (int32_t)count->add[COUNT_N];
    delta->e += (int32_t)count->add[COUNT_E];
    counter_add(&delta->d, count->add[COUNT_D]);
    for (int i = 0; i < 5; i++)
        delta->u[i] += (int32_t)count->add[COUNT_U_HOUR + i];
}

static void apply_drop(struct overlay *overlay, uint32_t app)
{
    struct key key = key_app(app);

    touch_put(overlay, TABLE_DROPS, key_text(&key))->erased = false;
    overlay->dropped =
        memory_resize(overlay->dropped,
                      (overlay->dropped_count + 1) * sizeof(*overlay->dropped));
    overlay->dropped[overlay->dropped_count++] = app;
}

void overlay_apply(struct overlay *overlay, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PUT:
        apply_put(overlay, effect);
        break;
    case EFFECT_ERASE:
        apply_erase(overlay, effect);
        break;
    case EFFECT_HIT:
        apply_hit(overlay, &effect->hit);
        break;
    case EFFECT_COUNT:
        apply_count(overlay, &effect->count);
        break;
    case EFFECT_MARK:
        apply_mark(overlay, &effect->mark);
        break;
    case EFFECT_DROP:
        apply_drop(overlay, effect->app);
        break;
    }
}

bool overlay_has_dropped(const struct overlay *overlay, uint32_t app)
{
    for (unsigned i = 0; i < overlay->dropped_count; i++) {
        if (overlay->dropped[i] == app)
            return true;
    }
    return false;
}

/* Walks. */

const struct overlay_day *overlay_first_day(const struct overlay *overlay,
                                            uint32_t app, uint32_t set)
{
    struct delta_key key = {.app = app, .set = set};
    uint32_t hash = hash_series(overlay, &key);
    const struct series *series =
        at_or_null(overlay, index_find(&overlay->series, overlay->base, hash,
                                       same_series, &key));

    return series ? at_or_null(overlay, series->first) : NULL;
}

const struct overlay_day *overlay_next_day(const struct overlay *overlay,
                                           const struct overlay_day *day)
{
    return at_or_null(overlay, day->next);
}

const struct overlay_delta *overlay_first_delta(const struct overlay *overlay,
                                                const struct overlay_day *day)
{
    return at_or_null(overlay, day->first);
}

const struct overlay_delta *
overlay_next_delta(const struct overlay *overlay,
                   const struct overlay_delta *delta)
{
    return at_or_null(overlay, delta->next);
}

const struct overlay_delta **overlay_deltas(const struct overlay *overlay,
                                            size_t *count)
{
    const struct overlay_delta **list =
        memory_alloc((overlay->deltas.count + 1) * sizeof(*list));
    size_t found = 0;
    size_t room = overlay->deltas.count + 1;

    for (uint32_t i = 0; i < overlay->days.room; i++) {
        const struct overlay_day *day =
            at_or_null(overlay, overlay->days.slots[i]);
        if (!day)
            continue;
        const struct overlay_delta *delta = overlay_first_delta(overlay, day);
        for (; delta; delta = overlay_next_delta(overlay, delta)) {
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

const struct overlay_marks **overlay_all_marks(const struct overlay *overlay,
                                               size_t *count)
{
    const struct overlay_marks **list =
        memory_alloc((overlay->marks.count + 1) * sizeof(*list));
    size_t found = 0;

    for (uint32_t i = 0; i < overlay->marks.room; i++) {
        if (overlay->marks.slots[i])
            list[found++] = at(overlay, overlay->marks.slots[i]);
    }
    *count = found;
    return list;
}
