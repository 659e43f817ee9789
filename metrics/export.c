#include "metrics/export.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "metrics/collection.h"

enum { ARENA_MAX = 32 << 20 };

bool export_has_method(const struct catalog *catalog, struct text method)
{
    return text_is(method, "counters") || text_is(method, "app_users") ||
           text_is(method, "events") || collection_of_method(catalog, method);
}

static enum tally_err open_table(struct export *export,
                                 const struct export_order *order)
{
    if (text_is(order->method, "app_users"))
        return export_user_open(export, order->engine);
    if (text_is(order->method, "events"))
        return export_event_open(export, order->engine, order->event);
    export->collection = collection_of_method(order->catalog, order->method);
    if (!export->collection && !text_is(order->method, "counters"))
        return TALLY_ERR_NOT_FOUND;
    export_counter_open(export);
    return TALLY_OK;
}

enum tally_err export_open(const struct export_order *order,
                           struct export **export)
{
    struct export *opened = memory_alloc(sizeof(*opened));
    enum tally_err err = reader_open(order->engine, &opened->reader);

    opened->app = order->app->number;
    opened->key = strdup(order->app->key);
    opened->span = order->span;
    opened->metrics = catalog_list(order->catalog, NULL);
    opened->rows.format = order->format;
    opened->arena = arena_create(ARENA_MAX);
    if (!err)
        err = open_table(opened, order);
    if (err) {
        export_close(opened);
        return err;
    }
    *export = opened;
    return TALLY_OK;
}

void export_close(struct export *export)
{
    if (!export)
        return;

    reader_close(export->reader);
    arena_destroy(export->arena);
    for (int i = 0; i < EXPORT_SETS_MAX; i++)
        name_list_finish(&export->names[i]);
    free(export->key);
    free(export->event_key);
    free(export);
}

enum tally_err export_next(struct export *export, struct buffer *out)
{
    size_t start = out->len;
    enum tally_err err = TALLY_OK;

    export->out = out;
    if (!export->is_begun)
        rows_begin(&export->rows, out);
    export->is_begun = true;
    while (!err && !export->is_done && out->len - start < EXPORT_PIECE)
        err = export->step(export);
    if (!err && export->is_done)
        rows_end(&export->rows, out);
    return !err && !buffer_is_whole(out) ? TALLY_ERR_TOO_BIG : err;
}
