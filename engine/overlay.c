#include "engine/overlay.h"

#include <stdlib.h>

#include "engine/hash.h"
#include "engine/index.h"
#include "engine/key.h"
#include "engine/memory.h"
#include "engine/region.h"

enum {
    /* Worst case: an item of three bytes makes a delta, its day, its series,
     * its marks and their first run. */
    BYTES_PER_BYTE = 80,
    BYTES_AT_LEAST = 1024,
};

struct overlay {
    struct region region;
    struct index puts;
    struct deltas deltas;
    struct marks marks;
    uint32_t tables[TABLE_COUNT]; /* first put of each */
    struct hash_key key;
    uint32_t *dropped;
    unsigned dropped_count;
};

struct overlay *overlay_create(size_t bytes)
{
    struct overlay *overlay = memory_alloc(sizeof(*overlay));

    region_init(&overlay->region, bytes);
    deltas_init(&overlay->deltas, &overlay->region);
    marks_init(&overlay->marks, &overlay->region);
    hash_key_random(&overlay->key);
    return overlay;
}

static void clear_indexes(struct overlay *overlay)
{
    index_clear(&overlay->puts);
    deltas_clear(&overlay->deltas);
    marks_clear(&overlay->marks);
    free(overlay->dropped);
    overlay->dropped = NULL;
    overlay->dropped_count = 0;
}

void overlay_destroy(struct overlay *overlay)
{
    if (!overlay)
        return;

    clear_indexes(overlay);
    region_finish(&overlay->region);
    free(overlay);
}

void overlay_clear(struct overlay *overlay)
{
    clear_indexes(overlay);
    memset(overlay->tables, 0, sizeof(overlay->tables));
    region_clear(&overlay->region);
}

size_t overlay_used(const struct overlay *overlay)
{
    return region_used(&overlay->region);
}

bool overlay_is_empty(const struct overlay *overlay)
{
    return region_is_empty(&overlay->region) && overlay->dropped_count == 0;
}

size_t overlay_need(size_t len)
{
    return BYTES_AT_LEAST + len * BYTES_PER_BYTE;
}

const struct deltas *overlay_deltas(const struct overlay *overlay)
{
    return &overlay->deltas;
}

const struct marks *overlay_marks(const struct overlay *overlay)
{
    return &overlay->marks;
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
    uint32_t hash = overlay->region.seed;
    size_t i = 0;

    for (; key.len - i >= sizeof(uint32_t); i += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, key.at + i, sizeof(word));
        hash = index_mix(hash, word);
    }
    for (; i < key.len; i++)
        hash = index_mix(hash, (unsigned char)key.at[i]);
    return hash;
}

/* Keys that a client may choose. */
static bool is_chosen(enum table table)
{
    return table == TABLE_NAMES || table == TABLE_DOCUMENTS ||
           table == TABLE_RECORDS;
}

static uint32_t hash_put(const struct overlay *overlay, enum table table,
                         struct text key)
{
    if (!is_chosen(table))
        return index_mix(hash_numbers(overlay, key), (uint32_t)table);
    return index_mix((uint32_t)hash_text(&overlay->key, key), (uint32_t)table);
}

static uint32_t find_put(const struct overlay *overlay, uint32_t hash,
                         enum table table, struct text key)
{
    struct put_key wanted = {table, key};

    return index_find(&overlay->puts, overlay->region.base, hash, same_put,
                      &wanted);
}

static struct overlay_put *add_put(struct overlay *overlay, uint32_t hash,
                                   enum table table, struct text key)
{
    uint32_t place =
        region_take(&overlay->region, sizeof(struct overlay_put) + key.len);
    struct overlay_put *put = region_at(&overlay->region, place);

    put->hash = hash;
    put->next = overlay->tables[table];
    put->table = (uint8_t)table;
    put->key_len = (uint16_t)key.len;
    memcpy(put->key, key.at, key.len);
    overlay->tables[table] = place;
    index_add(&overlay->puts, overlay->region.base, place);
    return put;
}

static struct overlay_put *touch_put(struct overlay *overlay, enum table table,
                                     struct text key)
{
    uint32_t hash = hash_put(overlay, table, key);
    uint32_t place = find_put(overlay, hash, table, key);

    return place ? region_at(&overlay->region, place)
                 : add_put(overlay, hash, table, key);
}

static void apply_put(struct overlay *overlay, const struct effect *effect)
{
    struct overlay_put *put = touch_put(overlay, effect->table, effect->key);
    struct text value = effect->value;

    if (value.len > put->value_room) {
        /* A little room for growth: user records lengthen as they age. */
        put->value_room = (uint32_t)(value.len + 7) / 8 * 8;
        put->value = region_take(&overlay->region, put->value_room);
    }
    if (value.len > 0)
        memcpy(region_at(&overlay->region, put->value), value.at, value.len);
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

    return region_at_or_null(&overlay->region,
                             find_put(overlay, hash, table, key));
}

struct text overlay_key(const struct overlay_put *put)
{
    return (struct text){put->key, put->key_len};
}

struct text overlay_value(const struct overlay *overlay,
                          const struct overlay_put *put)
{
    return (struct text){region_at(&overlay->region, put->value),
                         put->value_len};
}

const struct overlay_put *overlay_first_put(const struct overlay *overlay,
                                            enum table table)
{
    return region_at_or_null(&overlay->region, overlay->tables[table]);
}

const struct overlay_put *overlay_next_put(const struct overlay *overlay,
                                           const struct overlay_put *put)
{
    return region_at_or_null(&overlay->region, put->next);
}

/* Effects. */

static void mark_hit(struct overlay *overlay, const struct hit *hit,
                     uint32_t set, uint32_t value)
{
    struct mark mark = {.app = hit->app,
                        .ordinal = hit->ordinal,
                        .set = set,
                        .value = value,
                        .day = hit->hour / 24};

    marks_add(&overlay->marks, &mark);
}

static void apply_hit(struct overlay *overlay, const struct hit *hit)
{
    struct hit_item whole = {hit->set, 0, hit->counts};

    deltas_hit(&overlay->deltas, hit, &whole);
    if (hit->counts & HIT_MARK)
        mark_hit(overlay, hit, 0, 0);
    for (unsigned i = 0; i < hit->item_count; i++) {
        const struct hit_item *item = &hit->items[i];
        deltas_hit(&overlay->deltas, hit, item);
        if (item->counts & HIT_MARK)
            mark_hit(overlay, hit, item->set, item->value);
    }
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
        deltas_count(&overlay->deltas, &effect->count);
        break;
    case EFFECT_MARK:
        marks_add(&overlay->marks, &effect->mark);
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
