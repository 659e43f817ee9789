#include "engine/puts.h"

#include <stdlib.h>

#include "engine/effect.h"
#include "engine/memory.h"

struct puts *puts_create(void)
{
    struct puts *puts = memory_alloc(sizeof(*puts));

    hash_key_random(&puts->key);
    return puts;
}

void puts_destroy(struct puts *puts)
{
    if (!puts)
        return;
    free(puts->list);
    free(puts);
}

void puts_clear(struct puts *puts)
{
    if (puts->count > 0)
        memset(puts->heads, 0, sizeof(puts->heads));
    puts->count = 0;
    puts->seen = 0;
}

static uint64_t hash_of(const struct puts *puts, enum table table,
                        struct text key)
{
    return hash_text(&puts->key, key) + (uint64_t)table;
}

static void add(struct puts *puts, const struct effect *effect, size_t at)
{
    uint64_t hash = hash_of(puts, effect->table, effect->key);
    uint32_t *head = &puts->heads[hash % PUTS_HEADS];

    puts->list = memory_one_more(puts->list, puts->count, &puts->room,
                                 sizeof(*puts->list));
    puts->list[puts->count++] = (struct put_place){hash, (uint32_t)at, *head};
    *head = (uint32_t)puts->count;
}

static void look_through(struct puts *puts, struct text effects)
{
    while (puts->seen < effects.len) {
        struct effect effect;
        size_t at = puts->seen;
        if (effect_read(effects, &puts->seen, &effect) != TALLY_OK)
            return;
        if (effect.kind == EFFECT_PUT || effect.kind == EFFECT_ERASE)
            add(puts, &effect, at);
    }
}

enum puts_answer puts_find(struct puts *puts, struct text effects,
                           enum table table, struct text key,
                           struct text *value)
{
    uint64_t hash = hash_of(puts, table, key);

    look_through(puts, effects);
    for (uint32_t i = puts->heads[hash % PUTS_HEADS]; i != 0;
         i = puts->list[i - 1].next) {
        struct effect effect;
        size_t at = puts->list[i - 1].at;
        if (puts->list[i - 1].hash != hash ||
            effect_read(effects, &at, &effect) != TALLY_OK ||
            effect.table != table || !text_equal(effect.key, key))
            continue;
        *value = effect.value;
        return effect.kind == EFFECT_PUT ? PUTS_FOUND : PUTS_ERASED;
    }
    return PUTS_NONE;
}
