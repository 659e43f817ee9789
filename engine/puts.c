#include "engine/puts.h"

#include <stdlib.h>

#include "engine/date.h"
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

static void add(struct puts *puts, uint64_t hash, size_t at)
{
    uint32_t *head = &puts->heads[hash % PUTS_HEADS];

    puts->list = memory_one_more(puts->list, puts->count, &puts->room,
                                 sizeof(*puts->list));
    puts->list[puts->count++] = (struct put_place){hash, (uint32_t)at, *head};
    *head = (uint32_t)puts->count;
}

static uint64_t hash_of_value(const struct puts *puts,
                              const struct count *value)
{
    uint32_t numbers[] = {value->app, value->set, value->value};
    struct text text = {(const char *)numbers, sizeof(numbers)};

    return hash_of(puts, TABLE_COUNT, text);
}

static int year_of(const struct count *count)
{
    return date_of_day(count->hour / 24).year;
}

static bool is_of_value(const struct effect *effect, const struct count *value)
{
    return effect->kind == EFFECT_COUNT && effect->count.app == value->app &&
           effect->count.set == value->set &&
           effect->count.value == value->value;
}

/* In how many years the value counts; `in_year` says whether in this one. */
static unsigned count_years(const struct puts *puts, struct text effects,
                            uint64_t hash, const struct count *value, int year,
                            bool *in_year)
{
    unsigned years = 0;

    *in_year = false;
    for (uint32_t i = puts->heads[hash % PUTS_HEADS]; i != 0;
         i = puts->list[i - 1].next) {
        struct effect effect;
        size_t at = puts->list[i - 1].at;
        if (puts->list[i - 1].hash != hash ||
            effect_read(effects, &at, &effect) != TALLY_OK ||
            !is_of_value(&effect, value))
            continue;
        years++;
        *in_year = *in_year || year_of(&effect.count) == year;
    }
    return years;
}

/* The first of each year. */
static void add_count(struct puts *puts, struct text effects,
                      const struct count *count, size_t at)
{
    uint64_t hash = hash_of_value(puts, count);
    bool is_known;

    if (count->value == 0 || count->add[COUNT_T] == 0)
        return;
    count_years(puts, effects, hash, count, year_of(count), &is_known);
    if (!is_known)
        add(puts, hash, at);
}

static void look_through(struct puts *puts, struct text effects)
{
    while (puts->seen < effects.len) {
        struct effect effect;
        size_t at = puts->seen;
        if (effect_read(effects, &puts->seen, &effect) != TALLY_OK)
            return;
        if (effect.kind == EFFECT_PUT || effect.kind == EFFECT_ERASE)
            add(puts, hash_of(puts, effect.table, effect.key), at);
        else if (effect.kind == EFFECT_COUNT)
            add_count(puts, effects, &effect.count, at);
    }
}

enum batch_answer puts_find(struct puts *puts, struct text effects,
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
            effect.kind == EFFECT_COUNT || effect.table != table ||
            !text_equal(effect.key, key))
            continue;
        *value = effect.value;
        return effect.kind == EFFECT_PUT ? BATCH_PUTS : BATCH_ERASES;
    }
    return BATCH_LEAVES;
}

bool puts_count_elsewhere(struct puts *puts, struct text effects,
                          const struct count *value, int year)
{
    bool in_year;

    look_through(puts, effects);
    unsigned years = count_years(puts, effects, hash_of_value(puts, value),
                                 value, year, &in_year);
    return years > 0 && !in_year;
}
