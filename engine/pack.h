/*
 * pack.h - integers as bytes: big-endian for keys, varints for values.
 *
 * Writers append to a struct pack over memory of the caller; readers take
 * from a struct unpack and never pass its end. Both turn `bad` instead of
 * failing each call; the user asks once at the end.
 */
#ifndef ENGINE_PACK_H
#define ENGINE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/text.h"

struct pack {
    uint8_t *at;
    uint8_t *end;
    bool bad; /* something did not fit */
};

struct unpack {
    const uint8_t *at;
    const uint8_t *end;
    bool bad; /* the bytes ended early or hold no such value */
};

static inline struct pack pack_into(void *memory, size_t size)
{
    return (struct pack){memory, (uint8_t *)memory + size, false};
}

static inline struct unpack unpack_from(struct text text)
{
    const uint8_t *at = (const uint8_t *)text.at;

    /* No arithmetic on NULL, not even + 0. */
    return (struct unpack){at, text.len > 0 ? at + text.len : at, false};
}

static inline void pack_u8(struct pack *pack, uint8_t value)
{
    if (pack->at == pack->end)
        pack->bad = true;
    else
        *pack->at++ = value;
}

static inline void pack_big(struct pack *pack, uint64_t value, int size)
{
    while (size > 0)
        pack_u8(pack, (uint8_t)(value >> 8 * --size));
}

static inline void pack_u16(struct pack *pack, uint16_t value)
{
    pack_big(pack, value, 2);
}

static inline void pack_u32(struct pack *pack, uint32_t value)
{
    pack_big(pack, value, 4);
}

static inline void pack_u64(struct pack *pack, uint64_t value)
{
    pack_big(pack, value, 8);
}

static inline void pack_bytes(struct pack *pack, const void *bytes, size_t len)
{
    if (len > (size_t)(pack->end - pack->at)) {
        pack->bad = true;
    } else if (len > 0) {
        memcpy(pack->at, bytes, len);
        pack->at += len;
    }
}

/* Seven bits a byte, low ones first. */
static inline void pack_var(struct pack *pack, uint64_t value)
{
    while (value >= 0x80) {
        pack_u8(pack, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    pack_u8(pack, (uint8_t)value);
}

/* Small negative numbers stay short: 0, -1, 1, -2 ... */
static inline void pack_zigzag(struct pack *pack, int64_t value)
{
    pack_var(pack, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

static inline uint8_t unpack_u8(struct unpack *unpack)
{
    if (unpack->at == unpack->end) {
        unpack->bad = true;
        return 0;
    }
    return *unpack->at++;
}

static inline uint64_t unpack_big(struct unpack *unpack, int size)
{
    uint64_t value = 0;

    while (size-- > 0)
        value = value << 8 | unpack_u8(unpack);
    return value;
}

static inline uint16_t unpack_u16(struct unpack *unpack)
{
    return (uint16_t)unpack_big(unpack, 2);
}

static inline uint32_t unpack_u32(struct unpack *unpack)
{
    return (uint32_t)unpack_big(unpack, 4);
}

static inline uint64_t unpack_u64(struct unpack *unpack)
{
    return unpack_big(unpack, 8);
}

static inline uint64_t unpack_var(struct unpack *unpack)
{
    uint64_t value = 0;

    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = unpack_u8(unpack);

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    unpack->bad = true;
    return 0;
}

static inline int64_t unpack_zigzag(struct unpack *unpack)
{
    uint64_t value = unpack_var(unpack);

    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* A varint that must fit 32 bits. */
static inline uint32_t unpack_var32(struct unpack *unpack)
{
    uint64_t value = unpack_var(unpack);

    if (value > UINT32_MAX)
        unpack->bad = true;
    return (uint32_t)value;
}

static inline struct text unpack_text(struct unpack *unpack, size_t len)
{
    struct text text = {(const char *)unpack->at, len};

    if (len > (size_t)(unpack->end - unpack->at)) {
        unpack->bad = true;
        return (struct text){NULL, 0};
    }
    unpack->at += len;
    return text;
}

static inline size_t unpack_left(const struct unpack *unpack)
{
    return (size_t)(unpack->end - unpack->at);
}

#endif
