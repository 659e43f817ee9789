#include "http/plugin_total.h"

#include "http/plugin_door.h"
#include "metrics/catalog.h"

enum { CODES, MATCH, VALUES };

static const char codes_name[] = "shortcodesForMetrics";

static enum tally_err write_codes(const struct tally_call *call,
                                  const void *source, struct json *json)
{
    const struct metric *metric;
    size_t at = 0;

    (void)source;
    json_open_object(json);
    while ((metric = catalog_next(call->tally->catalog, &at)) != NULL)
        json_member_string(json, metric->name, metric->short_code);
    json_close_object(json);
    return TALLY_OK;
}

/* The metric whose short code handlers have given to `name`. */
static const struct metric *find_metric(struct tally_call *call,
                                        struct text name)
{
    size_t prefix = sizeof(codes_name);
    char *path = arena_alloc(call->arena, prefix + name.len);

    if (!path || name.len == 0)
        return NULL;
    memcpy(path, codes_name, prefix - 1);
    path[prefix - 1] = '.';
    memcpy(path + prefix, name.at, name.len);
    struct text code = call_get(call, (struct text){path, prefix + name.len});
    if (code.len < 2 || code.at[0] != '"')
        return NULL;
    code = (struct text){code.at + 1, code.len - 2};
    return catalog_by_short_code(call->tally->catalog, code);
}

static enum tally_err fire(struct door *door, const struct read *read,
                           struct plugin_total *total)
{
    struct tally *tally = read->service->tally;
    struct call_value values[VALUES] = {
        [CODES] = {.name = codes_name,
                   .write = write_codes,
                   .is_mutable = true},
        [MATCH] = {.name = "match",
                   .json = total->filter.len > 0 ? total->filter : TEXT("{}"),
                   .is_mutable = true}};
    struct tally_call call;

    door_fill(door, &call);
    call.door = &door_narrow;
    call.app = read->app;
    call.member = read->member;
    call.values = values;
    call.value_count = VALUES;
    batch_clear(&tally->batch);
    plugins_fire(tally->plugins, HOOK_TOTAL_USERS, &call);
    if (values[CODES].is_changed) {
        const struct metric *named =
            find_metric(&call, read_param(read, "metric"));
        total->metric = named ? named : total->metric;
    }
    if (values[MATCH].is_changed)
        total->filter = values[MATCH].json;
    return batch_is_empty(&tally->batch) ? TALLY_OK : tally_apply(tally);
}

enum tally_err plugin_total_ask(const struct read *read,
                                struct plugin_total *total)
{
    *total =
        (struct plugin_total){catalog_by_name(read->service->tally->catalog,
                                              read_param(read, "metric")),
                              read_param(read, "filter")};
    if (!plugins_listen(read->service->tally->plugins, HOOK_TOTAL_USERS))
        return TALLY_OK;
    struct door *door = door_of(read->service, read->exchange);
    return door ? fire(door, read, total) : TALLY_ERR_TOO_BIG;
}
