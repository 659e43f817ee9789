/*
 * swar.h - eight bytes looked at in one word (SIMD within a register).
 *
 * A mask marks bytes by their highest bits; bytes behind the first one that
 * is marked may be marked falsely, so only the first counts.
 */
#ifndef ENGINE_SWAR_H
#define ENGINE_SWAR_H

#include <stdint.h>
#include <string.h>

enum { SWAR_BYTES = 8 };

#define SWAR_ONES UINT64_C(0x0101010101010101)
#define SWAR_HIGH UINT64_C(0x8080808080808080)

/* The byte at `at` becomes the lowest one of the word. */
static inline uint64_t swar_load(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Marks bytes below `limit`, which is at most 128. */
static inline uint64_t swar_below(uint64_t word, unsigned char limit)
{
    return (word - SWAR_ONES * limit) & ~word & SWAR_HIGH;
}

/* Marks bytes equal to `byte`. */
static inline uint64_t swar_equal(uint64_t word, unsigned char byte)
{
    return swar_below(word ^ SWAR_ONES * byte, 1);
}

/* Marks bytes that are no ASCII; these marks are all true. */
static inline uint64_t swar_not_ascii(uint64_t word)
{
    return word & SWAR_HIGH;
}

/* How many bytes come before the first marked one. */
static inline unsigned swar_before(uint64_t mask)
{
    return mask ? (unsigned)__builtin_ctzll(mask) / 8 : SWAR_BYTES;
}

#endif
