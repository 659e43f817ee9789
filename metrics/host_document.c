/*
 * Documents of plugins' own: shelves, by the plugin that is called.
 */
#include <stdlib.h>

#include "engine/buffer.h"
#include "engine/memory.h"
#include "metrics/call.h"
#include "metrics/host.h"
#include "metrics/shelf.h"

/* Documents that are read together before a plugin gets them. */
enum { PAGE_DOCUMENTS = 256, PAGE_BYTES = 256 * 1024 };

/* A document's place; `app` is the engine's number, 0 for no app. */
struct place {
    uint32_t app;
    uint32_t shelf;
};

static const struct {
    enum tally_err err;
    int result;
} results[] = {
    {TALLY_OK, 0},
    {TALLY_ERR_NOT_FOUND, TALLY_E_NOT_FOUND},
    {TALLY_ERR_INVALID, TALLY_E_INVALID},
    {TALLY_ERR_TOO_BIG, TALLY_E_TOO_BIG},
    {TALLY_ERR_FULL, TALLY_E_FULL},
};

static int result_of(enum tally_err err)
{
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        if (results[i].err == err)
            return results[i].result;
    }
    return TALLY_E_IO;
}

/* What is put for an app that the batch drops goes with it. */
static int find_app(const struct tally_call *call, struct tally_text id,
                    uint32_t *number)
{
    *number = 0;
    if (id.len == 0)
        return 0;
    const struct app *app = registry_app(call->tally->registry, host_text(id));
    if (!app)
        return TALLY_E_NOT_FOUND;
    *number = app->number;
    return 0;
}

/* For reading; shelf 0, which has nothing, for a collection that is new. */
static int find(struct tally_call *call, struct tally_text app_id,
                const char *collection, struct place *place)
{
    int failure = find_app(call, app_id, &place->app);

    if (failure)
        return failure;
    place->shelf = 0;
    enum tally_err err = shelf_find(call->tally, call->batch,
                                    text_of(call->plugin->description->name),
                                    text_of(collection), &place->shelf);
    return err == TALLY_ERR_NOT_FOUND ? 0 : result_of(err);
}

/* For changing. */
static int open(struct tally_call *call, struct tally_text app_id,
                const char *collection, struct place *place)
{
    if (!call->batch)
        return TALLY_E_NOT_HERE;
    int failure = find_app(call, app_id, &place->app);
    if (failure)
        return failure;
    return result_of(shelf_open(call->tally, call->batch,
                                text_of(call->plugin->description->name),
                                text_of(collection), &place->shelf));
}

static int host_document_get(struct tally_call *call, struct tally_text app_id,
                             const char *collection, struct tally_text id,
                             struct tally_text *json)
{
    struct place place;
    struct text found;
    int failure = find(call, app_id, collection, &place);

    if (!failure)
        failure = result_of(shelf_get(call->tally, call->batch, place.shelf,
                                      place.app, host_text(id), &found));
    if (failure)
        return failure;
    /* What is borrowed from the engine goes with the next read. */
    char *copy = arena_strndup(call->arena, found.at, found.len);
    if (!copy)
        return TALLY_E_TOO_BIG;
    *json = (struct tally_text){copy, found.len};
    return 0;
}

static int host_document_put(struct tally_call *call, struct tally_text app_id,
                             const char *collection, struct tally_text id,
                             struct tally_text json)
{
    struct scan_value value;
    struct place place;

    if (json.len > SHELF_DOCUMENT_MAX)
        return TALLY_E_TOO_BIG;
    if (!call_is_json(host_text(json), &value))
        return TALLY_E_INVALID;
    size_t size = call->batch ? batch_size(call->batch) : 0;
    int failure = open(call, app_id, collection, &place);
    if (failure)
        return failure;
    failure = result_of(shelf_put(call->batch, place.shelf, place.app,
                                  host_text(id), host_text(json)));
    if (failure && batch_size(call->batch) > size)
        batch_cut(call->batch, size); /* a collection that has just begun */
    return failure;
}

static int host_document_erase(struct tally_call *call,
                               struct tally_text app_id, const char *collection,
                               struct tally_text id)
{
    struct place place;

    if (!call->batch)
        return TALLY_E_NOT_HERE;
    int failure = find(call, app_id, collection, &place);
    if (failure || place.shelf == 0)
        return failure;
    return result_of(
        shelf_erase(call->batch, place.shelf, place.app, host_text(id)));
}

/* Documents one behind the other, as the plugin may change them, or read
 * others, while it is given these. */
struct page {
    struct {
        size_t id_len;
        size_t json_len;
    } documents[PAGE_DOCUMENTS];
    unsigned count;
    struct buffer bytes;
    bool is_full;
};

static bool take(void *user, struct text id, struct text json)
{
    struct page *page = user;

    if (page->count == PAGE_DOCUMENTS || page->bytes.len >= PAGE_BYTES) {
        page->is_full = true;
        return false;
    }
    page->documents[page->count].id_len = id.len;
    page->documents[page->count++].json_len = json.len;
    buffer_add_text(&page->bytes, id);
    buffer_add_text(&page->bytes, json);
    return true;
}

/* False when the plugin has had enough. *last is the last id that it got. */
static bool give(const struct page *page, tally_document_fn fn, void *user,
                 struct text *last)
{
    const char *at = page->bytes.at;

    for (unsigned i = 0; i < page->count; i++) {
        *last = (struct text){at, page->documents[i].id_len};
        struct tally_text json = {at + last->len, page->documents[i].json_len};
        if (fn(user, host_tally_text(*last), json) != 0)
            return false;
        at = json.at + json.len;
    }
    return true;
}

/* Page after page; `range` is used up. */
static int give_all(struct tally_call *call, struct records_range *range,
                    tally_document_fn fn, void *user)
{
    struct page *page = memory_alloc(sizeof(*page));
    char after[SHELF_ID_MAX];
    bool goes_on = true;
    int failure = 0;

    buffer_init(&page->bytes, PAGE_BYTES + SHELF_ID_MAX + SHELF_DOCUMENT_MAX);
    while (goes_on) {
        page->count = 0;
        page->is_full = false;
        buffer_clear(&page->bytes);
        failure =
            result_of(shelf_each(call->tally, call->batch, range, take, page));
        goes_on =
            !failure && give(page, fn, user, &range->after) && page->is_full;
        if (goes_on) {
            memcpy(after, range->after.at, range->after.len);
            range->after.at = after;
        }
    }
    buffer_finish(&page->bytes);
    free(page);
    return failure;
}

static int host_document_each(struct tally_call *call, struct tally_text app_id,
                              const char *collection, struct tally_text prefix,
                              struct tally_text after, tally_document_fn fn,
                              void *user)
{
    struct place place;
    int failure = find(call, app_id, collection, &place);

    if (failure)
        return failure;
    struct records_range range = {.app = place.app,
                                  .shelf = place.shelf,
                                  .prefix = host_text(prefix),
                                  .after = host_text(after)};
    return give_all(call, &range, fn, user);
}

static int host_app_each(struct tally_call *call, tally_document_fn fn,
                         void *user)
{
    const struct app *app;

    for (unsigned i = 0;
         (app = registry_app_at(call->tally->registry, i)) != NULL; i++) {
        if (fn(user, host_tally_text(text_of(app->id)),
               (struct tally_text){NULL, 0}) != 0)
            break;
    }
    return 0;
}

void host_add_document(struct tally_host *host)
{
    host->document_get = host_document_get;
    host->document_put = host_document_put;
    host->document_erase = host_document_erase;
    host->document_each = host_document_each;
    host->app_each = host_app_each;
}
