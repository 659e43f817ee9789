#include "metrics/plugin_metric.h"

#include <stdio.h>

#include "metrics/host_metric.h"
#include "metrics/value.h"

_Static_assert((int)TALLY_VALUE_MAX <= (int)VALUE_MAX, "a value has room");

/* What plugins name is escaped as everything is (spec B.7.3 no. 11). */
static bool name_value(const struct metric *metric,
                       const struct params *metrics, bool is_web,
                       struct value *value, bool *is_fallback)
{
    const struct tally_metric *registered = metric->context;
    bool has_fallback = false;
    struct tally_metrics given = {metrics, is_web, &has_fallback};
    char bytes[TALLY_VALUE_MAX];
    size_t len = registered->value(&given, bytes);

    *is_fallback = has_fallback && registered->flags & TALLY_METRIC_FALLBACK;
    return len > 0 && len <= sizeof(bytes) &&
           value_plain((struct text){bytes, len}, value);
}

static struct metric_definition define(const struct plugin_metric *registered)
{
    const struct tally_metric *metric = &registered->metric;
    bool is_property = metric->flags & TALLY_METRIC_USER_PROPERTY;

    return (struct metric_definition){
        .db = metric->db,
        .name = is_property ? NULL : metric->name,
        .set = metric->set ? metric->set : metric->db,
        .short_code = metric->short_code,
        .alias = metric->total_name,
        .source = METRIC_PLUGIN,
        .plugin = registered->plugin,
        .tracks_changes =
            !is_property && !(metric->flags & TALLY_METRIC_NO_TRACKING),
        .value = metric->value ? name_value : NULL,
        .context = metric,
    };
}

enum tally_err plugin_metrics_apply(const struct plugins *plugins,
                                    struct tally *tally,
                                    const struct tally_plugin **plugin,
                                    char reason[static DEFINITION_REASON_SIZE])
{
    enum tally_err err = TALLY_OK;

    for (size_t i = 0; !err && i < plugins->metric_count; i++) {
        struct metric_definition definition = define(&plugins->metrics[i]);
        *plugin = definition.plugin;
        reason[0] = '\0';
        err = tally_add_metric(tally, &definition, reason);
    }
    if (err && !reason[0])
        snprintf(reason, DEFINITION_REASON_SIZE, "%s", tally_err_text(err));
    return err;
}
