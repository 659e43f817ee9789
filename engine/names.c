#include "engine/names.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/hash.h"
#include "engine/index.h"
#include "engine/memory.h"

enum {
    FIRST_PLACE = 8,
    SMALLEST = 64 * 1024,
    FIRST_SIZE = 4096,
    FIRST_YEAR = 2000,
};

struct half {
    struct index index;
    char *base;
    size_t used;
    size_t size;
};

struct names {
    struct half young;
    struct half old;
    size_t half_bytes;
    struct hash_key key;
};

struct wanted {
    uint32_t app;
    uint32_t set;
    struct text string;
};

struct names *names_create(size_t bytes)
{
    struct names *names = memory_alloc(sizeof(*names));

    names->half_bytes = bytes / 2 < SMALLEST ? SMALLEST : bytes / 2;
    names->young.used = FIRST_PLACE;
    names->old.used = FIRST_PLACE;
    hash_key_random(&names->key);
    return names;
}

static void clear(struct half *half)
{
    index_clear(&half->index);
    free(half->base);
    *half = (struct half){.used = FIRST_PLACE};
}

void names_destroy(struct names *names)
{
    if (!names)
        return;

    clear(&names->young);
    clear(&names->old);
    free(names);
}

static uint32_t hash_of(const struct names *names, const struct wanted *wanted)
{
    return (uint32_t)hash_text(&names->key, wanted->string) ^
           wanted->app * 0x9e3779b1u ^ wanted->set * 0x85ebca6bu;
}

static bool same(const void *entry, const void *key)
{
    const struct name *name = entry;
    const struct wanted *wanted = key;

    return name->app == wanted->app && name->set == wanted->set &&
           text_equal((struct text){name->string, name->len}, wanted->string);
}

static struct name *find(const struct half *half, uint32_t hash,
                         const struct wanted *wanted)
{
    uint32_t place = index_find(&half->index, half->base, hash, same, wanted);

    return place ? (struct name *)(void *)(half->base + place) : NULL;
}

static void make_room(struct half *half, size_t size, size_t most)
{
    size_t needed = half->used + size;

    if (needed <= half->size)
        return;
    size_t grown = half->size ? half->size * 2 : FIRST_SIZE;
    while (grown < needed)
        grown *= 2;
    half->size = grown < most ? grown : most;
    half->base = memory_resize(half->base, half->size);
}

static struct name *add(struct names *names, uint32_t hash,
                        const struct wanted *wanted, uint32_t value)
{
    struct half *half = &names->young;
    size_t size = (sizeof(struct name) + wanted->string.len + 7) / 8 * 8;

    if (half->used + size > names->half_bytes) {
        clear(&names->old);
        names->old = names->young;
        names->young = (struct half){.used = FIRST_PLACE};
    }
    make_room(half, size, names->half_bytes);
    struct name *name = (struct name *)(void *)(half->base + half->used);
    *name = (struct name){.hash = hash,
                          .app = wanted->app,
                          .set = wanted->set,
                          .len = (uint32_t)wanted->string.len,
                          .value = value};
    if (wanted->string.len > 0)
        memcpy(name->string, wanted->string.at, wanted->string.len);
    index_add(&half->index, half->base, (uint32_t)half->used);
    half->used += size;
    return name;
}

struct name *names_find(struct names *names, uint32_t app, uint32_t set,
                        struct text string)
{
    struct wanted wanted = {app, set, string};
    uint32_t hash = hash_of(names, &wanted);
    struct name *name = find(&names->young, hash, &wanted);
    if (name)
        return name;

    name = find(&names->old, hash, &wanted);
    if (!name)
        return NULL;
    uint32_t value = name->value;
    uint64_t years = name->years;
    name = add(names, hash, &wanted, value);
    name->years = years;
    return name;
}

/* 0 for a year that is not remembered. */
static uint64_t bit_of(int year)
{
    return year >= FIRST_YEAR && year < FIRST_YEAR + 64
               ? UINT64_C(1) << (year - FIRST_YEAR)
               : 0;
}

void name_note_year(struct name *name, int year)
{
    name->years |= bit_of(year);
}

bool name_has_year(const struct name *name, int year)
{
    return (name->years & bit_of(year)) != 0;
}

/* No app has the number 0: an entry under it is found no more. */
void names_forget(struct names *names, uint32_t app, uint32_t set,
                  struct text string)
{
    struct wanted wanted = {app, set, string};
    uint32_t hash = hash_of(names, &wanted);
    struct name *young = find(&names->young, hash, &wanted);
    struct name *old = find(&names->old, hash, &wanted);

    if (young)
        young->app = 0;
    if (old)
        old->app = 0;
}

struct name *names_add(struct names *names, uint32_t app, uint32_t set,
                       struct text string, uint32_t value)
{
    struct wanted wanted = {app, set, string};

    return add(names, hash_of(names, &wanted), &wanted, value);
}
