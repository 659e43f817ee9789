#include "workload.h"

#include <stdlib.h>

#include "engine/key.h"
#include "engine/memory.h"
#include "engine/pack.h"

struct workload workload_begin(uint64_t seed)
{
    struct workload workload = {.random = seed * 2654435761u + 1,
                                .last_app = WORKLOAD_APPS};

    for (unsigned i = 0; i < WORKLOAD_APPS; i++)
        workload.apps[i] = i + 1;
    return workload;
}

uint32_t workload_random(struct workload *workload, uint32_t below)
{
    /* splitmix64 */
    workload->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = workload->random;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static uint32_t any_app(struct workload *workload)
{
    return workload->apps[workload_random(workload, WORKLOAD_APPS)];
}

static uint32_t any_ordinal(struct workload *workload)
{
    return model_ordinal(workload_random(workload, MODEL_USERS));
}

static int32_t any_hour(struct workload *workload)
{
    int32_t day = model_day(workload_random(workload, MODEL_DAYS));

    return day * 24 + (int32_t)workload_random(workload, 24);
}

/* One of the first `below` users; user 0 is always there. */
static unsigned any_present(struct workload *workload, unsigned which,
                            unsigned below)
{
    unsigned user = workload_random(workload, below);

    return workload->gone[which][user] ? 0 : user;
}

static void add_hit(struct workload *workload, struct batch *batch)
{
    unsigned which = workload_random(workload, WORKLOAD_APPS);
    struct hit hit = {
        .app = workload->apps[which],
        .ordinal = model_ordinal(any_present(workload, which, MODEL_USERS)),
        .hour = any_hour(workload),
        .seconds = workload_random(workload, 1000000) + 1,
        .set = model_set(0),
        .counts = (uint8_t)(workload_random(workload, 256) | HIT_T),
        .item_count = workload_random(workload, 4),
    };

    for (unsigned i = 0; i < hit.item_count; i++) {
        unsigned value = workload_random(workload, MODEL_VALUES - 1) + 1;
        hit.items[i] = (struct hit_item){
            model_set(workload_random(workload, MODEL_SETS)),
            model_value(value), (uint8_t)workload_random(workload, 128)};
    }
    effect_hit(batch, &hit);
}

static void add_count(struct workload *workload, struct batch *batch)
{
    struct count count = {
        .app = any_app(workload),
        .set = model_set(workload_random(workload, MODEL_SETS)),
        .value = model_value(workload_random(workload, MODEL_VALUES)),
        .hour = any_hour(workload),
    };
    bool large = workload_random(workload, 8) == 0;
    int64_t most = large ? COUNT_ADD_MAX : 2;

    for (int i = 0; i < COUNT_FIELDS; i++)
        count.add[i] =
            (int64_t)workload_random(workload, (uint32_t)most * 2 + 1) - most;
    if (count.value != 0)
        count.add[COUNT_U_HOUR] = 0;
    effect_count(batch, &count);
}

static void add_mark(struct workload *workload, struct batch *batch)
{
    struct mark mark = {
        .app = any_app(workload),
        .ordinal = any_ordinal(workload),
        .day = model_day(workload_random(workload, MODEL_DAYS)),
    };

    if (workload_random(workload, 2) == 0) {
        mark.set = model_set(workload_random(workload, MODEL_SETS));
        mark.value = model_value(workload_random(workload, MODEL_VALUES));
    }
    effect_mark(batch, &mark);
}

static struct model_record any_record(struct workload *workload, uint32_t most)
{
    struct model_record record = {.there = true,
                                  .len = workload_random(workload, most + 1)};

    if (record.len > 0)
        record.first = (uint8_t)workload_random(workload, 256);
    return record;
}

static void add_record(struct workload *workload, struct batch *batch)
{
    char bytes[MODEL_RECORD_MAX];
    unsigned table = workload_random(workload, MODEL_TABLES);
    bool any_length =
        model_table(table) == TABLE_COLD || model_table(table) == TABLE_RECORDS;
    unsigned which = workload_random(workload, WORKLOAD_APPS);
    unsigned user = workload_random(workload, MODEL_USERS);
    struct key key = model_record_key(table, workload->apps[which], user);
    struct model_record record = any_record(workload, any_length ? 9000 : 150);

    bool is_user = model_table(table) == TABLE_USERS;
    if (workload_random(workload, 5) != 0 || (is_user && user == 0)) {
        effect_put(batch, model_table(table), key_text(&key),
                   model_record_text(&record, bytes));
        return;
    }
    effect_erase(batch, model_table(table), key_text(&key));
    workload->gone[which][user] |= is_user;
}

/* To a lower one: no circles. */
static void add_alias(struct workload *workload, struct batch *batch)
{
    unsigned which = workload_random(workload, WORKLOAD_APPS);
    unsigned from = workload_random(workload, MODEL_USERS - 1) + 1;
    unsigned to = any_present(workload, which, from);
    struct key key = key_user(workload->apps[which], model_ordinal(from));
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    workload->gone[which][from] = true;
    pack_u32(&pack, model_ordinal(to));
    effect_put(batch, TABLE_ALIASES, key_text(&key),
               (struct text){(char *)bytes, sizeof(bytes)});
}

static void add_document(struct workload *workload, struct batch *batch)
{
    char bytes[MODEL_RECORD_MAX];
    struct text name =
        model_document_name(workload_random(workload, MODEL_DOCUMENTS));
    struct model_record record = any_record(workload, 9000);

    if (workload_random(workload, 4) == 0)
        effect_erase_document(batch, MODEL_KIND, name);
    else
        effect_put_document(batch, MODEL_KIND, name,
                            model_record_text(&record, bytes));
}

static void add_drop(struct workload *workload, struct batch *batch)
{
    unsigned which = workload_random(workload, WORKLOAD_APPS);

    if (workload_random(workload, 16) != 0 || workload->last_app == MODEL_APPS)
        return;
    effect_drop(batch, workload->apps[which]);
    workload->apps[which] = ++workload->last_app;
    memset(workload->gone[which], 0, sizeof(workload->gone[which]));
}

static void add_position(struct workload *workload, struct batch *batch)
{
    uint8_t bytes[4];
    struct pack pack = pack_into(bytes, sizeof(bytes));

    pack_u32(&pack, ++workload->position);
    effect_put_document(batch, MODEL_KIND_AT, TEXT("at"),
                        (struct text){(char *)bytes, sizeof(bytes)});
}

void workload_next(struct workload *workload, struct batch *batch,
                   unsigned effects)
{
    /* A kind that stands more often comes more often. */
    static void (*const kinds[])(struct workload *, struct batch *) = {
        add_hit,    add_hit,    add_hit,    add_count,    add_count, add_mark,
        add_record, add_record, add_record, add_document, add_alias, add_drop,
    };
    unsigned count = workload_random(workload, effects) + 1;

    batch_clear(batch);
    for (unsigned i = 0; i < count; i++)
        kinds[workload_random(workload, sizeof(kinds) / sizeof(kinds[0]))](
            workload, batch);
    add_position(workload, batch);
}

struct model *workload_model(uint64_t seed, uint32_t batches, unsigned effects)
{
    struct model *model = memory_alloc(sizeof(*model));
    struct workload workload = workload_begin(seed);
    struct batch batch;

    batch_init(&batch);
    while (workload.position < batches) {
        workload_next(&workload, &batch, effects);
        model_apply(model, &batch);
    }
    batch_finish(&batch);
    return model;
}
