#include "metrics/metric_admin.h"

#include <stdio.h>

#include "metrics/catalog.h"
#include "metrics/document.h"
#include "metrics/plugin.h"

static const char *const source_names[] = {
    [METRIC_CORE] = "core",
    [METRIC_PLUGIN] = "plugin",
    [METRIC_CONFIG] = "config",
    [METRIC_CUSTOM] = "custom",
};

static int refuse(struct manage *call, const char *reason)
{
    return answer_write_joined(call->out, 400, "", text_of(reason));
}

static void write_one(struct json *json,
                      const struct metric_definition *definition)
{
    json_open_object(json);
    json_member_string(json, "db", definition->db);
    if (definition->name)
        json_member_string(json, "name", definition->name);
    json_member_string(json, "set", definition->set);
    json_member_string(json, "short_code", definition_short_code(definition));
    json_member_string(json, "source", source_names[definition->source]);
    if (definition->plugin)
        json_member_string(json, "plugin",
                           definition->plugin->description->name);
    json_close_object(json);
}

/* A member that is no string is as bad as one that is empty. */
static const char *word_of(const cJSON *args, const char *name)
{
    const char *word = document_string(args, name);

    return !word && document_find(args, name) ? "" : word;
}

int metric_admin_create(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    struct metric_definition definition = {
        .db = word_of(args, "db"),
        .name = word_of(args, "name"),
        .set = word_of(args, "set"),
        .short_code = word_of(args, "short_code"),
        .source = METRIC_CUSTOM,
        .tracks_changes = true,
    };
    char reason[DEFINITION_REASON_SIZE];
    struct json json;

    (void)pass;
    if (catalog_check(call->catalog, &definition, reason) != TALLY_OK)
        return refuse(call, reason);
    uint32_t number =
        catalog_number(call->catalog, definition.db, definition.set);
    definition_put(call->batch, &definition,
                   number ? number : catalog_next_number(call->catalog), true);
    json_init(&json, call->out, JSON_PLAIN);
    write_one(&json, &definition);
    return ANSWER_OK;
}

static struct metric_definition define(const struct metric *metric)
{
    return (struct metric_definition){
        .db = metric->collection,
        .name = metric->key,
        .set = metric->name,
        .short_code = metric->short_code,
        .source = metric->source,
        .plugin = metric->plugin,
    };
}

int metric_admin_delete(struct manage *call, const cJSON *args,
                        const struct pass *pass)
{
    const char *db = document_string(args, "db");
    const char *set = document_string(args, "set");
    const struct metric *metric =
        db && set ? catalog_find(call->catalog, db, set) : NULL;

    (void)pass;
    if (!db || !set)
        return refuse(call, "Missing \"db\" or \"set\" of a metric");
    if (!metric)
        return refuse(call, "There is no such metric");
    if (metric->source != METRIC_CUSTOM)
        return refuse(call, "Only metrics that were created here are deleted");
    struct metric_definition definition = define(metric);
    definition_put(call->batch, &definition, metric->set, false);
    return answer_write(call->out, (struct answer){ANSWER_OK, "Success"});
}

void metric_admin_write_all(struct json *json, const struct catalog *catalog)
{
    const struct metric *metric;

    json_open_array(json);
    for (size_t at = 0; (metric = catalog_next(catalog, &at));) {
        struct metric_definition definition = define(metric);
        write_one(json, &definition);
    }
    json_close_array(json);
}
