#include "engine/key.h"

#include <assert.h>

#include "engine/pack.h"

static struct key finish(struct key *key, struct pack pack)
{
    assert(!pack.bad);
    key->len = (size_t)(pack.at - key->bytes);
    return *key;
}

static struct pack start(struct key *key)
{
    return pack_into(key->bytes, sizeof(key->bytes));
}

static uint16_t day_number(int32_t day)
{
    if (day < 0)
        return 0;
    return day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

struct key key_hours(uint32_t app, uint32_t set, int32_t day)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_u16(&pack, day_number(day));
    return finish(&key, pack);
}

static struct key four(uint32_t app, uint32_t set, uint16_t time,
                       uint32_t block)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_u16(&pack, time);
    pack_u32(&pack, block);
    return finish(&key, pack);
}

struct key key_days(uint32_t app, uint32_t set, int32_t day, uint32_t block)
{
    return four(app, set, day_number(day), block);
}

struct key key_years(uint32_t app, uint32_t set, int year, uint32_t block)
{
    return four(app, set, (uint16_t)year, block);
}

struct key key_user(uint32_t app, uint32_t ordinal)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, ordinal);
    return finish(&key, pack);
}

struct key key_hash(uint32_t app, const uint8_t hash[static KEY_HASH_SIZE])
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_bytes(&pack, hash, KEY_HASH_SIZE);
    return finish(&key, pack);
}

struct key key_name(uint32_t app, uint32_t set, struct text string)
{
    assert(string.len <= KEY_NAME_MAX);
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_bytes(&pack, string.at, string.len);
    return finish(&key, pack);
}

struct key key_string(uint32_t app, uint32_t set, uint32_t value)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_u32(&pack, value);
    return finish(&key, pack);
}

struct key key_sequence(uint32_t app, uint32_t set, int year)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_u16(&pack, (uint16_t)year);
    return finish(&key, pack);
}

struct key key_active(uint32_t app, int32_t day, uint32_t chunk)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u16(&pack, day_number(day));
    pack_u16(&pack, (uint16_t)chunk);
    return finish(&key, pack);
}

struct key key_column(uint32_t app, uint32_t set, int32_t day, uint64_t lsn,
                      uint16_t part)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, set);
    pack_u16(&pack, day_number(day));
    pack_u64(&pack, lsn);
    pack_u16(&pack, part);
    return finish(&key, pack);
}

struct key key_app(uint32_t app)
{
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    return finish(&key, pack);
}

struct key key_document(uint8_t kind, struct text name)
{
    assert(name.len > 0 && name.len <= KEY_DOCUMENT_MAX);
    struct key key;
    struct pack pack = start(&key);

    pack_u8(&pack, kind);
    pack_bytes(&pack, name.at, name.len);
    return finish(&key, pack);
}

struct key key_record(uint32_t app, uint32_t shelf, struct text name)
{
    assert(name.len <= KEY_RECORD_MAX);
    struct key key;
    struct pack pack = start(&key);

    pack_u32(&pack, app);
    pack_u32(&pack, shelf);
    pack_bytes(&pack, name.at, name.len);
    return finish(&key, pack);
}
