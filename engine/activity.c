#include "engine/activity.h"

#include <stdlib.h>

#include "engine/memory.h"
#include "engine/pack.h"
#include "engine/radix.h"

enum { VAR_MAX = 5 };

static enum tally_err add_array(struct chunk *chunk, struct text record)
{
    struct unpack unpack = unpack_from(record);

    while (unpack_left(&unpack) > 0) {
        uint32_t bit = unpack_u16(&unpack);
        if (unpack.bad || bit >= CHUNK_ORDINALS)
            return TALLY_ERR_CORRUPT;
        chunk_set(chunk, bit);
    }
    return TALLY_OK;
}

enum tally_err chunk_add(struct chunk *chunk, struct text record)
{
    if (record.len <= CHUNK_ARRAY_MAX * 2)
        return add_array(chunk, record);
    if (record.len != CHUNK_BYTES)
        return TALLY_ERR_CORRUPT;

    for (size_t i = 0; i < CHUNK_BYTES; i += sizeof(uint64_t)) {
        uint64_t word;
        uint64_t more;
        memcpy(&word, chunk->bits + i, sizeof(word));
        memcpy(&more, record.at + i, sizeof(more));
        word |= more;
        memcpy(chunk->bits + i, &word, sizeof(word));
    }
    return TALLY_OK;
}

uint32_t chunk_count(const struct chunk *chunk)
{
    return chunk_shared(chunk, chunk);
}

uint32_t chunk_shared(const struct chunk *a, const struct chunk *b)
{
    uint32_t count = 0;

    for (size_t i = 0; i < CHUNK_BYTES; i += 8) {
        uint64_t x;
        uint64_t y;
        memcpy(&x, a->bits + i, sizeof(x));
        memcpy(&y, b->bits + i, sizeof(y));
        count += (uint32_t)__builtin_popcountll(x & y);
    }
    return count;
}

struct text chunk_write(const struct chunk *chunk,
                        uint8_t bytes[static CHUNK_BYTES])
{
    struct pack pack = pack_into(bytes, CHUNK_BYTES);

    if (chunk_count(chunk) > CHUNK_ARRAY_MAX)
        return (struct text){(const char *)chunk->bits, CHUNK_BYTES};
    for (uint32_t bit = 0; bit < CHUNK_ORDINALS; bit++) {
        if (chunk_has(chunk, bit))
            pack_u16(&pack, (uint16_t)bit);
    }
    return (struct text){(char *)bytes, (size_t)(pack.at - bytes)};
}

size_t column_sort(struct marks_pair *marks, size_t count)
{
    struct radix_item *items = memory_alloc((count + 1) * sizeof(*items));
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        items[i].key = (uint64_t)marks[i].value << 32 | marks[i].ordinal;
    radix_sort(items, count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || items[i].key != items[i - 1].key)
            marks[kept++] =
                (struct marks_pair){.value = (uint32_t)(items[i].key >> 32),
                                    .ordinal = (uint32_t)items[i].key};
    }
    free(items);
    return kept;
}

/* How many marks from the start, `most` at most, have the first one's value. */
static size_t same_value(const struct marks_pair *marks, size_t most)
{
    size_t run = 1;

    while (run < most && marks[run].value == marks[0].value)
        run++;
    return run;
}

size_t column_write(const struct marks_pair *marks, size_t count,
                    uint8_t bytes[static COLUMN_BYTES], size_t *len)
{
    struct pack pack = pack_into(bytes, COLUMN_BYTES);
    uint32_t value = 0;
    size_t done = 0;

    while (done < count) {
        size_t left = (size_t)(pack.end - pack.at);
        if (left < 3 * VAR_MAX)
            break;
        size_t room = (left - 2 * VAR_MAX) / VAR_MAX;
        size_t most = room < count - done ? room : count - done;
        size_t run = same_value(marks + done, most);
        pack_var(&pack, marks[done].value - value);
        pack_var(&pack, run);
        value = marks[done].value;
        uint32_t ordinal = 0;
        for (size_t i = 0; i < run; i++, done++) {
            pack_var(&pack, marks[done].ordinal - ordinal);
            ordinal = marks[done].ordinal;
        }
    }
    *len = (size_t)(pack.at - bytes);
    return done;
}

enum tally_err column_read(struct text record, column_fn fn, void *user)
{
    struct unpack unpack = unpack_from(record);
    uint32_t value = 0;

    while (unpack_left(&unpack) > 0) {
        value += unpack_var32(&unpack);
        uint32_t count = unpack_var32(&unpack);
        uint32_t ordinal = 0;
        if (count > unpack_left(&unpack))
            return TALLY_ERR_CORRUPT;
        for (uint32_t i = 0; i < count; i++) {
            ordinal += unpack_var32(&unpack);
            if (unpack.bad)
                return TALLY_ERR_CORRUPT;
            fn(user, value, ordinal);
        }
    }
    return unpack.bad ? TALLY_ERR_CORRUPT : TALLY_OK;
}
