/*
 * One effect in the log:
 *
 *   kind u8, then
 *   PUT    table u8, key len var, key, value len var, value
 *   ERASE  table u8, key len var, key
 *   HIT    app var, ordinal var, hour zigzag, seconds u32, set var, counts u8,
 *          items var, then per item: set var, value var, counts u8
 *   COUNT  app var, set var, value var, hour zigzag, fields u16, then one
 *          zigzag per bit of fields; the highest bit says no_hour instead
 *   MARK   app var, ordinal var, set var, value var, day zigzag
 *   DROP   app var
 */
#include "engine/effect.h"

#include <assert.h>

#include "engine/date.h"
#include "engine/key.h"
#include "engine/pack.h"
#include "engine/puts.h"

enum {
    HEAD_MAX = 16,
    HIT_MAX = 40 + 11 * EFFECT_HIT_ITEMS_MAX,
    COUNT_MAX = 40 + 10 * COUNT_FIELDS,
    HOUR_MAX = 24 * 65536,
    FIELDS_NO_HOUR = 0x8000,
    LARGE_BATCH = 4096, /* bytes */
};

void batch_init(struct batch *batch)
{
    buffer_init(&batch->bytes, BATCH_SIZE_MAX);
    batch->has_documents = false;
    batch->is_broken = false;
    batch->puts = NULL;
}

void batch_finish(struct batch *batch)
{
    buffer_finish(&batch->bytes);
    puts_destroy(batch->puts);
    batch->puts = NULL;
}

void batch_clear(struct batch *batch)
{
    if (batch->puts)
        puts_clear(batch->puts);
    buffer_clear(&batch->bytes);
    batch->has_documents = false;
    batch->is_broken = false;
}

bool batch_is_whole(const struct batch *batch)
{
    return buffer_is_whole(&batch->bytes) && !batch->is_broken;
}

bool batch_is_empty(const struct batch *batch)
{
    return batch->bytes.len == 0;
}

size_t batch_size(const struct batch *batch)
{
    return batch->bytes.len;
}

void batch_cut(struct batch *batch, size_t size)
{
    bool has_documents = batch->has_documents && size > 0;

    batch_clear(batch);
    batch->bytes.len = size;
    batch->has_documents = has_documents;
}

void batch_drop(struct batch *batch, size_t size)
{
    size_t left = batch->bytes.len - size;
    bool has_documents = batch->has_documents && left > 0;

    if (left > 0)
        memmove(batch->bytes.at, batch->bytes.at + size, left);
    batch_clear(batch);
    batch->bytes.len = left;
    batch->has_documents = has_documents;
}

void batch_append(struct batch *batch, const struct batch *other)
{
    buffer_add_text(&batch->bytes, buffer_text(&other->bytes));
    batch->has_documents |= other->has_documents;
    batch->is_broken |= other->is_broken;
}

static bool is_keyed(enum table table)
{
    return table > TABLE_YEARS && table < TABLE_COUNT &&
           table != TABLE_ACTIVE && table != TABLE_COLUMNS;
}

static bool is_hour(int64_t hour)
{
    return hour >= 0 && hour < HOUR_MAX;
}

static bool is_addend(enum count_field field, int64_t value)
{
    return field == COUNT_D ||
           (value <= COUNT_ADD_MAX && value >= -COUNT_ADD_MAX);
}

static struct pack start(struct batch *batch, enum effect_kind kind,
                         size_t room)
{
    if (!buffer_reserve(&batch->bytes, room))
        return (struct pack){.bad = true};

    struct pack pack = pack_into(batch->bytes.at + batch->bytes.len, room);
    pack_u8(&pack, (uint8_t)kind);
    return pack;
}

static void finish(struct batch *batch, struct pack pack)
{
    if (!pack.bad)
        batch->bytes.len = (size_t)((char *)pack.at - batch->bytes.at);
}

void effect_put(struct batch *batch, enum table table, struct text key,
                struct text value)
{
    assert(is_keyed(table) && key.len > 0 && key.len <= EFFECT_KEY_MAX);
    struct pack pack = start(batch, EFFECT_PUT, HEAD_MAX + key.len + value.len);

    pack_u8(&pack, (uint8_t)table);
    pack_var(&pack, key.len);
    pack_bytes(&pack, key.at, key.len);
    pack_var(&pack, value.len);
    pack_bytes(&pack, value.at, value.len);
    finish(batch, pack);
    if (batch->bytes.len > LARGE_BATCH && !batch->puts)
        batch->puts = puts_create();
}

void effect_erase(struct batch *batch, enum table table, struct text key)
{
    assert(is_keyed(table) && key.len > 0 && key.len <= EFFECT_KEY_MAX);
    struct pack pack = start(batch, EFFECT_ERASE, HEAD_MAX + key.len);

    pack_u8(&pack, (uint8_t)table);
    pack_var(&pack, key.len);
    pack_bytes(&pack, key.at, key.len);
    finish(batch, pack);
}

void effect_hit(struct batch *batch, const struct hit *hit)
{
    struct pack pack = start(batch, EFFECT_HIT, HIT_MAX);

    if (hit->item_count > EFFECT_HIT_ITEMS_MAX || !is_hour(hit->hour)) {
        batch->is_broken = true;
        return;
    }
    pack_var(&pack, hit->app);
    pack_var(&pack, hit->ordinal);
    pack_zigzag(&pack, hit->hour);
    pack_u32(&pack, hit->seconds);
    pack_var(&pack, hit->set);
    pack_u8(&pack, hit->counts);
    pack_var(&pack, hit->item_count);
    for (unsigned i = 0; i < hit->item_count; i++) {
        pack_var(&pack, hit->items[i].set);
        pack_var(&pack, hit->items[i].value);
        pack_u8(&pack, hit->items[i].counts);
    }
    finish(batch, pack);
}

void effect_count(struct batch *batch, const struct count *count)
{
    struct pack pack = start(batch, EFFECT_COUNT, COUNT_MAX);
    uint16_t fields = count->no_hour ? FIELDS_NO_HOUR : 0;

    if (!is_hour(count->hour))
        batch->is_broken = true;
    for (int i = 0; i < COUNT_FIELDS; i++) {
        fields |= (uint16_t)((count->add[i] != 0) << i);
        if (!is_addend((enum count_field)i, count->add[i]))
            batch->is_broken = true;
    }
    pack_var(&pack, count->app);
    pack_var(&pack, count->set);
    pack_var(&pack, count->value);
    pack_zigzag(&pack, count->hour);
    pack_u16(&pack, fields);
    for (int i = 0; i < COUNT_FIELDS; i++) {
        if (count->add[i] != 0)
            pack_zigzag(&pack, count->add[i]);
    }
    finish(batch, pack);
}

void effect_mark(struct batch *batch, const struct mark *mark)
{
    struct pack pack = start(batch, EFFECT_MARK, HEAD_MAX + 25);

    if (mark->day < 0 || mark->day > UINT16_MAX)
        batch->is_broken = true;
    pack_var(&pack, mark->app);
    pack_var(&pack, mark->ordinal);
    pack_var(&pack, mark->set);
    pack_var(&pack, mark->value);
    pack_zigzag(&pack, mark->day);
    finish(batch, pack);
}

void effect_drop(struct batch *batch, uint32_t app)
{
    struct pack pack = start(batch, EFFECT_DROP, HEAD_MAX);

    pack_var(&pack, app);
    finish(batch, pack);
}

void effect_put_document(struct batch *batch, uint8_t kind, struct text name,
                         struct text value)
{
    struct key key = key_document(kind, name);

    effect_put(batch, TABLE_DOCUMENTS, key_text(&key), value);
    batch->has_documents = true;
}

void effect_erase_document(struct batch *batch, uint8_t kind, struct text name)
{
    struct key key = key_document(kind, name);

    effect_erase(batch, TABLE_DOCUMENTS, key_text(&key));
    batch->has_documents = true;
}

/* An hour outside the calendar would make a key that sorts wrongly. */
static int32_t read_hour(struct unpack *unpack)
{
    int64_t hour = unpack_zigzag(unpack);

    if (!is_hour(hour))
        unpack->bad = true;
    return (int32_t)hour;
}

static void read_keyed(struct unpack *unpack, struct effect *effect)
{
    effect->table = (enum table)unpack_u8(unpack);
    effect->key = unpack_text(unpack, unpack_var(unpack));
    if (!is_keyed(effect->table) || effect->key.len == 0 ||
        effect->key.len > EFFECT_KEY_MAX)
        unpack->bad = true;
    if (effect->kind == EFFECT_PUT)
        effect->value = unpack_text(unpack, unpack_var(unpack));
}

static void read_hit(struct unpack *unpack, struct hit *hit)
{
    hit->app = unpack_var32(unpack);
    hit->ordinal = unpack_var32(unpack);
    hit->hour = read_hour(unpack);
    hit->seconds = unpack_u32(unpack);
    hit->set = unpack_var32(unpack);
    hit->counts = unpack_u8(unpack);
    hit->item_count = unpack_var32(unpack);
    if (hit->item_count > EFFECT_HIT_ITEMS_MAX) {
        unpack->bad = true;
        return;
    }
    for (unsigned i = 0; i < hit->item_count; i++) {
        hit->items[i].set = unpack_var32(unpack);
        hit->items[i].value = unpack_var32(unpack);
        hit->items[i].counts = unpack_u8(unpack);
    }
}

static void read_count(struct unpack *unpack, struct count *count)
{
    count->app = unpack_var32(unpack);
    count->set = unpack_var32(unpack);
    count->value = unpack_var32(unpack);
    count->hour = read_hour(unpack);
    unsigned fields = unpack_u16(unpack);
    count->no_hour = fields & FIELDS_NO_HOUR;
    fields &= ~(unsigned)FIELDS_NO_HOUR;
    if (fields >= 1u << COUNT_FIELDS)
        unpack->bad = true;
    for (int i = 0; i < COUNT_FIELDS; i++) {
        count->add[i] = fields >> i & 1 ? unpack_zigzag(unpack) : 0;
        if (!is_addend((enum count_field)i, count->add[i]))
            unpack->bad = true;
    }
}

static void read_mark(struct unpack *unpack, struct mark *mark)
{
    mark->app = unpack_var32(unpack);
    mark->ordinal = unpack_var32(unpack);
    mark->set = unpack_var32(unpack);
    mark->value = unpack_var32(unpack);
    int64_t day = unpack_zigzag(unpack);
    if (day < 0 || day > UINT16_MAX)
        unpack->bad = true;
    mark->day = (int32_t)day;
}

enum tally_err effect_read(struct text bytes, size_t *at, struct effect *effect)
{
    struct text rest = {bytes.at + *at, bytes.len - *at};
    struct unpack unpack = unpack_from(rest);

    effect->kind = (enum effect_kind)unpack_u8(&unpack);
    switch (effect->kind) {
    case EFFECT_PUT:
    case EFFECT_ERASE:
        read_keyed(&unpack, effect);
        break;
    case EFFECT_HIT:
        read_hit(&unpack, &effect->hit);
        break;
    case EFFECT_COUNT:
        read_count(&unpack, &effect->count);
        break;
    case EFFECT_MARK:
        read_mark(&unpack, &effect->mark);
        break;
    case EFFECT_DROP:
        effect->app = unpack_var32(&unpack);
        break;
    default:
        unpack.bad = true;
    }
    if (unpack.bad)
        return TALLY_ERR_CORRUPT;

    *at = bytes.len - unpack_left(&unpack);
    return TALLY_OK;
}

enum batch_answer batch_ask(const struct batch *batch, enum table table,
                            struct text key, struct text *value)
{
    struct effect effect;
    size_t at = 0;
    enum batch_answer answer = BATCH_LEAVES;

    if (batch && batch->puts)
        return puts_find(batch->puts, buffer_text(&batch->bytes), table, key,
                         value);
    while (batch && at < batch->bytes.len &&
           effect_read(buffer_text(&batch->bytes), &at, &effect) == TALLY_OK) {
        bool keyed = effect.kind == EFFECT_PUT || effect.kind == EFFECT_ERASE;
        if (!keyed || effect.table != table || !text_equal(effect.key, key))
            continue;
        answer = effect.kind == EFFECT_PUT ? BATCH_PUTS : BATCH_ERASES;
        *value = effect.value;
    }
    return answer;
}

bool batch_find(const struct batch *batch, enum table table, struct text key,
                struct text *value)
{
    return batch_ask(batch, table, key, value) == BATCH_PUTS;
}

bool batch_counts_elsewhere(const struct batch *batch, uint32_t app,
                            uint32_t set, uint32_t value, int year)
{
    struct text bytes = buffer_text(&batch->bytes);
    struct count wanted = {.app = app, .set = set, .value = value};
    struct effect effect;
    bool elsewhere = false;
    size_t at = 0;

    if (batch->puts)
        return puts_count_elsewhere(batch->puts, bytes, &wanted, year);
    while (at < bytes.len && effect_read(bytes, &at, &effect) == TALLY_OK) {
        const struct count *count = &effect.count;
        if (effect.kind != EFFECT_COUNT || count->app != app ||
            count->set != set || count->value != value ||
            count->add[COUNT_T] == 0)
            continue;
        if (date_of_day(count->hour / 24).year == year)
            return false;
        elsewhere = true;
    }
    return elsewhere;
}
