#include "metrics/shelf.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "metrics/kind.h"
#include "metrics/lookup.h"
#include "metrics/tally.h"

enum { NAME_SIZE = 2 * SHELF_NAME_MAX + 2, JSON_SIZE = 40 };

struct shelf {
    uint32_t number;
    size_t len;
    char name[NAME_SIZE]; /* plugin and collection */
};

struct shelves {
    struct lookup by_name;
    struct shelf **list;
    size_t count;
    size_t room;
    uint32_t last; /* given out, if only to a batch that was not applied */
};

struct shelves *shelves_create(void)
{
    struct shelves *shelves = memory_alloc(sizeof(*shelves));

    lookup_init(&shelves->by_name);
    return shelves;
}

void shelves_destroy(struct shelves *shelves)
{
    if (!shelves)
        return;
    for (size_t i = 0; i < shelves->count; i++)
        free(shelves->list[i]);
    free(shelves->list);
    lookup_finish(&shelves->by_name);
    free(shelves);
}

bool shelves_have(const struct shelves *shelves, uint32_t shelf)
{
    for (size_t i = 0; i < shelves->count; i++) {
        if (shelves->list[i]->number == shelf)
            return true;
    }
    return false;
}

/* 0 when the document is none. */
static uint32_t read_number(struct text json)
{
    cJSON *document = document_parse(json);
    int64_t number = document_int(document, "number");

    cJSON_Delete(document);
    return number > 0 && number < UINT32_MAX ? (uint32_t)number : 0;
}

static void add(struct shelves *shelves, struct text name, uint32_t number)
{
    struct shelf *shelf = memory_alloc(sizeof(*shelf));

    shelf->number = number;
    shelf->len = name.len;
    memcpy(shelf->name, name.at, name.len);
    shelves->list = memory_one_more(shelves->list, shelves->count,
                                    &shelves->room, sizeof(struct shelf *));
    shelves->list[shelves->count++] = shelf;
    lookup_put(&shelves->by_name, (struct text){shelf->name, shelf->len},
               shelf);
    if (number > shelves->last)
        shelves->last = number;
}

enum tally_err shelves_load(struct shelves *shelves, struct text name,
                            struct text json)
{
    const struct shelf *known = lookup_find(&shelves->by_name, name);
    uint32_t number = read_number(json);

    if (number == 0 || name.len >= NAME_SIZE ||
        (known ? known->number != number : shelves_have(shelves, number)))
        return TALLY_ERR_CORRUPT;
    if (!known)
        add(shelves, name, number);
    return TALLY_OK;
}

enum tally_err shelves_accept(struct shelves *shelves,
                              const struct batch *batch)
{
    struct text bytes = buffer_text(&batch->bytes);
    enum tally_err err = TALLY_OK;
    size_t at = 0;

    while (!err && at < bytes.len) {
        struct effect effect;
        err = effect_read(bytes, &at, &effect);
        if (!err && effect.kind == EFFECT_PUT &&
            effect.table == TABLE_DOCUMENTS && effect.key.at[0] == KIND_SHELF)
            err = shelves_load(
                shelves, (struct text){effect.key.at + 1, effect.key.len - 1},
                effect.value);
    }
    return err;
}

/* Names. */

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return name.len > 0 && name.len <= SHELF_NAME_MAX;
}

/* In `bytes`; empty when a part is no name. */
static struct text join(struct text plugin, struct text collection,
                        char bytes[static NAME_SIZE])
{
    if (!is_name(plugin) || !is_name(collection))
        return (struct text){NULL, 0};
    int len = snprintf(bytes, NAME_SIZE, "%.*s/%.*s", (int)plugin.len,
                       plugin.at, (int)collection.len, collection.at);
    return (struct text){bytes, (size_t)len};
}

static enum tally_err find(struct tally *tally, const struct batch *batch,
                           struct text name, uint32_t *shelf)
{
    const struct shelf *known = lookup_find(&tally->shelves->by_name, name);
    struct text json;

    if (name.len == 0)
        return TALLY_ERR_INVALID;
    if (known) {
        *shelf = known->number;
        return TALLY_OK;
    }
    struct key key = key_document(KIND_SHELF, name);
    if (!batch_find(batch, TABLE_DOCUMENTS, key_text(&key), &json))
        return TALLY_ERR_NOT_FOUND;
    *shelf = read_number(json);
    return TALLY_OK;
}

enum tally_err shelf_find(struct tally *tally, const struct batch *batch,
                          struct text plugin, struct text collection,
                          uint32_t *shelf)
{
    char bytes[NAME_SIZE];

    return find(tally, batch, join(plugin, collection, bytes), shelf);
}

/* Takes away what was added since the batch had this size, unless all of it
 * fitted. */
static enum tally_err keep_whole(struct batch *batch, size_t size)
{
    if (batch_is_whole(batch))
        return TALLY_OK;
    batch_cut(batch, size);
    return TALLY_ERR_TOO_BIG;
}

enum tally_err shelf_open(struct tally *tally, struct batch *batch,
                          struct text plugin, struct text collection,
                          uint32_t *shelf)
{
    struct shelves *shelves = tally->shelves;
    char bytes[NAME_SIZE];
    char json[JSON_SIZE];
    struct text name = join(plugin, collection, bytes);
    enum tally_err err = find(tally, batch, name, shelf);
    size_t size = batch_size(batch);

    if (err != TALLY_ERR_NOT_FOUND)
        return err;
    if (shelves->count >= SHELVES_MAX || !batch_is_whole(batch))
        return TALLY_ERR_TOO_BIG;
    snprintf(json, sizeof(json), "{\"number\":%u}", shelves->last + 1);
    effect_put_document(batch, KIND_SHELF, name, text_of(json));
    err = keep_whole(batch, size);
    if (!err)
        *shelf = ++shelves->last;
    return err;
}

/* Documents. */

static bool is_id(struct text id)
{
    return id.len > 0 && id.len <= SHELF_ID_MAX;
}

enum tally_err shelf_get(struct tally *tally, const struct batch *batch,
                         uint32_t shelf, uint32_t app, struct text id,
                         struct text *document)
{
    if (!is_id(id))
        return TALLY_ERR_INVALID;
    struct key key = key_record(app, shelf, id);
    return records_get(tally->engine, batch, key_text(&key), document);
}

enum tally_err shelf_put(struct batch *batch, uint32_t shelf, uint32_t app,
                         struct text id, struct text document)
{
    size_t size = batch_size(batch);

    if (!is_id(id) || document.len == 0)
        return TALLY_ERR_INVALID;
    if (document.len > SHELF_DOCUMENT_MAX || !batch_is_whole(batch))
        return TALLY_ERR_TOO_BIG;
    struct key key = key_record(app, shelf, id);
    effect_put(batch, TABLE_RECORDS, key_text(&key), document);
    return keep_whole(batch, size);
}

enum tally_err shelf_erase(struct batch *batch, uint32_t shelf, uint32_t app,
                           struct text id)
{
    size_t size = batch_size(batch);

    if (!is_id(id))
        return TALLY_ERR_INVALID;
    if (!batch_is_whole(batch))
        return TALLY_ERR_TOO_BIG;
    struct key key = key_record(app, shelf, id);
    effect_erase(batch, TABLE_RECORDS, key_text(&key));
    return keep_whole(batch, size);
}

enum tally_err shelf_each(struct tally *tally, const struct batch *batch,
                          const struct records_range *range, record_fn fn,
                          void *user)
{
    if (range->prefix.len > SHELF_ID_MAX || range->after.len > SHELF_ID_MAX)
        return TALLY_ERR_INVALID;
    return records_each(tally->engine, batch, range, fn, user);
}

/* The ids are kept aside: while they are given the batch stays as it is. */
struct clearing {
    const struct records_range *range;
    struct key keys[SHELF_CLEARED_MAX];
    unsigned count;
    bool left;
};

static bool take_id(void *user, struct text id, struct text document)
{
    struct clearing *clearing = user;

    (void)document;
    if (clearing->count == SHELF_CLEARED_MAX) {
        clearing->left = true;
        return false;
    }
    clearing->keys[clearing->count++] =
        key_record(clearing->range->app, clearing->range->shelf, id);
    return true;
}

enum tally_err shelf_clear(struct tally *tally, struct batch *batch,
                           uint32_t shelf, uint32_t app, bool *left)
{
    struct records_range range = {.app = app, .shelf = shelf};
    struct clearing *clearing = memory_alloc(sizeof(*clearing));
    size_t size = batch_size(batch);

    clearing->range = &range;
    enum tally_err err =
        records_each(tally->engine, batch, &range, take_id, clearing);
    if (!err && !batch_is_whole(batch))
        err = TALLY_ERR_TOO_BIG;
    for (unsigned i = 0; !err && i < clearing->count; i++) {
        effect_erase(batch, TABLE_RECORDS, key_text(&clearing->keys[i]));
        err = keep_whole(batch, size);
    }
    if (!err)
        *left = clearing->left;
    free(clearing);
    return err;
}
