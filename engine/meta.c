#include "engine/meta.h"

#include "engine/format.h"
#include "engine/pack.h"

struct text meta_pack(const struct store_meta *meta,
                      uint8_t bytes[static META_SIZE])
{
    struct pack pack = pack_into(bytes, META_SIZE);

    pack_u32(&pack, FORMAT_BASE);
    pack_bytes(&pack, meta->uuid, sizeof(meta->uuid));
    pack_u64(&pack, meta->from);
    pack_u64(&pack, meta->to);
    pack_u32(&pack, meta->chain);
    pack_u8(&pack, (uint8_t)meta->table);
    pack_bytes(&pack, meta->key.bytes, meta->key.len);
    return (struct text){(char *)bytes, (size_t)(pack.at - bytes)};
}

enum tally_err meta_unpack(struct text text, struct store_meta *meta)
{
    struct unpack unpack = unpack_from(text);

    if (unpack_u32(&unpack) != FORMAT_BASE)
        return TALLY_ERR_VERSION;
    struct text uuid = unpack_text(&unpack, sizeof(meta->uuid));
    meta->from = unpack_u64(&unpack);
    meta->to = unpack_u64(&unpack);
    meta->chain = unpack_u32(&unpack);
    meta->table = (enum table)unpack_u8(&unpack);
    meta->key.len = unpack_left(&unpack);
    if (unpack.bad || meta->key.len > EFFECT_KEY_MAX ||
        meta->table > TABLE_COUNT || meta->to < meta->from)
        return TALLY_ERR_CORRUPT;

    memcpy(meta->uuid, uuid.at, uuid.len);
    memcpy(meta->key.bytes, unpack.at, meta->key.len);
    return TALLY_OK;
}
