#include "engine/pieces.h"

#include "engine/pack.h"
#include "engine/record.h"

bool pieces_are_in(enum table table)
{
    return table == TABLE_COLD || table == TABLE_DOCUMENTS ||
           table == TABLE_RECORDS;
}

struct key pieces_key(struct text key, unsigned number)
{
    struct key name;

    memcpy(name.bytes, key.at, key.len);
    name.bytes[key.len] = (uint8_t)number;
    name.len = key.len + 1;
    return name;
}

enum tally_err pieces_gather(struct store_txn *txn, enum table table,
                             struct text key, struct text first,
                             struct buffer *whole, struct text *value)
{
    struct unpack unpack = unpack_from(first);
    uint32_t len = unpack_u32(&unpack);
    struct text rest = unpack_text(&unpack, unpack_left(&unpack));

    if (unpack.bad || rest.len > len)
        return TALLY_ERR_CORRUPT;
    if (rest.len == len) {
        *value = rest;
        return TALLY_OK;
    }
    buffer_clear(whole);
    buffer_add_text(whole, rest);
    for (unsigned number = 1; whole->len < len; number++) {
        struct key name = pieces_key(key, number);
        enum tally_err err =
            store_get_record(txn, table, key_text(&name), &rest);
        if (err)
            return err == TALLY_ERR_NOT_FOUND ? TALLY_ERR_CORRUPT : err;
        buffer_add_text(whole, rest);
        if (number == PIECES_MAX || rest.len == 0)
            return TALLY_ERR_CORRUPT;
    }
    *value = buffer_text(whole);
    return TALLY_OK;
}

enum tally_err pieces_put(struct store_txn *txn, enum table table,
                          struct text key, struct text value)
{
    uint8_t head[4 + PIECE_SIZE];
    struct pack pack = pack_into(head, sizeof(head));
    size_t len = value.len < PIECE_SIZE ? value.len : PIECE_SIZE;
    struct key name = pieces_key(key, 0);

    pack_u32(&pack, (uint32_t)value.len);
    pack_bytes(&pack, value.at, len);
    enum tally_err err =
        store_put_record(txn, table, key_text(&name),
                         (struct text){(char *)head, (size_t)(pack.at - head)});
    for (unsigned number = 1; !err && len < value.len; number++) {
        size_t left = value.len - len;
        struct text rest = {value.at + len,
                            left < PIECE_SIZE ? left : PIECE_SIZE};
        name = pieces_key(key, number);
        err = store_put_record(txn, table, key_text(&name), rest);
        len += rest.len;
    }
    return err;
}

enum tally_err pieces_erase(struct store_txn *txn, enum table table,
                            struct text key)
{
    enum tally_err err = TALLY_OK;

    for (unsigned number = 0; !err && number < PIECES_MAX; number++) {
        struct key name = pieces_key(key, number);
        err = store_erase_record(txn, table, key_text(&name));
    }
    return err == TALLY_ERR_NOT_FOUND ? TALLY_OK : err;
}
