/*
 * Documents of plugins' own: shelves, by the plugin that is called.
 */
#include "metrics/call.h"
#include "metrics/host.h"
#include "metrics/scan.h"
#include "metrics/shelf.h"

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

static bool is_json(struct text json)
{
    struct scan_value value;
    struct scan scan;

    scan_init(&scan, json);
    return scan_read(&scan, &value) && scan_is_over(&scan);
}

static int host_document_put(struct tally_call *call, struct tally_text app_id,
                             const char *collection, struct tally_text id,
                             struct tally_text json)
{
    struct place place;

    if (!is_json(host_text(json)))
        return TALLY_E_INVALID;
    int failure = open(call, app_id, collection, &place);
    return failure ? failure
                   : result_of(shelf_put(call->batch, place.shelf, place.app,
                                         host_text(id), host_text(json)));
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

struct giving {
    tally_document_fn fn;
    void *user;
};

static bool give(void *user, struct text id, struct text json)
{
    const struct giving *giving = user;

    return giving->fn(giving->user, host_tally_text(id),
                      host_tally_text(json)) == 0;
}

static int host_document_each(struct tally_call *call, struct tally_text app_id,
                              const char *collection, struct tally_text prefix,
                              struct tally_text after, tally_document_fn fn,
                              void *user)
{
    struct giving giving = {fn, user};
    struct place place;
    int failure = find(call, app_id, collection, &place);

    if (failure)
        return failure;
    struct records_range range = {.app = place.app,
                                  .shelf = place.shelf,
                                  .prefix = host_text(prefix),
                                  .after = host_text(after)};
    return result_of(
        shelf_each(call->tally, call->batch, &range, give, &giving));
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
